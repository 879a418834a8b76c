"""The counsellors' desk: cases as the console shows and changes them, on top of services/cases.py.

Changes lock the case first, so that of two counsellors who claim at once exactly one gets it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.i18n import N_
from bot.services import cases
from bot.storage.models import (
    Case,
    CaseState,
    Conversation,
    Correction,
    Message,
    OutboxMessage,
    Person,
    Staff,
)

LONGEST_REPLY = 3500
SHOWN = 200
TAKEN = N_("{name} has this case. Nothing was sent.")
CLOSED = N_("This case is closed already.")
NOT_YOURS = N_("You do not have this case.")
EMPTY = N_("The reply is empty.")
TOO_LONG = N_("The reply is longer than {count} characters. Please split it.")
BLOCKED = N_("This person has blocked the bot; nothing can be sent.")


class DeskError(Exception):
    """What was asked cannot be done now. `message` is a sentence of the catalogue with its placeholders."""

    def __init__(self, message: str, **placeholders: object) -> None:
        super().__init__(message)
        self.message, self.placeholders = message, placeholders


class MissingError(Exception):
    """There is no such case."""


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
    return [Line(m, delivery.get(m.id), tuple(said.get(m.id, ()))) for m in messages]


def waiting(session: Session) -> tuple[int, int]:
    """How many cases nobody has, and how many of them are urgent."""
    total = session.scalar(select(func.count()).select_from(Case).where(Case.state == CaseState.OPEN)) or 0
    return total, cases.urgent_open(session)


def claim(session: Session, case_id: int, staff: str, now: datetime) -> None:
    """Take a case. Raises DeskError when somebody else has it, or it is closed."""
    _free_for(_locked(session, case_id), staff)
    cases.claim(session, case_id, staff, now)


def release(session: Session, case_id: int, staff: str) -> None:
    """Give a case back. Raises DeskError."""
    case = _locked(session, case_id)
    _free_for(case, staff)
    if case.claimed_by is None:
        raise DeskError(NOT_YOURS)
    cases.release(session, case_id, staff)


def reply(session: Session, case_id: int, staff: str, text: str, now: datetime) -> None:
    """Queue a reply to the person. Raises DeskError."""
    case = _locked(session, case_id)
    _free_for(case, staff)
    if not text.strip():
        raise DeskError(EMPTY)
    if len(text) > LONGEST_REPLY:
        raise DeskError(TOO_LONG, count=LONGEST_REPLY)
    if session.get_one(Person, case.person_id).blocked_at is not None:
        raise DeskError(BLOCKED)
    cases.reply(session, case_id, staff, text, now)


def close(session: Session, case_id: int, staff: str, now: datetime) -> None:
    """End the talk. Raises DeskError."""
    _free_for(_locked(session, case_id), staff)
    cases.close(session, case_id, staff, now)


def _locked(session: Session, case_id: int) -> Case:
    case = session.scalar(select(Case).where(Case.id == case_id).with_for_update())
    if case is None:
        raise MissingError(str(case_id))
    return case


def _free_for(case: Case, staff: str) -> None:
    if case.state == CaseState.CLOSED:
        raise DeskError(CLOSED)
    if case.claimed_by not in (None, staff):
        raise DeskError(TAKEN, name=case.claimed_by)


def message(session: Session, message_id: int) -> tuple[Message, str] | None:
    """A message and the pseudonym of its person, or None."""
    row = session.execute(
        select(Message, Person.pseudonym).join(Person, Person.id == Message.person_id).where(Message.id == message_id)
    ).one_or_none()
    return (row[0], row[1]) if row else None
