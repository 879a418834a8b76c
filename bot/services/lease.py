"""A lease that one process holds: on PostgreSQL an advisory lock, gone with its connection; on SQLite a locked file."""

from __future__ import annotations

import fcntl
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url

from bot.storage.db import Database


class Lease:
    """`acquire` says whether the lease is ours now; it ends with the block, or with the process."""

    def __init__(self, database: Database, name: str) -> None:
        self._database, self._name = database, name
        self._connection: Connection | None = None
        self._file: IO[bytes] | None = None

    def acquire(self) -> bool:
        """Try once, without waiting."""
        return self._lock_file() if self._database.is_sqlite else self._lock_row()

    def _lock_row(self) -> bool:
        if self._connection is None:
            self._connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        number = zlib.crc32(f"bot-lease-{self._name}".encode())
        return bool(self._connection.scalar(text("SELECT pg_try_advisory_lock(:n)"), {"n": number}))

    def _lock_file(self) -> bool:
        path = make_url(self._database.url).database
        if not path or path == ":memory:":
            return True
        if self._file is None:
            self._file = Path(f"{path}.{self._name}.lock").open("wb")  # noqa: SIM115 -- kept open: the lock lives as long as the file
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def release(self) -> None:
        """Give it back."""
        if self._connection is not None:
            self._connection.close()
        if self._file is not None:
            self._file.close()


@contextmanager
def holder(database: Database, name: str) -> Iterator[Lease]:
    """A lease for the time of the block."""
    lease = Lease(database, name)
    try:
        yield lease
    finally:
        lease.release()
