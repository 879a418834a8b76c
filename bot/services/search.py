"""Finding conversations and messages: filters with keyset paging, and words in unspaced Lao and Thai by trigrams.

Filters speak of one message that somebody wrote: "passport" and "below 40 %" finds conversations with a message that
the model read as passport with less than 40 %. They read the index ix_message_found, never the transcripts themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from time import monotonic
from typing import Any

from sqlalchemy import ColumnElement, TextClause, and_, func, or_, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.storage.models import Case, CaseTag, Conversation, Direction, Message, Person

PAGE = 50
SHORTEST_WORD, LONGEST_WORD = 3, 100
VIENTIANE = timedelta(hours=7)
FROM_PEOPLE = text("message.direction = 'in'")
"""As the partial indexes say it: a parameter in its place, and the planner does not see that they fit."""
NOT_OURS = text("message.direction <> 'out'")
BATCH, MOST_BATCHES, BUDGET = 400, 12, 0.1
"""A page of a search looks at so many hits, or for so many seconds; then it shows what it has and a way on."""
NEAR = 30_000
"""On PostgreSQL, a common word is found among the newest messages; the trigram index would list all it stands in."""


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; None leaves it open."""

    topic: str | None = None
    language: str | None = None
    form: str | None = None
    action: str | None = None
    urgent: bool = False
    since: date | None = None
    until: date | None = None
    confidence_from: float | None = None
    confidence_below: float | None = None
    outcome: str | None = None
    tag: str | None = None

    @property
    def only_days(self) -> bool:
        """True when nothing but the time is asked for."""
        return not any(getattr(self, f.name) for f in fields(self) if f.name not in ("since", "until"))


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


@dataclass(frozen=True)
class Hits:
    """A page of hits; `more` is the number of the message behind which the next one begins."""

    rows: list[Hit]
    more: int | None


Place = tuple[datetime, int]


def conversations(session: Session, filters: Filters, mark: str | None = None) -> Page:
    """Conversations, newest first, from a mark on. A broken mark begins at the start.

    With filters the newest message that fits says where a conversation stands.
    """
    place = _place(mark)
    found = _talks(session, filters, place) if filters.only_days else _talks_by_message(session, filters, place)
    shown = list(found)[:PAGE]
    more = f"{found[shown[-1]][0].isoformat()}~{found[shown[-1]][1]}" if len(found) > PAGE else None
    return Page(_rows(session, shown), more)


def _talks(session: Session, filters: Filters, place: Place | None) -> dict[int, Place]:
    query = select(Conversation.id, Conversation.last_message_at)
    query = query.where(*_days(Conversation.last_message_at, filters))
    if place:
        query = query.where(behind(Conversation.last_message_at, Conversation.id, place))
    query = query.order_by(Conversation.last_message_at.desc(), Conversation.id.desc()).limit(PAGE + 1)
    return {number: (at, number) for number, at in session.execute(query)}


def _talks_by_message(session: Session, filters: Filters, place: Place | None) -> dict[int, Place]:
    """Conversations and the newest message of each that fits; those that an earlier page has shown are left out."""
    found: dict[int, Place] = {}
    past: set[int] = set()
    given = place is not None
    while len(found) <= PAGE:
        rows = matching(session, filters, place, 4 * PAGE)
        fresh = {talk for talk, _, _ in rows} - found.keys() - past
        if given:
            past |= _shown_before(session, filters, fresh, rows)
        for talk, at, number in rows:
            if talk not in past:
                found.setdefault(talk, (at, number))
        if len(rows) < 4 * PAGE:
            break
        place = (rows[-1][1], rows[-1][2])
    return found


def _shown_before(
    session: Session, filters: Filters, talks: set[int], rows: Sequence[tuple[int, datetime, int]]
) -> set[int]:
    """Which conversations have a newer message that fits than the first of these rows."""
    first: dict[int, int] = {}
    for talk, _, number in rows:
        first.setdefault(talk, number)
    newest = session.execute(
        select(Message.conversation_id, func.max(Message.id))
        .where(Message.conversation_id.in_(talks), FROM_PEOPLE, *conditions(filters))
        .group_by(Message.conversation_id)
    )
    return {talk for talk, number in newest if number > first[talk]}


