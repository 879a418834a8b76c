"""A PostgreSQL server for the tests: the binaries come in the wheel `pgserver`, nothing is installed."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp

import sqlalchemy

os.environ.setdefault("XDG_RUNTIME_DIR", mkdtemp(prefix="bot-run-"))  # pgserver warns without one
import pgserver


@lru_cache(maxsize=1)
def server() -> pgserver.PostgresServer:
    """The server of this test run, started at first use; it ends with the process."""
    return pgserver.get_server(Path(mkdtemp(prefix="bot-pg-")), cleanup_mode="delete")


def admin_url() -> str:
    """SQLAlchemy address of the server's own database."""
    return str(server().get_uri()).replace("postgresql://", "postgresql+psycopg://", 1)


@contextmanager
def fresh_database() -> Iterator[str]:
    """The address of an empty database, dropped at the end of the block."""
    name = f"bot_{uuid.uuid4().hex[:12]}"
    engine = sqlalchemy.create_engine(admin_url(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text(f"CREATE DATABASE {name}"))
    try:
        yield str(sqlalchemy.engine.make_url(admin_url()).set(database=name).render_as_string(hide_password=False))
    finally:
        with engine.connect() as connection:
            connection.execute(sqlalchemy.text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        engine.dispose()
