"""Deleting a chat from the phone: what stands there, what is on its way, and what was being sent at that moment."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.dialogue.types import Action
from bot.storage.models import Direction, Message, OutboxMessage, OutboxState, Person

DELETABLE = timedelta(hours=47, minutes=55)
"""Telegram lets a bot delete messages younger than 48 hours."""
DELETE_BATCH = 100
"""deleteMessages takes at most 100 ids."""


def hide(session: Session, person: Person, now: datetime, *, forgotten: bool = False) -> None:
    """Queue the deletion of every message of the last 48 hours; what has not left yet does not leave.

    `forgotten`: the person is erased in the same transaction, so the calls must not belong to them.
    """
    session.flush()
    session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.person_id == person.id,
            OutboxMessage.state == OutboxState.QUEUED,
            OutboxMessage.method == "message",
            OutboxMessage.attempts == 0,
        )
        .values(state=OutboxState.CANCELLED, error="hidden")
    )
    # What was promised must not turn up in the chat behind the cover.
    session.execute(
        update(Message)
        .where(Message.person_id == person.id, Message.action.in_((Action.READING, Action.LATER)))
        .values(action=Action.NOTED)
    )
    ids = _numbers(session, person.id, now)
    batches = [ids[start : start + DELETE_BATCH] for start in range(0, len(ids), DELETE_BATCH)]
    for batch in batches:
        _queue(session, person, {"message_ids": batch}, now, forgotten=forgotten)
    if not forgotten:
        _queue(session, person, {"message_ids": [], "sent_before": now.isoformat()}, now, forgotten=False)


def late(session: Session, person_id: int, payload: dict[str, object], now: datetime) -> list[int]:
    """Messages that were being sent while the chat was hidden: their numbers are known only now."""
    before = datetime.fromisoformat(str(payload["sent_before"]))
    return _numbers(session, person_id, now, before)[-DELETE_BATCH:]


def _numbers(session: Session, person_id: int, now: datetime, before: datetime | None = None) -> list[int]:
    """Numbers in the channel, ascending; with `before` only what we sent until then."""
    wanted = select(Message.channel_message_id).where(
        Message.person_id == person_id,
        Message.channel_message_id.is_not(None),
        Message.created_at > now - DELETABLE,
    )
    if before is not None:
        wanted = wanted.where(Message.direction != Direction.IN, Message.created_at <= before)
    return sorted(number for number in session.scalars(wanted) if number is not None)


def _queue(session: Session, person: Person, payload: dict[str, object], now: datetime, *, forgotten: bool) -> None:
    session.add(
        OutboxMessage(
            channel=person.channel,
            chat_key=person.channel_key,
            chat_id=person.channel_id if forgotten else None,
            person_id=None if forgotten else person.id,
            method="delete",
            payload=payload,
            priority=0,
            created_at=now,
        )
    )
