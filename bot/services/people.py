"""People and their conversations: find or make, and keep the transcript."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.privacy import new_pseudonym
from bot.storage.models import Conversation, Direction, Message, Person

NEW_CONVERSATION_AFTER = timedelta(hours=12)


def find(session: Session, channel: str, key: str) -> Person | None:
    """The person behind a channel key, if we know one."""
    return session.scalar(select(Person).where(Person.channel == channel, Person.channel_key == key))


def find_or_add(session: Session, channel: str, key: str, now: datetime) -> Person:
    """The person behind a channel key, made on first sight."""
    person = find(session, channel, key)
    if person is None:
        person = Person(
            pseudonym=new_pseudonym(), channel=channel, channel_key=key, state={}, created_at=now, last_seen_at=now
        )
        session.add(person)
        session.flush()
    person.last_seen_at, person.blocked_at = now, None
    return person


def latest_conversation(session: Session, person: Person) -> Conversation | None:
    """The last conversation, however old."""
    return session.scalar(
        select(Conversation)
        .where(Conversation.person_id == person.id)
        .order_by(Conversation.last_message_at.desc(), Conversation.id.desc())
        .limit(1)
    )


def conversation(session: Session, person: Person, now: datetime) -> Conversation:
    """The running conversation, or a new one after a long silence."""
    latest = latest_conversation(session, person)
    if latest is None or now - latest.last_message_at > NEW_CONVERSATION_AFTER:
        latest = Conversation(person_id=person.id, started_at=now, last_message_at=now)
        session.add(latest)
        session.flush()
    latest.last_message_at = max(now, latest.last_message_at)
    return latest


def note(talk: Conversation, direction: Direction, now: datetime, **columns: Any) -> Message:
    """A new line of the transcript (not yet added to the session)."""
    return Message(conversation_id=talk.id, person_id=talk.person_id, direction=direction, created_at=now, **columns)
