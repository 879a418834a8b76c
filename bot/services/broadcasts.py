"""The life of a broadcast: drafted, approved by another person, started, paused, resumed, cancelled, done.

Four eyes: who saved the text last is who answers for it, and cannot approve it. An approval names the very text that
was read (`seal`), so nobody approves what changed under their eyes. Changing an approved text takes the approval away;
what has been started cannot be changed. How it goes into the outbox: alert_queue.py.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.i18n import N_
from bot.knowledge.alerts import ANY, News
from bot.knowledge.check_alerts import news_problems
from bot.knowledge.model import Published
from bot.services import audit, outbox
from bot.services.alert_queue import news_of, subscribers_of
from bot.services.errors import DeskError, MissingError
from bot.services.suppression import hide_small, sum_of
from bot.settings import LANGUAGES
from bot.storage.models import (
    Broadcast,
    BroadcastDelivery,
    BroadcastState,
    OutboxMessage,
    OutboxState,
    Person,
    Subscription,
)

LISTED = 50
NO_ALERT = N_("There is no alert {number}.")
NO_KIND = N_("Please choose a kind of news and a country of the list.")
NO_TEXT = N_("Please write the text in at least one language.")
FAULTY = N_("The text cannot be sent like this: {faults}")
STARTED = N_("This alert has been started; its text cannot be changed any more.")
OWN_WORDS = N_("You wrote this text. Another person must approve it.")
CHANGED = N_("The text changed since you read it. Please read it again.")
NOT_NOW = N_("This cannot be done now: the alert is “{state}”.")

PARTS = ("waiting", "delivered", "failed", "blocked", "unknown", "cancelled", "older")
_PART: dict[OutboxState | None, str] = {
    OutboxState.QUEUED: "waiting",
    OutboxState.SENDING: "waiting",
    OutboxState.DELIVERED: "delivered",
    OutboxState.FAILED: "failed",
    OutboxState.BLOCKED: "blocked",
    OutboxState.UNKNOWN: "unknown",
    OutboxState.CANCELLED: "cancelled",
    None: "older",  # the states of sendings are deleted after some days
}
_MOVES: dict[str, tuple[tuple[BroadcastState, ...], BroadcastState]] = {
    "start": ((BroadcastState.APPROVED,), BroadcastState.RUNNING),
    "pause": ((BroadcastState.RUNNING,), BroadcastState.PAUSED),
    "resume": ((BroadcastState.PAUSED,), BroadcastState.RUNNING),
    "cancel": (
        (BroadcastState.DRAFT, BroadcastState.APPROVED, BroadcastState.RUNNING, BroadcastState.PAUSED),
        BroadcastState.CANCELLED,
    ),
}
MOVES = ("approve", *_MOVES)
"""What can be done to a broadcast beside writing it."""


@dataclass(frozen=True)
class Progress:
    """How many were told, by how it went; None = fewer than five, or hidden since it would give those away."""

    parts: dict[str, int | None]
    total: int | None


def seal(row: Broadcast) -> str:
    """Changes with kind, country and text."""
    text = json.dumps([row.topic, row.destination, row.texts], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def listed(session: Session) -> list[Broadcast]:
    """The newest broadcasts."""
    return list(session.scalars(select(Broadcast).order_by(Broadcast.id.desc()).limit(LISTED)))


def known(session: Session, number: int) -> Broadcast:
    """The broadcast, to read. Raises MissingError."""
    row = session.get(Broadcast, number)
    if row is None:
        raise MissingError(NO_ALERT, number=number)
    return row


def subscribers(session: Session, topic: str, destination: str) -> int:
    """How many people asked for this kind of news about this country and have not blocked the bot."""
    people = (
        select(func.count(Subscription.person_id.distinct()))
        .join(Person, Person.id == Subscription.person_id)
        .where(subscribers_of(topic, destination), Person.blocked_at.is_(None))
    )
    return session.scalar(people) or 0


def progress(session: Session, number: int) -> Progress:
    """How far a broadcast came; small groups are hidden."""
    counts = dict.fromkeys(PARTS, 0)
    states = (
        select(OutboxMessage.state, func.count())
        .select_from(BroadcastDelivery)
        .outerjoin(OutboxMessage, OutboxMessage.id == BroadcastDelivery.outbox_id)
        .where(BroadcastDelivery.broadcast_id == number)
        .group_by(OutboxMessage.state)
    )
    for state, count in session.execute(states):
        counts[_PART[OutboxState(state) if state else None]] += count
    values = [counts[part] for part in PARTS]
    shown = hide_small([values], column_sums=False)[0]
    return Progress(dict(zip(PARTS, shown, strict=True)), sum_of(values, shown))


def save(
    session: Session, number: int | None, draft: News, staff: str, published: Published, now: datetime
) -> Broadcast:
    """Keep a draft, new when `number` is None. Raises DeskError when it could not be sent like this."""
    texts = clean(draft.texts)
    _sound(News(0, draft.kind, draft.destination, texts), published, now)
    if number is None:
        row = Broadcast(created_at=now, last_person_id=0)
        session.add(row)
    else:
        row = _locked(session, number)
        if row.state not in (BroadcastState.DRAFT, BroadcastState.APPROVED):
            raise DeskError(STARTED)
    row.topic, row.destination, row.texts = draft.kind, draft.destination, texts
    row.state, row.created_by, row.approved_by = BroadcastState.DRAFT, staff, None
    session.flush()
    audit.note(session, staff, "alert_save", now, object=f"alert {row.id}")
    return row


def approve(session: Session, number: int, read: str, staff: str, published: Published, now: datetime) -> None:
    """Say that the text that was read (its `seal`) may go. Raises DeskError for one's own words."""
    row = _locked(session, number)
    if row.state != BroadcastState.DRAFT:
        raise DeskError(NOT_NOW, state=row.state)
    if row.created_by == staff:
        raise DeskError(OWN_WORDS)
    if read != seal(row):
        raise DeskError(CHANGED)
    _sound(news_of(row), published, now)
    row.state, row.approved_by = BroadcastState.APPROVED, staff
    audit.note(session, staff, "alert_approve", now, object=f"alert {number}")


