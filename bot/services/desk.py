"""The counsellors' desk: cases and transcripts as the console shows them. What changes a case is in cases.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.services import cases, casework
from bot.storage.models import (
    Case,
    CaseState,
    Conversation,
    Correction,
    Direction,
    Feedback,
    Message,
    OutboxMessage,
    Person,
    Staff,
)

SHOWN = 200


@dataclass(frozen=True)
class CaseView:
    """A case with what staff may know of its person."""

    id: int
    person_id: int
    pseudonym: str
    language: str | None
    topic: str | None
    urgent: bool
    state: str
    claimed_by: str | None
    opened_at: datetime
    first_reply_at: datetime | None
    closed_at: datetime | None
    blocked: bool


@dataclass(frozen=True)
class Line:
    """A message of a transcript, its delivery, and what reviewers said."""

    message: Message
    delivery: str | None
    corrections: tuple[tuple[str, str | None, str], ...]
    """(verdict, right intent, who)"""
    about: str | None = None
    """The topic that an answer of ours is about."""
    useful: bool | None = None
    """What the person said about that answer."""


@dataclass(frozen=True)
class Talk:
    """A conversation in full."""

    id: int
    pseudonym: str
    language: str | None
    started_at: datetime
    lines: list[Line]


def view(session: Session, case_id: int) -> CaseView | None:
    """The case, or None."""
    row = session.execute(
        select(Case, Person).join(Person, Person.id == Case.person_id).where(Case.id == case_id)
    ).one_or_none()
    if row is None:
        return None
    case, person = row
    return CaseView(
        id=case.id,
        person_id=person.id,
        pseudonym=person.pseudonym,
        language=person.language,
        topic=case.topic,
        urgent=case.urgent,
        state=case.state,
        claimed_by=case.claimed_by,
        opened_at=case.opened_at,
        first_reply_at=case.first_reply_at,
        closed_at=case.closed_at,
        blocked=person.blocked_at is not None,
    )


def lines_of_person(session: Session, person_id: int) -> list[Line]:
    """The last messages of a person, oldest first."""
    newest = select(Message).where(Message.person_id == person_id).order_by(Message.id.desc()).limit(SHOWN)
    return _lines(session, list(reversed(session.scalars(newest).all())))


def talk(session: Session, conversation_id: int) -> Talk | None:
    """One conversation, or None."""
    row = session.execute(
        select(Conversation, Person)
        .join(Person, Person.id == Conversation.person_id)
        .where(Conversation.id == conversation_id)
    ).one_or_none()
    if row is None:
        return None
    conversation, person = row
    query = select(Message).where(Message.conversation_id == conversation_id).order_by(Message.id.desc()).limit(SHOWN)
    lines = _lines(session, list(reversed(session.scalars(query).all())))
    return Talk(conversation.id, person.pseudonym, person.language, conversation.started_at, lines)


def _lines(session: Session, messages: Sequence[Message]) -> list[Line]:
    ids = [m.id for m in messages]
    sent = session.execute(
        select(OutboxMessage.message_id, OutboxMessage.state)
        .where(OutboxMessage.message_id.in_(ids), OutboxMessage.method == "message")
        .order_by(OutboxMessage.id)
    )
    delivery = {number: state for number, state in sent}
    said: dict[int, list[tuple[str, str | None, str]]] = {}
    for number, verdict, intent, who in session.execute(
        select(Correction.message_id, Correction.verdict, Correction.intent, Staff.name)
        .join(Staff, Staff.id == Correction.staff_id)
        .where(Correction.message_id.in_(ids))
        .order_by(Correction.id)
    ):
        said.setdefault(number, []).append((verdict, intent, who))
    about = _topics(messages)
    useful = _feedback(session, messages)
    return [
        Line(m, delivery.get(m.id), tuple(said.get(m.id, ())), about.get(m.id), useful.get(about.get(m.id, "")))
        for m in messages
    ]


def _topics(messages: Sequence[Message]) -> dict[int, str]:
    """The topic of each of our answers: that of the question before it."""
    found: dict[int, str] = {}
    topic = None
    for message in messages:
        if message.direction == Direction.IN:
            topic = message.intent
        elif message.direction == Direction.OUT and topic:
            found[message.id] = topic
    return found


def _feedback(session: Session, messages: Sequence[Message]) -> dict[str, bool]:
    """What the person of these messages said about answers, by topic."""
    if not messages:
        return {}
    rows = session.execute(select(Feedback.topic, Feedback.useful).where(Feedback.person_id == messages[0].person_id))
    return {topic: useful for topic, useful in rows}


def mark(session: Session, case_id: int) -> tuple[object, ...]:
    """Changes whenever something of a case changes that its page shows; reads no text."""
    found = view(session, case_id)
    if found is None:
        return ()
    person = found.person_id
    newest = session.scalar(select(func.max(Message.id)).where(Message.person_id == person))
    sent = session.execute(
        select(OutboxMessage.id, OutboxMessage.state)
        .where(OutboxMessage.person_id == person, OutboxMessage.method == "message")
        .order_by(OutboxMessage.id.desc())
        .limit(20)
    ).all()
    feedback = session.execute(select(func.count(), func.max(Feedback.id)).where(Feedback.person_id == person)).one()
    return found, newest, tuple(map(tuple, sent)), tuple(feedback), casework.file_of(session, case_id, "")


def waiting(session: Session) -> tuple[int, int]:
    """How many cases nobody has, and how many of them are urgent."""
    total = session.scalar(select(func.count()).select_from(Case).where(Case.state == CaseState.OPEN)) or 0
    return total, cases.urgent_open(session)


def message(session: Session, message_id: int) -> tuple[Message, str] | None:
    """A message and the pseudonym of its person, or None."""
    row = session.execute(
        select(Message, Person.pseudonym).join(Person, Person.id == Message.person_id).where(Message.id == message_id)
    ).one_or_none()
    return (row[0], row[1]) if row else None
