"""Sessions of the console: kept on the server, so that ending one ends it. A cookie is a random key, stored as hash."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.services.staff import Member
from bot.storage.models import Role, Staff, StaffSession

IDLE, LONGEST, HALF_WAY = timedelta(minutes=20), timedelta(hours=12), timedelta(minutes=10)
"""Without a click; in all; between the password and the second factor."""
TOUCH_EVERY = timedelta(seconds=30)


@dataclass(frozen=True)
class Found:
    """A living session. `full` False: the second factor is missing still."""

    member: Member
    full: bool
    stale: bool
    """It is time to write down that somebody was here."""


def start(session: Session, staff_id: int, now: datetime, *, full: bool) -> str:
    """A new session; returns the value of its cookie."""
    cookie = secrets.token_urlsafe(32)
    session.execute(delete(StaffSession).where(StaffSession.created_at < now - LONGEST))
    session.add(StaffSession(key=_key(cookie), staff_id=staff_id, full=full, created_at=now, last_seen_at=now))
    session.flush()
    return cookie


def find(session: Session, cookie: str, now: datetime) -> Found | None:
    """The session of a cookie, unless it has ended or its account was shut."""
    row = session.execute(
        select(StaffSession, Staff)
        .join(Staff, Staff.id == StaffSession.staff_id)
        .where(StaffSession.key == _key(cookie))
    ).one_or_none()
    if row is None:
        return None
    held, staff = row
    longest, idle = (LONGEST, IDLE) if held.full else (HALF_WAY, HALF_WAY)
    if staff.disabled_at or now - held.created_at > longest or now - held.last_seen_at > idle:
        return None
    if held.full and staff.totp_confirmed_at is None:
        return None
    member = Member(staff.id, staff.name, Role(staff.role), staff.totp_confirmed_at is not None)
    return Found(member, held.full, now - held.last_seen_at > TOUCH_EVERY)


def touch(session: Session, cookie: str, now: datetime) -> None:
    """Somebody clicked."""
    row = session.get(StaffSession, _key(cookie))
    if row is not None:
        row.last_seen_at = now


def end(session: Session, cookie: str) -> None:
    """Sign out."""
    session.execute(delete(StaffSession).where(StaffSession.key == _key(cookie)))


def _key(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()
