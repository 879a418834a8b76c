"""Lao and Thai words: fewest dictionary words that cover a run of script; Latin words stand as they are."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from nlu.text.normalise import normalise

VERSION = "segment.v1"
LEXICON = Path(__file__).resolve().parent.parent / "lexicon"
WORD_LISTS = (LEXICON / "words_lo.txt", LEXICON / "words_th.txt", LEXICON / "words_own.txt")
_LONGEST = 16
_PIECES = re.compile("[\u0e80-\u0eff]+|[\u0e00-\u0e7f]+|[a-z']+|[0-9]+|[^\\s\u0e00-\u0effa-z0-9]")
_UNKNOWN_SIGN = 3.0  # an uncovered sign costs as much as three words
# No word begins with a sign that hangs on a consonant, none ends with a vowel written before its consonant.
_DEPENDENT = frozenset(
    "\u0e30\u0e31\u0e32\u0e33\u0e34\u0e35\u0e36\u0e37\u0e38\u0e39\u0e3a\u0e45\u0e47\u0e48\u0e49\u0e4a\u0e4b\u0e4c\u0e4d"
    "\u0eb0\u0eb1\u0eb2\u0eb3\u0eb4\u0eb5\u0eb6\u0eb7\u0eb8\u0eb9\u0ebb\u0ebc\u0ebd\u0ec8\u0ec9\u0eca\u0ecb\u0ecc\u0ecd"
)
_LEADING = frozenset("\u0e40\u0e41\u0e42\u0e43\u0e44\u0ec0\u0ec1\u0ec2\u0ec3\u0ec4")


@lru_cache(maxsize=1)
def known_words() -> frozenset[str]:
    words: set[str] = set()
    for path in WORD_LISTS:
        lines = path.read_text(encoding="utf-8").splitlines()
        words.update(line for line in lines if line and not line.startswith("#"))
    return frozenset(words)


@lru_cache(maxsize=20_000)
def _cut(run: str) -> tuple[str, ...]:  # noqa: C901, PLR0912  one dynamic programme, clearer in one piece
    words = known_words()
    size = len(run)
    starts = [i < size and (i == 0 or (run[i] not in _DEPENDENT and run[i - 1] not in _LEADING)) for i in range(size)]
    starts.append(True)
    infinity = float("inf")
    cost = [0.0] + [infinity] * size
    back = [0] * (size + 1)
    for end in range(1, size + 1):
        if not starts[end]:
            continue
        nearest_done = False
        for start in range(end - 1, max(-1, end - _LONGEST - 1), -1):
            if not starts[start] or cost[start] == infinity:
                continue
            piece = run[start:end]
            if piece in words:
                price = cost[start] + 1.0 - 0.01 * len(piece)
            elif not nearest_done:
                price = cost[start] + _UNKNOWN_SIGN
            else:
                continue
            nearest_done = True
            if price < cost[end]:
                cost[end], back[end] = price, start
        if cost[end] == infinity:
            cost[end], back[end] = cost[0] + _UNKNOWN_SIGN * end, 0
    pieces: list[str] = []
    end = size
    unknown = ""
    while end:
        piece = run[back[end] : end]
        end = back[end]
        if piece in words:
            if unknown:
                pieces.append(unknown)
                unknown = ""
            pieces.append(piece)
        else:
            unknown = piece + unknown
    if unknown:
        pieces.append(unknown)
    return tuple(reversed(pieces))


def words_of_normalised(text: str) -> list[str]:
    out: list[str] = []
    for piece in _PIECES.findall(text):
        if piece[0] >= "\u0e00" and piece[0] <= "\u0eff":
            out.extend(_cut(piece))
        else:
            out.append(piece)
    return out


def words(text: str) -> list[str]:
    return words_of_normalised(normalise(text))


_RAW_PIECES = re.compile("[\u0e80-\u0eff]+|[\u0e00-\u0e7f]+|[^\\W\u0e00-\u0eff]+|[^\\s\\w\u0e00-\u0eff]")


def spans(text: str) -> list[tuple[int, int]]:
    """Start and end of each word in the text as it was sent (not normalised: offsets must stay)."""
    out: list[tuple[int, int]] = []
    for match in _RAW_PIECES.finditer(text):
        start = match.start()
        piece = match.group()
        for word in _cut(piece) if "\u0e00" <= piece[0] <= "\u0eff" else (piece,):
            out.append((start, start + len(word)))
            start += len(word)
    return out