def matching(
    session: Session, filters: Filters, place: Place | None, limit: int
) -> Sequence[tuple[int, datetime, int]]:
    """(conversation, time, number) of what people wrote and fits, newest first, behind a place."""
    query = select(Message.conversation_id, Message.created_at, Message.id).where(FROM_PEOPLE, *conditions(filters))
    if place:
        query = query.where(behind(Message.created_at, Message.id, place))
    rows = session.execute(query.order_by(Message.created_at.desc(), Message.id.desc()).limit(limit))
    return [(talk, at, number) for talk, at, number in rows]


def conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """What a message must be."""
    wanted: list[ColumnElement[bool]] = _days(Message.created_at, filters)
    for column in (Message.language, Message.form):
        if value := getattr(filters, column.key):
            wanted.append(column == value)
    if filters.action:
        wanted.append(done() == filters.action)
    if filters.topic:
        wanted.append(Message.intent == filters.topic)
    if filters.urgent:
        wanted.append(Message.urgent.is_(True))
    if filters.confidence_from is not None:
        wanted.append(Message.confidence >= filters.confidence_from)
    if filters.confidence_below is not None:
        wanted.append(Message.confidence < filters.confidence_below)
    if filters.outcome:
        wanted.append(Message.person_id.in_(select(Case.person_id).where(Case.outcome == filters.outcome)))
    if filters.tag:
        tagged = select(Case.person_id).join(CaseTag, CaseTag.case_id == Case.id).where(CaseTag.tag == filters.tag)
        wanted.append(Message.person_id.in_(tagged))
    return wanted


def done() -> ColumnElement[str]:
    """What the bot did, said so that the index on it alone is not taken: it finds too many, and in no order."""
    return func.coalesce(Message.action, "")


def outcomes(session: Session) -> list[str]:
    """Outcomes that cases have."""
    return list(session.scalars(select(Case.outcome).where(Case.outcome.is_not(None)).distinct().order_by("outcome")))


def tags(session: Session, most: int = 200) -> list[str]:
    """Tags that cases have."""
    return list(session.scalars(select(CaseTag.tag).distinct().order_by(CaseTag.tag).limit(most)))


def _rows(session: Session, ids: list[int]) -> list[Row]:
    seen = _seen(session, ids)
    talks = {
        c.id: Row(c.id, p.pseudonym, p.language, c.urgent, c.started_at, c.last_message_at, *seen.get(c.id, ((), 0)))
        for c, p in session.execute(
            select(Conversation, Person)
            .join(Person, Person.id == Conversation.person_id)
            .where(Conversation.id.in_(ids))
        )
    }
    return [talks[number] for number in ids if number in talks]


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


# ------------------------------------------------------------------ words


def words(session: Session, wanted: str, filters: Filters | None = None, before: int | None = None) -> Hits:
    """Messages of people and staff that hold the words just so, newest first; with filters those of people only."""
    wanted = wanted.strip()[:LONGEST_WORD]
    if len(wanted) < SHORTEST_WORD:
        return Hits([], None)
    narrow: list[ColumnElement[bool] | TextClause] = []
    if filters is not None and filters != Filters():
        narrow = [FROM_PEOPLE, *conditions(filters)]
    size = BATCH if narrow else PAGE
    hits: list[Hit] = []
    begun = monotonic()
    for _ in range(MOST_BATCHES):
        ids, before = _ids(session, wanted, before, size)
        hits += _hits(session, ids, narrow)
        if before is None or len(hits) >= PAGE or monotonic() - begun > BUDGET:
            break
    if len(hits) > PAGE:
        hits, before = hits[:PAGE], hits[PAGE - 1].message.id
    return Hits(hits, before)


