"""What was understood of a text, as typed values, and the thresholds that read it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml

from bot.settings import ROOT


@dataclass(frozen=True)
class Reading:
    """One reading of a text: an intent and how sure the model is (calibrated, 0..1)."""

    intent: str
    confidence: float


@dataclass(frozen=True)
class Parse:
    """What was understood. `source` says who understood it: the model, or keywords while the model is away."""

    ranking: tuple[Reading, ...] = ()
    form: str | None = None
    language: str | None = None
    urgent_score: float = 0.0
    lexicon: tuple[str, ...] = ()
    """Urgent topics that the safety lexicon saw, the surest first."""
    lexicon_possible: tuple[str, ...] = ()
    clauses: tuple[Reading, ...] = ()
    """The best reading of each further question in a long message."""
    source: Literal["model", "keywords"] = "model"

    @property
    def best(self) -> Reading | None:
        """The surest reading."""
        return self.ranking[0] if self.ranking else None


@dataclass(frozen=True)
class Thresholds:
    """Where sure ends and unsure begins; chosen by `make thresholds` on cross-validated training data, by cost."""

    answer: float = 0.45
    offer: float = 0.12
    out_of_scope: float = 0.5
    urgent_sure: float = 0.5
    urgent_possible: float = 0.2


THRESHOLDS = ROOT / "nlu" / "thresholds.yml"


def load_thresholds(path: Path = THRESHOLDS) -> Thresholds:
    """The thresholds chosen for the present model; the defaults when none were chosen yet."""
    if not path.exists():
        return Thresholds()
    raw = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    known = Thresholds.__dataclass_fields__
    return Thresholds(**{name: float(value) for name, value in raw.items() if name in known})
