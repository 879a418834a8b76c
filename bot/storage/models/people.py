"""People who write, what was said, and where an answer stands."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.storage.models.base import ONCE, Base, BigId
from bot.storage.vault import KeyedHash, SealedJson, SealedText

FROM_PEOPLE = text("direction = 'in'")
NOT_USEFUL = text("NOT useful")
"""Conditions of the partial indexes; a query must say them in these words, without a parameter."""


class Direction(StrEnum):
    """Who said a message."""

    IN = "in"
    OUT = "out"
    STAFF = "staff"


class Person(Base):
    """Somebody who writes to us, known to staff by a pseudonym only."""

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("channel", "channel_key"), ONCE)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    pseudonym: Mapped[str] = mapped_column(String(40), unique=True)
    channel: Mapped[str] = mapped_column(String(16))
    channel_key: Mapped[str] = mapped_column(KeyedHash)
    channel_id: Mapped[str | None] = mapped_column(SealedText)
    """The id itself, sealed: only the sender needs it."""
    key_id: Mapped[str | None] = mapped_column(String(32), index=True)
    """The key in `person_key` that seals what the person said."""
    language: Mapped[str | None] = mapped_column(String(2))
    state: Mapped[dict[str, Any]] = mapped_column(SealedJson, default=dict)
    created_at: Mapped[datetime] = mapped_column(index=True)
    last_seen_at: Mapped[datetime]
    blocked_at: Mapped[datetime | None]

    conversations: Mapped[list[Conversation]] = relationship(back_populates="person")


class Conversation(Base):
    """The messages of one person until a long silence."""

    __tablename__ = "conversation"
    __table_args__ = (Index(None, "person_id", "last_message_at"), ONCE)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    started_at: Mapped[datetime]
    last_message_at: Mapped[datetime] = mapped_column(index=True)
    urgent: Mapped[bool] = mapped_column(default=False)

    person: Mapped[Person] = relationship(back_populates="conversations")


class Message(Base):
    """One message of a transcript, with what the bot understood and did."""

    __tablename__ = "message"
    __table_args__ = (
        Index(None, "conversation_id", "id"),
        Index(None, "person_id", "id"),
        # All that lists, review and figures ask about what people wrote, in the order in which they are shown: a rare
        # filter reads this index from end to end instead of the transcripts.
        Index(
            "ix_message_found",
            "created_at",
            "id",
            "conversation_id",
            "person_id",
            "kind",
            "intent",
            "confidence",
            "language",
            "form",
            "action",
            "urgent",
            sqlite_where=FROM_PEOPLE,
            postgresql_where=FROM_PEOPLE,
        ),
        Index("ix_message_topic", "intent", "created_at", "id", sqlite_where=FROM_PEOPLE, postgresql_where=FROM_PEOPLE),
        ONCE,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    direction: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(16), default="text")
    text: Mapped[str] = mapped_column(Text, default="")
    """What staff read and search: personal data are masked in it (bot/storage/sealing.py)."""
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The words themselves, by the person's key."""
    language: Mapped[str | None] = mapped_column(String(2))
    form: Mapped[str | None] = mapped_column(String(12))
    intent: Mapped[str | None] = mapped_column(String(40), index=True)
    confidence: Mapped[float | None]
    alternatives: Mapped[list[Any] | None]
    action: Mapped[str | None] = mapped_column(String(20), index=True)
    urgent: Mapped[bool] = mapped_column(default=False)
    danger_check: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(index=True)
    update_id: Mapped[int | None] = mapped_column(BigId)
    channel_message_id: Mapped[int | None] = mapped_column(BigId)
    file_id: Mapped[str | None] = mapped_column("file_sealed", SealedText)
    echoes: ClassVar[bool] = False
    """Set on an answer that may repeat personal data of the question: then it is masked like one."""


class Feedback(Base):
    """Was this useful? One row a person and answer."""

    __tablename__ = "feedback"
    __table_args__ = (
        Index(
            "ix_feedback_bad", "person_id", "topic", "created_at", sqlite_where=NOT_USEFUL, postgresql_where=NOT_USEFUL
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    topic: Mapped[str] = mapped_column(String(40), index=True)
    language: Mapped[str] = mapped_column(String(2))
    useful: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(index=True)


class Arrival(Base):
    """Somebody came by a deep link: which poster or office sent them, for statistics."""

    __tablename__ = "arrival"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    source: Mapped[str] = mapped_column(String(40), index=True)
    created_at: Mapped[datetime] = mapped_column(index=True)
