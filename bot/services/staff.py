"""Staff: accounts, and the way in: password, second factor, and how often somebody may try.

A try is written down before it is checked, so that many tries at once cannot slip past the limit together.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from threading import BoundedSemaphore

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, or_, select, text, update
from sqlalchemy.orm import Session

from bot.storage.models import Case, CaseState, Role, SignInTry, Staff, StaffSession

HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)
_AT_ONCE = BoundedSemaphore(2)
"""Each check takes 64 MiB: a crowd of tries must not take the machine's memory."""

SHORTEST_PASSWORD, LONGEST_PASSWORD = 14, 128
FIRST_PASSWORD_LASTS = timedelta(hours=72)
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
STEP_SECONDS = 30

A_MINUTE, SLOW_FOR = timedelta(minutes=1), timedelta(minutes=15)
TRIES_A_MINUTE, TRIES_A_MINUTE_ADDRESS = 5, 30
LONGEST_WAIT = 60


class StaffError(Exception):
    """What was asked of an account cannot be done; the text says why."""


class TooManyTriesError(Exception):
    """Wait before trying again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"wait {seconds} s")
        self.seconds = seconds


@dataclass(frozen=True)
class Member:
    """Somebody of the staff, as the console knows them."""

    id: int
    name: str
    role: Role
    enrolled: bool


# ------------------------------------------------------------------ accounts


def add(session: Session, name: str, role: Role, now: datetime) -> str:
    """Make an account; returns its one-time password. Raises StaffError."""
    name = tidy_name(name)
    if not NAME.fullmatch(name):
        raise StaffError("A name is 2 to 40 of: small letters a-z, digits, dot, dash, underscore.")
    if session.scalar(select(Staff.id).where(Staff.name == name)):
        raise StaffError(f"There is somebody called {name} already.")
    password = new_password()
    session.add(
        Staff(
            name=name,
            role=role,
            password_hash=hashed(password),
            password_until=now + FIRST_PASSWORD_LASTS,
            created_at=now,
        )
    )
    return password


def reset(session: Session, name: str, now: datetime) -> str:
    """A new one-time password; password, second factor and sessions of before are void. Raises StaffError."""
    row = _named(session, name)
    password = new_password()
    row.password_hash, row.password_until = hashed(password), now + FIRST_PASSWORD_LASTS
    row.totp_secret = row.totp_confirmed_at = row.totp_last_step = row.disabled_at = None
    end_sessions(session, row.id)
    return password


def change_password(session: Session, staff_id: int, password_hash: str) -> None:
    """Somebody's own new password; all their sessions end."""
    session.get_one(Staff, staff_id).password_hash = password_hash
    end_sessions(session, staff_id)


def change_role(session: Session, name: str, role: Role, *, answers: bool) -> list[int]:
    """Another role; sessions end at once. Who does not answer chats any more (`answers`) gives their cases back.

    Returns the numbers of these. Raises StaffError.
    """
    row = _named(session, name)
    row.role = role
    end_sessions(session, row.id)
    return [] if answers else _give_back(session, row.name)


def disable(session: Session, name: str, now: datetime) -> list[int]:
    """Shut an account, end its sessions at once, give its cases back to the queue; returns these. Raises StaffError."""
    row = _named(session, name)
    row.disabled_at = now
    end_sessions(session, row.id)
    return _give_back(session, row.name)


def everybody(session: Session) -> list[tuple[str, str, bool, bool]]:
    """Each account: name, role, second factor set up, disabled."""
    rows = session.scalars(select(Staff).order_by(Staff.name))
    return [(r.name, r.role, r.totp_confirmed_at is not None, r.disabled_at is not None) for r in rows]


def end_sessions(session: Session, staff_id: int) -> None:
    """Sign somebody out everywhere."""
    session.execute(delete(StaffSession).where(StaffSession.staff_id == staff_id))


def tidy_name(name: str) -> str:
    """A name as it is stored: how it was typed does not matter."""
    return name.strip().casefold()


