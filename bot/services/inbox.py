"""The inbox: every update once, in the order of its chat, kept until it is done.

An update is acknowledged to the channel only after `add` has committed. A worker claims the oldest open update of each
chat; the next one of that chat cannot be claimed before, so order per chat holds with any number of workers. A claim
that was not finished (the worker died) ends by itself after CLAIM_FOR.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from bot.services.heads import heads
from bot.storage.models import WAITING_IN, InboxState, InboxUpdate

CLAIM_FOR = timedelta(seconds=6)
ERROR_CHARS = 300


@dataclass(frozen=True)
class NewUpdate:
    """An update as it came in; `priority` 0 overtakes a backlog."""

    update_id: int
    chat_key: str
    payload: dict[str, Any]
    priority: int = 1


@dataclass(frozen=True)
class Claimed:
    """An update that this worker may process now."""

    id: int
    update_id: int
    chat_key: str
    payload: dict[str, Any]
    priority: int
    attempts: int
    received_at: datetime


def add(session: Session, channel: str, updates: Iterable[NewUpdate], now: datetime) -> int:
    """Store updates that are not there yet; returns how many were new.

    When an urgent one comes in, the older open ones of its chat hurry too: order is kept.
    """
    rows = [
        {
            "channel": channel,
            "update_id": u.update_id,
            "chat_key": u.chat_key,
            "payload": u.payload,
            "priority": u.priority,
            "state": InboxState.NEW,
            "attempts": 0,
            "received_at": now,
        }
        for u in updates
    ]
    if not rows:
        return 0
    insert = pg_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    statement = insert(InboxUpdate).on_conflict_do_nothing(index_elements=["channel", "update_id"])
    added = len(session.execute(statement.returning(InboxUpdate.id), rows).all())
    hurry = {row["chat_key"] for row in rows if row["priority"] == 0}
    if hurry:
        session.execute(
            update(InboxUpdate)
            .where(
                InboxUpdate.channel == channel,
                InboxUpdate.chat_key.in_(hurry),
                InboxUpdate.state == InboxState.NEW,
                InboxUpdate.priority > 0,
            )
            .values(priority=0)
        )
    return added


def claim(session: Session, channel: str, holder: str, limit: int, now: datetime) -> list[Claimed]:
    """Claim the head of up to `limit` chats, urgent ones first."""
    ids = heads(session, InboxUpdate, (WAITING_IN, InboxState.NEW), channel, [_unclaimed(now)], limit)
    if not ids:
        return []
    rows = session.scalars(
        select(InboxUpdate)
        .where(InboxUpdate.id.in_(ids), InboxUpdate.state == InboxState.NEW, _unclaimed(now))
        .order_by(InboxUpdate.priority, InboxUpdate.id)
        .with_for_update(skip_locked=True, of=InboxUpdate)
    ).all()
    for row in rows:
        row.claimed_by, row.claimed_until, row.attempts = holder, now + CLAIM_FOR, row.attempts + 1
    return [
        Claimed(r.id, r.update_id, r.chat_key, r.payload or {}, r.priority, r.attempts, r.received_at) for r in rows
    ]


def _unclaimed(now: datetime) -> ColumnElement[bool]:
    return or_(InboxUpdate.claimed_until.is_(None), InboxUpdate.claimed_until < now)


def give_back(session: Session, holder: str, ids: Iterable[int], *, uncounted: bool = False) -> None:
    """Claims whose work failed since the database did: free at once. `uncounted`: the attempt was not its own fault."""
    session.execute(
        update(InboxUpdate)
        .where(InboxUpdate.id.in_(list(ids)), InboxUpdate.state == InboxState.NEW, InboxUpdate.claimed_by == holder)
        .values(claimed_by=None, claimed_until=None, attempts=InboxUpdate.attempts - (1 if uncounted else 0))
    )


def put_aside(session: Session, channel: str, update_id: int, raw: str, reason: str, now: datetime) -> None:
    """Store an update that cannot be stored as it is, in quarantine, as text."""
    insert = pg_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    session.execute(
        insert(InboxUpdate)
        .values(
            channel=channel,
            update_id=update_id,
            chat_key="-",
            payload={"raw": raw},
            priority=1,
            state=InboxState.QUARANTINED,
            attempts=1,
            error=reason[:ERROR_CHARS],
            received_at=now,
            done_at=now,
        )
        .on_conflict_do_nothing(index_elements=["channel", "update_id"])
    )


def still_ours(session: Session, claimed: Claimed, holder: str) -> bool:
    """Inside the processing transaction: is the update open, and the claim ours? Locks the row."""
    row = session.scalar(select(InboxUpdate).where(InboxUpdate.id == claimed.id).with_for_update())
    return row is not None and row.state == InboxState.NEW and row.claimed_by == holder


def done(session: Session, claimed: Claimed, now: datetime) -> None:
    """The update is processed: its content is dropped, its number stays so that it never counts twice."""
    session.execute(
        update(InboxUpdate)
        .where(InboxUpdate.id == claimed.id)
        .values(state=InboxState.DONE, done_at=now, payload=None, claimed_by=None, claimed_until=None)
    )


def quarantine(session: Session, claimed: Claimed, reason: str, now: datetime) -> None:
    """Put an update aside that cannot be processed; staff can look at it and replay it."""
    session.execute(
        update(InboxUpdate)
        .where(InboxUpdate.id == claimed.id)
        .values(state=InboxState.QUARANTINED, done_at=now, error=reason[:ERROR_CHARS], claimed_by=None)
    )


def replay(session: Session, row_id: int) -> bool:
    """Open a quarantined update again; False when there is none with this number."""
    row = session.get(InboxUpdate, row_id)
    if row is None or row.state != InboxState.QUARANTINED or row.payload is None:
        return False
    row.state, row.error, row.attempts, row.done_at, row.claimed_until = InboxState.NEW, None, 0, None, None
    return True


def release(session: Session, channel: str, holder: str | None = None) -> None:
    """Give claims back: a holder's own at its end, or all of them when there is no other process (SQLite)."""
    conditions = [InboxUpdate.state == InboxState.NEW, InboxUpdate.channel == channel]
    if holder:
        conditions.append(InboxUpdate.claimed_by == holder)
    session.execute(update(InboxUpdate).where(*conditions).values(claimed_by=None, claimed_until=None))


def last_update_id(session: Session, channel: str) -> int | None:
    """The highest update number that is stored."""
    return session.scalar(select(func.max(InboxUpdate.update_id)).where(InboxUpdate.channel == channel))


def depth(session: Session, channel: str) -> int:
    """How many updates wait."""
    return (
        session.scalar(
            select(func.count())
            .select_from(InboxUpdate)
            .where(InboxUpdate.channel == channel, InboxUpdate.state == InboxState.NEW)
        )
        or 0
    )


def forget_old(session: Session, channel: str, before: datetime) -> int:
    """Drop done updates older than `before` (Telegram repeats none after 24 h); returns how many."""
    from sqlalchemy import CursorResult, delete

    result = session.execute(
        delete(InboxUpdate).where(
            InboxUpdate.channel == channel, InboxUpdate.state == InboxState.DONE, InboxUpdate.done_at < before
        )
    )
    return result.rowcount if isinstance(result, CursorResult) else 0
