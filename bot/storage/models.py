"""The tables. People are rows without a name: a pseudonym for staff, a channel key for the sender, nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

from bot.storage.vault import KeyedHash, SealedJson, SealedText

BigId = BigInteger().with_variant(Integer, "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """A time with zone, kept in UTC; SQLite gives it back with its zone too."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone must not be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables; constraints are named by one convention so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012


class Direction(StrEnum):
    """Who said a message."""

    IN = "in"
    OUT = "out"
    STAFF = "staff"


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


WAITING_IN = text("state = 'new'")
WAITING_OUT = text("state = 'queued'")
FROM_PEOPLE = text("direction = 'in'")
NOT_USEFUL = text("NOT useful")
"""Conditions of the partial indexes; a query must say them in these words, without a parameter."""


class CaseState(StrEnum):
    """A person asked for a human being, or was in danger."""

    OPEN = "open"
    CLAIMED = "claimed"
    CLOSED = "closed"


class Person(Base):
    """Somebody who writes to us, known to staff by a pseudonym only."""

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("channel", "channel_key"),)

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
    __table_args__ = (Index(None, "person_id", "last_message_at"),)

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


class SealingKey(Base):
    """A key of this database, wrapped by the master key: `lookup` (one) or `store` (the newest seals)."""

    __tablename__ = "sealing_key"

    id: Mapped[str] = mapped_column(String(8), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(8))
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]


class PersonKey(Base):
    """The key of one person, wrapped. Deleting the row erases the person, in every backup too."""

    __tablename__ = "person_key"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]


class Erasure(Base):
    """The ledger of erased persons: the name of the key that is gone, nothing of the person. A restore applies it."""

    __tablename__ = "erasure"

    key_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    by: Mapped[str] = mapped_column(String(64))
    scrubbed_at: Mapped[datetime | None]
    """When index, write-ahead log and the keyring's copy were clean too."""


class Purge(Base):
    """Proof of what went by age: kind of record, how many, older than what."""

    __tablename__ = "purge"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(16))
    rows: Mapped[int]
    older_than: Mapped[datetime]
    detail: Mapped[str] = mapped_column(String(200), default="")


class CaseHold(Base):
    """A case that is kept longer than others, for a reason and until a day that somebody named."""

    __tablename__ = "case_hold"

    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id", ondelete="CASCADE"), primary_key=True)
    reason: Mapped[str] = mapped_column(String(300))
    by: Mapped[str] = mapped_column(String(40))
    until: Mapped[date] = mapped_column(Date)
    created_at: Mapped[datetime]


class Case(Base):
    """A chat that waits for, or is with, a human being."""

    __tablename__ = "case_file"
    __table_args__ = (Index("ix_case_queue", "state", "urgent", "opened_at"),)

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


class Subscription(Base):
    """Somebody asked to be told of news of one kind; `destination` is a country, or empty for all."""

    __tablename__ = "subscription"
    __table_args__ = (UniqueConstraint("person_id", "topic", "destination"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    topic: Mapped[str] = mapped_column(String(40), index=True)
    destination: Mapped[str] = mapped_column(String(8), default="")
    created_at: Mapped[datetime]


class BroadcastState(StrEnum):
    """Where a broadcast is: nothing goes out before a second person has approved it."""

    DRAFT = "draft"
    APPROVED = "approved"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


class Broadcast(Base):
    """News for those who subscribed; `texts` by language."""

    __tablename__ = "broadcast"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    topic: Mapped[str] = mapped_column(String(40))
    destination: Mapped[str] = mapped_column(String(8), default="")
    texts: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(12), default=BroadcastState.DRAFT, index=True)
    created_by: Mapped[str] = mapped_column(String(40))
    approved_by: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    last_person_id: Mapped[int] = mapped_column(BigId, default=0)
    """Persons up to here have been queued: a restart goes on behind them."""


class BroadcastDelivery(Base):
    """That one person was queued for one broadcast: never twice."""

    __tablename__ = "broadcast_delivery"

    broadcast_id: Mapped[int] = mapped_column(ForeignKey("broadcast.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True)
    outbox_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id", ondelete="SET NULL"), index=True)


# ------------------------------------------------------------------ staff and the console


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


# ------------------------------------------------------------------ the editors' desk


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


class QuestionState(StrEnum):
    """A question that may become training data."""

    CANDIDATE = "candidate"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class TrainingQuestion(Base):
    """A question for training, from a correction or from an editor; personal data are removed before it comes here."""

    __tablename__ = "training_question"
    __table_args__ = (Index(None, "state", "intent"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    form: Mapped[str] = mapped_column(String(12))
    intent: Mapped[str] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(12), default=QuestionState.CANDIDATE)
    created_by: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(String(40))
    decided_at: Mapped[datetime | None]


class ModelState(StrEnum):
    """The life of a model. Only a candidate that passed the gate can be promoted."""

    TRAINING = "training"
    FAILED = "failed"
    CANDIDATE = "candidate"
    REFUSED = "refused"
    PROMOTED = "promoted"
    RETIRED = "retired"


class Model(Base):
    """The registry of trained models: from which data, how good, who promoted it."""

    __tablename__ = "model"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    file: Mapped[str] = mapped_column(String(200), default="")
    data_hash: Mapped[str] = mapped_column(String(64), default="")
    state: Mapped[str] = mapped_column(String(12), default=ModelState.TRAINING, index=True)
    progress: Mapped[str] = mapped_column(String(200), default="")
    figures: Mapped[dict[str, Any] | None]
    reasons: Mapped[list[Any] | None]
    """Why the gate refused it."""
    created_by: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    promoted_by: Mapped[str | None] = mapped_column(String(40))
    promoted_at: Mapped[datetime | None]
