"""The registry of models: the one truth about which model counts. Every change is one transaction.

Whoever serves follows it (`follow.py`); nothing but a passed gate makes a model promoted for the first time, in the
console and on the terminal alike.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from bot.i18n import N_
from bot.services import audit
from bot.services.errors import DeskError
from bot.services.models.gate import Margins, Reason, refusals
from bot.storage.models import Model, ModelState

SILENT = timedelta(seconds=60)
"""A training that says nothing for so long is dead: its process was killed, or the machine restarted."""
PAGE = 50
LOCK = 0x6D6F6465
PROMOTABLE = (ModelState.CANDIDATE, ModelState.RETIRED)
FILES = "(files)"
"""Who promoted a model that came with the program."""

BUSY = N_("A model is being made already. Wait for it, or cancel it.")
GONE = N_("There is no such model.")
NOT_READY = N_("Only a model that was measured and let through can be promoted.")
OTHER = N_("The present model is another one than it was measured against. Measure it again.")
NO_BEFORE = N_("There is no model before this one.")
INTERRUPTED = N_("It was interrupted: its process ended. Train again.")
CANCELLED = N_("Cancelled by {who}.")
BROKE_OFF = N_("It broke off; the last lines of the log say why.")
NOT_SERVED = N_("It could not be served ({reason}); the model before it serves again.")


@dataclass(frozen=True)
class Progress:
    """How far a training is: a step, how much of it, and when this was said."""

    step: str
    share: int
    at: datetime

    @classmethod
    def of(cls, row: Model) -> Progress | None:
        """The progress of a row; None before the first sign of life, and of rows that are done."""
        try:
            value = json.loads(row.progress)
            return cls(value["step"], int(value["share"]), datetime.fromisoformat(value["at"]))
        except (ValueError, KeyError, TypeError):
            return None

    def __str__(self) -> str:
        return json.dumps({"step": self.step, "share": self.share, "at": self.at.isoformat()})


def listed(session: Session) -> list[Model]:
    """The newest models first."""
    return list(session.scalars(select(Model).order_by(Model.id.desc()).limit(PAGE)))


def one(session: Session, number: int) -> Model:
    """A model. Raises DeskError."""
    row = session.get(Model, number)
    if row is None:
        raise DeskError(GONE)
    return row


def promoted(session: Session) -> Model | None:
    """The model that counts; None while nothing was promoted yet."""
    return session.scalar(select(Model).where(Model.state == ModelState.PROMOTED).order_by(Model.id.desc()).limit(1))


def running(session: Session, now: datetime) -> Model | None:
    """The model that is being made; a dead one is marked so."""
    row = session.scalar(select(Model).where(Model.state == ModelState.TRAINING).limit(1))
    if row is None:
        return None
    said = Progress.of(row)
    if now - (said.at if said else row.created_at) > SILENT:
        fail(session, row.id, now, Reason(INTERRUPTED))
        return None
    return row


# ------------------------------------------------------------------ making


def begin(session: Session, who: str, now: datetime) -> Model:
    """A row for a training. Raises DeskError while another one runs."""
    _alone(session)
    if running(session, now):
        raise DeskError(BUSY)
    row = Model(created_by=who[:40], created_at=now, progress=str(Progress("begin", 0, now)))
    session.add(row)
    session.flush()
    audit.note(session, who, "model_train", now, object=f"model {row.id}")
    return row


def again(session: Session, number: int, who: str, now: datetime) -> Model:
    """Measure a model that is there once more. Raises DeskError."""
    _alone(session)
    if running(session, now):
        raise DeskError(BUSY)
    row = one(session, number)
    if not row.file or row.state in (ModelState.TRAINING, ModelState.PROMOTED):
        raise DeskError(NOT_READY)
    row.state, row.progress, row.reasons = ModelState.TRAINING, str(Progress("begin", 0, now)), None
    audit.note(session, who, "model_measure", now, object=f"model {number}")
    return row


def say(session: Session, number: int, progress: Progress) -> bool:
    """Write the progress down; False when the training is no longer wanted."""
    values = {"progress": str(progress)}
    return _only_while_training(session, number, values)


def made(session: Session, number: int, file: str, data_hash: str) -> bool:
    """The file is there."""
    return _only_while_training(session, number, {"file": file, "data_hash": data_hash})


def judged(
    session: Session, number: int, figures: Mapping[str, Any], reasons: list[Reason], now: datetime
) -> ModelState | None:
    """The figures and the gate's word; None when the training is no longer wanted."""
    state = ModelState.REFUSED if reasons else ModelState.CANDIDATE
    values = {
        "state": state,
        "figures": dict(figures),
        "reasons": [reason.to_json() for reason in reasons],
        "progress": "",
        "finished_at": now,
    }
    return state if _only_while_training(session, number, values) else None


