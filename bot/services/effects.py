"""What a decision does beside answering: cases, feedback, hiding, forgetting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.dialogue.types import (
    Arrive,
    CloseCase,
    Decision,
    ForgetPerson,
    GiveFeedback,
    HideChat,
    KeepAlerts,
    NoteForStaff,
    OpenCase,
)
from bot.services import alert_queue, erasure, hiding
from bot.storage.models import Arrival, Case, CaseNote, CaseState, Feedback, Person, Subscription

SOURCE_CHARS = 40


@dataclass(frozen=True)
class Applied:
    """What is left afterwards."""

    person_kept: bool = True


def apply(session: Session, person: Person, decision: Decision, now: datetime) -> Applied:
    """Carry out the effects of a decision inside the transaction."""
    kept = True
    for effect in decision.effects:
        match effect:
            case OpenCase(topic=topic, urgent=urgent):
                _open_case(session, person, topic, urgent, now)
            case CloseCase():
                _close_cases(session, person, now)
            case GiveFeedback(topic=topic, useful=useful):
                _feedback(session, person, topic, useful, now)
            case HideChat():
                hiding.hide(session, person, now, forgotten=ForgetPerson() in decision.effects)
            case NoteForStaff(text=text):
                _note(session, person, text, now)
            case Arrive(source=source):
                _arrive(session, person, source, now)
            case KeepAlerts(wanted=wanted):
                _keep_alerts(session, person, wanted, now)
            case ForgetPerson():
                erasure.erase(session, person, "the person", now)
                kept = False
            # AnswerLater: the message's action says it; see services/later.py
    return Applied(kept)


def _open_case(session: Session, person: Person, topic: str | None, urgent: bool, now: datetime) -> None:
    case = session.scalar(select(Case).where(Case.person_id == person.id, Case.state != CaseState.CLOSED))
    if case is None:
        session.add(Case(person_id=person.id, topic=topic, urgent=urgent, opened_at=now, state=CaseState.OPEN))
        return
    if urgent and not case.urgent:
        case.urgent, case.topic = True, topic


def _close_cases(session: Session, person: Person, now: datetime) -> None:
    for case in session.scalars(select(Case).where(Case.person_id == person.id, Case.state != CaseState.CLOSED)):
        case.state, case.closed_at = CaseState.CLOSED, now


def _feedback(session: Session, person: Person, topic: str, useful: bool, now: datetime) -> None:
    row = session.scalar(select(Feedback).where(Feedback.person_id == person.id, Feedback.topic == topic))
    if row is None:
        row = Feedback(person_id=person.id, topic=topic, created_at=now)
        session.add(row)
    row.useful, row.language = useful, person.language or "lo"


def _arrive(session: Session, person: Person, source: str, now: datetime) -> None:
    """Count a person once a source, however often they scan the poster."""
    source = source[:SOURCE_CHARS]
    known = select(Arrival.id).where(Arrival.person_id == person.id, Arrival.source == source)
    if session.scalar(known) is None:
        session.add(Arrival(person_id=person.id, source=source, created_at=now))


def _keep_alerts(session: Session, person: Person, wanted: tuple[tuple[str, str], ...], now: datetime) -> None:
    """Set semantics: a tap that comes twice, or a row from an older version, changes nothing in the end."""
    kept = set()
    for row in session.scalars(select(Subscription).where(Subscription.person_id == person.id)):
        if (row.topic, row.destination) in wanted:
            kept.add((row.topic, row.destination))
        else:
            session.delete(row)
    for topic, destination in wanted:
        if (topic, destination) not in kept:
            session.add(Subscription(person_id=person.id, topic=topic, destination=destination, created_at=now))
    if not wanted:
        alert_queue.withdraw(session, person.id)


def _note(session: Session, person: Person, text: str, now: datetime) -> None:
    """At the open case; without one nobody of the staff is concerned yet."""
    session.flush()
    case = session.scalar(select(Case.id).where(Case.person_id == person.id, Case.state != CaseState.CLOSED))
    if case is not None:
        session.add(CaseNote(case_id=case, staff_name="bot", text=text, created_at=now))
