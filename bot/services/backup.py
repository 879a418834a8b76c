"""Backup and restore of the database, and the proof that both are equal.

SQLite: its own online backup, so a running bot is copied whole. PostgreSQL: pg_dump and pg_restore.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import Table, select
from sqlalchemy.engine import make_url

from bot.storage.db import Database
from bot.storage.models import Base


class BackupError(Exception):
    """A backup or restore failed; the text says why and what to do."""


def back_up(url: str, target: Path) -> None:
    """Write a backup of the database at `url` to the file `target`. Raises BackupError."""
    if target.exists():
        raise BackupError(f"{target} exists already; name another file.")
    target.parent.mkdir(parents=True, exist_ok=True)
    if url.startswith("sqlite"):
        _copy_sqlite(_sqlite_path(url), target)
    else:
        _run("pg_dump", "--format=custom", "--no-owner", f"--file={target}", _libpq(url))
    target.chmod(0o600)


def restore(url: str, source: Path) -> None:
    """Bring the database at `url` to the state in `source`. The database must be empty. Raises BackupError."""
    if not source.exists():
        raise BackupError(f"{source} does not exist.")
    if url.startswith("sqlite"):
        path = _sqlite_path(url)
        if path.exists():
            raise BackupError(f"{path} exists. Move it away first; a restore never overwrites.")
        path.parent.mkdir(parents=True, exist_ok=True)
        _check_sqlite(source)
        _copy_sqlite(source, path)
    else:
        _run("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={_libpq(url)}", str(source))


def fingerprint(url: str) -> dict[str, tuple[int, str]]:
    """Table -> (rows, hash over all rows in the order of their keys): equal for equal databases."""
    database = Database(url)
    try:
        return {table.name: _table_hash(database, table) for table in Base.metadata.sorted_tables}
    finally:
        database.close()


def _table_hash(database: Database, table: Table) -> tuple[int, str]:
    digest, rows = hashlib.sha256(), 0
    with database.read() as session:
        query = select(table).order_by(*table.primary_key.columns)
        for row in session.execute(query.execution_options(yield_per=1000)):
            digest.update(repr(tuple(row)).encode())
            rows += 1
    return rows, digest.hexdigest()[:16]


def _copy_sqlite(source: Path, target: Path) -> None:
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new)
    except sqlite3.Error as error:
        target.unlink(missing_ok=True)
        raise BackupError(f"{source} cannot be copied: {error}") from error


def _check_sqlite(path: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.Error as error:
        raise BackupError(f"{path} is no usable backup: {error}") from error
    if verdict != "ok":
        raise BackupError(f"{path} is damaged: {verdict}")


def _sqlite_path(url: str) -> Path:
    path = make_url(url).database
    if not path or path == ":memory:":
        raise BackupError("This database lives in memory only; set DATABASE_URL to a file.")
    return Path(path)


def _libpq(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def _run(program: str, *arguments: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise BackupError(f"{program} is missing: apt-get install postgresql-client")
    done = subprocess.run([found, *arguments], check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise BackupError(f"{program} failed: {done.stderr.strip()[-500:]}")
