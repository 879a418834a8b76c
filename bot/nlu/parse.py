"""What was understood of a text, as typed values, and the thresholds that read it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from bot.settings import ROOT
from nlu.text.zones import Danger, Thresholds, Zone, danger_of, offered, zone_of

THRESHOLDS = ROOT / "nlu" / "thresholds.yml"


@dataclass(frozen=True)
class Reading:
    """One reading of a text: an intent and how sure the model is (calibrated, 0..1)."""

    intent: str
    confidence: float


@dataclass(frozen=True)
class Clause:
    """One of several questions in a long message, and how urgent it sounds by itself."""

    intent: str
    confidence: float
    urgent_score: float = 0.0


@dataclass(frozen=True)
class Parse:
    """What was understood. `source` says who understood: the model, or keywords while the model is away."""

    ranking: tuple[Reading, ...] = ()
    form: str | None = None
    language: str | None = None
    urgent_score: float = 0.0
    lexicon: tuple[str, ...] = ()
    """Urgent topics that the safety lexicon saw, the surest first."""
    lexicon_possible: tuple[str, ...] = ()
    clauses: tuple[Clause, ...] = ()
    source: Literal["model", "keywords"] = "model"
    cut: bool = False
    """The text was too long for the model: it read its beginning and its end only."""

    @property
    def best(self) -> Reading | None:
        """The surest reading."""
        return self.ranking[0] if self.ranking else None

    def zone(self, thresholds: Thresholds) -> Zone:
        """Answer, offer, out of scope or not understood: the same rule by which the model is judged."""
        return zone_of(self._as_json(), thresholds)

    def danger(self, thresholds: Thresholds) -> Danger:
        """What the model alone says about danger."""
        return danger_of(self._as_json(), thresholds)

    def offered(self) -> list[str]:
        """The likeliest topics in scope, best first."""
        return offered(self._as_json(), len(self.ranking))

    def _as_json(self) -> dict[str, Any]:
        return {
            "intent_ranking": [{"name": r.intent, "confidence": r.confidence} for r in self.ranking],
            "urgent_score": self.urgent_score,
            "clauses": [{"urgent_score": c.urgent_score} for c in self.clauses],
        }


def load_thresholds(path: Path = THRESHOLDS) -> Thresholds:
    """The thresholds that `make thresholds` chose by cost. Raises ValueError when one is missing or senseless."""
    return Thresholds.from_mapping(yaml.safe_load(path.read_text(encoding="utf-8")))
