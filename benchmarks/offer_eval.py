"""How well advertisements are judged: precision, recall and F1 of each flag, and the verdicts.

    uv run --no-sync python -m benchmarks.offer_eval [--half dev|held|r|all] [--errors] [FILE]

FILE: TSV with the columns id, lang, verdict, flags, text (\\n for a line break); ids with -d are the development half,
-h the held-out half, -f, -g and -k later held-out parts; -p, -q and -r were written together before any look at the
phrases: -p and -q were mended after their first look, -r is the honest measure and nothing was mended after it.
-a are of an adversarial review: the classes that it found missing, mended after the look.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from bot.knowledge.load import load_published
from bot.knowledge.offer import FLAG_IDS, OfferReport, examine
from bot.settings import ROOT

DATA = ROOT / "tests" / "data" / "offers.tsv"


@dataclass(frozen=True)
class Labelled:
    """One advertisement and what a careful reader marked in it."""

    id: str
    lang: str
    verdict: str
    flags: frozenset[str]
    text: str


def read(path: Path = DATA, half: str = "all") -> list[Labelled]:
    """The advertisements of a file, or of one half of it."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    kept = [r for r in rows if half == "all" or f"-{half[0]}" in r["id"]]
    return [
        Labelled(r["id"], r["lang"], r["verdict"], frozenset(r["flags"].split()), r["text"].replace("\\n", "\n"))
        for r in kept
    ]


@dataclass
class Score:
    """Counts over all flags of all advertisements."""

    right: Counter[str]
    missed: Counter[str]
    wrong: Counter[str]

    def f1(self, name: str | None = None) -> float:
        """F1 of one flag, or over all (micro)."""
        tp, fn, fp = (c[name] if name else sum(c.values()) for c in (self.right, self.missed, self.wrong))
        return 2 * tp / (2 * tp + fn + fp) if tp + fn + fp else 1.0


def score(judged: list[tuple[Labelled, OfferReport]]) -> Score:
    """Compare what was found with what was marked."""
    total = Score(Counter(), Counter(), Counter())
    for ad, report in judged:
        found = {flag.id for flag in report.flags}
        total.right.update(found & ad.flags)
        total.missed.update(ad.flags - found)
        total.wrong.update(found - ad.flags)
    return total


def judge(ads: list[Labelled]) -> list[tuple[Labelled, OfferReport]]:
    """Examine all with the real content."""
    published = load_published(ROOT / "content")
    assert published.offer_flags is not None
    return [(ad, examine(ad.text, published.offer_flags, published.facts)) for ad in ads]


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("file", nargs="?", type=Path, default=DATA)
    arguments.add_argument("--half", choices=["dev", "held", "fresh", "g", "k", "p", "q", "r", "all"], default="all")
    arguments.add_argument("--errors", action="store_true", help="list what was missed and what was wrong")
    chosen = arguments.parse_args()
    ads = read(chosen.file, chosen.half)
    judge(ads[:1])
    begun = time.perf_counter()
    judged = judge(ads)
    spent = (time.perf_counter() - begun) * 1000 / max(1, len(ads))
    total = score(judged)
    print(f"{'flag':26}{'marked':>8}{'precision':>11}{'recall':>8}{'F1':>7}")
    for name in FLAG_IDS:
        tp, fn, fp = total.right[name], total.missed[name], total.wrong[name]
        print(f"{name:26}{tp + fn:8}{tp / (tp + fp or 1):11.2f}{tp / (tp + fn or 1):8.2f}{total.f1(name):7.2f}")
    tp, fn, fp = (sum(c.values()) for c in (total.right, total.missed, total.wrong))
    print(f"{'all (micro)':26}{tp + fn:8}{tp / (tp + fp or 1):11.2f}{tp / (tp + fn or 1):8.2f}{total.f1():7.2f}")
    marked = [name for name in FLAG_IDS if total.right[name] + total.missed[name]]
    print(f"{'mean over flags (macro)':26}{'':27}{sum(map(total.f1, marked)) / len(marked):6.2f}")
    for lang in sorted({ad.lang for ad in ads}):
        print(f"F1 {lang}: {score([j for j in judged if j[0].lang == lang]).f1():.2f}")
    _verdicts(judged)
    print(f"{spent:.0f} ms an advertisement")
    if chosen.errors:
        for ad, report in judged:
            found = {flag.id: flag.words for flag in report.flags}
            if found.keys() != ad.flags:
                print(f"{ad.id} missed {sorted(ad.flags - found.keys())} wrong", end=" ")
                print({name: found[name] for name in found.keys() - ad.flags})


def _verdicts(judged: list[tuple[Labelled, OfferReport]]) -> None:
    dangerous = [r for ad, r in judged if ad.verdict == "danger"]
    honest = [r for ad, r in judged if not ad.flags]
    same = sum(ad.verdict == r.verdict for ad, r in judged)
    print(f"verdict right: {same} of {len(judged)}")
    print(f"dangerous called harmless: {sum(r.verdict == 'no_red_flag_found' for r in dangerous)} of {len(dangerous)}")
    print(f"dangerous called caution only: {sum(r.verdict == 'caution' for r in dangerous)} of {len(dangerous)}")
    print(f"honest called danger: {sum(r.verdict == 'danger' for r in honest)} of {len(honest)}")
    print(f"honest called caution: {sum(r.verdict == 'caution' for r in honest)} of {len(honest)}")


if __name__ == "__main__":
    main()