def _hits(session: Session, ids: list[int], narrow: Sequence[ColumnElement[bool] | TextClause]) -> list[Hit]:
    query = (
        select(Message, Person.pseudonym)
        .join(Person, Person.id == Message.person_id)
        .where(Message.id.in_(ids), *narrow)
        .order_by(Message.id.desc())
    )
    return [Hit(message, pseudonym) for message, pseudonym in session.execute(query)]


def _ids(session: Session, wanted: str, before: int | None, limit: int) -> tuple[list[int], int | None]:
    """Numbers of the messages in which the words stand, newest first, and behind which number to look on."""
    if session.get_bind().dialect.name == "sqlite":
        ids = _by_fts(session, wanted, before, limit)
        return ids, ids[-1] if len(ids) == limit else None
    top = before or (session.scalar(select(func.max(Message.id))) or 0) + 1
    ids = _by_reading(session, wanted, top, limit)
    if len(ids) < limit and not _has_trigrams(session):
        return ids, top - NEAR if top - NEAR > 1 else None
    if len(ids) < limit:
        ids += _by_trigrams(session, wanted, top - NEAR, limit - len(ids))
    return ids, ids[-1] if len(ids) == limit else None


def _has_trigrams(session: Session) -> bool:
    """False where the server has no pg_trgm: then a page reads a part of the messages and shows a way on."""
    return session.scalar(text("SELECT to_regclass('ix_message_words') IS NOT NULL")) is True


def _by_fts(session: Session, wanted: str, before: int | None, limit: int) -> list[int]:
    """FTS5 walks its lists from the newest on and stops at the limit, as long as nothing else is in the statement."""
    statement = text(
        "SELECT rowid FROM message_words WHERE message_words MATCH :phrase AND rowid < :before "
        "ORDER BY rowid DESC LIMIT :limit"
    )
    values: dict[str, Any] = {"phrase": '"' + wanted.replace('"', '""') + '"', "limit": limit}
    return list(session.scalars(statement, values | {"before": before or 2**62}))


def _by_reading(session: Session, wanted: str, top: int, limit: int) -> list[int]:
    """Read the newest messages one by one; OFFSET keeps the planner from using the trigram index all the same."""
    recent = select(Message.id, Message.text).where(Message.id < top, Message.id >= top - NEAR, NOT_OURS)
    newest = recent.offset(0).subquery()
    query = select(newest.c.id).where(newest.c.text.icontains(wanted, autoescape=True))
    return list(session.scalars(query.order_by(newest.c.id.desc()).limit(limit)))


def _by_trigrams(session: Session, wanted: str, top: int, limit: int) -> list[int]:
    """All older messages by the trigram index, collected before they are put in order, or it would not be used."""
    older = (
        select(Message.id)
        .where(Message.id < top, NOT_OURS, Message.text.icontains(wanted, autoescape=True))
        .cte("older")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    return list(session.scalars(select(older.c.id).order_by(older.c.id.desc()).limit(limit)))


# ------------------------------------------------------------------ places and days


def _days(column: InstrumentedAttribute[datetime], filters: Filters) -> list[ColumnElement[bool]]:
    wanted = []
    if filters.since:
        wanted.append(column >= midnight(filters.since))
    if filters.until:
        wanted.append(column < midnight(filters.until) + timedelta(days=1))
    return wanted


def behind(at: InstrumentedAttribute[datetime], number: InstrumentedAttribute[int], place: Place) -> Any:
    """Behind a place, newest first; the first condition alone lets both databases enter the index there."""
    return and_(at <= place[0], or_(at < place[0], number < place[1]))


def _place(mark: str | None) -> Place | None:
    """Time and number of a mark."""
    at, _, number = (mark or "").partition("~")
    try:
        found = datetime.fromisoformat(at)
        return (found, int(number)) if found.tzinfo and 0 < int(number) < 2**62 else None
    except ValueError:
        return None


def midnight(day: date) -> datetime:
    """When that day begins in Vientiane."""
    return datetime.combine(day, time(), UTC) - VIENTIANE
