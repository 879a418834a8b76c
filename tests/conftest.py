"""Fixtures for all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.storage.db import Database
from bot.storage.migrate import upgrade
from tests.support.postgres import fresh_database

os.environ["DATA_KEY"] = "A" * 43 + "="
"""Before any settings are read: the tests never touch the key of whoever runs them."""


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bot.sqlite3'}"
        return
    with fresh_database() as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated database on SQLite and on PostgreSQL."""
    upgrade(database_url)
    database = Database(database_url)
    yield database
    database.close()
