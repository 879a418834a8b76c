"""This pipeline beside stock Rasa: the same training questions, the same held-out ones, one run.

    nlu/.venv/bin/python -m benchmarks.nlu_side_by_side [--diet-epochs 20] [--sample N] [--only ours,stock_lr] [--write]

ours        config.yml
stock_lr    WhitespaceTokenizer, CountVectors of words and of char_wb 1-4, LogisticRegressionClassifier
stock_diet  the same features with DIETClassifier (intents only); --diet-epochs 0 leaves it out

Each pipeline is trained by Rasa in a process of its own and judged in another one, so that memory is that of a process
which only serves. --sample trains all of them on so many questions, chosen at random alike. --write puts the table into
benchmarks/README.md, section NLU.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from nlu.tools.dataset import FORMS, ROOT, held_out_rows, training_rows

OUTSIDE, URGENT = "out_of_scope", "urgent_"
README = ROOT / "benchmarks" / "README.md"
SECTION = re.compile(r"## NLU\n.*?(?=\n## |\Z)", re.DOTALL)
STOCK = [
    {"name": "WhitespaceTokenizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
]


def pipelines(diet_epochs: int) -> dict[str, dict[str, Any]]:
    """Rasa configurations by name."""
    head = {"recipe": "default.v1", "language": "lo", "assistant_id": "benchmark", "policies": []}
    diet = {
        "name": "DIETClassifier", "epochs": diet_epochs, "entity_recognition": False, "constrain_similarities": True,
        "random_seed": 1,
    }  # fmt: skip
    found = {
        "ours": yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8")),
        "stock_lr": {**head, "pipeline": [*STOCK, {"name": "LogisticRegressionClassifier"}]},
    }
    if diet_epochs:
        found["stock_diet"] = {**head, "pipeline": [*STOCK, diet]}
    return found


def questions(sample: int | None) -> list[dict[str, str]]:
    """The training questions, or a random choice of them (each topic keeps its share)."""
    rows = training_rows()
    if sample and sample < len(rows):
        rows = random.Random(7).sample(rows, sample)
    return [{"text": row.text, "intent": row.intent} for row in rows]


# ------------------------------------------------------------------ in processes of their own


def train(config: Path, data: Path, out: Path) -> None:
    """Train one pipeline; the model is out/model.tar.gz."""
    from rasa.model_training import train_nlu

    train_nlu(str(config), str(data), str(out), fixed_model_name="model")


def judge(model: Path) -> dict[str, Any]:
    """What the model says to the held-out questions, how fast, and in how much memory."""
    from nlu.tools.evaluate import parse_all

    rows = held_out_rows()
    started = time.perf_counter()
    parses, seconds = asyncio.run(parse_all(model, [rows[0], *rows]))
    parses, seconds = parses[1:], sorted(seconds[1:])
    names = [[r["name"] for r in parse["intent_ranking"]] for parse in parses]
    judged = list(zip(rows, names, strict=True))
    inside = [(row, found) for row, found in judged if row.intent != OUTSIDE]
    forms = {}
    for form in (*FORMS, "all"):
        mine = [(row, found) for row, found in inside if form in (row.form, "all")]
        forms[form] = [_share([bool(row.right & set(found[:top])) for row, found in mine]) for top in (1, 3)]
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return {
        "forms": forms,
        "urgent": _share([any(n.startswith(URGENT) for n in f[:1]) for r, f in judged if r.intent.startswith(URGENT)]),
        "outside": _share([f[:1] == [OUTSIDE] for r, f in judged if r.intent == OUTSIDE]),
        "p50": round(1000 * seconds[len(seconds) // 2], 1),
        "p99": round(1000 * seconds[int(len(seconds) * 0.99)], 1),
        "rss_mb": int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) // 1024,  # type: ignore[union-attr]
        "judging_s": round(time.perf_counter() - started, 1),
        "rows": len(rows),
    }


def _share(tests: list[bool]) -> float:
    return round(100 * sum(tests) / max(len(tests), 1), 1)


# ------------------------------------------------------------------ the run


def _child(*arguments: str) -> str:
    environment = os.environ | {
        "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "LOG_LEVEL": "ERROR", "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "benchmarks.nlu_side_by_side", *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed:\n{done.stderr[-3000:]}")
    return done.stdout


def run(name: str, config: dict[str, Any], data: Path, folder: Path) -> dict[str, Any]:
    """Train and judge one pipeline."""
    out = folder / name
    out.mkdir()
    (out / "config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    started = time.monotonic()
    _child("--train", str(out / "config.yml"), str(data), str(out))
    seconds = time.monotonic() - started
    model = out / "model.tar.gz"
    print(f"{name}: trained in {seconds:.0f} s", file=sys.stderr, flush=True)
    figures = json.loads(_child("--judge", str(model)).strip().splitlines()[-1])
    return figures | {"train_s": round(seconds), "model_mb": round(model.stat().st_size / 1e6, 1)}


def table(results: dict[str, dict[str, Any]]) -> str:
    """Markdown: one row a pipeline."""
    columns = [*FORMS, "all"]
    lines = [
        "| pipeline | " + " | ".join(columns) + " | cries seen as urgent | out of scope seen | training s | "
        "parse p50 / p99 ms | memory MB | model MB |",
        "|---" * (len(columns) + 7) + "|",
    ]
    for name, r in results.items():
        cells = ["/".join(f"{v:.0f}" for v in r["forms"][form]) for form in columns]
        cells += [f"{r['urgent']:.0f}", f"{r['outside']:.0f}", str(r["train_s"]), f"{r['p50']} / {r['p99']}"]
        lines.append(f"| {name} | " + " | ".join([*cells, str(r["rss_mb"]), str(r["model_mb"])]) + " |")
    return "\n".join(lines)


def write(text: str) -> None:
    """Replace or append the section in benchmarks/README.md; the rest stays."""
    before = README.read_text(encoding="utf-8") if README.exists() else "# Benchmarks\n"
    section = f"## NLU\n{text.rstrip()}\n"
    after = SECTION.sub(lambda _: section, before) if SECTION.search(before) else f"{before.rstrip()}\n\n{section}"
    README.write_text(after, encoding="utf-8")


def main() -> int:
    """Run all, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--diet-epochs", type=int, default=20)
    parser.add_argument("--sample", type=int, help="train on so many questions instead of all")
    parser.add_argument("--only", help="comma-separated: ours, stock_lr, stock_diet")
    parser.add_argument("--write", action="store_true", help="put the table into benchmarks/README.md")
    parser.add_argument("--train", nargs=3, type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--judge", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.train:
        train(*options.train)
        return 0
    if options.judge:
        print(json.dumps(judge(options.judge)))
        return 0
    chosen = pipelines(options.diet_epochs)
    if options.only:
        chosen = {name: chosen[name] for name in options.only.split(",") if name in chosen}
    examples = questions(options.sample)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        data = folder / "questions.json"
        data.write_text(json.dumps({"rasa_nlu_data": {"common_examples": examples}}), encoding="utf-8")
        results = {name: run(name, config, data, folder) for name, config in chosen.items()}
    epochs = f", DIET {options.diet_epochs} epochs" if "stock_diet" in chosen else ""
    busy = f"load average {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores"
    command = " ".join(["make bench-nlu", *([f'NLU_BENCH="{" ".join(sys.argv[1:])}"'] if sys.argv[1:] else [])])
    text = (
        f"`{command}`, {datetime.now(UTC):%Y-%m-%d}: {len(examples)} training questions, "
        f"{next(iter(results.values()))['rows']} held-out ones by other writers (nlu/eval){epochs}; {busy}. "
        f"Top-1/top-3 in % on in-scope questions; the other two columns are top-1, model alone.\n\n{table(results)}\n"
    )
    print(text)
    if options.write:
        write(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
