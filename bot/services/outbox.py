"""The outbox: what must be sent, in the order of each chat. The terminal takes it at once, Telegram's sender drains."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, and_, bindparam, func, literal, or_, select, update
from sqlalchemy.orm import Session

from bot.dialogue.types import Reply
from bot.services.heads import Heads
from bot.storage.db import Database
from bot.storage.models import WAITING_OUT, Message, OutboxMessage, OutboxState, Person

OPEN = (OutboxState.QUEUED, OutboxState.SENDING)
CLEARED: dict[str, Any] = {"payload": {}, "chat_id": None}
"""Columns of a row that is finished: what it said and to whom is needed no more."""


def _free(table: Table) -> ColumnElement[bool]:
    """Not before its time, and not to a chat for which a call is under way."""
    sending = table.alias("sending")
    under_way = select(sending.c.chat_key).where(
        sending.c.channel == table.c.channel, sending.c.state == bindparam("sending", OutboxState.SENDING)
    )
    return and_(
        or_(table.c.not_before.is_(None), table.c.not_before <= bindparam("now")),
        table.c.chat_key.not_in(bindparam("busy", expanding=True)),
        table.c.chat_key.not_in(under_way),
    )


# Built once, on the table: building statements anew cost more than running them.
_OUTBOX = cast(Table, OutboxMessage.__table__)
_DUE = ("chat_key", "chat_id", "method", "payload", "attempts", "at_most_once", "message_id", "person_id")
_HEADS = Heads(_OUTBOX, WAITING_OUT, OutboxState.QUEUED, _free, *_DUE)
_row = _OUTBOX.c.id == bindparam("row")
_tried: dict[str, Any] = {"attempts": bindparam("tried"), "error": bindparam("why"), "state": bindparam("to")}
_FINISH = (
    update(_OUTBOX)
    .where(_row)
    .values(**_tried, **CLEARED, sent_at=bindparam("now"), channel_message_id=bindparam("number"))
)
_AGAIN = (
    update(_OUTBOX)
    # Never open again what is finished. No IN: several rows at once (an outage) cannot be executed with one.
    .where(_row, or_(*(_OUTBOX.c.state == literal(state) for state in OPEN)))
    .values(**_tried, not_before=bindparam("at"))
)
_people = cast(Table, Person.__table__)
_ADDRESS = select(_people.c.id, _people.c.channel_id).where(_people.c.id.in_(bindparam("ids", expanding=True)))
_messages = cast(Table, Message.__table__)
_NUMBER = update(_messages).where(_messages.c.id == bindparam("row")).values(channel_message_id=bindparam("number"))


@dataclass(frozen=True)
class Due:
    """A call that may be made now."""

    id: int
    chat_key: str
    """Keyed hash of the chat."""
    chat_id: str | None
    """The chat itself, for the call; None when its person is gone."""
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


def queue(
    session: Session, channel: str, chat_key: str, reply: Reply, now: datetime, priority: int, **columns: Any
) -> OutboxMessage:
    """Queue a reply for a chat; returns its row, added to the session. `columns` are further ones of the row."""
    row = OutboxMessage(
        channel=channel,
        chat_key=chat_key,
        method="message",
        payload=reply.to_json(),
        priority=priority,
        created_at=now,
        **columns,
    )
    session.add(row)
    return row


def due(session: Session, channel: str, busy_chats: set[str], limit: int, now: datetime) -> tuple[list[Due], int]:
    """The heads of up to `limit` chats that are not busy, urgent ones first; and how many rows wait (up to SCAN)."""
    found, waiting = _HEADS.find(session, channel, limit, now=now, busy=list(busy_chats))
    if once := [row.id for row in found if row.at_most_once]:
        session.execute(update(OutboxMessage).where(OutboxMessage.id.in_(once)).values(state=OutboxState.SENDING))
    people = [row.person_id for row in found if row.person_id is not None]
    found_people = session.connection().execute(_ADDRESS, {"ids": people}) if people else ()
    addresses = {number: address for number, address in found_people}
    calls = [
        Due(
            id=r.id,
            chat_key=r.chat_key,
            chat_id=r.chat_id or addresses.get(r.person_id),
            method=r.method,
            payload=r.payload,
            priority=r.priority,
            attempts=r.attempts,
            at_most_once=r.at_most_once,
            message_id=r.message_id,
            person_id=r.person_id,
        )
        for r in found
    ]
    return calls, waiting


def record(session: Session, results: list[Sent], now: datetime) -> None:
    """Write down how calls went. A person who blocked the bot gets nothing more that is queued."""
    finished, again, numbers = [], [], []
    for sent in results:
        row = {"row": sent.due.id, "tried": sent.due.attempts + 1, "why": sent.error}
        if sent.state is None:
            again.append({**row, "to": OutboxState.QUEUED, "at": sent.retry_at})
        else:
            finished.append({**row, "to": sent.state, "now": now, "number": sent.channel_message_id})
        if sent.channel_message_id and sent.due.message_id:
            numbers.append({"row": sent.due.message_id, "number": sent.channel_message_id})
    connection = session.connection()
    for statement, rows in ((_FINISH, finished), (_AGAIN, again), (_NUMBER, numbers)):
        if rows:
            connection.execute(statement, rows)
    for sent in results:
        if sent.state == OutboxState.BLOCKED and sent.due.person_id:
            blocked(session, sent.due.person_id, now)


def blocked(session: Session, person_id: int, now: datetime) -> None:
    """The person blocked us: nothing that is queued for them is tried any more."""
    session.execute(update(Person).where(Person.id == person_id).values(blocked_at=now))
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.person_id == person_id, OutboxMessage.state == OutboxState.QUEUED)
        .values(state=OutboxState.CANCELLED, error="blocked", **CLEARED)
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
        .values(state=OutboxState.UNKNOWN, **CLEARED)
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
        taken = [(row.method, row.payload) for row in rows]
        for row in rows:
            row.payload, row.chat_id = {}, None
        return taken
