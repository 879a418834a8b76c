"""What changed between two texts, word by word; Lao and Thai words come from the lists of nlu/lexicon."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any, Literal

from bot.services.editing.merge import leaves
from bot.settings import ROOT

LEXICON = ROOT / "nlu" / "lexicon"
LISTS = ("words_lo.txt", "words_th.txt", "words_own.txt")
LONGEST = 16
_RUNS = re.compile("[\u0e80-\u0eff]+|[\u0e00-\u0e7f]+|\\{[^}]*\\}|[^\\W\u0e00-\u0eff]+|\\s+|.", re.DOTALL)
_CLUSTER = re.compile(
    "[\u0e40-\u0e44\u0ec0-\u0ec4]?.[\u0e30-\u0e3a\u0e45\u0e47-\u0e4e\u0eb0-\u0ebd\u0ec8-\u0ecd]*", re.DOTALL
)

Piece = tuple[Literal["same", "out", "in"], str]


@dataclass(frozen=True)
class Change:
    """A field that differs, as pieces that stayed, went and came."""

    path: str
    pieces: list[Piece]


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    lines = (line for name in LISTS for line in (LEXICON / name).read_text(encoding="utf-8").splitlines())
    return frozenset(line for line in lines if line and not line.startswith("#"))


def words(text: str) -> list[str]:
    """The text cut into words; joined they are the text again."""
    found: list[str] = []
    for run in _RUNS.findall(text):
        found += _cut(run) if "\u0e00" <= run[0] <= "\u0eff" else [run]
    return found


def _cut(run: str) -> list[str]:
    """The longest known word at each place, else one consonant with all its signs."""
    found, start, known = [], 0, _known()
    while start < len(run):
        end = next((e for e in range(min(len(run), start + LONGEST), start + 1, -1) if run[start:e] in known), 0)
        if not end:
            match = _CLUSTER.match(run, start)
            end = match.end() if match else start + 1
        found.append(run[start:end])
        start = end
    return found


def pieces(old: str, new: str) -> list[Piece]:
    """What stayed, went and came."""
    before, after = words(old), words(new)
    found: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(("same", "".join(before[a:b])))
            continue
        if b > a:
            found.append(("out", "".join(before[a:b])))
        if d > c:
            found.append(("in", "".join(after[c:d])))
    return found


def changes(old: Any, new: Any) -> list[Change]:
    """Every field that differs between two bodies."""
    before, after = leaves(old), leaves(new)
    return [
        Change(path, pieces(before.get(path, ""), after.get(path, "")))
        for path in dict.fromkeys([*after, *before])
        if before.get(path) != after.get(path)
    ]
