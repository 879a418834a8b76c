"""One chat with thousands of waiting rows must not make the others wait; and what the storage does when it fails."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from bot.services import inbox, outbox
from bot.services.inbox import NewUpdate
from bot.storage.db import Database, is_outage
from bot.storage.models import InboxState, InboxUpdate, OutboxMessage

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
CROWD = 5000
QUICK = 0.25
"""Seconds for a look at the queue; it takes some milliseconds, and the machine of a test may be busy."""


def claim(session: Session, channel: str, holder: str, limit: int, now: datetime) -> list[inbox.Claimed]:
    """What could be claimed."""
    return inbox.claim(session, channel, holder, limit, now)[0]


def due_now(session: Session, channel: str, busy: set[str], limit: int, now: datetime) -> list[outbox.Due]:
    """What may be sent."""
    return outbox.due(session, channel, busy, limit, now)[0]


def _crowd(session: Session) -> None:
    inbox.add(session, "telegram", [NewUpdate(n, "7", {"n": n}) for n in range(1, CROWD + 1)], NOW)
    inbox.add(session, "telegram", [NewUpdate(CROWD + 1, "8", {}), NewUpdate(CROWD + 2, "9", {})], NOW)


def test_a_chat_that_floods_the_inbox_slows_nobody_down(database: Database) -> None:
    with database.write() as session:
        _crowd(session)
    with database.write() as session:
        started = time.perf_counter()
        claimed = claim(session, "telegram", "w", 16, NOW)
        assert [c.update_id for c in claimed] == [1, CROWD + 1, CROWD + 2]
        assert claim(session, "telegram", "other", 16, NOW) == []
        assert time.perf_counter() - started < 2 * QUICK


def test_a_chat_that_fills_the_outbox_slows_nobody_down(database: Database) -> None:
    def row(chat: str) -> OutboxMessage:
        return OutboxMessage(
            channel="telegram", chat_key=chat, method="message", payload={}, priority=1, created_at=NOW
        )

    with database.write() as session:
        session.add_all([row("7") for _ in range(CROWD)])
        session.flush()
        session.add_all([row("8"), row("9")])
    with database.write() as session:
        started = time.perf_counter()
        assert [d.chat_id for d in due_now(session, "telegram", set(), 16, NOW)] == ["7", "8", "9"]
        assert [d.chat_id for d in due_now(session, "telegram", {"7"}, 16, NOW)] == ["8", "9"]
        assert time.perf_counter() - started < 2 * QUICK


def test_an_urgent_reply_pulls_its_chat_along(database: Database) -> None:
    with database.write() as session:
        for chat in ("7", "8"):
            session.add(
                OutboxMessage(
                    channel="telegram", chat_key=chat, method="message", payload={}, priority=1, created_at=NOW
                )
            )
    with database.write() as session:
        outbox.pull_along(session, "telegram", "8")
        assert [d.chat_id for d in due_now(session, "telegram", set(), 10, NOW)] == ["8", "7"]


def test_a_claim_that_an_outage_ended_is_free_at_once_and_costs_no_attempt(database: Database) -> None:
    with database.write() as session:
        inbox.add(session, "telegram", [NewUpdate(1, "7", {})], NOW)
        (first,) = claim(session, "telegram", "w", 1, NOW)
    with database.write() as session:
        inbox.give_back(session, "stranger", [first.id], uncounted=True)
        assert claim(session, "telegram", "w", 1, NOW) == []
        inbox.give_back(session, "w", [first.id], uncounted=True)
        (again,) = claim(session, "telegram", "w", 1, NOW)
        assert again.attempts == 1
        inbox.give_back(session, "w", [first.id])
        assert claim(session, "telegram", "w", 1, NOW)[0].attempts == 2


def test_an_update_that_cannot_be_stored_is_put_aside_once(database: Database) -> None:
    for _ in range(2):
        with database.write() as session:
            row = inbox.NewUpdate(5, "7", {})
            inbox.put_aside(session, "telegram", row, '{"a": "\\u0000"}', "DataError", NOW)
    with database.read() as session:
        row = session.scalars(select(InboxUpdate)).one()
        assert (row.state, row.error, row.update_id) == (InboxState.QUARANTINED, "DataError", 5)


async def test_jobs_that_share_a_commit_fail_together_when_the_database_does(database: Database) -> None:
    """Disk full may roll everything back without a word: nobody may be told that his rows are stored."""
    import asyncio

    def full(_session: Session) -> None:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    def good(session: Session) -> None:
        inbox.add(session, "telegram", [NewUpdate(1, "7", {})], NOW)

    results = await asyncio.gather(
        *(database.run(lambda s: time.sleep(0.2)), database.run(good), database.run(full)), return_exceptions=True
    )
    with database.read() as session:
        stored = bool(session.scalars(select(InboxUpdate)).all())
    assert isinstance(results[2], OperationalError)
    assert stored is not isinstance(results[1], OperationalError)


async def test_taking_in_an_update_overtakes_other_work(database: Database) -> None:
    import asyncio

    if not database.is_sqlite:
        pytest.skip("on PostgreSQL several threads go on at once")
    order: list[str] = []
    blocked = [database.run(lambda s: time.sleep(0.2))]
    others = [database.run(lambda s: order.append("other")) for _ in range(3)]
    first = database.run(lambda s: order.append("first"), first=True)
    await asyncio.gather(*blocked, *others, first)
    assert order[0] == "first"


@pytest.mark.parametrize(
    ("error", "outage"),
    [
        (OperationalError("x", {}, Exception("database is locked")), True),
        (PoolTimeout("no connection"), True),
        (DataError("x", {}, Exception("NUL")), False),
        (IntegrityError("x", {}, Exception("unique")), False),
        (OverflowError("too large"), False),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogate"), False),
    ],
)
def test_what_counts_as_an_outage(error: Exception, outage: bool) -> None:
    assert is_outage(error) is outage


def test_the_network_is_back(database: Database) -> None:
    later = NOW + timedelta(minutes=1)
    with database.write() as session:
        for error in ("network", "flood"):
            session.add(
                OutboxMessage(
                    channel="telegram", chat_key=error, method="message", payload={}, created_at=NOW, error=error,
                    not_before=later,
                )
            )  # fmt: skip
    with database.write() as session:
        outbox.hurry(session, "telegram", ("network", "timeout"))
        assert [d.chat_id for d in due_now(session, "telegram", set(), 10, NOW)] == ["network"]
