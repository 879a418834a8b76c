"""Chooses the thresholds of the zones by stated costs, on questions of writers whom the judging model never read.

python -m nlu.tools.thresholds [--dry-run]     writes nlu/thresholds.yml, which the bot reads

For each writer with less than half of the training questions a model is trained on the others' and asked this one's:
people who write to the bot have written nothing of what it was taught, so questions dealt at random would make it too
sure. The held-out and hidden questions play no part here.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import yaml

from nlu.components import intent_model
from nlu.components.features import Reading
from nlu.text.scripts import form_probabilities
from nlu.text.zones import OUT_OF_SCOPE
from nlu.tools.dataset import ROOT, Row, training_rows

Array = np.ndarray[Any, Any]
THRESHOLDS = ROOT / "nlu" / "thresholds.yml"
CLASSIFIER = "nlu.components.classifier.LaoThaiIntentClassifier"


@dataclass(frozen=True)
class Costs:
    """What each outcome costs, in questions back. A missed cry costs most."""

    asked_back: float = 1.0  # right topic among the three offered
    offered_wrong: float = 3.0
    answered_wrong: float = 4.0
    turned_away: float = 6.0  # in scope, told that it is out of scope or not understood
    outside_answered: float = 4.0
    outside_offered: float = 2.5
    cry_missed: float = 100.0
    cry_asked: float = 20.0  # danger check instead of help card: not everybody presses the button
    false_card: float = 15.0
    false_check: float = 4.0
    # What people will really send, not what we wrote for training.
    share_outside: float = 0.10
    share_urgent: float = 0.05


def _weights(special: Array, share: float) -> Array:
    return np.where(special, share / special.mean(), (1 - share) / (1 - special.mean()))


def classifier_config() -> dict[str, Any]:
    """The classifier's options: defaults in its class, overridden in config.yml."""
    from nlu.components.defaults import DEFAULTS

    pipeline = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    own = next(part for part in pipeline if part["name"] == CLASSIFIER)
    return {**DEFAULTS, **{k: v for k, v in own.items() if k != "name"}}


def choose_zones(p: Array, y: Array, classes: list[str], costs: Costs) -> tuple[dict[str, float], float]:
    outside = classes.index(OUT_OF_SCOPE)
    inside = np.delete(p, outside, axis=1)
    index = np.delete(np.arange(len(classes)), outside)
    order = np.argsort(-inside, axis=1)[:, :3]
    best = inside[np.arange(len(y)), order[:, 0]]
    right_first = index[order[:, 0]] == y
    right_third = (index[order] == y[:, None]).any(axis=1)
    is_outside = y == outside
    if_answered = np.where(is_outside, costs.outside_answered, np.where(right_first, 0.0, costs.answered_wrong))
    if_offered = np.where(
        is_outside, costs.outside_offered, np.where(right_third, costs.asked_back, costs.offered_wrong)
    )
    if_away = np.where(is_outside, 0.0, costs.turned_away)
    weights = _weights(is_outside, costs.share_outside)
    found: tuple[float, dict[str, float]] = (float("inf"), {})
    for answer in np.arange(0.1, 0.96, 0.02):
        for out in np.arange(0.04, 0.61, 0.02):
            for offer in np.arange(0.0, min(answer, 0.3), 0.02):
                away = (p[:, outside] >= out) | (best < offer)
                outcome = np.where(best >= answer, if_answered, np.where(away, if_away, if_offered))
                cost = (weights * outcome).mean()
                if cost < found[0]:
                    found = (float(cost), {"answer": answer, "offer": offer, "out_of_scope": out})
    return {k: round(float(v), 3) for k, v in found[1].items()}, found[0]