def new_password() -> str:
    """A one-time password that can be read out: 100 bits in groups."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


def _give_back(session: Session, name: str) -> list[int]:
    """The cases that somebody holds wait in the queue again."""
    held = select(Case).where(Case.claimed_by == name, Case.state == CaseState.CLAIMED).with_for_update()
    cases = list(session.scalars(held.order_by(Case.id)))
    for case in cases:
        case.state, case.claimed_by, case.claimed_at = CaseState.OPEN, None, None
    return [case.id for case in cases]


def _named(session: Session, name: str) -> Staff:
    row = session.scalar(select(Staff).where(Staff.name == tidy_name(name)))
    if row is None:
        raise StaffError(f"There is nobody called {tidy_name(name)}.")
    return row


# ------------------------------------------------------------------ password


def hashed(password: str) -> str:
    """What is stored of a password. Slow on purpose: call it outside of a transaction."""
    with _AT_ONCE:
        return HASHER.hash(password)


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return hashed(secrets.token_urlsafe(16))


def password_of(session: Session, name: str, now: datetime) -> tuple[int | None, str]:
    """Who that is and the hash to check; for nobody a hash that nothing fits, so that the check takes as long."""
    row = session.scalar(select(Staff).where(Staff.name == tidy_name(name)))
    if row is None or row.disabled_at or (row.password_until and row.password_until < now):
        return None, _nobodys_hash()
    return row.id, row.password_hash


def account_of(session: Session, name: str) -> str:
    """An account for the audit, by number: a password is often typed where the name belongs."""
    return f"account {session.scalar(select(Staff.id).where(Staff.name == tidy_name(name))) or '?'}"


def fits(password_hash: str, password: str) -> bool:
    """Check a password. Slow on purpose: call it outside of a transaction."""
    with _AT_ONCE:
        try:
            return HASHER.verify(password_hash, password[:LONGEST_PASSWORD])
        except (VerificationError, InvalidHashError):
            return False


def enrol(session: Session, staff_id: int, password_hash: str, now: datetime) -> None:
    """The first sign-in is complete: own password, confirmed second factor; other sessions end."""
    row = session.get_one(Staff, staff_id)
    row.password_hash, row.password_until, row.totp_confirmed_at = password_hash, None, now
    end_sessions(session, staff_id)


# ------------------------------------------------------------------ second factor


def secret_to_enrol(session: Session, staff_id: int) -> str:
    """The secret that an authenticator app scans, made on first sight; only while it is not confirmed."""
    row = session.get_one(Staff, staff_id)
    if row.totp_confirmed_at:
        raise StaffError("The second factor is set up already.")
    if row.totp_secret is None:
        row.totp_secret = pyotp.random_base32()
    return row.totp_secret


def use_code(session: Session, staff_id: int, code: str, now: datetime) -> bool:
    """True once for a right code of this half minute, the one before or the next; a code counts only once."""
    row = session.get_one(Staff, staff_id)
    if row.totp_secret is None or row.disabled_at:
        return False
    totp, current = pyotp.TOTP(row.totp_secret, interval=STEP_SECONDS), int(now.timestamp()) // STEP_SECONDS
    code, found = re.sub(r"\s", "", code), None
    for step in (current - 1, current, current + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode()):
            found = step
    if found is None:
        return False
    used = update(Staff).where(Staff.id == staff_id, or_(Staff.totp_last_step.is_(None), Staff.totp_last_step < found))
    return bool(session.execute(used.values(totp_last_step=found)).rowcount)  # type: ignore[attr-defined]


# ------------------------------------------------------------------ tries


def begin_try(session: Session, name: str, address: str, now: datetime) -> list[int]:
    """Write a try down before it is checked; returns its rows. Raises TooManyTriesError."""
    account, place = _bucket("account", tidy_name(name)), _bucket("address", address)
    session.execute(delete(SignInTry).where(SignInTry.tried_at < now - SLOW_FOR))
    for bucket in sorted((account, place)):
        if session.get_bind().dialect.name == "postgresql":
            number = int(bucket[:15], 16)
            session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})
    wait = max(_wait(session, account, TRIES_A_MINUTE, now), _wait(session, place, TRIES_A_MINUTE_ADDRESS, now))
    if wait > 0:
        raise TooManyTriesError(wait)
    rows = [SignInTry(bucket=bucket, tried_at=now) for bucket in (account, place)]
    session.add_all(rows)
    session.flush()
    return [row.id for row in rows]


def undo_try(session: Session, rows: list[int]) -> None:
    """The try was right so far: it does not count."""
    session.execute(delete(SignInTry).where(SignInTry.id.in_(rows)))


def forgive(session: Session, name: str) -> None:
    """Somebody is in: earlier tries of that account do not count."""
    session.execute(delete(SignInTry).where(SignInTry.bucket == _bucket("account", tidy_name(name))))


def _bucket(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}:{value}".encode()).hexdigest()


def _wait(session: Session, bucket: str, a_minute: int, now: datetime) -> int:
    """Seconds to wait: so many tries a minute, and after the first minute full of them ever slower."""
    mine = select(func.count(), func.max(SignInTry.tried_at)).where(SignInTry.bucket == bucket)
    total, latest = session.execute(mine).one()
    if not total or latest is None:
        return 0
    recent, first = session.execute(
        select(func.count(), func.min(SignInTry.tried_at)).where(
            SignInTry.bucket == bucket, SignInTry.tried_at > now - A_MINUTE
        )
    ).one()
    full = (first + A_MINUTE - now).total_seconds() if recent >= a_minute else 0
    slow = 0.0
    if total >= a_minute:
        slow = min(LONGEST_WAIT, 5 * 2 ** min(10, total - a_minute)) - (now - latest).total_seconds()
    return max(0, round(max(full, slow) + 0.5)) if max(full, slow) > 0 else 0
