"""Finding conversations and messages: filters with keyset paging, and words in unspaced Lao and Thai by trigrams."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import BigInteger, Select, and_, bindparam, column, func, or_, select, text
from sqlalchemy.orm import Session

from bot.storage.models import Conversation, Direction, Message, Person

PAGE = 50
SHORTEST_WORD, LONGEST_WORD = 3, 100
VIENTIANE = timedelta(hours=7)


@dataclass(frozen=True)
class Filters:
    """What the list of conversations is narrowed to; None leaves it open."""

    topic: str | None = None
    language: str | None = None
    urgent: bool = False
    since: date | None = None
    until: date | None = None
    confidence_below: float | None = None


@dataclass(frozen=True)
class Row:
    """A conversation in the list."""

    id: int
    pseudonym: str
    language: str | None
    urgent: bool
    started_at: datetime
    last_message_at: datetime
    topics: tuple[str, ...]
    questions: int


@dataclass(frozen=True)
class Page:
    """A page of a list; `more` is the mark at which the next one begins."""

    rows: list[Row]
    more: str | None


@dataclass(frozen=True)
class Hit:
    """A message in which the words stand."""

    message: Message
    pseudonym: str


def conversations(session: Session, filters: Filters, mark: str | None = None) -> Page:
    """Conversations, newest first, from a mark on. A broken mark begins at the start."""
    query = _filtered(select(Conversation, Person).join(Person, Person.id == Conversation.person_id), filters)
    place = _place(mark)
    if place:
        at, number = place
        query = query.where(
            or_(
                Conversation.last_message_at < at,
                and_(Conversation.last_message_at == at, Conversation.id < number),
            )
        )
    query = query.order_by(Conversation.last_message_at.desc(), Conversation.id.desc()).limit(PAGE + 1)
    found = session.execute(query).all()
    seen = _seen(session, [c.id for c, _ in found[:PAGE]])
    rows = [
        Row(c.id, p.pseudonym, p.language, c.urgent, c.started_at, c.last_message_at, *seen.get(c.id, ((), 0)))
        for c, p in found[:PAGE]
    ]
    more = f"{rows[-1].last_message_at.isoformat()}~{rows[-1].id}" if len(found) > PAGE else None
    return Page(rows, more)


def _filtered(query: Select[Conversation, Person], filters: Filters) -> Select[Conversation, Person]:
    if filters.language:
        query = query.where(Person.language == filters.language)
    if filters.urgent:
        query = query.where(Conversation.urgent.is_(True))
    if filters.since:
        query = query.where(Conversation.last_message_at >= _midnight(filters.since))
    if filters.until:
        query = query.where(Conversation.last_message_at < _midnight(filters.until) + timedelta(days=1))
    said = [Message.conversation_id == Conversation.id, Message.direction == Direction.IN]
    if filters.topic:
        said.append(Message.intent == filters.topic)
    if filters.confidence_below is not None:
        said.append(Message.confidence < filters.confidence_below)
    return query.where(select(Message.id).where(*said).exists()) if len(said) > 2 else query


def _seen(session: Session, ids: list[int]) -> dict[int, tuple[tuple[str, ...], int]]:
    """For each conversation its topics and how many messages the person wrote."""
    found: dict[int, tuple[tuple[str, ...], int]] = {}
    for number, intent, count in session.execute(
        select(Message.conversation_id, Message.intent, func.count())
        .where(Message.conversation_id.in_(ids), Message.direction == Direction.IN)
        .group_by(Message.conversation_id, Message.intent)
        .order_by(Message.conversation_id, func.count().desc())
    ):
        topics, total = found.get(number, ((), 0))
        found[number] = ((*topics, intent) if intent else topics, total + count)
    return found


def words(session: Session, wanted: str, before: int | None = None) -> list[Hit]:
    """Messages of people and staff that hold the words just so, newest first."""
    wanted = wanted.strip()[:LONGEST_WORD]
    if len(wanted) < SHORTEST_WORD:
        return []
    query = (
        select(Message, Person.pseudonym)
        .join(Person, Person.id == Message.person_id)
        .where(Message.direction != Direction.OUT)
    )
    if session.get_bind().dialect.name == "sqlite":
        index = text("SELECT rowid AS id FROM message_words WHERE message_words MATCH :phrase")
        quoted = '"' + wanted.replace('"', '""') + '"'
        hits = index.bindparams(bindparam("phrase", quoted)).columns(column("id", BigInteger)).subquery()
        query = query.join(hits, hits.c.id == Message.id)
    else:
        # As the partial index says it, or the planner does not see that it fits.
        query = query.where(text("message.direction <> 'out'"), Message.text.icontains(wanted, autoescape=True))
    if before:
        query = query.where(Message.id < before)
    rows = session.execute(query.order_by(Message.id.desc()).limit(PAGE)).all()
    return [Hit(message, pseudonym) for message, pseudonym in rows]


def _place(mark: str | None) -> tuple[datetime, int] | None:
    """Time and number of a mark."""
    at, _, number = (mark or "").partition("~")
    try:
        found = datetime.fromisoformat(at)
        return (found, int(number)) if found.tzinfo and 0 < int(number) < 2**62 else None
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    """When that day begins in Vientiane."""
    return datetime.combine(day, time(), UTC) - VIENTIANE
