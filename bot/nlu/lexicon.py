"""The safety lexicon: phrases of danger in every way of writing. It works without the model and beside it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from bot.settings import ROOT
from nlu.text.lexicon import PhraseLexicon

URGENT_LEXICON = ROOT / "nlu" / "lexicon" / "urgent.yml"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


_RUNS = re.compile(r"(.)\1{9,}", re.DOTALL)
"""The same sign again and again says nothing more, and 4,000 of them took the time of a hundred messages."""


@dataclass(frozen=True)
class Seen:
    """Urgent topics whose phrases stand in a text: `sure` ones alone justify the help card."""

    sure: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()


class SafetyLexicon:
    """Looks for phrases of danger.

    The file has three parts: `sure` and `possible`, urgent topic -> {lo, th, roman, en: phrases}, and `calm`, phrases
    that say that nobody is in danger ("nobody beats me", "what is"): beside one of them a sure phrase is only possible.
    """

    def __init__(self, path: Path = URGENT_LEXICON) -> None:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 -- the C twin of SafeLoader
        self._sure = PhraseLexicon(raw["sure"])
        self._possible = PhraseLexicon(raw["possible"])
        self._calm = PhraseLexicon({"calm": raw["calm"]}, sounds=False)

        # The door asks for the priority and the dialogue for the tier: the same text twice within a moment.
        self.look = lru_cache(maxsize=256)(self._look)

    def _look(self, text: str) -> Seen:
        """What the lexicon sees in `text`."""
        text = _RUNS.sub(r"\1\1\1", text)
        sure = _by_weight(hit.entry for hit in self._sure.find(text))
        possible = _by_weight(hit.entry for hit in self._possible.find(text))
        if sure and self._calm.find(text):
            return Seen((), tuple(dict.fromkeys((*sure, *possible))))
        return Seen(sure, tuple(topic for topic in possible if topic not in sure))


@lru_cache(maxsize=1)
def safety_lexicon() -> SafetyLexicon:
    """The lexicon of this process, built when it is first needed: that takes a third of a second of each start."""
    return SafetyLexicon()


def _by_weight(entries: Iterable[str]) -> tuple[str, ...]:
    """Each topic once, the one with most phrases first."""
    return tuple(topic for topic, _ in Counter(entries).most_common())
