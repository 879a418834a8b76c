"""A change of the master key: the database's keys are unwrapped by the old one and wrapped by the new one."""

from __future__ import annotations

from sqlalchemy import select

from bot.sealing import master_keys
from bot.settings import settings
from bot.storage.db import Database
from bot.storage.models import SealingKey


def rewrap(database: Database) -> int:
    """Wrap all keys of the database by the newest master key, in one transaction; returns how many.

    Raises DataKeyError when an old key is missing.
    """
    keys = master_keys(settings())
    with database.write() as session:
        rows = session.scalars(select(SealingKey).with_for_update()).all()
        for row in rows:
            row.wrapped = keys.wrap(keys.unwrap(row.wrapped))
        return len(rows)
