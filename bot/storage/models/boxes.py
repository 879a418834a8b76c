"""The inbox and the outbox: what came and what must go out (docs/decisions/0002)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.storage.models.base import ONCE, Base, BigId
from bot.storage.models.people import Message
from bot.storage.vault import KeyedHash, SealedJson, SealedText

WAITING_IN = text("state = 'new'")
WAITING_OUT = text("state = 'queued'")
"""Conditions of the partial indexes; a query must say them in these words, without a parameter."""


class InboxState(StrEnum):
    """Where an update is on its way."""

    NEW = "new"
    DONE = "done"
    QUARANTINED = "quarantined"


class OutboxState(StrEnum):
    """Where a reply is on its way. `unknown` = sent at most once, and we died before we heard how it went."""

    QUEUED = "queued"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
    BLOCKED = "blocked"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class InboxUpdate(Base):
    """An update as it came, kept until it is done; its id makes it count once."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("channel", "update_id"),
        Index("ix_inbox_open", "state", "priority", "id"),
        Index("ix_inbox_chat", "channel", "chat_key", "state", "id"),
        # Only what is open: finds the head of every chat when one chat has thousands of waiting rows.
        Index("ix_inbox_waiting", "channel", "chat_key", "id", sqlite_where=WAITING_IN, postgresql_where=WAITING_IN),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    update_id: Mapped[int] = mapped_column(BigId)
    chat_key: Mapped[str] = mapped_column(KeyedHash)
    priority: Mapped[int] = mapped_column(default=1)
    payload: Mapped[dict[str, Any] | None] = mapped_column(SealedJson)
    state: Mapped[str] = mapped_column(String(12), default=InboxState.NEW)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(String(500))
    claimed_by: Mapped[str | None] = mapped_column(String(64))
    claimed_until: Mapped[datetime | None]
    received_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class OutboxMessage(Base):
    """A call to the channel that must be made, in the order of its chat."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_open", "state", "priority", "id"),
        Index("ix_outbox_chat", "channel", "chat_key", "state", "id"),
        Index("ix_outbox_waiting", "channel", "chat_key", "id", sqlite_where=WAITING_OUT, postgresql_where=WAITING_OUT),
        ONCE,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    chat_key: Mapped[str] = mapped_column(KeyedHash)
    chat_id: Mapped[str | None] = mapped_column(SealedText)
    """The chat's id, sealed, when the writer knew it; else it is Person.channel_id."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="SET NULL"), index=True)
    update_id: Mapped[int | None] = mapped_column(BigId)
    method: Mapped[str] = mapped_column(String(32))
    payload: Mapped[dict[str, Any]] = mapped_column(SealedJson)
    priority: Mapped[int] = mapped_column(default=1)
    at_most_once: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(12), default=OutboxState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(String(200))
    claimed_by: Mapped[str | None] = mapped_column(String(64))
    claimed_until: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    channel_message_id: Mapped[int | None] = mapped_column(BigId)

    message: Mapped[Message | None] = relationship()
