"""The conversation service: one event in, one transaction that stores state, transcript and outbox together.

Telegram, the terminal and the console all come through here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from bot.dialogue.buttons import keyboard_meaning
from bot.dialogue.context import Context
from bot.dialogue.engine import decide
from bot.dialogue.taps import said_with
from bot.dialogue.types import (
    ButtonEvent,
    CommandEvent,
    Decision,
    Event,
    LocationEvent,
    MediaEvent,
    PictureEvent,
    Reply,
    State,
    TextEvent,
)
from bot.masking import is_masked
from bot.nlu.parse import Parse
from bot.services import alert_queue, effects, hotline, outbox, people, recordings
from bot.services.content import ContentStore
from bot.services.metrics import NLU_SECONDS
from bot.settings import Settings
from bot.storage.db import Database
from bot.storage.models import Conversation, Direction, Message, Person
from nlu.text.zones import Thresholds

Clock = Callable[[], datetime]

WAITING_KEPT_SECONDS = 5.0

URGENT, NORMAL = 0, 1
"""Priorities of inbox and outbox rows; the smaller goes first."""


def utc_now() -> datetime:
    """The time now, with its zone."""
    return datetime.now(UTC)


class Understands(Protocol):
    """What the service needs of bot/nlu."""

    async def understand(self, text: str) -> Parse:
        """The parse of a text; never raises, falls back to lexicon and keywords."""


@dataclass(frozen=True)
class Incoming:
    """One event of one person, as a channel hands it over."""

    channel: str
    key: str
    event: Event
    update_id: int | None = None
    message_id: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of an event."""

    person_id: int
    decision: Decision
    parse: Parse | None


class ConversationService:
    """Decides and stores. `understand` before the transaction, `store` inside it, `handle` does both."""

    def __init__(
        self,
        database: Database,
        content: ContentStore,
        nlu: Understands,
        thresholds: Thresholds,
        settings: Settings,
        clock: Clock = utc_now,
    ) -> None:
        self._database, self._content, self._nlu = database, content, nlu
        self._thresholds, self._settings, self._clock = thresholds, settings, clock
        self._waiting_minutes = 0
        self._waited_at: datetime | None = None
        self._recordings: frozenset[tuple[str, str]] = frozenset()

    def use_thresholds(self, thresholds: Thresholds) -> None:
        """Another model serves: its thresholds count from now on."""
        self._thresholds = thresholds

    def now(self) -> datetime:
        """The time by the service's clock."""
        return self._clock()

    async def handle(self, incoming: Incoming) -> Outcome:
        """Understand, decide and store in one go."""
        parse = await self.understand(incoming.event)
        return await self._database.run(lambda session: self.store(session, incoming, parse))

    async def understand(self, event: Event) -> Parse | None:
        """What the NLU says about the words of an event; None when it has none."""
        text = words_of(event)
        if not text:
            return None
        started = time.perf_counter()
        parse = await self._nlu.understand(text)
        NLU_SECONDS.labels(parse.source).observe(time.perf_counter() - started)
        return parse

    def store(self, session: Session, incoming: Incoming, parse: Parse | None) -> Outcome:
        """Decide, and add new state, transcript, effects and outbox to the session. The caller commits."""
        now = self._clock()
        with session.no_autoflush:  # what changes of them is written once, at the end
            person = people.find_or_add(session, incoming.channel, incoming.key, now)
            talk = people.conversation(session, person, now)
        note = people.note(
            talk,
            Direction.IN,
            now,
            kind=kind_of(incoming.event),
            text=shown_text(incoming.event),
            update_id=incoming.update_id,
            channel_message_id=incoming.message_id,
            file_id=getattr(incoming.event, "file_id", None),
        )
        session.add(note)
        return self._answer(session, incoming, parse, person, talk, note)

    def answer_note(self, session: Session, incoming: Incoming, parse: Parse | None, note: Message) -> Outcome:
        """Answer a message that is in the transcript already: the model was away, or a picture had to be read."""
        person = session.get_one(Person, note.person_id)
        talk = session.get_one(Conversation, note.conversation_id)
        return self._answer(session, incoming, parse, person, talk, note)

    def _answer(
        self,
        session: Session,
        incoming: Incoming,
        parse: Parse | None,
        person: Person,
        talk: Conversation,
        note: Message,
    ) -> Outcome:
        now = self._clock()
        context = replace(self.context(session, now), news=alert_queue.opened(session, incoming.event))
        decision = decide(State.from_json(person.state), incoming.event, parse, context)
        for name, value in _understood(parse, decision).items():
            setattr(note, name, value)
        talk.urgent = talk.urgent or decision.urgent
        person.state, person.language = decision.state.to_json(), decision.state.language
        after = effects.apply(session, person, decision, now)
        if any(reply.urgent for reply in decision.replies):
            outbox.pull_along(session, incoming.channel, incoming.key)
        personal = is_masked(shown_text(incoming.event))
        for reply in decision.replies:
            line = self._line(person, talk, reply, personal, now) if after.person_kept else None
            self._queue(session, person if after.person_kept else None, incoming, line, reply, now)
        return Outcome(person.id, decision, parse)

    def mark_blocked(self, session: Session, channel: str, key: str) -> None:
        """The person blocked the bot: nothing that is queued for them is tried."""
        person = people.find(session, channel, key)
        if person is not None:
            outbox.blocked(session, person.id, self._clock())

    def context(self, session: Session, now: datetime) -> Context:
        """Content, thresholds and the moment of a decision."""
        moment = hotline.moment(self._settings, now, self._waiting(session, now))
        default = self._settings.default_language
        return Context(self._content.published(), self._thresholds, moment, default, self._recordings)

    def _waiting(self, session: Session, now: datetime) -> int:
        """The waiting time, counted (and the recordings listed) again every few seconds only."""
        if self._waited_at is None or not 0 <= (now - self._waited_at).total_seconds() < WAITING_KEPT_SECONDS:
            self._waiting_minutes, self._waited_at = hotline.waiting_minutes(session, now), now
            self._recordings = recordings.available(session)
        return self._waiting_minutes

    @staticmethod
    def _line(person: Person, talk: Conversation, reply: Reply, personal: bool, now: datetime) -> Message:
        """A reply in the transcript; masked when the question held personal data, since it may repeat them."""
        line = people.note(talk, Direction.OUT, now, text=reply.text, language=person.language, urgent=reply.urgent)
        line.echoes = personal  # type: ignore[misc]
        return line

    def _queue(
        self,
        session: Session,
        person: Person | None,
        incoming: Incoming,
        line: Message | None,
        reply: Reply,
        now: datetime,
    ) -> None:
        """One reply: a row of the outbox, beside its line of the transcript."""
        outbox.queue(
            session,
            incoming.channel,
            incoming.key,
            reply,
            now,
            URGENT if reply.urgent else NORMAL,
            person_id=person.id if person else None,
            message=line,
            update_id=incoming.update_id,
        )


