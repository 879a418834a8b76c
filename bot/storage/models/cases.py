"""Chats that wait for, or are with, a human being."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.models.base import ONCE, Base, BigId
from bot.storage.vault import SealedText


class CaseState(StrEnum):
    """A person asked for a human being, or was in danger."""

    OPEN = "open"
    CLAIMED = "claimed"
    CLOSED = "closed"


class Case(Base):
    """A chat that waits for, or is with, a human being."""

    __tablename__ = "case_file"
    __table_args__ = (Index("ix_case_queue", "state", "urgent", "opened_at"), ONCE)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    topic: Mapped[str | None] = mapped_column(String(40))
    urgent: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(12), default=CaseState.OPEN)
    opened_at: Mapped[datetime] = mapped_column(index=True)
    claimed_by: Mapped[str | None] = mapped_column(String(64))
    claimed_at: Mapped[datetime | None]
    first_reply_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    alerted_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(24), index=True)
    referred_to: Mapped[str | None] = mapped_column(String(120))
    referral_consent: Mapped[bool | None]
    referred_at: Mapped[datetime | None]
    follow_up_on: Mapped[date | None] = mapped_column(Date, index=True)


class CaseHold(Base):
    """A case that is kept longer than others, for a reason and until a day that somebody named."""

    __tablename__ = "case_hold"

    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id", ondelete="CASCADE"), primary_key=True)
    reason: Mapped[str] = mapped_column(String(300))
    by: Mapped[str] = mapped_column(String(40))
    until: Mapped[date] = mapped_column(Date)
    created_at: Mapped[datetime]


class CaseNote(Base):
    """What staff write to each other about a case; the person never sees it."""

    __tablename__ = "case_note"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id", ondelete="CASCADE"), index=True)
    staff_name: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(SealedText)
    created_at: Mapped[datetime]


class CaseTag(Base):
    """A word that staff put on a case."""

    __tablename__ = "case_tag"

    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(40), primary_key=True, index=True)