def fail(session: Session, number: int, now: datetime, reason: Reason) -> bool:
    """The training ended without a model."""
    values = {"state": ModelState.FAILED, "reasons": [reason.to_json()], "progress": "", "finished_at": now}
    return _only_while_training(session, number, values)


def cancel(session: Session, number: int, who: str, now: datetime) -> None:
    """Nobody wants it any more: its process ends within seconds. Raises DeskError."""
    one(session, number)
    if fail(session, number, now, Reason(CANCELLED, {"who": who})):
        audit.note(session, who, "model_cancel", now, object=f"model {number}")


def _only_while_training(session: Session, number: int, values: Mapping[str, Any]) -> bool:
    done = session.execute(update(Model).where(Model.id == number, Model.state == ModelState.TRAINING).values(**values))
    return bool(done.rowcount)  # type: ignore[attr-defined]


# ------------------------------------------------------------------ which one counts


def promote(session: Session, number: int, who: str, now: datetime, margins: Margins) -> Model:
    """Make it the model that counts. Raises DeskError; the gate is asked again with the margins of today.

    It must have been measured against the very model that it replaces.
    """
    _alone(session)
    row, before = one(session, number), promoted(session)
    if row.state not in PROMOTABLE or not row.figures or "present" not in row.figures:
        raise DeskError(NOT_READY)
    figures = row.figures
    if before is not None and figures["against"]["number"] != before.id:
        raise DeskError(OTHER)
    if reasons := refusals(figures["own"], figures["present"], margins):
        row.state, row.reasons = ModelState.REFUSED, [reason.to_json() for reason in reasons]
        audit.note(session, who, "model_refused", now, object=f"model {number}")
        return row
    if before is None:
        before = _files(session, figures, now)
    before.state = ModelState.RETIRED
    _promoted(row, who, now)
    audit.note(session, who, "model_promoted", now, object=f"model {number}")
    return row


def roll_back(session: Session, who: str, now: datetime) -> Model:
    """The model that counted before counts again. Raises DeskError when there is none."""
    _alone(session)
    present = promoted(session)
    before = _before(session, present)
    if present is None or before is None:
        raise DeskError(NO_BEFORE)
    present.state, before.state = ModelState.RETIRED, ModelState.PROMOTED
    audit.note(session, who, "model_rolled_back", now, object=f"model {before.id}", reason=f"from {present.id}")
    return before


def fell_back(session: Session, number: int, still: int, reason: str, now: datetime) -> Model | None:
    """A promoted model cannot be served: the one that serves `still` counts again (0: the one before it).

    None when somebody else has settled it.
    """
    _alone(session)
    present = promoted(session)
    before = (session.get(Model, still) if still else None) or _before(session, present)
    if present is None or present.id != number or before is None:
        return None
    present.state, present.promoted_at, before.state = ModelState.REFUSED, None, ModelState.PROMOTED
    before.promoted_at = before.promoted_at or now
    present.reasons = [Reason(NOT_SERVED, {"reason": reason}).to_json()]
    audit.note(session, "(bot)", "model_fell_back", now, object=f"model {number}", reason=reason)
    return before


def _before(session: Session, present: Model | None) -> Model | None:
    """What served before, even if it would not pass the gate today: going back is for emergencies."""
    if present is None or present.promoted_at is None:
        return None
    query = select(Model).where(Model.state != ModelState.PROMOTED, Model.promoted_at < present.promoted_at)
    return session.scalar(query.order_by(Model.promoted_at.desc(), Model.id.desc()).limit(1))


def can_roll_back(session: Session) -> bool:
    """Is there a model to go back to?"""
    return _before(session, promoted(session)) is not None


def _promoted(row: Model, who: str, now: datetime) -> None:
    row.state, row.promoted_by, row.promoted_at = ModelState.PROMOTED, who[:40], now


def _files(session: Session, figures: Mapping[str, Any], now: datetime) -> Model:
    """A row for the model that came with the program, so that one can go back to it."""
    against = figures["against"]
    row = Model(
        file=against["file"],
        data_hash=against["file"].removeprefix("nlu-").removesuffix(".tar.gz")[:64],
        figures={
            "own": figures["present"],
            "serve": against["serve"],
        },
        created_by=FILES,
        created_at=now - timedelta(seconds=1),
        promoted_by=FILES,
        promoted_at=now - timedelta(seconds=1),
    )
    session.add(row)
    return row


def _alone(session: Session) -> None:
    """One change of the registry at a time, on PostgreSQL too (SQLite has one writer anyway)."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": LOCK})
