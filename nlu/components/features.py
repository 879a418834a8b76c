"""What the classifier sees of a text: several views, each a bag of strings, each weighed and scaled alike."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import scipy.sparse as sp

from nlu.components.concepts import concepts_in
from nlu.components.segment import words_of_normalised
from nlu.text.normalise import normalise
from nlu.text.skeleton import skeleton

VERSION = "features.v2"

_BLANK_IN_LAO = re.compile("(?<=[\u0e00-\u0eff])\\s+|\\s+(?=[\u0e00-\u0eff])")
_NUMBER = re.compile(r"\d{3,}")
_KEPT_NUMBERS = frozenset({"1300", "191", "1669", "1694", "1506", "1546", "1323", "1191", "1195", "1362", "555"})


@lru_cache(maxsize=60_000)
def _word_sound(word: str) -> str:
    return skeleton(word)


class Reading:
    """One text and everything derived from it, each computed once and only when a view asks."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def normal(self) -> str:
        text = normalise(self.text)
        return _NUMBER.sub(lambda m: m.group() if m.group() in _KEPT_NUMBERS else "000", text)

    @cached_property
    def tight(self) -> str:
        """Blanks kept between Latin words alone: Lao and Thai writers put them anywhere."""
        return _BLANK_IN_LAO.sub("", self.normal)

    @cached_property
    def words(self) -> list[str]:
        return words_of_normalised(self.normal)

    @cached_property
    def sound(self) -> str:
        return skeleton(self.normal)

    @cached_property
    def heard(self) -> list[str]:
        """The sound of each word: Lao and Thai words by dictionary, Latin ones as they were typed apart."""
        return [sound for sound in map(_word_sound, self.words) if sound]

    @cached_property
    def concepts(self) -> list[str]:
        return concepts_in(self.normal, self.sound)


def ngrams(text: str, shortest: int, longest: int) -> Iterable[str]:
    size = len(text)
    for n in range(shortest, min(longest, size) + 1):
        for i in range(size - n + 1):
            yield text[i : i + n]


def char_view(reading: Reading) -> Iterable[str]:
    return ngrams(f" {reading.tight} ", 2, 4)


def word_view(reading: Reading) -> Iterable[str]:
    words = reading.words
    return [*words, *(f"{a} {b}" for a, b in pairwise(words))]


def sound_view(reading: Reading) -> Iterable[str]:
    return ngrams(f" {reading.sound} ", 2, 4)


def heard_view(reading: Reading) -> Iterable[str]:
    """One to three words run together: "nai jang" typed apart is what the Lao word is in one."""
    heard = reading.heard
    pairs = [a + b for a, b in pairwise(heard)]
    return [*heard, *pairs, *(pair + c for pair, c in zip(pairs, heard[2:], strict=False))]


def concept_view(reading: Reading) -> Iterable[str]:
    found = reading.concepts
    return [*found, *(f"{a}+{b}" for i, a in enumerate(found) for b in found[i + 1 :])]


VIEWS: Mapping[str, Callable[[Reading], Iterable[str]]] = {
    "char": char_view,
    "word": word_view,
    "sound": sound_view,
    "heard": heard_view,
    "concept": concept_view,
}


@dataclass
class Vectoriser:
    """TF-IDF with sublinear counts over one view; rows scaled to length 1."""

    view: str
    vocabulary: dict[str, int]
    idf: np.ndarray[Any, Any]

    @classmethod
    def fit(cls, view: str, bags: Sequence[Counter[str]], min_count: int) -> Vectoriser:
        seen: Counter[str] = Counter()
        for bag in bags:
            seen.update(bag.keys())
        kept = sorted(gram for gram, n in seen.items() if n >= min_count)
        vocabulary = {gram: i for i, gram in enumerate(kept)}
        counts = np.array([seen[gram] for gram in kept], dtype=np.float64)
        idf = (np.log((1 + len(bags)) / (1 + counts)) + 1).astype(np.float32)
        return cls(view, vocabulary, idf)

    def row(self, bag: Mapping[str, int]) -> tuple[list[int], np.ndarray[Any, Any]]:
        known = [(i, n) for gram, n in bag.items() if (i := self.vocabulary.get(gram)) is not None]
        columns = [i for i, _ in known]
        values = np.array([1.0 + math.log(n) if n > 1 else 1.0 for _, n in known], dtype=np.float32)
        if columns:
            values *= self.idf[columns]
            values /= np.sqrt(values @ values)
        return columns, values

    def matrix(self, bags: Sequence[Mapping[str, int]]) -> sp.csr_matrix:
        pointers, columns, values = [0], [], []
        for bag in bags:
            row_columns, row_values = self.row(bag)
            columns.extend(row_columns)
            values.append(row_values)
            pointers.append(len(columns))
        data = np.concatenate(values) if values else np.zeros(0, dtype=np.float32)
        return sp.csr_matrix((data, columns, pointers), shape=(len(bags), len(self.vocabulary)), dtype=np.float32)


def bag_of(view: str, reading: Reading) -> Counter[str]:
    return Counter(VIEWS[view](reading))
