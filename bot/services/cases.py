"""Cases: chats that wait for, or are with, a human being."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.dialogue.types import Reply, State
from bot.i18n import N_, translator
from bot.services import people
from bot.storage.models import Case, CaseState, Direction, Message, OutboxMessage, Person

ESCALATE_AFTER = timedelta(minutes=10)
"""An urgent case that nobody claimed for so long is announced to the staff again, louder."""


class CaseError(Exception):
    """What was asked of a case cannot be done; the text says why."""


@dataclass(frozen=True)
class OpenCaseRow:
    """A case in the queue, as staff see it."""

    id: int
    pseudonym: str
    topic: str | None
    urgent: bool
    state: str
    opened_at: datetime
    claimed_by: str | None
    language: str | None


def urgent_open(session: Session) -> int:
    """How many urgent cases nobody has claimed."""
    return (
        session.scalar(
            select(func.count()).select_from(Case).where(Case.state == CaseState.OPEN, Case.urgent.is_(True))
        )
        or 0
    )


def queue(session: Session) -> list[OpenCaseRow]:
    """Cases that are not closed: urgent first, then who waits longest."""
    rows = session.execute(
        select(Case, Person)
        .join(Person, Person.id == Case.person_id)
        .where(Case.state != CaseState.CLOSED)
        .order_by(Case.urgent.desc(), Case.opened_at)
    )
    return [
        OpenCaseRow(c.id, p.pseudonym, c.topic, c.urgent, c.state, c.opened_at, c.claimed_by, p.language)
        for c, p in rows
    ]


def transcript(session: Session, case_id: int, limit: int = 100) -> list[Message]:
    """The last messages of the person of a case, oldest first. Raises CaseError."""
    case = _get(session, case_id)
    newest = select(Message).where(Message.person_id == case.person_id).order_by(Message.id.desc()).limit(limit)
    return list(reversed(session.scalars(newest).all()))


def claim(session: Session, case_id: int, staff: str, now: datetime) -> None:
    """Take a case. Raises CaseError when somebody else has it."""
    case = _get(session, case_id)
    if case.claimed_by not in (None, staff):
        raise CaseError(f"{case.claimed_by} has this case since {case.claimed_at:%H:%M}.")
    case.state, case.claimed_by, case.claimed_at = CaseState.CLAIMED, staff, case.claimed_at or now


def release(session: Session, case_id: int, staff: str) -> None:
    """Give a case back to the queue. Raises CaseError when it is not theirs."""
    case = _get(session, case_id)
    if case.claimed_by != staff:
        raise CaseError("You do not have this case.")
    case.state, case.claimed_by, case.claimed_at = CaseState.OPEN, None, None


def reply(session: Session, case_id: int, staff: str, text: str, now: datetime) -> None:
    """Write to the person as a human being; the bot keeps quiet from then on. Raises CaseError."""
    if not text.strip():
        raise CaseError("The reply is empty.")
    claim(session, case_id, staff, now)
    case = _get(session, case_id)
    person = session.get_one(Person, case.person_id)
    if person.blocked_at is not None:
        raise CaseError("This person has blocked the bot; nothing can be sent.")
    case.first_reply_at = case.first_reply_at or now
    person.state = State.from_json(person.state).but(handed_over=True, flow=None).to_json()
    _say(session, person, Reply("👤 " + escape(text.strip(), quote=False), urgent=case.urgent), text.strip(), now)


def close(session: Session, case_id: int, staff: str, now: datetime) -> None:
    """End the talk; the person is told that the bot answers again. Raises CaseError."""
    case = _get(session, case_id)
    if case.state == CaseState.CLOSED:
        raise CaseError("This case is closed already.")
    if case.claimed_by not in (None, staff):
        raise CaseError(f"{case.claimed_by} has this case.")
    case.state, case.closed_at = CaseState.CLOSED, now
    person = session.get_one(Person, case.person_id)
    person.state = State.from_json(person.state).but(handed_over=False).to_json()
    t = translator(person.language or "lo")
    text = t("The counsellor has ended the talk. You are talking with the bot again; /person brings a counsellor back.")
    _say(session, person, Reply(text), text, now)


NEW_URGENT = N_("🆘 New urgent chat: {name}. Open the console.")
STILL_WAITING = N_("🆘🆘 Still waiting for an answer since {minutes} minutes: {name}. Open the console.")


def alert(session: Session, staff_chat: str, channel: str, now: datetime) -> int:
    """Tell the staff group about new urgent cases, and again about those that wait too long; returns how many.

    The message holds the pseudonym only: a group chat is no place for what people wrote.
    """
    t = translator("lo")
    told = 0
    waiting = session.execute(
        select(Case, Person.pseudonym)
        .join(Person, Person.id == Case.person_id)
        .where(Case.state == CaseState.OPEN, Case.urgent.is_(True))
    ).all()
    for case, name in waiting:
        minutes = int((now - case.opened_at).total_seconds() // 60)
        if case.alerted_at is None:
            text, case.alerted_at = t(NEW_URGENT, name=name), now
        elif case.escalated_at is None and now - case.opened_at >= ESCALATE_AFTER:
            text, case.escalated_at = t(STILL_WAITING, minutes=minutes, name=name), now
        else:
            continue
        told += 1
        session.add(
            OutboxMessage(
                channel=channel, chat_key=staff_chat, method="message", payload=Reply(text).to_json(), priority=0,
                created_at=now,
            )
        )  # fmt: skip
    return told


def _get(session: Session, case_id: int) -> Case:
    case = session.get(Case, case_id)
    if case is None:
        raise CaseError(f"There is no case {case_id}.")
    return case


def _say(session: Session, person: Person, message: Reply, shown: str, now: datetime) -> None:
    talk = people.conversation(session, person, now)
    line = people.note(talk, Direction.STAFF, now, text=shown, language=person.language, urgent=message.urgent)
    session.add(
        OutboxMessage(
            channel=person.channel,
            chat_key=person.channel_key,
            person_id=person.id,
            message=line,
            method="message",
            payload=message.to_json(),
            priority=0,
            created_at=now,
        )
    )
