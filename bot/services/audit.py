"""The audit: who signed in, read, revealed and changed what. It never holds what a person wrote.

Entries are chained: the hash of each is made with a key of the database over the entry and the hash before it. They are
written at the end of their transaction, one transaction after the other, so that the order of ids is that of the chain.
The newest hash, the head, goes to the log, and to a file outside of the database; see audit_chain.py.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.masking import mask
from bot.services import audit_chain
from bot.storage.models import AuditEntry

READ_AGAIN = timedelta(minutes=10)
"""A page that refreshes itself is one reading, written down again after this long."""
PAGE = 100
SHORTEST_REASON = 5


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


def newest(session: Session, before: int | None = None) -> list[AuditEntry]:
    """A page of entries, newest first."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(PAGE)
    return list(session.scalars(query.where(AuditEntry.id < before) if before else query))
