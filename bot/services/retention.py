"""What goes by age, by kind of record, and the proof that it went. A hold keeps a case for a named reason."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, delete, func, select
from sqlalchemy.orm import Session

from bot.services import audit, audit_chain, erasure, inbox, outbox
from bot.services.questions import EDITOR
from bot.settings import Settings
from bot.storage.models import (
    AuditEntry,
    Case,
    CaseHold,
    CaseState,
    Conversation,
    Erasure,
    Feedback,
    InboxState,
    InboxUpdate,
    Message,
    OutboxMessage,
    Person,
    Purge,
    QuestionState,
    Subscription,
    TrainingQuestion,
)

NEWS_WITHOUT_A_WORD = timedelta(days=365)
"""So long news is sent to somebody who writes nothing; the chat says so."""


def hold(session: Session, case: Case, reason: str, by: str, days: int, now: datetime) -> None:
    """Keep a case, with its person and their messages, until a day."""
    until = (now + timedelta(days=days)).date()
    session.merge(CaseHold(case_id=case.id, reason=reason[:300], by=by[:40], until=until, created_at=now))


def purge(session: Session, settings: Settings, now: datetime) -> dict[str, int]:
    """Delete what is too old; writes a proof for each kind of which something went. Returns rows by kind."""
    messages = now - timedelta(days=settings.keep_messages_days)
    closed = now - timedelta(days=settings.keep_cases_days)
    audited = now - timedelta(days=settings.keep_audit_days)
    taken, sent = now - timedelta(hours=settings.keep_inbox_hours), now - timedelta(hours=settings.keep_outbox_hours)
    kept = _kept(now)
    went: dict[str, tuple[int, datetime, str]] = {}

    def delete_old(kind: str, before: datetime, table: Any, *conditions: Any, detail: str = "") -> None:
        went[kind] = (_delete(session, table, *conditions), before, detail)

    old_case = (Case.state == CaseState.CLOSED, Case.closed_at < closed, Case.person_id.not_in(kept))
    delete_old("case", closed, Case, *old_case)
    delete_old("message", messages, Message, Message.created_at < messages, Message.person_id.not_in(kept))
    delete_old("feedback", messages, Feedback, Feedback.created_at < messages, Feedback.person_id.not_in(kept))
    undecided = (TrainingQuestion.state != QuestionState.ACCEPTED, TrainingQuestion.source != EDITOR)
    delete_old("question", messages, TrainingQuestion, *undecided, TrainingQuestion.created_at < messages)
    empty = Conversation.id.not_in(select(Message.conversation_id))
    delete_old("conversation", messages, Conversation, Conversation.last_message_at < messages, empty)
    went["person"] = (_idle_people(session, messages, kept, now), messages, "")
    went["inbox"] = (inbox.forget_old(session, "telegram", taken), taken, "")
    broken = (InboxUpdate.state == InboxState.QUARANTINED, InboxUpdate.done_at < messages)
    delete_old("quarantine", messages, InboxUpdate, *broken)
    finished = (OutboxMessage.state.not_in(outbox.OPEN), OutboxMessage.created_at < sent)
    delete_old("outbox", sent, OutboxMessage, *finished)
    detail, old_entries = _old_audit(session, audited)
    delete_old("audit", audited, AuditEntry, old_entries, detail=detail)
    if went["audit"][0]:
        audit.note(session, "(retention)", audit_chain.PURGE, now, object="audit", reason=detail)
    for kind, (rows, before, detail) in went.items():
        if rows:
            session.add(Purge(at=now, kind=kind, rows=rows, older_than=before, detail=detail))
    if any(rows for rows, _, _ in went.values()):
        session.merge(Erasure(key_id=f"purge {now:%Y%m%dT%H%M%S}", at=now, by="purge"))  # storage/scrub.py cleans up
    return {kind: rows for kind, (rows, _, _) in went.items()}


def _old_audit(session: Session, before: datetime) -> tuple[str, Any]:
    """What `bot audit verify` begins at, and which entries go: all before the first that stays."""
    first = session.scalar(select(func.min(AuditEntry.id)).where(AuditEntry.at >= before))
    old = AuditEntry.id < first if first is not None else AuditEntry.at < before
    last = session.execute(select(AuditEntry.id, AuditEntry.hash).where(old).order_by(AuditEntry.id.desc())).first()
    return f"last {last.id} {last.hash}" if last else "", old


def _idle_people(session: Session, before: datetime, kept: Any, now: datetime) -> int:
    """Erase everybody who wrote nothing for so long and of whom no case is left.

    Who asked for news is kept to be told of it (seldom, so they may be silent for long), for a year.
    """
    waits = Person.id.in_(select(Subscription.person_id)) & Person.blocked_at.is_(None)
    idle = (
        Person.last_seen_at < before,
        ~waits | (Person.last_seen_at < now - NEWS_WITHOUT_A_WORD),
        Person.id.not_in(select(Case.person_id)),
        Person.id.not_in(kept),
    )
    people = session.scalars(select(Person).where(*idle)).all()
    for person in people:
        erasure.erase(session, person, "age", now)
    return len(people)


def _kept(now: datetime) -> Any:
    """Persons of whom a case is open, held for a reason, or to be followed up on a day that has not come."""
    held = select(CaseHold.case_id).where(CaseHold.until >= now.date())
    waits = Case.follow_up_on >= now.date()
    return select(Case.person_id).where((Case.state != CaseState.CLOSED) | Case.id.in_(held) | waits)


def _delete(session: Session, table: Any, *conditions: Any) -> int:
    result = session.execute(delete(table).where(*conditions).execution_options(synchronize_session=False))
    return result.rowcount if isinstance(result, CursorResult) else 0
