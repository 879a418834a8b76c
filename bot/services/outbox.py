"""The outbox: what must be sent, in the order of each chat. The terminal takes it at once, Telegram's sender drains."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from bot.services.heads import heads
from bot.storage.db import Database
from bot.storage.models import WAITING_OUT, Message, OutboxMessage, OutboxState, Person

OPEN = (OutboxState.QUEUED, OutboxState.SENDING)


@dataclass(frozen=True)
class Due:
    """A call that may be made now."""

    id: int
    chat_key: str
    method: str
    payload: dict[str, Any]
    priority: int
    attempts: int
    at_most_once: bool
    message_id: int | None
    person_id: int | None


@dataclass(frozen=True)
class Sent:
    """How a call went. `state` None = try again at `retry_at`."""

    due: Due
    state: OutboxState | None
    channel_message_id: int | None = None
    error: str | None = None
    retry_at: datetime | None = None


def due(session: Session, channel: str, busy_chats: set[str], limit: int, now: datetime) -> list[Due]:
    """The heads of up to `limit` chats that are not busy, urgent ones first."""
    free = _free(session, channel, busy_chats, now)
    ids = heads(session, OutboxMessage, (WAITING_OUT, OutboxState.QUEUED), channel, free, limit)
    if not ids:
        return []
    order = (OutboxMessage.priority, OutboxMessage.id)
    rows = session.scalars(select(OutboxMessage).where(OutboxMessage.id.in_(ids)).order_by(*order)).all()
    for row in rows:
        if row.at_most_once:
            row.state = OutboxState.SENDING
    return [
        Due(r.id, r.chat_key, r.method, r.payload, r.priority, r.attempts, r.at_most_once, r.message_id, r.person_id)
        for r in rows
    ]


def _free(session: Session, channel: str, busy_chats: set[str], now: datetime) -> list[ColumnElement[bool]]:
    """Not before its time, and not to a chat for which a call is under way."""
    sending = select(OutboxMessage.chat_key).where(OutboxMessage.state == OutboxState.SENDING)
    busy = busy_chats | set(session.scalars(sending.where(OutboxMessage.channel == channel)))
    free = [or_(OutboxMessage.not_before.is_(None), OutboxMessage.not_before <= now)]
    return [*free, OutboxMessage.chat_key.not_in(busy)] if busy else free


def record(session: Session, results: list[Sent], now: datetime) -> None:
    """Write down how calls went. A person who blocked the bot gets nothing more that is queued."""
    for sent in results:
        values: dict[str, Any] = {"attempts": sent.due.attempts + 1, "error": sent.error}
        if sent.state is None:
            values |= {"state": OutboxState.QUEUED, "not_before": sent.retry_at}
        else:
            values |= {"state": sent.state, "sent_at": now, "channel_message_id": sent.channel_message_id}
        row = update(OutboxMessage).where(OutboxMessage.id == sent.due.id)
        if sent.state is None:
            row = row.where(OutboxMessage.state.in_(OPEN))  # never open again what is finished
        session.execute(row.values(**values))
        if sent.channel_message_id and sent.due.message_id:
            session.execute(
                update(Message)
                .where(Message.id == sent.due.message_id)
                .values(channel_message_id=sent.channel_message_id)
            )
        if sent.state == OutboxState.BLOCKED and sent.due.person_id:
            blocked(session, sent.due.person_id, now)


def blocked(session: Session, person_id: int, now: datetime) -> None:
    """The person blocked us: nothing that is queued for them is tried any more."""
    session.execute(update(Person).where(Person.id == person_id).values(blocked_at=now))
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.person_id == person_id, OutboxMessage.state == OutboxState.QUEUED)
        .values(state=OutboxState.CANCELLED, error="blocked")
    )


def hurry(session: Session, channel: str, errors: tuple[str, ...]) -> None:
    """The network is back: what waited for it goes at once."""
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.channel == channel, WAITING_OUT, OutboxMessage.error.in_(errors))
        .values(not_before=None)
    )


def pull_along(session: Session, channel: str, chat_key: str) -> None:
    """An urgent reply is queued: what stands before it in its chat hurries too, since order is kept."""
    session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.channel == channel,
            OutboxMessage.chat_key == chat_key,
            OutboxMessage.state == OutboxState.QUEUED,
            OutboxMessage.priority > 0,
        )
        .values(priority=0)
    )


def recover(session: Session, channel: str) -> None:
    """After a crash: calls that may be made at most once and were under way stay unknown, they are not repeated."""
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.channel == channel, OutboxMessage.state == OutboxState.SENDING)
        .values(state=OutboxState.UNKNOWN)
    )


def depth(session: Session, channel: str) -> int:
    """How many calls wait."""
    return (
        session.scalar(
            select(func.count())
            .select_from(OutboxMessage)
            .where(OutboxMessage.channel == channel, OutboxMessage.state == OutboxState.QUEUED)
        )
        or 0
    )


def forget_old(session: Session, before: datetime) -> None:
    """Drop the payload-bearing rows of finished calls older than `before`."""
    from sqlalchemy import delete

    session.execute(delete(OutboxMessage).where(OutboxMessage.state.not_in(OPEN), OutboxMessage.created_at < before))


KEEP_FINISHED = timedelta(days=3)
"""Finished calls are kept this long for staff to see how delivery went; hiding needs 48 hours of it."""


def take_all(database: Database, channel: str, now: datetime) -> list[tuple[str, dict[str, Any]]]:
    """Everything queued for a channel that delivers at once, marked as delivered, in order."""
    with database.write() as session:
        rows = session.scalars(
            select(OutboxMessage)
            .where(OutboxMessage.channel == channel, OutboxMessage.state == OutboxState.QUEUED)
            .order_by(OutboxMessage.id)
        ).all()
        for row in rows:
            row.state, row.sent_at = OutboxState.DELIVERED, now
        return [(row.method, row.payload) for row in rows]
