"""From a running broadcast into the outbox: a few persons at a time, in the order of their number, each once.

One transaction writes the outbox row, the delivery row and how far it came (`last_person_id`), so a kill at any point
repeats nobody and forgets nobody. The rows are sent at most once: a message that was under way when we died stays
"unknown" rather than come twice. Answers go first: alerts have the lowest priority, few of them wait at a time, and one
that stands before an answer in its chat hurries with it.

Left out: who blocked us, is in quiet mode (no sign of us on the screen), or talks with a counsellor (who tells them;
news in the middle of such a talk could be read as the counsellor's answer). They do not get it later either.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from bot.dialogue.flows import alerts as flow
from bot.dialogue.types import ButtonEvent, Event, State
from bot.knowledge.alerts import ANY, News
from bot.knowledge.model import Published
from bot.knowledge.render import UnknownReferenceError
from bot.services import audit, outbox, people
from bot.settings import Settings
from bot.storage.models import (
    Broadcast,
    BroadcastDelivery,
    BroadcastState,
    Conversation,
    Direction,
    OutboxMessage,
    OutboxState,
    Person,
    Subscription,
)

log = structlog.get_logger(__name__)

PRIORITY = 2
"""Behind every answer (bot/services/conversations.py: NORMAL is 1)."""
CROWD = 20
"""While so many answers wait, nothing is added."""
LOST, BREATH = 5, timedelta(seconds=30)
"""After so many sendings of which nobody knows whether they arrived, wait: the network is away."""
LOOK = 50
"""Subscribers looked at a step at least; some of them are left out."""
SHOWN = (BroadcastState.RUNNING, BroadcastState.PAUSED, BroadcastState.DONE)
OPENS = f"f:{flow.NAME}:r:"


def news_of(row: Broadcast) -> News:
    """A broadcast as the dialogue knows it."""
    return News(row.id, row.topic, row.destination, dict(row.texts))


def opened(session: Session, event: Event) -> News | None:
    """The news that the tapped button opens; None when it was never sent, or taken back."""
    if not isinstance(event, ButtonEvent) or not event.data.startswith(OPENS):
        return None
    number = event.data.removeprefix(OPENS)
    row = session.get(Broadcast, int(number)) if number.isascii() and number.isdigit() and len(number) < 19 else None
    return news_of(row) if row is not None and row.state in SHOWN else None


def subscribers_of(topic: str, destination: str) -> ColumnElement[bool]:
    """Condition on Subscription: asked for this kind, for this country or any. News about no country is for all."""
    if destination == ANY:
        return Subscription.topic == topic
    return and_(Subscription.topic == topic, Subscription.destination.in_((ANY, destination)))


def withdraw(session: Session, person_id: int) -> None:
    """The person wants no more news: what has not left yet does not leave."""
    session.flush()
    mine = (OutboxMessage.person_id == person_id, OutboxMessage.priority == PRIORITY)
    session.execute(
        update(OutboxMessage)
        .where(*mine, OutboxMessage.state == OutboxState.QUEUED)
        .values(state=OutboxState.CANCELLED, error="unsubscribed", **outbox.CLEARED)
    )


def step(session: Session, channel: str, published: Published, settings: Settings, now: datetime) -> int:
    """Queue what may go in this second, and end what has reached everybody; returns how many were queued."""
    live = (BroadcastState.RUNNING, BroadcastState.PAUSED)
    if session.scalar(select(Broadcast.id).where(Broadcast.state.in_(live)).limit(1)) is None:
        return 0
    _hurry(session, channel)
    running = session.scalars(
        select(Broadcast)
        .where(Broadcast.state == BroadcastState.RUNNING)
        .order_by(Broadcast.started_at, Broadcast.id)
        .with_for_update()
    ).all()
    room = _room(session, channel, settings.alert_rate, now)
    queued = 0
    for row in running:
        try:
            count, more = _queue(session, row, channel, room - queued, published, settings.default_language, now)
        except UnknownReferenceError as error:
            row.state = BroadcastState.PAUSED
            audit.note(session, "bot", "alert_pause", now, object=f"alert {row.id}", reason=f"{error} is gone")
            log.error("alert_paused", broadcast=row.id, reason="a fact or contact is gone")
            continue
        queued += count
        if not more and not count and not _open_rows(session, row.id):
            row.state, row.finished_at = BroadcastState.DONE, now
            audit.note(session, "bot", "alert_done", now, object=f"alert {row.id}")
    return queued


def _room(session: Session, channel: str, rate: int, now: datetime) -> int:
    """How many may be added now."""
    ours = (OutboxMessage.channel == channel, OutboxMessage.priority == PRIORITY)
    count = select(func.count()).select_from(OutboxMessage)
    waiting = session.scalar(count.where(*ours, OutboxMessage.state.in_(outbox.OPEN))) or 0
    lost = (OutboxMessage.state == OutboxState.UNKNOWN, OutboxMessage.error.is_not(None))
    if (session.scalar(count.where(*ours, *lost, OutboxMessage.sent_at > now - BREATH)) or 0) >= LOST:
        return 0
    due = or_(OutboxMessage.not_before.is_(None), OutboxMessage.not_before <= now)
    answers = (OutboxMessage.channel == channel, OutboxMessage.priority < PRIORITY)
    if (session.scalar(count.where(*answers, OutboxMessage.state == OutboxState.QUEUED, due)) or 0) >= CROWD:
        return 0
    return max(0, rate - waiting)


def _hurry(session: Session, channel: str) -> None:
    """A chat keeps its order, so an answer behind an alert would wait for all other answers: both go as answers."""
    later = aliased(OutboxMessage)
    behind = exists().where(
        later.channel == channel,
        later.chat_key == OutboxMessage.chat_key,
        later.state == OutboxState.QUEUED,
        later.priority < PRIORITY,
        later.id > OutboxMessage.id,
    )
    ours = (OutboxMessage.channel == channel, OutboxMessage.priority == PRIORITY)
    session.execute(
        update(OutboxMessage)
        .where(*ours, OutboxMessage.state == OutboxState.QUEUED, behind)
        .values(priority=PRIORITY - 1)
        .execution_options(synchronize_session=False)
    )


def _open_rows(session: Session, number: int) -> bool:
    """Something of this broadcast is still on its way."""
    rows = (
        select(OutboxMessage.id)
        .join(BroadcastDelivery, BroadcastDelivery.outbox_id == OutboxMessage.id)
        .where(BroadcastDelivery.broadcast_id == number, OutboxMessage.state.in_(outbox.OPEN))
    )
    return session.scalar(rows.limit(1)) is not None


def _queue(
    session: Session,
    row: Broadcast,
    channel: str,
    room: int,
    published: Published,
    default_language: str,
    now: datetime,
) -> tuple[int, bool]:
    """Queue up to `room` persons behind the last one; how many, and whether there may be more."""
    if room <= 0:
        return 0, True
    most = max(room, LOOK)
    ids = session.scalars(
        select(Subscription.person_id)
        .where(Subscription.person_id > row.last_person_id, subscribers_of(row.topic, row.destination))
        .distinct()
        .order_by(Subscription.person_id)
        .limit(most)
    ).all()
    found = {person.id: person for person in session.scalars(select(Person).where(Person.id.in_(ids)))}
    done = set(
        session.scalars(
            select(BroadcastDelivery.person_id).where(
                BroadcastDelivery.broadcast_id == row.id, BroadcastDelivery.person_id.in_(ids)
            )
        )
    )
    queued = 0
    for number in ids:
        if queued == room:
            return queued, True
        person = found.get(number)
        if person is not None and number not in done and _may_be_told(person, channel):
            _tell(session, row, person, published, default_language, now)
            queued += 1
        row.last_person_id = number
    return queued, len(ids) == most


def _may_be_told(person: Person, channel: str) -> bool:
    if person.channel != channel or person.blocked_at is not None:
        return False
    state = State.from_json(person.state)
    return not state.quiet and not state.handed_over


def _tell(
    session: Session, row: Broadcast, person: Person, published: Published, default_language: str, now: datetime
) -> None:
    """One person's message, with its line of the transcript: hiding the chat must find it there."""
    language = person.language or default_language
    discreet = flow.wants_neutral_words(State.from_json(person.state))
    reply = flow.alert(published, news_of(row), language, now.date(), discreet=discreet)
    line = people.note(_talk(session, person, now), Direction.OUT, now, text=reply.text, language=language)
    message = outbox.queue(
        session,
        person.channel,
        person.channel_key,
        reply,
        now,
        PRIORITY,
        person_id=person.id,
        message=line,
        at_most_once=True,
    )
    session.flush()
    session.add(BroadcastDelivery(broadcast_id=row.id, person_id=person.id, outbox_id=message.id))


def _talk(session: Session, person: Person, now: datetime) -> Conversation:
    """The last conversation, as old as it is: news to thousands must not push the talks of today off the lists."""
    return people.latest_conversation(session, person) or people.conversation(session, person, now)