def move(session: Session, number: int, what: str, staff: str, published: Published, now: datetime) -> None:
    """Start, pause, resume or cancel. Raises DeskError when that cannot be done now."""
    row = _locked(session, number)
    before, after = _MOVES[what]
    if row.state not in before:
        raise DeskError(NOT_NOW, state=row.state)
    if after == BroadcastState.RUNNING:
        _sound(news_of(row), published, now)
        row.started_at = row.started_at or now
    row.state = after
    if after == BroadcastState.CANCELLED:
        row.finished_at = now
        _take_back(session, number)
    audit.note(session, staff, f"alert_{what}", now, object=f"alert {number}")


def clean(texts: Mapping[str, str]) -> dict[str, str]:
    """The texts without empty ones."""
    return {code: text for code in LANGUAGES if (text := texts.get(code, "").replace("\r\n", "\n").strip())}


# ------------------------------------------------------------------ inside


def _sound(news: News, published: Published, now: datetime) -> None:
    offered = published.alerts
    if offered is None or news.kind not in offered.kinds or news.destination not in (ANY, *offered.destinations):
        raise DeskError(NO_KIND)
    if not news.texts:
        raise DeskError(NO_TEXT)
    if faults := news_problems(published, news, now.date()):
        raise DeskError(FAULTY, faults=" ".join(faults))


def _locked(session: Session, number: int) -> Broadcast:
    row = session.scalar(select(Broadcast).where(Broadcast.id == number).with_for_update())
    if row is None:
        raise MissingError(NO_ALERT, number=number)
    return row


def _take_back(session: Session, number: int) -> None:
    """What has not left yet does not leave."""
    mine = select(BroadcastDelivery.outbox_id).where(BroadcastDelivery.broadcast_id == number)
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(mine), OutboxMessage.state == OutboxState.QUEUED)
        .values(state=OutboxState.CANCELLED, error="cancelled", **outbox.CLEARED)
        .execution_options(synchronize_session=False)
    )
