"""Keyword search over the published titles, for the seconds in which the model is away.

A stand-in, not a second model: the share of a title's sound bigrams that stand in the message, best topics first.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.nlu.parse import Reading
from nlu.text.normalise import normalise
from nlu.text.skeleton import skeleton

GRAM = 4
ENOUGH = 0.6
"""Share of a title's sound pieces that must be found before it is offered."""


class KeywordSearch:
    """Offers topics whose title, in any language and any writing, sounds in the message."""

    def __init__(self, titles: Iterable[tuple[str, Iterable[str]]]) -> None:
        self._titles = [(topic, [_grams(name) for name in names]) for topic, names in titles]

    def search(self, text: str) -> tuple[Reading, ...]:
        """Up to three topics; their confidence is the share found and is no probability."""
        seen = _grams(text)
        if not seen:
            return ()
        scored = [(max((_share(title, seen) for title in names), default=0.0), topic) for topic, names in self._titles]
        best = sorted((s for s in scored if s[0] >= ENOUGH), reverse=True)[:3]
        return tuple(Reading(topic, round(score, 3)) for score, topic in best)


def _grams(text: str) -> frozenset[str]:
    sound = skeleton(normalise(text))
    return frozenset(sound[i : i + GRAM] for i in range(max(0, len(sound) - GRAM + 1)))


def _share(title: frozenset[str], seen: frozenset[str]) -> float:
    return len(title & seen) / len(title) if title else 0.0
