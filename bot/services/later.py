"""Questions that came while the model was away are answered when it is back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from bot.dialogue.types import Action, TextEvent
from bot.nlu.parse import Parse
from bot.services.conversations import ConversationService, Incoming, Understands
from bot.storage.db import Database
from bot.storage.models import Message, Person
from bot.storage.sealing import original

TOO_OLD = timedelta(hours=1)
"""After an hour the person has found another way; an answer out of nowhere would only puzzle or endanger."""


@dataclass(frozen=True)
class Waiting:
    """A question that was promised an answer."""

    message_id: int
    text: str
    key: str
    update_id: int | None


def waiting(session: Session, channel: str, now: datetime, limit: int = 50) -> list[Waiting]:
    """The oldest questions that were promised an answer."""
    rows = promised(session, channel, Action.LATER, now, limit)
    return [Waiting(note.id, original(session, note), key, note.update_id) for note, key in rows]


def promised(session: Session, channel: str, action: Action, now: datetime, limit: int) -> Sequence[Row[Message, str]]:
    """The oldest messages that were promised an answer by `action`, each with its person's key in the channel."""
    return session.execute(
        select(Message, Person.channel_key)
        .join(Person, Person.id == Message.person_id)
        .where(Message.action == action, Message.created_at > now - TOO_OLD, Person.channel == channel)
        .order_by(Message.id)
        .limit(limit)
    ).all()


def still_promised(session: Session, message_id: int, action: Action) -> Message | None:
    """The message, locked, unless it was hidden or another process answered it meanwhile."""
    note = session.get(Message, message_id, with_for_update=True)
    return note if note is not None and note.action == action else None


async def answer_waiting(
    service: ConversationService, database: Database, nlu: Understands, channel: str, limit: int = 50
) -> int:
    """Answer up to `limit` waiting questions; returns how many were answered. Stops when the model goes away again."""
    answered = 0
    for row in await database.run(lambda session: waiting(session, channel, service.now(), limit)):
        parse = await nlu.understand(row.text)
        if parse.source != "model":
            return answered
        answer = partial(_answer, service=service, channel=channel, row=row, parse=parse)
        answered += await database.run(answer)
    return answered


def _answer(session: Session, *, service: ConversationService, channel: str, row: Waiting, parse: Parse) -> int:
    """Answer one, unless another process did meanwhile."""
    note = still_promised(session, row.message_id, Action.LATER)
    if note is None:
        return 0
    incoming = Incoming(channel, row.key, TextEvent(row.text), update_id=row.update_id)
    service.answer_note(session, incoming, parse, note)
    return 1
