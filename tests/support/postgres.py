"""A PostgreSQL server for the tests: the binaries come in the wheel `pgserver`, nothing is installed."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from subprocess import CalledProcessError
from tempfile import mkdtemp

import sqlalchemy

os.environ.setdefault("XDG_RUNTIME_DIR", mkdtemp(prefix="bot-run-"))  # pgserver warns without one
import pgserver
from pgserver._commands import pg_ctl


@lru_cache(maxsize=1)
def server() -> pgserver.PostgresServer:
    """The server of this test run, started at first use; it ends with the process."""
    return pgserver.get_server(Path(mkdtemp(prefix="bot-pg-")), cleanup_mode="delete")


def admin_url() -> str:
    """SQLAlchemy address of the server's own database."""
    return str(server().get_uri()).replace("postgresql://", "postgresql+psycopg://", 1)


class OwnServer:
    """A server of its own on a TCP port, that a test stops and starts."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._server = pgserver.get_server(Path(mkdtemp(prefix="bot-pg-own-")), cleanup_mode="delete")
        self._sockets = mkdtemp(prefix="bot-pg-sock-")
        Path(self._sockets).chmod(0o777)
        self._ctl("-w", "-m", "fast", "stop")
        self.start()

    @property
    def url(self) -> str:
        """SQLAlchemy address over TCP."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start, and wait until it accepts."""
        options = f"-h 127.0.0.1 -p {self.port} -k {self._sockets}"
        self._ctl("-w", "-o", options, "-l", str(self._server.log), "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop: smart, fast, or immediate (as if it had crashed)."""
        self._ctl("-w", "-m", mode, "stop")

    def _ctl(self, *arguments: str) -> None:
        pg_ctl(list(arguments), pgdata=self._server.pgdata, user=self._server.system_user, timeout=60)


@contextmanager
def own_server(port: int) -> Iterator[OwnServer]:
    """A server that may be stopped and started, for the time of the block."""
    server = OwnServer(port)
    try:
        yield server
    finally:
        with suppress(CalledProcessError):  # it may be stopped already
            server.stop()


@contextmanager
def fresh_database(like: str = "") -> Iterator[str]:
    """The address of an empty database, or of a copy of the one named `like`; dropped at the end of the block."""
    name = f"bot_{uuid.uuid4().hex[:12]}"
    engine = sqlalchemy.create_engine(admin_url(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text(f"CREATE DATABASE {name}" + (f" TEMPLATE {like}" if like else "")))
    try:
        yield str(sqlalchemy.engine.make_url(admin_url()).set(database=name).render_as_string(hide_password=False))
    finally:
        with engine.connect() as connection:
            connection.execute(sqlalchemy.text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        engine.dispose()
