"""The editors' desk: versions, drafts, checks and recordings of the content."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.models.base import Base, BigId


class DraftState(StrEnum):
    """The life of a change of content. `approved` waits for its hour; without one it is published at once."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    PUBLISHED = "published"
    DISCARDED = "discarded"


class ContentVersion(Base):
    """What was published, for ever. The newest of a (kind, key) is what the bot says; a body of None takes it away.

    Without a version the file in content/ counts. `base` is the hash of the file that this came from, for pull and
    push.
    """

    __tablename__ = "content_version"
    __table_args__ = (UniqueConstraint("kind", "key", "number"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(60))
    number: Mapped[int]
    body: Mapped[dict[str, Any] | None]
    base: Mapped[str] = mapped_column(String(64), default="")
    author: Mapped[str] = mapped_column(String(40))
    approved_by: Mapped[str | None] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(String(300), default="")
    published_at: Mapped[datetime] = mapped_column(index=True)
    valid_until: Mapped[datetime | None]


class ContentDraft(Base):
    """A change on its way. When a newer version than `base_version` was published since, it conflicts."""

    __tablename__ = "content_draft"
    __table_args__ = (Index(None, "kind", "key"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(60))
    base_version: Mapped[int] = mapped_column(default=0)
    body: Mapped[dict[str, Any] | None]
    state: Mapped[str] = mapped_column(String(12), default=DraftState.DRAFT, index=True)
    revision: Mapped[int] = mapped_column(default=0)
    """Counts the saves: whoever saves over a newer one is warned."""
    author: Mapped[str] = mapped_column(String(40))
    editors: Mapped[list[Any] | None]
    """Everybody who saved it: none of them can approve it."""
    reviewer: Mapped[str | None] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(String(300), default="")
    publish_from: Mapped[datetime | None]
    publish_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class LanguageCheck(Base):
    """Somebody looked at one language of an answer.

    `native`: a native reviewer approved the text with this hash. `translation`: it was written, or found right, when
    the original had this hash; another original since makes it old. `recording`: it was spoken when the text had this
    hash.
    """

    __tablename__ = "language_check"

    topic: Mapped[str] = mapped_column(String(60), primary_key=True)
    language: Mapped[str] = mapped_column(String(2), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    text_hash: Mapped[str] = mapped_column(String(64))
    staff_name: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]


class NativeReviewer(Base):
    """Somebody of the staff who may approve texts of a language as a native speaker."""

    __tablename__ = "native_reviewer"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(2), primary_key=True)


class LinkCheck(Base):
    """Whether a source could be opened when it was last tried."""

    __tablename__ = "link_check"

    url: Mapped[str] = mapped_column(String(500), primary_key=True)
    alive: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(200), default="")
    checked_at: Mapped[datetime]


class Recording(Base):
    """An answer spoken in one language: OGG with Opus, as Telegram's voice messages are."""

    __tablename__ = "recording"
    __table_args__ = (UniqueConstraint("topic", "language"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    topic: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(2))
    data: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[str] = mapped_column(String(64))
    seconds: Mapped[int]
    uploaded_by: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]
    channel_file_id: Mapped[str | None] = mapped_column(String(200))
    """Telegram's id after the first sending, so that it is uploaded once."""
