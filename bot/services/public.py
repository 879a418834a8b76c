"""Answers for groups and for inline mode: queued like all others, but no person, transcript or case is made.

What was asked is dropped with the update; the outbox row holds published content only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from bot.dialogue import public
from bot.dialogue.types import Event
from bot.nlu.lexicon import safety_lexicon
from bot.nlu.parse import Parse
from bot.services import outbox
from bot.services.conversations import NORMAL, URGENT, ConversationService
from bot.storage.models import OutboxMessage

INLINE = "inline"
"""Method of outbox rows that answer an inline query."""


@dataclass(frozen=True)
class Asked:
    """Where something public was asked: the channel's update, the bot's own name, and the phone's language."""

    channel: str
    update_id: int
    username: str
    speaks: str | None = None


def answer_group(
    session: Session, service: ConversationService, asked: Asked, chat_key: str, event: Event, parse: Parse | None
) -> None:
    """Queue the reply to something that was said to the bot in a group."""
    now = service.now()
    reply = public.in_group(event, parse, service.context(session, now), asked.username, asked.speaks)
    priority = URGENT if reply.urgent else NORMAL
    outbox.queue(session, asked.channel, chat_key, reply, now, priority, update_id=asked.update_id)


def answer_inline(session: Session, service: ConversationService, asked: Asked, query_id: str, query: str) -> None:
    """Queue the answers that a query finds; each query is a chat of its own, so that none waits for another."""
    now = service.now()
    published = service.context(session, now).published
    danger = safety_lexicon().look(query).sure if query else ()
    found = public.shared_answers(published, query, asked.speaks, tuple(danger), asked.username, now.date())
    items: list[dict[str, Any]] = [
        {"id": s.id, "title": s.title, "description": s.description, "reply": s.reply.to_json()} for s in found
    ]
    session.add(
        OutboxMessage(
            channel=asked.channel,
            chat_key=f"inline/{query_id}"[:64],
            update_id=asked.update_id,
            method=INLINE,
            payload={"query_id": query_id, "items": items},
            priority=NORMAL,
            created_at=now,
        )
    )
