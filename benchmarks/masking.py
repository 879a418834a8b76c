"""How much of what leads to a person is hidden, and how much else: the labelled set tests/data/masking.tsv.

`python -m benchmarks.masking [--misses]`: recall (marked parts that are hidden whole) and precision (hidden parts that
touch a marked one) by kind, and by language; exit code 1 below the floors.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from bot.masking import Hidden, found

FILE = Path(__file__).resolve().parent.parent / "tests" / "data" / "masking.tsv"
MARK = re.compile(r"\{(\w+):([^}]*)\}")
NUMBERS = ("phone", "passport", "id", "bank", "mail")
FLOORS = {"recall of numbers and mail": 0.98, "recall": 0.95, "precision": 0.95, "lines to leave alone": 0.95}


@dataclass(frozen=True)
class Line:
    """A labelled line."""

    language: str
    text: str
    marked: tuple[Hidden, ...]


def lines() -> list[Line]:
    """The labelled set."""
    result = []
    for row in FILE.read_text(encoding="utf-8").splitlines():
        if row.startswith("#"):
            continue
        language, marked = row.split("\t")
        text, spans, at = "", [], 0
        for match in MARK.finditer(marked):
            text += marked[at : match.start()]
            spans.append(Hidden(len(text), len(text) + len(match[2]), match[1]))
            text += match[2]
            at = match.end()
        result.append(Line(language, text + marked[at:], tuple(spans)))
    return result


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--misses", action="store_true", help="Print what was missed, and what was hidden in vain.")
    show = parser.parse_args().misses
    want: Counter[str] = Counter()
    hit: Counter[str] = Counter()
    hid: Counter[str] = Counter()
    right: Counter[str] = Counter()
    everything, calm, kept, started = lines(), 0, 0, time.perf_counter()
    for line in everything:
        hidden = found(line.text)
        for mark in line.marked:
            covered = any(h.start <= mark.start and mark.end <= h.end for h in hidden)
            for key in (mark.kind, f"({line.language})", "all", *(["numbers"] if mark.kind in NUMBERS else [])):
                want[key] += 1
                hit[key] += covered
            if show and not covered:
                print(f"missed {mark.kind}: {line.text}  [{line.text[mark.start : mark.end]}]")
        for part in hidden:
            fits = any(part.start < m.end and m.start < part.end for m in line.marked)
            for key in (part.kind, f"({line.language})", "all"):
                hid[key] += 1
                right[key] += fits
            if show and not fits:
                print(f"in vain {part.kind}: {line.text}  [{line.text[part.start : part.end]}]")
        calm += not line.marked
        kept += not line.marked and not hidden
    seconds = time.perf_counter() - started
    print(f"{'kind':12}{'marked':>8}{'recall':>9}{'hidden':>8}{'precision':>11}")
    for key in sorted(want | hid, key=lambda k: (k == "all", k.startswith("("), k)):
        recall = f"{hit[key] / want[key]:9.3f}" if want[key] else f"{'-':>9}"
        precision = f"{right[key] / hid[key]:11.3f}" if hid[key] else f"{'-':>11}"
        print(f"{key:12}{want[key]:8}{recall}{hid[key]:8}{precision}")
    figures = {
        "recall of numbers and mail": hit["numbers"] / want["numbers"],
        "recall": hit["all"] / want["all"],
        "precision": right["all"] / hid["all"],
        "lines to leave alone": kept / calm,
    }
    rounded = {k: round(v, 4) for k, v in figures.items()} | {"lines": len(everything), "seconds": round(seconds, 3)}
    print(json.dumps({"command": "masking", **rounded}))
    failed = [name for name, floor in FLOORS.items() if figures[name] < floor]
    for name in failed:
        print(f"  FAIL {name}: {figures[name]:.3f} < {FLOORS[name]}")
    print(f"{len(FLOORS) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
