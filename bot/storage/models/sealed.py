"""Keys, the ledger of the erased, and the proof of what went by age."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.models.base import Base, BigId


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
