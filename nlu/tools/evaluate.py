"""Judges the trained model, loaded by Rasa itself, on held-out questions.

python -m nlu.tools.evaluate [FILE.tsv ...] [--model models] [--out result.json] [--misses]

Files: tab-separated, columns id form intent also text. Without files: nlu/eval/*.tsv. In-scope and
out-of-scope rows are kept apart. Urgent figures are the model's alone; the bot adds its safety lexicon.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from nlu.text.zones import OUT_OF_SCOPE, URGENT, Danger, Thresholds, Zone, danger_of, offered, zone_of
from nlu.tools.dataset import EVAL, FORMS, ROOT, Row, read_held_out

Parse = dict[str, Any]
SHOWN = (
    "urgent_card",
    "urgent_card_or_check",
    "false_card",
    "false_check",
    "out_of_scope_recognised",
    "out_of_scope_answered",
    "in_scope_turned_away",
    "sure_and_wrong",
    "answered",
)
THRESHOLDS = ROOT / "nlu" / "thresholds.yml"


@dataclass(frozen=True)
class Judged:
    row: Row
    parse: Parse
    zone: Zone
    danger: Danger

    @property
    def names(self) -> list[str]:
        return [r["name"] for r in self.parse["intent_ranking"]]

    @property
    def cry(self) -> bool:
        return self.row.intent.startswith(URGENT)

    @property
    def outside(self) -> bool:
        return self.row.intent == OUT_OF_SCOPE

    @property
    def first_right(self) -> bool:
        return bool(self.names) and self.names[0] in self.row.right

    @property
    def third_right(self) -> bool:
        return bool(self.row.right & set(self.names[:3]))

    @property
    def served(self) -> bool:
        """The right topic is answered or among the three offered (or the help card stands for an urgent one)."""
        if self.cry and self.danger is Danger.SURE:
            return True
        topics = offered(self.parse)
        return bool(self.row.right & set(topics[: 1 if self.zone is Zone.ANSWER else 3])) and not self.turned_away

    @property
    def turned_away(self) -> bool:
        return self.zone in (Zone.OUT_OF_SCOPE, Zone.NOT_UNDERSTOOD)

    @property
    def sure_and_wrong(self) -> bool:
        return self.zone is Zone.ANSWER and offered(self.parse, 1)[0] not in self.row.right


async def parse_all(model: Path, rows: list[Row]) -> tuple[list[Parse], list[float]]:
    """Through Rasa's own loading and graph, as `rasa run` does it."""
    import logging

    import structlog
    from rasa.core.agent import load_agent

    # Rasa logs every message in full at debug level.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))

    agent = await load_agent(model_path=str(model))
    if not agent.is_ready():
        raise SystemExit(f"no model could be loaded from {model}: run rasa train nlu")
    parses, seconds = [], []
    for row in rows:
        start = time.perf_counter()
        parses.append(await agent.parse_message(row.text))
        seconds.append(time.perf_counter() - start)
    return parses, seconds


def _percent(part: int, of: int) -> float | None:
    return round(100 * part / of, 1) if of else None


