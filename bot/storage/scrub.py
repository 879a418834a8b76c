"""After an erasure: nothing of what went may stay in the index of words, in free pages or in the write-ahead log.

SQLite overwrites free pages (`secure_delete`), but its index of words keeps the trigrams of deleted rows until its
segments are merged, and the write-ahead log keeps pages as they were until it is truncated. The merge goes in small
steps, so that the bot is not held up. PostgreSQL is vacuumed; its old pages and log are the disk encryption's affair.
"""

from __future__ import annotations

import time

from sqlalchemy import func, select, text, update

from bot.storage.db import Database
from bot.storage.models import Erasure

STEP_PAGES = 500
CHECKPOINT_TRIES, CHECKPOINT_PAUSE = 40, 0.25
TABLES = ("person", "conversation", "message", "inbox", "outbox", "case_file", "case_note", "person_key")
MIGRATION = "migration"


def pending(database: Database) -> int:
    """How many erasures have left traces still."""
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Erasure).where(Erasure.scrubbed_at.is_(None))) or 0


def migration_left_traces(database: Database) -> bool:
    """True when a migration has just sealed what was plain."""
    with database.read() as session:
        found = select(Erasure.key_id).where(Erasure.scrubbed_at.is_(None), Erasure.by == MIGRATION)
        return session.scalar(found.limit(1)) is not None


def scrub(database: Database) -> bool:
    """Remove the traces of what was deleted so far; False when somebody holds the write-ahead log open too long.

    Killed half-way it is simply done again: the ledger says that it is due until it is done.
    """
    with database.read() as session:
        due = session.execute(select(Erasure.key_id, Erasure.by).where(Erasure.scrubbed_at.is_(None))).all()
    if database.is_sqlite:
        _merge_words(database)
        done = checkpoint(database)
    else:
        _vacuum(database, full=any(by == MIGRATION for _, by in due))
        done = True
    if done and due:
        _tick_off(database, [key for key, _ in due])
    return done


def _tick_off(database: Database, keys: list[str]) -> None:
    from datetime import UTC, datetime

    with database.write() as session:
        session.execute(update(Erasure).where(Erasure.key_id.in_(keys)).values(scrubbed_at=datetime.now(UTC)))


def _merge_words(database: Database) -> None:
    """Merge the index of words into one segment; only then are the trigrams of deleted rows gone."""
    pages = -STEP_PAGES  # negative in the first step: all segments take part
    while True:
        with database.engine.connect() as plain, plain.execution_options(writes=True).begin() as _:
            before = plain.exec_driver_sql("SELECT total_changes()").scalar_one()
            plain.execute(text("INSERT INTO message_words(message_words, rank) VALUES ('merge', :n)"), {"n": pages})
            after = plain.exec_driver_sql("SELECT total_changes()").scalar_one()
        if after - before < 2:  # as SQLite's documentation says: nothing was left to merge
            return
        pages = STEP_PAGES


def checkpoint(database: Database) -> bool:
    """Truncate SQLite's write-ahead log; False when a reader did not let us."""
    for _ in range(CHECKPOINT_TRIES):
        connection = database.engine.raw_connection()  # outside any transaction
        try:
            cursor = connection.cursor()
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            (busy, *_) = cursor.fetchone() or (1,)
        finally:
            connection.close()
        if not busy:
            return True
        time.sleep(CHECKPOINT_PAUSE)
    return False


def _vacuum(database: Database, *, full: bool) -> None:
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("SET lock_timeout = '60s'"))
        for table in TABLES:
            connection.execute(text(f"VACUUM {'(FULL) ' if full else ''}{table}"))
        connection.invalidate()  # the pool must not get a session without time-outs
