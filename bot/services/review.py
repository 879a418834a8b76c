"""Review: people confirm or correct what the model understood; two of them where that is set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Case, ColumnElement, Select, case, exists, func, literal, select
from sqlalchemy.orm import Session

from bot.dialogue.types import Action
from bot.i18n import N_
from bot.services import questions
from bot.services.errors import DeskError
from bot.services.said import said
from bot.services.search import FROM_PEOPLE, behind, done
from bot.services.staff import Member
from bot.storage.models import Correction, Direction, Feedback, Message, Person, Verdict

UNSURE_BELOW = 0.6
OUT_OF_SCOPE = "out_of_scope"
UNKNOWN_TOPIC = N_("There is no such topic.")
SAMPLE_OF_HUNDRED = 1
_PRIME, _TWICE, _SAMPLE = 1_000_003, 7_919, 104_729
"""A number of a message times one prime, modulo another, says into which hundredth it falls: the same one for ever."""


class Pile(StrEnum):
    """Which messages are offered for review."""

    UNSURE = "unsure"
    NOT_UNDERSTOOD = "not_understood"
    NEGATIVE = "negative"
    URGENT = "urgent"
    SAMPLE = "sample"
    ALL = "all"


@dataclass(frozen=True)
class Twice:
    """How many of a hundred messages two people review, by pile; "" stands for every other pile."""

    shares: Mapping[str, int]

    @classmethod
    def read(cls, setting: str) -> Twice:
        """From the setting REVIEW_TWICE, "10" or "10 urgent=100"."""
        parts = [part.rpartition("=") for part in setting.split()]
        return cls({name: int(share) for name, _, share in parts})

    def of(self, pile: Pile) -> int:
        """The share of a pile."""
        return self.shares.get(pile, self.shares.get("", 0))


@dataclass(frozen=True)
class ToReview:
    """A message, who wrote it, and what this reviewer said before."""

    message: Message
    pseudonym: str
    mine: Correction | None


def next_one(session: Session, pile: Pile, staff_id: int, twice: int, before: int | None = None) -> int | None:
    """The newest message of a pile that this reviewer has not seen and that needs somebody; `before` goes on behind.

    `twice`: of how many in a hundred two people are asked.
    """
    query = _reviewable().where(
        *_of(pile),
        ~exists().where(Correction.message_id == Message.id, Correction.staff_id == staff_id),
        _times_reviewed() < _needed(twice),
    )
    if before and (at := session.scalar(select(Message.created_at).where(Message.id == before))):
        query = query.where(behind(Message.created_at, Message.id, (at, before)))
    return session.scalar(query.order_by(Message.created_at.desc(), Message.id.desc()).limit(1))


def _reviewable() -> Select[int]:
    return select(Message.id).where(FROM_PEOPLE, Message.kind == "text", Message.intent.is_not(None))


def _of(pile: Pile) -> list[ColumnElement[bool]]:
    match pile:
        case Pile.UNSURE:
            return [Message.confidence < UNSURE_BELOW]
        case Pile.NOT_UNDERSTOOD:
            return [done().in_((Action.NOT_UNDERSTOOD, Action.OUT_OF_SCOPE, Action.OFFER))]
        case Pile.NEGATIVE:
            return [
                exists().where(
                    Feedback.person_id == Message.person_id,
                    Feedback.topic == Message.intent,
                    ~Feedback.useful,
                    Feedback.created_at >= Message.created_at,
                )
            ]
        case Pile.URGENT:
            return [Message.urgent.is_(True)]
        case Pile.SAMPLE:
            return [_hundredth(_SAMPLE) < SAMPLE_OF_HUNDRED]
        case Pile.ALL:
            return []


def _hundredth(times: int) -> ColumnElement[int]:
    return (Message.id * times) % _PRIME % 100


def _needed(twice: int) -> Case[int]:
    return case((_hundredth(_TWICE) < twice, 2), else_=1)


def _times_reviewed() -> ColumnElement[int]:
    count = select(func.count()).select_from(Correction).where(Correction.message_id == Message.id)
    return count.correlate(Message).scalar_subquery()


def one(session: Session, message_id: int, staff_id: int) -> ToReview | None:
    """A message that somebody wrote to us, or None."""
    row = session.execute(
        select(Message, Person.pseudonym)
        .join(Person, Person.id == Message.person_id)
        .where(Message.id == message_id, Message.direction == Direction.IN)
    ).one_or_none()
    if row is None:
        return None
    return ToReview(row[0], row[1], _mine(session, message_id, staff_id, settles=False))


def judge(
    session: Session, found: ToReview, who: Member, intent: str, topics: set[str], twice: int, now: datetime
) -> None:
    """Write a verdict down; a second one of the same reviewer takes the first one's place. Raises DeskError.

    When all who were to be asked say the same, the question becomes a candidate for training.
    """
    _write(session, found.message, who.id, intent, topics, now, settles=False)
    _learn(session, found.message, twice, who.name, now)


def settle(session: Session, found: ToReview, who: Member, intent: str, topics: set[str], now: datetime) -> None:
    """A supervisor's last word on a message about which reviewers disagree. Raises DeskError."""
    _write(session, found.message, who.id, intent, topics, now, settles=True)
    _learn(session, found.message, 0, who.name, now)


