"""Staff, their sessions, and what they did, corrected and saved."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.models.base import Base, BigId


class Role(StrEnum):
    """What somebody of the staff is there for; bot/console/roles.py says what that opens."""

    REVIEWER = "reviewer"
    COUNSELLOR = "counsellor"
    EDITOR = "editor"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class Verdict(StrEnum):
    """What a reviewer says about an intent that the model gave."""

    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    OUT_OF_SCOPE = "out_of_scope"


class Staff(Base):
    """An account of the console. The first password is for one use and has an end; the second factor is compulsory."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    password_hash: Mapped[str] = mapped_column(String(200))
    password_until: Mapped[datetime | None]
    totp_secret: Mapped[str | None] = mapped_column(String(64))
    totp_confirmed_at: Mapped[datetime | None]
    totp_last_step: Mapped[int | None] = mapped_column(BigId)
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class StaffSession(Base):
    """A browser that signed in; the key is the hash of its cookie. `full` after the second factor."""

    __tablename__ = "staff_session"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    full: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime] = mapped_column(index=True)


class SignInTry(Base):
    """A try to sign in that did not succeed (yet), counted by account and by address; both are hashes."""

    __tablename__ = "sign_in_try"
    __table_args__ = (Index(None, "bucket", "tried_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    bucket: Mapped[str] = mapped_column(String(64))
    tried_at: Mapped[datetime] = mapped_column(index=True)


class Correction(Base):
    """What one reviewer said about the intent of one message; the newest word of each counts.

    `settles`: a supervisor's last word on two reviewers who disagreed. It stands beside what they said as a reviewer.
    """

    __tablename__ = "correction"
    __table_args__ = (
        UniqueConstraint("message_id", "staff_id", "settles", name="uq_correction_message_id_staff_id_settles"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    verdict: Mapped[str] = mapped_column(String(12))
    intent_before: Mapped[str | None] = mapped_column(String(40))
    intent: Mapped[str | None] = mapped_column(String(40))
    settles: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class Figure(Base):
    """A number about one period, kept when the messages that it was counted from are gone.

    `period` is day, week or month. A period that has been counted has a row (measure "counted").
    """

    __tablename__ = "figure"

    period: Mapped[str] = mapped_column(String(8), primary_key=True)
    start: Mapped[date] = mapped_column(Date, primary_key=True)
    measure: Mapped[str] = mapped_column(String(16), primary_key=True)
    key: Mapped[str] = mapped_column(String(40), primary_key=True, default="")
    value: Mapped[int] = mapped_column(BigInteger)


class AuditEntry(Base):
    """Who did or read what, and when. Never what a person wrote."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "staff_name", "action", "object", "at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    staff_name: Mapped[str] = mapped_column(String(40))
    action: Mapped[str] = mapped_column(String(24))
    object: Mapped[str] = mapped_column(String(40), default="")
    reason: Mapped[str] = mapped_column(String(300), default="")
    hash: Mapped[str] = mapped_column(String(64), default="")
    """Of this entry and the one before: whoever changes an entry must change all that follow."""


class SavedView(Base):
    """A search or list that somebody of the staff wants again: the query string of its page."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("staff_id", "page", "name"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    page: Mapped[str] = mapped_column(String(24))
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[datetime]
