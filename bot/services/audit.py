"""The audit: who signed in, read, revealed and changed what. It never holds what a person wrote."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage.models import AuditEntry

READ_AGAIN = timedelta(minutes=10)
"""A page that refreshes itself is one reading, written down again after this long."""
PAGE = 100


def note(session: Session, staff_name: str, action: str, now: datetime, *, object: str = "", reason: str = "") -> None:
    """Write an entry."""
    session.add(
        AuditEntry(at=now, staff_name=staff_name[:40], action=action, object=object[:40], reason=reason.strip()[:300])
    )


def reading_is_new(session: Session, staff_name: str, object: str, now: datetime) -> bool:
    """False when it was written down a moment ago that they read this."""
    recent = select(AuditEntry.id).where(
        AuditEntry.staff_name == staff_name,
        AuditEntry.action == "read",
        AuditEntry.object == object,
        AuditEntry.at > now - READ_AGAIN,
    )
    return session.scalar(recent.limit(1)) is None


def newest(session: Session, before: int | None = None) -> list[AuditEntry]:
    """A page of entries, newest first."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(PAGE)
    return list(session.scalars(query.where(AuditEntry.id < before) if before else query))
