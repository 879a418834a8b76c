"""What a word means, as a vector: English words by their own, Lao and Thai ones by their English glosses.

The tables (nlu/lexicon/meaning_*) are made by nlu/tools/make_meaning.py. So "wages withheld" comes near "salary not
paid" though no question said it so, and a Lao, Thai or English word near its translations.
"""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

VERSION = "meaning.v1"
LEXICON = Path(__file__).resolve().parent.parent / "lexicon"

Array = np.ndarray[Any, Any]


class Meanings:
    """Vectors of length 1 by word; None for a word that the tables do not hold."""

    def __init__(self, folder: Path = LEXICON) -> None:
        vectors = np.load(folder / "meaning_en.npy").astype(np.float32)
        self._vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        words = (folder / "meaning_en.txt").read_text(encoding="utf-8").split()
        if len(words) != len(vectors):
            raise ValueError("meaning_en.txt and meaning_en.npy are not of one making: run nlu/tools/make_meaning.py")
        # Words stand by falling frequency: a frequent gloss ("to go out") says less than a rare one.
        self._english = {word: i for i, word in enumerate(words)}
        self._glosses: dict[str, str] = {}
        for language in ("lo", "th"):
            for line in (folder / f"meaning_{language}.txt").read_text(encoding="utf-8").splitlines():
                word, _, gloss = line.partition("\t")
                self._glosses[word] = gloss
        self.of = lru_cache(maxsize=30_000)(self._of)

    @property
    def size(self) -> int:
        return int(self._vectors.shape[1])

    def known(self, word: str) -> bool:
        return word in self._english or word in self._glosses

    def _of(self, word: str) -> Array | None:
        at = self._english.get(word)
        if at is not None:
            return np.asarray(self._vectors[at])
        total = np.zeros(self.size, dtype=np.float32)
        for part in self._glosses.get(word, "").split():
            at = self._english[part]
            total += math.log(2 + at) * self._vectors[at]
        length = float(np.sqrt(total @ total))
        return total / length if length else None


@lru_cache(maxsize=1)
def meanings() -> Meanings:
    return Meanings()
