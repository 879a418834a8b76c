"""The gate: may a measured model take the place of the present one? Pure.

Figures are those of `bot.services.judging.summary`, of both models on the same questions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.i18n import N_

Figures = Mapping[str, Any]
URGENT = {
    "urgent_card_or_check": N_("Fewer cries for help are noticed: {before} % before, {after} % now."),
    "urgent_card": N_("Fewer cries for help get the help card at once: {before} % before, {after} % now."),
}
CRIES = N_("{form}: fewer cries for help are noticed: {before} of {rows} before, {after} now.")
CRIES_MAY_LOSE = 1
"""Cries of one form or topic: a loss there must not hide behind a gain elsewhere, and one alone is chance."""
FALSE_CARD = N_("More people get a help card who need none: {before} % before, {after} % now.")
TOP1 = N_("{form}: the first guess is right less often: {before} % before, {after} % now.")
SERVED = N_("{form}: fewer questions are answered or offered rightly: {before} % before, {after} % now.")
NOT_SAME = N_("The two models were not measured on the same questions.")
NO_CRIES = N_("No cries for help were among the questions, so nothing is known about the most important thing.")


@dataclass(frozen=True)
class Reason:
    """Why a model is refused: a sentence of the catalogue and its values; `form` is translated too."""

    message: str
    values: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As the registry keeps it."""
        return {"message": self.message, "values": self.values}


@dataclass(frozen=True)
class Margins:
    """Points of a hundred that may be lost."""

    form: float
    false_card: float


def refusals(candidate: Figures, present: Figures, margins: Margins) -> list[Reason]:
    """Why the candidate may not take the present model's place; empty when it may."""
    if candidate["rows"] != present["rows"] or candidate["forms"].keys() != present["forms"].keys():
        return [Reason(NOT_SAME)]
    if candidate["urgent_card_or_check"] is None:
        return [Reason(NO_CRIES)]
    found = []
    for name, message in URGENT.items():
        if candidate[name] < present[name]:
            found.append(_reason(message, present[name], candidate[name]))
    found += _cries_lost(candidate.get("cries") or {}, present.get("cries") or {})
    if _lost(candidate["false_card"], present["false_card"]) > margins.false_card:
        found.append(_reason(FALSE_CARD, present["false_card"], candidate["false_card"]))
    for form, now in candidate["forms"].items():
        before = present["forms"][form]
        if now["rows"] != before["rows"]:
            return [Reason(NOT_SAME)]
        for name, message in (("top1", TOP1), ("served", SERVED)):
            if _lost(before[name], now[name]) > margins.form:
                found.append(_reason(message, before[name], now[name], form=form))
    return found


def _cries_lost(now: Figures, before: Figures) -> list[Reason]:
    """Forms and topics in which more than a cry is missed now. Models measured by an earlier version have no counts."""
    found = []
    for group, then in before.items():
        noticed = now.get(group, {"noticed": 0})["noticed"] if now else then["noticed"]
        if then["noticed"] - noticed > CRIES_MAY_LOSE:
            found.append(
                Reason(CRIES, {"before": then["noticed"], "after": noticed, "rows": then["rows"], "form": group})
            )
    return found


def _lost(before: float | None, after: float | None) -> float:
    """How much less, free of the dust of floating points; nothing when there is nothing to compare."""
    return 0.0 if before is None or after is None else round(before - after, 3)


def _reason(message: str, before: float, after: float, **more: str) -> Reason:
    return Reason(message, {"before": before, "after": after, **more})