def words_of(event: Event) -> str:
    """The words in an event that the NLU should read; a label or a plain word means one thing without it."""
    match event:
        case TextEvent(text=text):
            return "" if keyboard_meaning(text) else text.strip()
        case CommandEvent(name=name, args=args):
            return said_with(name, args)
        case MediaEvent(caption=caption):
            return caption.strip()
        case PictureEvent(text=text):
            return text.strip()
    return ""


def kind_of(event: Event) -> str:
    """What kind of message an event is, for the transcript."""
    match event:
        case TextEvent(edited=True):
            return "edited"
        case TextEvent():
            return "text"
        case ButtonEvent():
            return "button"
        case CommandEvent():
            return "command"
        case LocationEvent():
            return "location"
        case MediaEvent(kind=kind):
            return kind
        case PictureEvent():
            return "photo"


def shown_text(event: Event) -> str:
    """What the transcript shows of an event."""
    match event:
        case TextEvent(text=text):
            return text
        case ButtonEvent(data=data):
            return data
        case CommandEvent(name=name, args=args):
            return f"/{name} {args}".strip()
        case MediaEvent(caption=caption) | PictureEvent(caption=caption):
            return caption
        case LocationEvent(latitude=latitude, longitude=longitude):
            return f"{latitude:.5f}, {longitude:.5f}"


def _understood(parse: Parse | None, decision: Decision) -> dict[str, Any]:
    """Columns of the message: what the model said and what the dialogue did."""
    columns: dict[str, Any] = {
        "urgent": decision.urgent,
        "danger_check": decision.danger_check,
        "action": decision.action,
        "language": decision.state.language,
        "form": parse.form if parse else None,
        "intent": decision.topic,
    }
    if parse is not None and parse.best is not None:
        columns |= {
            "intent": decision.topic if decision.urgent else parse.best.intent,
            "confidence": parse.best.confidence,
            "alternatives": [[r.intent, round(r.confidence, 4)] for r in parse.ranking[:5]],
        }
    return columns