def figures(judged: list[Judged]) -> dict[str, Any]:
    inside = [j for j in judged if not j.outside]
    outside = [j for j in judged if j.outside]
    cries = [j for j in judged if j.cry]
    calm = [j for j in judged if not j.cry and not any(i.startswith(URGENT) for i in j.row.also)]
    forms: dict[str, Any] = {}
    for form in (*FORMS, "all"):
        mine = [j for j in inside if form in (j.row.form, "all")]
        forms[form] = {
            "rows": len(mine),
            "top1": _percent(sum(j.first_right for j in mine), len(mine)),
            "top3": _percent(sum(j.third_right for j in mine), len(mine)),
            "served": _percent(sum(j.served for j in mine), len(mine)),
            "form_found": _percent(sum(j.parse["form"]["name"] == j.row.form for j in mine), len(mine)),
        }
    return {
        "rows": len(judged),
        "forms": forms,
        "urgent_card": _percent(sum(j.danger is Danger.SURE for j in cries), len(cries)),
        "urgent_card_or_check": _percent(sum(j.danger is not Danger.NONE for j in cries), len(cries)),
        "false_card": _percent(sum(j.danger is Danger.SURE for j in calm), len(calm)),
        "false_check": _percent(sum(j.danger is Danger.POSSIBLE for j in calm), len(calm)),
        "out_of_scope_recognised": _percent(sum(j.turned_away for j in outside), len(outside)),
        "out_of_scope_answered": _percent(sum(j.zone is Zone.ANSWER for j in outside), len(outside)),
        "in_scope_turned_away": _percent(sum(j.turned_away and j.danger is Danger.NONE for j in inside), len(inside)),
        "sure_and_wrong": _percent(sum(j.sure_and_wrong for j in judged), len(judged)),
        "answered": _percent(sum(j.zone is Zone.ANSWER for j in inside), len(inside)),
        "confusions": [
            {"is": a, "taken_for": b, "times": n}
            for (a, b), n in Counter(
                (j.row.intent, (j.names or ["nothing"])[0]) for j in judged if not j.first_right
            ).most_common(60)
        ],
    }


def show(result: dict[str, Any], confusions: int) -> None:
    print(f"{'form':12s}{'rows':>6s}{'top-1':>8s}{'top-3':>8s}{'served':>8s}{'form found':>12s}")
    for form, f in result["forms"].items():
        if f["rows"]:
            print(f"{form:12s}{f['rows']:6d}{f['top1']:8.1f}{f['top3']:8.1f}{f['served']:8.1f}{f['form_found']:12.1f}")
    for name in SHOWN:
        value = result[name]
        print(f"{name.replace('_', ' '):26s}{'-' if value is None else f'{value:.1f} %'}")
    p50, p99 = result["parse_ms"]
    print(f"parse in the process: p50 {p50} ms, p99 {p99} ms")
    for pair in result["confusions"][:confusions]:
        print(f"{pair['times']:4d}  {pair['is']} taken for {pair['taken_for']}")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--model", type=Path, default=ROOT / "models")
    parser.add_argument("--out", type=Path, help="write all figures and every judged row here")
    parser.add_argument("--confusions", type=int, default=25)
    parser.add_argument("--misses", action="store_true", help="print every missed cry and every false help card")
    options = parser.parse_args(argv)
    files = options.files or sorted(EVAL.glob("*.tsv"))
    rows = [row for path in files for row in read_held_out(path)]
    if not rows:
        print("no questions: nlu/eval/*.tsv is empty and no file was named", file=sys.stderr)
        return 1
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    warnings.filterwarnings("ignore")
    thresholds = Thresholds.from_mapping(yaml.safe_load(THRESHOLDS.read_text(encoding="utf-8")))
    parses, seconds = asyncio.run(parse_all(options.model, rows))
    judged = [Judged(r, p, zone_of(p, thresholds), danger_of(p, thresholds)) for r, p in zip(rows, parses, strict=True)]
    result = figures(judged)
    seconds.sort()
    result["parse_ms"] = [round(1000 * seconds[int(len(seconds) * q)], 1) for q in (0.5, 0.99)]
    show(result, options.confusions)
    if options.misses:
        for j in judged:
            if (j.cry and j.danger is Danger.NONE) or (not j.cry and j.danger is Danger.SURE):
                kind = "MISSED CRY" if j.cry else "FALSE CARD"
                print(f"{kind} {j.row.where} {j.row.form} {j.row.intent} -> {j.names[:3]}: {j.row.text}")
    if options.out:
        result["judged"] = [
            {
                "id": j.row.where, "form": j.row.form, "intent": j.row.intent, "also": sorted(j.row.also),
                "text": j.row.text, "zone": j.zone, "danger": j.danger, "ranking": j.parse["intent_ranking"][:3],
                "urgent_score": j.parse["urgent_score"],
            }
            for j in judged
        ]  # fmt: skip
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(result, ensure_ascii=False, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