def topic_named(text: str, titles: Mapping[str, tuple[str, ...]], topics: set[str]) -> str:
    """The topic that was typed: its id, its title in any language, or the only one with that in its title.

    Raises DeskError.
    """
    typed = " ".join(text.split()).casefold()
    if typed in topics:
        return typed
    names = {topic: {name.casefold() for name in (topic, *given)} for topic, given in titles.items()}
    exact = [topic for topic, given in names.items() if typed in given]
    near = exact or [topic for topic, given in names.items() if typed and any(typed in name for name in given)]
    if len(near) != 1:
        raise DeskError(UNKNOWN_TOPIC)
    return near[0]


def _write(
    session: Session, message: Message, staff_id: int, intent: str, topics: set[str], now: datetime, *, settles: bool
) -> None:
    verdict, right = _verdict(message, intent, topics)
    row = _mine(session, message.id, staff_id, settles=settles)
    if row is None:
        row = Correction(message_id=message.id, staff_id=staff_id, intent_before=message.intent, settles=settles)
        session.add(row)
    row.verdict, row.intent, row.created_at = verdict, right, now
    session.flush()


def _verdict(message: Message, intent: str, topics: set[str]) -> tuple[Verdict, str | None]:
    if intent == OUT_OF_SCOPE and message.intent != OUT_OF_SCOPE:
        return Verdict.OUT_OF_SCOPE, None
    if intent and intent == message.intent:
        return Verdict.CONFIRMED, intent
    if intent not in topics:
        raise DeskError(UNKNOWN_TOPIC)
    return Verdict.CORRECTED, intent


def _learn(session: Session, message: Message, twice: int, by: str, now: datetime) -> None:
    """What is agreed and differs from the model becomes a candidate; what is not, or not any more, is taken back."""
    rows = session.scalars(select(Correction).where(Correction.message_id == message.id)).all()
    last = [row for row in rows if row.settles]
    counted = last or rows
    labels = {row.intent or OUT_OF_SCOPE for row in counted}
    needed = 1 if last or (message.id * _TWICE) % _PRIME % 100 >= twice else 2
    if len(counted) >= needed and len(labels) == 1 and labels != {message.intent}:
        questions.propose(session, said(message), labels.pop(), by, now, message.id)
    else:
        questions.withdraw(session, said(message))


def _mine(session: Session, message_id: int, staff_id: int, *, settles: bool) -> Correction | None:
    return session.scalar(
        select(Correction).where(
            Correction.message_id == message_id, Correction.staff_id == staff_id, Correction.settles == literal(settles)
        )
    )
