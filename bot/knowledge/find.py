"""Finding published answers by a few letters, in any language and writing: for inline mode, and for groups.

No model and no person behind it: titles first, then what the answers say.
"""

from __future__ import annotations

from dataclasses import dataclass

from rapidfuzz import fuzz

from bot.knowledge.model import Answer, Published
from nlu.text.normalise import normalise
from nlu.text.skeleton import skeleton

POPULAR = ("legal_ways", "passport", "mou_cost", "check_offer", "recruiter_red_flags", "hotlines", "minimum_wage")
"""Shown before anything is typed."""
SHORTEST = 2
CLOSE = 82.0
"""Likeness of sounds (0 to 100) from which a title counts as meant."""
TITLE, NEAR_TITLE, BODY = 3.0, 2.0, 1.0


@dataclass(frozen=True)
class _Entry:
    topic: str
    titles: tuple[str, ...]
    sounds: tuple[str, ...]
    body: str


def find(published: Published, query: str, most: int) -> list[str]:
    """Topics that a query may mean, best first; the popular ones when nothing is typed yet."""
    words = " ".join(normalise(query).lower().split())
    if len(words) < SHORTEST:
        return [topic for topic in POPULAR if _shareable(published, topic)][:most]
    sound = skeleton(words)
    scored = [(_score(entry, words, sound), entry.topic) for entry in _index(published)]
    ranked = sorted((pair for pair in scored if pair[0] > 0), key=lambda pair: -pair[0])
    return [topic for _, topic in ranked][:most]


def _score(entry: _Entry, words: str, sound: str) -> float:
    if any(words in title for title in entry.titles):
        first = any(title.startswith(words) for title in entry.titles)
        return TITLE + first + max(len(words) / len(title) for title in entry.titles if words in title)
    likeness = max((fuzz.partial_ratio(sound, other) for other in entry.sounds if len(other) >= len(sound)), default=0)
    if len(sound) > SHORTEST and likeness >= CLOSE:
        return NEAR_TITLE + likeness / 200
    parts = words.split()
    told = sum(1 for part in parts if len(part) > SHORTEST and part in entry.body)
    return BODY * told / len(parts) if told else 0.0


def _shareable(published: Published, topic: str) -> bool:
    """Talk about the bot itself is not shared."""
    entry = published.topics.get(topic)
    return entry is not None and topic in published.answers and entry.group != "chat"


_made: list[tuple[Published, tuple[_Entry, ...]]] = []
"""The index of the content that was searched last; content never changes, it is replaced."""


def _index(published: Published) -> tuple[_Entry, ...]:
    if not _made or _made[0][0] is not published:
        found = published.answers.items()
        _made[:] = [(published, tuple(_entry(topic, said) for topic, said in found if _shareable(published, topic)))]
    return _made[0][1]


def _entry(topic: str, answer: Answer) -> _Entry:
    titles = tuple(normalise(title).lower() for title in answer.title.values())
    texts = [text for said in answer.answers.values() for text in (said.answer, *said.steps)]
    body = normalise(" ".join(texts)).lower()
    return _Entry(topic, (*titles, topic.replace("_", " ")), tuple(skeleton(title) for title in titles), body)