def choose_urgent(score: Array, y: Array, classes: list[str], costs: Costs) -> tuple[dict[str, float], float]:
    cry = intent_model.urgent_columns(classes)[y]
    weights = _weights(cry, costs.share_urgent)
    found: tuple[float, dict[str, float]] = (float("inf"), {})
    for sure in np.arange(0.1, 0.96, 0.02):
        for possible in np.arange(0.02, sure + 0.001, 0.01):
            card, check = score >= sure, (score >= possible) & (score < sure)
            outcome = np.where(
                cry,
                np.where(card, 0.0, np.where(check, costs.cry_asked, costs.cry_missed)),
                np.where(card, costs.false_card, np.where(check, costs.false_check, 0.0)),
            )
            cost = (weights * outcome).mean()
            if cost < found[0]:
                found = (float(cost), {"urgent_sure": sure, "urgent_possible": possible})
    return {k: round(float(v), 3) for k, v in found[1].items()}, found[0]


def by_unknown_writers(rows: Sequence[Row]) -> tuple[list[str], Array, Array, Array]:
    """Classes, intent numbers, probabilities and urgent scores of the questions of each lesser writer."""
    spec = intent_model.ModelSpec.from_config(classifier_config())
    classes = sorted({row.intent for row in rows})
    writers = [writer for writer, n in sorted(Counter(row.writer for row in rows).items()) if 2 * n < len(rows)]
    if not writers:
        raise SystemExit("one writer has half of the questions or more, and there is no other: nobody to ask")
    y, p, score = [], [], []
    for writer in writers:
        taught, asked = [r for r in rows if r.writer != writer], [r for r in rows if r.writer == writer]
        model = intent_model.train([r.text for r in taught], [r.intent for r in taught], spec)
        columns = [classes.index(name) for name in model.classes]
        for row in asked:
            found, urgent = model.judge(Reading(row.text), form_probabilities(row.text))
            p.append(np.zeros(len(classes)))
            p[-1][columns] = found
            score.append(urgent)
            y.append(classes.index(row.intent))
        print(f"writer {writer}: {len(taught)} questions taught, {len(asked)} asked", flush=True)
    return classes, np.array(y), np.stack(p), np.array(score)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dry-run", action="store_true", help="show, do not write")
    options = parser.parse_args(argv)
    rows = training_rows()
    classes, y, p, score = by_unknown_writers(rows)
    costs = Costs()
    zones, zone_cost = choose_zones(p, y, classes, costs)
    urgent, urgent_cost = choose_urgent(score, y, classes, costs)
    _show(p, score, y, classes, {**zones, **urgent})
    print(f"cost of a question: zones {zone_cost:.3f}, urgent {urgent_cost:.3f}")
    head = (
        f"# Made by: python -m nlu.tools.thresholds ({len(rows)} training questions, {len(y)} of them asked of models "
        f"that were not\n# taught their writer). Do not edit: change the costs there.\n"
    )
    body = "".join(f"{name}: {value}\n" for name, value in {**zones, **urgent}.items())
    print(body)
    if not options.dry_run:
        THRESHOLDS.write_text(head + body, encoding="utf-8")
    return 0


def _show(p: Array, score: Array, y: Array, classes: list[str], t: dict[str, float]) -> None:
    outside = classes.index(OUT_OF_SCOPE)
    inside = np.delete(p, outside, axis=1)
    index = np.delete(np.arange(len(classes)), outside)
    best = inside.max(axis=1)
    right = index[inside.argmax(axis=1)] == y
    answered = best >= t["answer"]
    away = ~answered & ((p[:, outside] >= t["out_of_scope"]) | (best < t["offer"]))
    scope = y != outside
    cry = intent_model.urgent_columns(classes)[y]

    def share(part: Array, of: Array) -> str:
        return f"{100 * part[of].mean():.1f} %"

    print(f"in scope: answered {share(answered, scope)}, sure and wrong {share(answered & ~right, scope)}, ", end="")
    print(f"turned away {share(away, scope)}; out of scope recognised {share(away, ~scope)}, ", end="")
    print(f"answered {share(answered, ~scope)}")
    print(f"urgent: card {share(score >= t['urgent_sure'], cry)}, ", end="")
    print(f"card or check {share(score >= t['urgent_possible'], cry)}; others: ", end="")
    print(f"card {share(score >= t['urgent_sure'], ~cry)}, card or check {share(score >= t['urgent_possible'], ~cry)}")


if __name__ == "__main__":
    raise SystemExit(main())
