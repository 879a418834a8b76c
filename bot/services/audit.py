"""The audit: who signed in, read, revealed and changed what. It never holds what a person wrote.

Entries are chained: the hash of each is made with a key of the database over the entry and the hash before it. They are
written at the end of their transaction, one transaction after the other, so that the order of ids is that of the chain.
The newest hash, the head, goes to the log, and to a file outside of the database; see audit_chain.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.masking import mask
from bot.services import audit_chain
from bot.storage.models import AuditEntry, Case, CaseNote, Conversation, Message

READ_AGAIN = timedelta(minutes=10)
"""A page that refreshes itself is one reading, written down again after this long."""
PAGE = 100
SHORTEST_REASON = 5
LATELY = timedelta(days=7)
MOST_NAMES = 5000
KINDS: dict[str, tuple[str, ...]] = {
    "reading": ("read", "reveal", "break_glass", "search", "export"),
    "emergency": ("break_glass",),
    "signing_in": ("sign_in", "sign_out", "sign_in_failed", "code_failed", "sign_in_slowed", "refused", "enrolled"),
    "accounts": ("account_added", "account_reset", "account_closed", "native_added", "native_removed"),
}
"""What the audit can be narrowed to."""


def note(session: Session, staff_name: str, action: str, now: datetime, *, object: str = "", reason: str = "") -> None:
    """Write an entry when the session commits; after a rollback there is none."""
    reason = reason.strip()[:300]
    entry = AuditEntry(at=now, staff_name=staff_name[:40], action=action, object=object[:40], reason=reason)
    session.info.setdefault(audit_chain.WAITING, []).append(entry)


def typed(reason: str) -> str:
    """A reason that somebody typed, without numbers and names as far as masking sees them: it outlives an erasure."""
    return mask(reason.strip())


def note_seldom(session: Session, action: str, now: datetime, *, object: str = "") -> None:
    """Write an entry of nobody's, unless there is such a one of a moment ago: guessing must not fill the audit."""
    if _is_new(session, "", action, object, now):
        note(session, "", action, now, object=object)


def reading_is_new(session: Session, staff_name: str, object: str, now: datetime) -> bool:
    """False when it was written down a moment ago that they read this."""
    return _is_new(session, staff_name, "read", object, now)


def _is_new(session: Session, staff_name: str, action: str, object: str, now: datetime) -> bool:
    recent = select(AuditEntry.id).where(
        AuditEntry.staff_name == staff_name,
        AuditEntry.action == action,
        AuditEntry.object == object,
        AuditEntry.at > now - READ_AGAIN,
    )
    return session.scalar(recent.limit(1)) is None


@dataclass(frozen=True)
class Wanted:
    """Which entries; empty parts leave all in."""

    who: str = ""
    actions: tuple[str, ...] = ()
    objects: tuple[str, ...] | None = None


EVERYTHING = Wanted()


def newest(session: Session, before: int | None = None, wanted: Wanted = EVERYTHING) -> list[AuditEntry]:
    """A page of entries, newest first."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(PAGE)
    if before:
        query = query.where(AuditEntry.id < before)
    if wanted.who:
        query = query.where(AuditEntry.staff_name == wanted.who)
    if wanted.actions:
        query = query.where(AuditEntry.action.in_(wanted.actions))
    if wanted.objects is not None:
        query = query.where(AuditEntry.object.in_(wanted.objects))
    return list(session.scalars(query))


def about_case(session: Session, number: int) -> tuple[str, ...]:
    """The names under which the audit knows a case, its notes, and the talks and messages of its person."""
    person = session.scalar(select(Case.person_id).where(Case.id == number))
    names = [f"case {number}"]
    for kind, column, where in (
        ("note", CaseNote.id, CaseNote.case_id == number),
        ("conversation", Conversation.id, Conversation.person_id == person),
        ("message", Message.id, Message.person_id == person),
    ):
        names += [f"{kind} {found}" for found in session.scalars(select(column).where(where).limit(MOST_NAMES))]
    return tuple(names)


def count_since(session: Session, action: str, since: datetime) -> int:
    """How many entries of that kind there are since a moment."""
    query = select(func.count()).where(AuditEntry.action == action, AuditEntry.at > since)
    return session.scalar(query) or 0
