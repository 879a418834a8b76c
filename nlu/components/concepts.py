"""Concept lexicon: one meaning in Lao, Thai, Latin letters and English gives one feature (nlu/lexicon/concepts.yml)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml

from nlu.text.lexicon import PhraseLexicon

VERSION = "concepts.v1"
CONCEPTS = Path(__file__).resolve().parent.parent / "lexicon" / "concepts.yml"


def load_concepts(path: Path = CONCEPTS) -> PhraseLexicon:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    return PhraseLexicon(data["concepts"])


@lru_cache(maxsize=1)
def _concepts() -> PhraseLexicon:
    return load_concepts()


def concepts_in(text: str, sound: str | None = None) -> list[str]:
    """Names of the concepts that the text mentions, sorted."""
    return sorted(_concepts().entries_in(text, sound))
