"""A lease that one process holds: on PostgreSQL an advisory lock, gone with its connection; on SQLite a locked file."""

from __future__ import annotations

import fcntl
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.storage.db import Database


class Lease:
    """`acquire` says whether the lease is ours now; it ends with the block, or with the process."""

    def __init__(self, database: Database, name: str) -> None:
        self._database, self._name = database, name
        self._connection: Connection | None = None
        self._file: IO[bytes] | None = None

    def acquire(self) -> bool:
        """Try once, without waiting. Raises SQLAlchemyError or OSError when nobody can tell."""
        return self._lock_file() if self._database.is_sqlite else self._lock_row()

    def held(self) -> bool:
        """Is it still ours? An advisory lock goes with its connection."""
        if self._database.is_sqlite:
            return True
        try:
            return self._connection is not None and self._connection.scalar(text("SELECT 1")) == 1
        except SQLAlchemyError:
            self._disconnect()
            return False

    def _lock_row(self) -> bool:
        number = zlib.crc32(f"bot-lease-{self._name}".encode())
        try:
            if self._connection is None:
                self._connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            return bool(self._connection.scalar(text("SELECT pg_try_advisory_lock(:n)"), {"n": number}))
        except SQLAlchemyError:
            self._disconnect()
            raise

    def _lock_file(self) -> bool:
        path = make_url(self._database.url).database
        if not path or path == ":memory:":
            return True
        if self._file is None:
            self._file = Path(f"{path}.{self._name}.lock").open("wb")  # noqa: SIM115 -- kept open: the lock lives as long as the file
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _disconnect(self) -> None:
        """Drop the connection for good: given back to the pool it would keep the lock."""
        if self._connection is not None:
            with suppress(SQLAlchemyError):
                self._connection.invalidate()
            self._connection.close()
            self._connection = None

    def release(self) -> None:
        """Give it back."""
        self._disconnect()
        if self._file is not None:
            self._file.close()
            self._file = None


@contextmanager
def holder(database: Database, name: str) -> Iterator[Lease]:
    """A lease for the time of the block."""
    lease = Lease(database, name)
    try:
        yield lease
    finally:
        lease.release()
