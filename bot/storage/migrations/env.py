"""Alembic's entry: one connection, one transaction, batch mode on SQLite."""

from __future__ import annotations

from typing import Literal

from alembic import context

from bot.storage.db import Database
from bot.storage.models import Base, UtcDateTime


def _render(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Our own column type is written as what it is in the database."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def run() -> None:
    """Run the migrations on the address in the configuration."""
    url = context.config.get_main_option("sqlalchemy.url")
    if not url:
        raise RuntimeError("no database address given; run `bot db migrate`")
    database = Database(url)
    with database.engine.connect().execution_options(writes=True) as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=database.is_sqlite,
            compare_type=True,
            render_item=_render,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    database.close()


run()
