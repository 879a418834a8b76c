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
from nlu.components.meaning import meanings
from nlu.components.segment import words_of_normalised
from nlu.text.normalise import normalise
from nlu.text.scripts import form_probabilities
from nlu.text.skeleton import skeleton

VERSION = "features.v3"

_BLANK_IN_LAO = re.compile("(?<=[\u0e00-\u0eff])\\s+|\\s+(?=[\u0e00-\u0eff])")
_ASIAN = re.compile("[\u0e00-\u0eff]")
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
    def meant(self) -> list[str]:
        """Words of which a meaning is known. Latin ones are English or nothing: "pai" and "hai" are, too, in a list."""
        if _ASIAN.search(self.normal):
            words = self.words
        elif form_probabilities(self.normal).get("english", 0.0) >= 0.5:
            words = [word for word in self.words if word.isascii()]
        else:
            return []
        return [word for word in words if meanings().known(word)]

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


def meaning_view(reading: Reading) -> Iterable[str]:
    return reading.meant


VIEWS: Mapping[str, Callable[[Reading], Iterable[str]]] = {
    "char": char_view,
    "word": word_view,
    "sound": sound_view,
    "heard": heard_view,
    "concept": concept_view,
    "meaning": meaning_view,
}


@dataclass
class Vectoriser:
    """TF-IDF with sublinear counts over one view; rows scaled to length 1."""

    view: str
    vocabulary: dict[str, int]
    idf: np.ndarray[Any, Any]

    @property
    def size(self) -> int:
        """Columns of its rows."""
        return len(self.vocabulary)

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
        return sp.csr_matrix((data, columns, pointers), shape=(len(bags), self.size), dtype=np.float32)


@dataclass
class MeaningVectoriser(Vectoriser):
    """The mean of the words' meanings, each by its rarity in the training questions; length 1, or nothing at all.

    `idf` holds one number more than the vocabulary: that of words which no training question has. They count as well:
    what a new word means is known from the tables.
    """

    @property
    def size(self) -> int:
        return meanings().size

    @classmethod
    def fit(cls, view: str, bags: Sequence[Counter[str]], min_count: int) -> MeaningVectoriser:
        seen: Counter[str] = Counter()
        for bag in bags:
            seen.update(bag.keys())
        vocabulary = {word: i for i, word in enumerate(sorted(seen))}
        counts = np.array([*(seen[word] for word in vocabulary), 0], dtype=np.float64)
        return cls(view, vocabulary, np.log((1 + len(bags)) / (1 + counts)).astype(np.float32))

    def row(self, bag: Mapping[str, int]) -> tuple[list[int], np.ndarray[Any, Any]]:
        total = np.zeros(self.size, dtype=np.float32)
        for word, times in bag.items():
            meaning = meanings().of(word)
            if meaning is not None:
                total += times * self.idf[self.vocabulary.get(word, -1)] * meaning
        length = float(np.sqrt(total @ total))
        if not length:
            return [], total[:0]
        return list(range(self.size)), total / length


def vectoriser_of(view: str) -> type[Vectoriser]:
    return MeaningVectoriser if view == "meaning" else Vectoriser


def bag_of(view: str, reading: Reading) -> Counter[str]:
    return Counter(VIEWS[view](reading))
