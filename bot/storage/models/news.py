"""Alerts: who wants which news, and who got them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.models.base import Base, BigId


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
