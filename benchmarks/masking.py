"""How much of what leads to a person is hidden, and how much else, on two labelled sets in tests/data/.

`masking.tsv` was written before the rules; `masking_apart.tsv` later and apart from them, in other people's manner.

`python -m benchmarks.masking [--set first|apart] [--misses]`: recall (marked parts that are hidden whole) and precision
(hidden parts that touch a marked one) by kind, and by language; exit code 1 when a set is below its floors.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from bot.masking import Hidden, found

DATA = Path(__file__).resolve().parent.parent / "tests" / "data"
SETS = {"first": DATA / "masking.tsv", "apart": DATA / "masking_apart.tsv"}
MARK = re.compile(r"\{(\w+):([^}]*)\}")
NUMBERS = ("phone", "passport", "id", "bank", "mail")
FLOORS = {"recall of numbers and mail": 0.98, "recall": 0.95, "precision": 0.95, "lines to leave alone": 0.95}


@dataclass(frozen=True)
class Line:
    """A labelled line."""

    language: str
    text: str
    marked: tuple[Hidden, ...]


@dataclass
class Counts:
    """What was marked, hidden, and rightly so; by kind, by language and in all."""

    want: Counter[str] = field(default_factory=Counter)
    hit: Counter[str] = field(default_factory=Counter)
    hid: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    calm: int = 0
    kept: int = 0

    def figures(self) -> dict[str, float]:
        """What is held against the floors."""
        return {
            "recall of numbers and mail": self.hit["numbers"] / self.want["numbers"],
            "recall": self.hit["all"] / self.want["all"],
            "precision": self.right["all"] / self.hid["all"],
            "lines to leave alone": self.kept / self.calm,
        }


def lines(name: str = "first") -> list[Line]:
    """A labelled set."""
    result = []
    for row in SETS[name].read_text(encoding="utf-8").splitlines():
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


def count(labelled: list[Line], *, show: bool = False) -> Counts:
    """Mask every line and count; `show` prints what was missed, and what was hidden in vain."""
    counts = Counts()
    for line in labelled:
        hidden = found(line.text)
        for mark in line.marked:
            covered = any(h.start <= mark.start and mark.end <= h.end for h in hidden)
            for key in (mark.kind, f"({line.language})", "all", *(["numbers"] if mark.kind in NUMBERS else [])):
                counts.want[key] += 1
                counts.hit[key] += covered
            if show and not covered:
                print(f"missed {mark.kind}: {line.text}  [{line.text[mark.start : mark.end]}]")
        for part in hidden:
            fits = any(part.start < m.end and m.start < part.end for m in line.marked)
            for key in (part.kind, f"({line.language})", "all"):
                counts.hid[key] += 1
                counts.right[key] += fits
            if show and not fits:
                print(f"in vain {part.kind}: {line.text}  [{line.text[part.start : part.end]}]")
        counts.calm += not line.marked
        counts.kept += not line.marked and not hidden
    return counts


def report(counts: Counts) -> None:
    """Print the table of a set."""
    print(f"{'kind':12}{'marked':>8}{'recall':>9}{'hidden':>8}{'precision':>11}")
    for key in sorted(counts.want | counts.hid, key=lambda k: (k == "all", k.startswith("("), k)):
        recall = f"{counts.hit[key] / counts.want[key]:9.3f}" if counts.want[key] else f"{'-':>9}"
        precision = f"{counts.right[key] / counts.hid[key]:11.3f}" if counts.hid[key] else f"{'-':>11}"
        print(f"{key:12}{counts.want[key]:8}{recall}{counts.hid[key]:8}{precision}")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", choices=sorted(SETS), help="Only this one.")
    parser.add_argument("--misses", action="store_true", help="Print what was missed, and what was hidden in vain.")
    chosen = parser.parse_args()
    passed = failed = 0
    for name in [chosen.set] if chosen.set else SETS:
        labelled, started = lines(name), time.perf_counter()
        counts = count(labelled, show=chosen.misses)
        seconds = time.perf_counter() - started
        report(counts)
        figures = counts.figures()
        rounded = {k: round(v, 4) for k, v in figures.items()} | {"lines": len(labelled), "seconds": round(seconds, 3)}
        print(json.dumps({"command": "masking", "set": name, **rounded}))
        low = [key for key, floor in FLOORS.items() if figures[key] < floor]
        for key in low:
            print(f"  FAIL {name}, {key}: {figures[key]:.3f} < {FLOORS[key]}")
        passed, failed = passed + len(FLOORS) - len(low), failed + len(low)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
