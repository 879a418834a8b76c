"""Bring a database to the newest schema (Alembic), from the command line and at start."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import make_url

from bot.storage.db import Database
from bot.storage.scrub import migration_left_traces, scrub

MIGRATIONS = Path(__file__).parent / "migrations"


def alembic_config(url: str) -> Config:
    """The configuration that Alembic needs for `url`."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def upgrade(url: str) -> None:
    """Migrate to the newest schema; does nothing when it is there already.

    Raises DataKeyError without the right key.
    """
    if url.startswith("sqlite"):
        path = make_url(url).database
        if path and path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
    command.upgrade(alembic_config(url), "head")
    database = Database(url)
    try:
        database.vault.load()
        if migration_left_traces(database):
            scrub(database)
    finally:
        database.close()
