"""Questions that came while the model was away are answered when it is back."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.dialogue.types import Action, TextEvent
from bot.services.conversations import ConversationService, Incoming, Understands
from bot.storage.db import Database
from bot.storage.models import Message, Person

TOO_OLD = timedelta(hours=1)
"""After an hour the person has found another way; an answer out of nowhere would only puzzle or endanger."""


def waiting(session: Session, channel: str, now: datetime) -> list[tuple[Message, Person]]:
    """Messages that were promised an answer, oldest first."""
    rows = session.execute(
        select(Message, Person)
        .join(Person, Person.id == Message.person_id)
        .where(Message.action == Action.LATER, Message.created_at > now - TOO_OLD, Person.channel == channel)
        .order_by(Message.id)
    )
    return [(message, person) for message, person in rows]


async def answer_waiting(
    service: ConversationService, database: Database, nlu: Understands, channel: str, limit: int = 50
) -> int:
    """Answer up to `limit` waiting questions; returns how many were answered. Stops when the model goes away again."""
    with database.read() as session:
        rows = waiting(session, channel, service.now())[:limit]
    answered = 0
    for message, person in rows:
        parse = await nlu.understand(message.text)
        if parse.source != "model":
            return answered
        with database.write() as session:
            claimed = session.get(Message, message.id)
            if claimed is None or claimed.action != Action.LATER:
                continue
            incoming = Incoming(channel, person.channel_key, TextEvent(message.text), update_id=message.update_id)
            service.answer_note(session, incoming, parse, claimed)
            answered += 1
    return answered
