"""Alembic's entry: one connection, one transaction, batch mode on SQLite."""

from __future__ import annotations

from typing import Literal

from alembic import context
from sqlalchemy import Connection, text

from bot.storage.db import Database
from bot.storage.models import Base, UtcDateTime

MIGRATION_LOCK = 7_204_119


def _render(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Our own column type is written as what it is in the database."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def _one_at_a_time(connection: Connection) -> None:
    """Several processes start together; one migrates, the others wait for it. Ends with the connection."""
    connection.execute(text("SET statement_timeout = 0"))
    connection.execute(text("SET lock_timeout = '60s'"))
    connection.execute(text("SET idle_in_transaction_session_timeout = 0"))
    connection.execute(text(f"SELECT pg_advisory_lock({MIGRATION_LOCK})"))
    connection.commit()


def run() -> None:
    """Run the migrations on the address in the configuration."""
    url = context.config.get_main_option("sqlalchemy.url")
    if not url:
        raise RuntimeError("no database address given; run `bot db migrate`")
    database = Database(url)
    with database.engine.connect().execution_options(writes=True) as connection:
        if not database.is_sqlite:
            _one_at_a_time(connection)
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
        if not database.is_sqlite:
            connection.execute(text(f"SELECT pg_advisory_unlock({MIGRATION_LOCK})"))
            connection.commit()
            connection.invalidate()  # the pool must not get a session without time-outs
    database.close()


run()
