"""Cases: chats that wait for, or are with, a human being. One set of rules for the console and the terminal.

Changes lock the case first, so that of two counsellors who claim at once exactly one gets it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from html import escape

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.dialogue.types import Reply, State
from bot.i18n import N_, translator
from bot.services import outbox, people
from bot.services.errors import DeskError, MissingError
from bot.storage.models import Case, CaseState, CaseTag, Direction, Message, Person

ESCALATE_AFTER = timedelta(minutes=10)
"""An urgent case that nobody claimed for so long is announced to the staff again, louder."""


SOON_LATE = timedelta(minutes=5)
LONGEST_REPLY = 3500
LONGEST_QUEUE = 300
"""Cases on one page; more than that wait for nobody in particular."""
TAKEN = N_("{name} has this case. Nothing was sent.")
CLOSED = N_("This case is closed already.")
NOT_CLOSED = N_("This case is not closed.")
NEWER = N_("This person has a newer case. Please use that one.")
NOT_YOURS = N_("You do not have this case.")
EMPTY = N_("The reply is empty.")
TOO_LONG = N_("The reply is longer than {count} characters. Please split it.")
BLOCKED = N_("This person has blocked the bot; nothing can be sent.")
NO_CASE = N_("There is no case {number}.")


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
    answered: bool
    """A human being has written to them."""
    follow_up_on: date | None
    tags: tuple[str, ...]

    def alarm(self, now: datetime) -> int:
        """How loud an urgent case without a human answer calls: 0 not at all, 1 it waits, 2 late, 3 too late."""
        if not self.urgent or self.answered or self.state == CaseState.CLOSED:
            return 0
        waits = now - self.opened_at
        return 1 + (waits >= SOON_LATE) + (waits >= ESCALATE_AFTER)


@dataclass(frozen=True)
class Wanted:
    """Which cases of the queue somebody wants to see. `due`: those to follow up until that day, closed ones too."""

    mine: str | None = None
    unclaimed: bool = False
    urgent: bool = False
    tag: str | None = None
    due: date | None = None


ALL = Wanted()


def urgent_open(session: Session) -> int:
    """How many urgent cases nobody has claimed."""
    return (
        session.scalar(
            select(func.count()).select_from(Case).where(Case.state == CaseState.OPEN, Case.urgent.is_(True))
        )
        or 0
    )


def queue(session: Session, wanted: Wanted = ALL) -> list[OpenCaseRow]:
    """Cases that are not closed: urgent first, then who waits longest. Follow-ups: by their day."""
    query = select(Case, Person).join(Person, Person.id == Case.person_id)
    if wanted.due is not None:
        query = query.where(Case.follow_up_on <= wanted.due).order_by(Case.follow_up_on, Case.opened_at)
    else:
        query = query.where(Case.state != CaseState.CLOSED).order_by(Case.urgent.desc(), Case.opened_at)
    if wanted.mine is not None:
        query = query.where(Case.claimed_by == wanted.mine)
    if wanted.unclaimed:
        query = query.where(Case.state == CaseState.OPEN)
    if wanted.urgent:
        query = query.where(Case.urgent.is_(True))
    if wanted.tag is not None:
        query = query.where(Case.id.in_(select(CaseTag.case_id).where(CaseTag.tag == wanted.tag)))
    rows = session.execute(query.limit(LONGEST_QUEUE)).all()
    tags: dict[int, list[str]] = {}
    ids = [case.id for case, _ in rows]
    for case_id, tag in session.execute(
        select(CaseTag.case_id, CaseTag.tag).where(CaseTag.case_id.in_(ids)).order_by(CaseTag.tag)
    ):
        tags.setdefault(case_id, []).append(tag)
    return [
        OpenCaseRow(
            c.id, p.pseudonym, c.topic, c.urgent, c.state, c.opened_at, c.claimed_by, p.language,
            c.first_reply_at is not None, c.follow_up_on, tuple(tags.get(c.id, ())),
        )
        for c, p in rows
    ]  # fmt: skip


def follow_ups_due(session: Session, today: date) -> int:
    """How many cases want to be followed up today, or should have been."""
    return session.scalar(select(func.count()).select_from(Case).where(Case.follow_up_on <= today)) or 0


def transcript(session: Session, case_id: int, limit: int = 100) -> list[Message]:
    """The last messages of the person of a case, oldest first. Raises MissingError."""
    case = known(session, case_id)
    newest = select(Message).where(Message.person_id == case.person_id).order_by(Message.id.desc()).limit(limit)
    return list(reversed(session.scalars(newest).all()))


def claim(session: Session, case_id: int, staff: str, now: datetime) -> None:
    """Take a case. Raises DeskError when somebody else has it, or it is closed."""
    _take(free_for(session, case_id, staff), staff, now)


def release(session: Session, case_id: int, staff: str) -> None:
    """Give a case back to the queue. Raises DeskError when it is not theirs, or closed."""
    case = free_for(session, case_id, staff)
    if case.claimed_by is None:
        raise DeskError(NOT_YOURS)
    case.state, case.claimed_by, case.claimed_at = CaseState.OPEN, None, None


def reply(session: Session, case_id: int, staff: str, text: str, now: datetime) -> None:
    """Write to the person as a human being; the bot keeps quiet from then on. Raises DeskError."""
    case = free_for(session, case_id, staff)
    if not text.strip():
        raise DeskError(EMPTY)
    if len(text) > LONGEST_REPLY:
        raise DeskError(TOO_LONG, count=LONGEST_REPLY)
    person = session.get_one(Person, case.person_id)
    if person.blocked_at is not None:
        raise DeskError(BLOCKED)
    _take(case, staff, now)
    case.first_reply_at = case.first_reply_at or now
    person.state = State.from_json(person.state).but(handed_over=True, flow=None).to_json()
    _say(session, person, Reply("👤 " + escape(text.strip(), quote=False), urgent=case.urgent), text.strip(), now)


def close(session: Session, case_id: int, staff: str, now: datetime) -> None:
    """End the talk; the person is told that the bot answers again. Raises DeskError."""
    case = free_for(session, case_id, staff)
    case.state, case.closed_at = CaseState.CLOSED, now
    person = session.get_one(Person, case.person_id)
    person.state = State.from_json(person.state).but(handed_over=False).to_json()
    t = translator(person.language or "lo")
    text = t("The counsellor has ended the talk. You are talking with the bot again; /person brings a counsellor back.")
    _say(session, person, Reply(text), text, now)


def reopen(session: Session, case_id: int, staff: str, now: datetime) -> None:
    """Take a closed case up again, to follow up. Raises DeskError when it is open, or the person has a newer one."""
    case = locked(session, case_id)
    if case.state != CaseState.CLOSED:
        raise DeskError(NOT_CLOSED)
    others = select(Case.id).where(Case.person_id == case.person_id, Case.state != CaseState.CLOSED)
    if session.scalar(others.limit(1)) is not None:
        raise DeskError(NEWER)
    case.state, case.closed_at, case.claimed_by, case.claimed_at = CaseState.CLAIMED, None, staff, now


def known(session: Session, case_id: int) -> Case:
    """The case, to read. Raises MissingError."""
    case = session.get(Case, case_id)
    if case is None:
        raise MissingError(NO_CASE, number=case_id)
    return case


def locked(session: Session, case_id: int) -> Case:
    """The case, held until the transaction ends. Raises MissingError."""
    case = session.scalar(select(Case).where(Case.id == case_id).with_for_update())
    if case is None:
        raise MissingError(NO_CASE, number=case_id)
    return case


def free_for(session: Session, case_id: int, staff: str) -> Case:
    """The case, locked, when `staff` may change it. Raises DeskError when it is closed or somebody else has it."""
    case = locked(session, case_id)
    if case.state == CaseState.CLOSED:
        raise DeskError(CLOSED)
    if case.claimed_by not in (None, staff):
        raise DeskError(TAKEN, name=case.claimed_by)
    return case


def _take(case: Case, staff: str, now: datetime) -> None:
    if case.claimed_by != staff:
        case.claimed_at = now
    case.state, case.claimed_by = CaseState.CLAIMED, staff


NEW_URGENT = N_("🆘 New urgent chat: {name}. Open the console.")
STILL_WAITING = N_("🆘🆘 Still waiting for an answer since {minutes} minutes: {name}. Open the console.")


def alert(session: Session, staff_chat: str, channel: str, now: datetime) -> list[str]:
    """Tell the staff group about new urgent cases, and again about those that wait too long; returns what was told.

    The message holds the pseudonym only: a group chat is no place for what people wrote. Without a `staff_chat` the
    words are only returned, for the command that the settings name.
    """
    t = translator("lo")
    told: list[str] = []
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
        told.append(text)
        if staff_chat:
            outbox.queue(session, channel, staff_chat, Reply(text), now, 0)
    return told


def _say(session: Session, person: Person, message: Reply, shown: str, now: datetime) -> None:
    talk = people.conversation(session, person, now)
    quiet = State.from_json(person.state).quiet
    message = replace(message, silent=message.silent or quiet)
    line = people.note(talk, Direction.STAFF, now, text=shown, language=person.language, urgent=message.urgent)
    outbox.queue(session, person.channel, person.channel_key, message, now, 0, person_id=person.id, message=line)
