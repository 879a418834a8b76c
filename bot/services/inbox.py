"""The inbox: every update once, in the order of its chat, kept until it is done.

An update is acknowledged to the channel only after `add` has committed. A worker claims the oldest open update of each
chat; the next one of that chat cannot be claimed before, so order per chat holds with any number of workers. A claim
that was not finished (the worker died) ends by itself after CLAIM_FOR.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Table, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from bot.services.heads import Heads
from bot.storage.models import WAITING_IN, InboxState, InboxUpdate

CLAIM_FOR = timedelta(seconds=6)
ERROR_CHARS = 300
PLAIN_KEY = re.compile(r"[\w/-]{1,64}", re.ASCII)
"""A chat that any database can store; an update with another one is kept without it."""


def _unclaimed(table: Table) -> ColumnElement[bool]:
    return or_(table.c.claimed_until.is_(None), table.c.claimed_until < bindparam("now"))


# The statements that every update passes are built once, on the table: building them anew cost more than running them.
_INBOX = cast(Table, InboxUpdate.__table__)
_HEADS = Heads(_INBOX, WAITING_IN, InboxState.NEW, _unclaimed)
_CLAIM = (
    update(_INBOX)
    .where(
        _INBOX.c.id.in_(
            select(_INBOX.c.id)
            .where(
                _INBOX.c.id.in_(bindparam("ids", expanding=True)),
                _INBOX.c.state == bindparam("new", InboxState.NEW),
                _unclaimed(_INBOX),
            )
            .with_for_update(skip_locked=True)
        )
    )
    .values(claimed_by=bindparam("holder"), claimed_until=bindparam("until"), attempts=_INBOX.c.attempts + 1)
    .returning(
        *(_INBOX.c[name] for name in ("id", "update_id", "chat_key", "payload", "priority", "attempts", "received_at"))
    )
)
_OURS = select(_INBOX.c.state, _INBOX.c.claimed_by).where(_INBOX.c.id == bindparam("row")).with_for_update()
_DONE = (
    update(_INBOX)
    .where(_INBOX.c.id == bindparam("row"))
    .values(
        state=bindparam("done", InboxState.DONE),
        done_at=bindparam("now"),
        payload=None,
        claimed_by=None,
        claimed_until=None,
    )
)


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


def claim(session: Session, channel: str, holder: str, limit: int, now: datetime) -> tuple[list[Claimed], int]:
    """Claim the head of up to `limit` chats, urgent ones first; also says how many updates wait at all (up to SCAN)."""
    found = _HEADS.find(session, channel, limit, now=now)
    if not found.rows:
        return [], found.waiting
    values = {"ids": [row.id for row in found.rows], "holder": holder, "until": now + CLAIM_FOR, "now": now}
    rows = sorted(session.connection().execute(_CLAIM, values), key=lambda row: (row.priority, row.id))
    claimed = [
        Claimed(r.id, r.update_id, r.chat_key, r.payload or {}, r.priority, r.attempts, r.received_at) for r in rows
    ]
    return claimed, found.waiting


def give_back(session: Session, holder: str, ids: Iterable[int], *, uncounted: bool = False) -> None:
    """Claims whose work failed since the database did: free at once. `uncounted`: the attempt was not its own fault."""
    session.execute(
        update(InboxUpdate)
        .where(InboxUpdate.id.in_(list(ids)), InboxUpdate.state == InboxState.NEW, InboxUpdate.claimed_by == holder)
        .values(claimed_by=None, claimed_until=None, attempts=InboxUpdate.attempts - (1 if uncounted else 0))
    )


def put_aside(session: Session, channel: str, row: NewUpdate, raw: str, reason: str, now: datetime) -> None:
    """Store an update that cannot be stored as it is, in quarantine, as text; its chat stays known to an erasure."""
    insert = pg_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    session.execute(
        insert(InboxUpdate)
        .values(
            channel=channel,
            update_id=row.update_id,
            chat_key=row.chat_key if PLAIN_KEY.fullmatch(row.chat_key) else "-",
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
    row = session.connection().execute(_OURS, {"row": claimed.id}).one_or_none()
    return row is not None and row.state == InboxState.NEW and row.claimed_by == holder


def done(session: Session, claimed: Claimed, now: datetime) -> None:
    """The update is processed: its content is dropped, its number stays so that it never counts twice."""
    session.connection().execute(_DONE, {"row": claimed.id, "now": now})


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
    result = session.execute(
        delete(InboxUpdate).where(
            InboxUpdate.channel == channel, InboxUpdate.state == InboxState.DONE, InboxUpdate.done_at < before
        )
    )
    return result.rowcount if isinstance(result, CursorResult) else 0
