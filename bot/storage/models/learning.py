"""Questions that may become training data, and the registry of models."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.models.base import ONCE, Base, BigId


class QuestionState(StrEnum):
    """A question that may become training data."""

    CANDIDATE = "candidate"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class TrainingQuestion(Base):
    """A question for training, from a correction or from an editor; personal data are removed before it comes here."""

    __tablename__ = "training_question"
    __table_args__ = (Index(None, "state", "intent"), ONCE)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message_id: Mapped[int | None] = mapped_column(BigId, index=True)
    """The message that it came from: erasing its writer takes the question too (services/erasure.py)."""
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
