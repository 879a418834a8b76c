"""Review: people confirm or correct what the model understood."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from bot.dialogue.types import Action
from bot.i18n import N_
from bot.services.desk import DeskError
from bot.storage.models import Correction, Direction, Message, Person, Verdict

UNSURE_BELOW = 0.6
UNKNOWN_TOPIC = N_("There is no such topic.")


class Pile(StrEnum):
    """Which messages are offered for review."""

    UNSURE = "unsure"
    NOT_UNDERSTOOD = "not_understood"
    URGENT = "urgent"
    ALL = "all"


@dataclass(frozen=True)
class ToReview:
    """A message, who wrote it, and what this reviewer said before."""

    message: Message
    pseudonym: str
    mine: Correction | None


def next_one(session: Session, pile: Pile, before: int | None = None) -> int | None:
    """The newest message of a pile that nobody has reviewed; `before` goes on behind that one."""
    reviewed = select(Correction.id).where(Correction.message_id == Message.id).exists()
    query = select(Message.id).where(
        Message.direction == Direction.IN, Message.intent.is_not(None), Message.kind == "text", ~reviewed, *_of(pile)
    )
    if before:
        query = query.where(Message.id < before)
    return session.scalar(query.order_by(Message.id.desc()).limit(1))


def _of(pile: Pile) -> list[ColumnElement[bool]]:
    match pile:
        case Pile.UNSURE:
            return [Message.confidence < UNSURE_BELOW]
        case Pile.NOT_UNDERSTOOD:
            return [Message.action.in_((Action.NOT_UNDERSTOOD, Action.OUT_OF_SCOPE, Action.OFFER))]
        case Pile.URGENT:
            return [Message.urgent.is_(True)]
        case Pile.ALL:
            return []


def one(session: Session, message_id: int, staff_id: int) -> ToReview | None:
    """A message that somebody wrote to us, or None."""
    row = session.execute(
        select(Message, Person.pseudonym)
        .join(Person, Person.id == Message.person_id)
        .where(Message.id == message_id, Message.direction == Direction.IN)
    ).one_or_none()
    if row is None:
        return None
    return ToReview(row[0], row[1], _mine(session, message_id, staff_id))


def judge(session: Session, found: ToReview, staff_id: int, intent: str, topics: set[str], now: datetime) -> None:
    """Write a verdict down; a second one of the same reviewer takes the first one's place. Raises DeskError."""
    verdict, right = _verdict(found.message, intent, topics)
    row = _mine(session, found.message.id, staff_id)
    if row is None:
        row = Correction(message_id=found.message.id, staff_id=staff_id, intent_before=found.message.intent)
        session.add(row)
    row.verdict, row.intent, row.created_at = verdict, right, now


def _verdict(message: Message, intent: str, topics: set[str]) -> tuple[Verdict, str | None]:
    if intent == "out_of_scope" and message.intent != "out_of_scope":
        return Verdict.OUT_OF_SCOPE, None
    if intent and intent == message.intent:
        return Verdict.CONFIRMED, intent
    if intent not in topics:
        raise DeskError(UNKNOWN_TOPIC)
    return Verdict.CORRECTED, intent


def _mine(session: Session, message_id: int, staff_id: int) -> Correction | None:
    return session.scalar(
        select(Correction).where(Correction.message_id == message_id, Correction.staff_id == staff_id)
    )
