"""Phrase lexicons in all forms: one entry = one meaning with its Lao, Thai, romanised and English phrases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from nlu.text.normalise import normalise
from nlu.text.skeleton import skeleton

VERSION = "lexicon.v1"
SHORTEST_SOUND = 5  # shorter skeletons are found in everything

_LATIN = re.compile("[a-z]")
_ASIAN = re.compile("[\u0e00-\u0eff]")
_WORD = re.compile("[a-z0-9\u0e00-\u0eff]+")
_HANGING = frozenset(
    "\u0e31\u0e34\u0e35\u0e36\u0e37\u0e38\u0e39\u0e3a\u0e47\u0e48\u0e49\u0e4a\u0e4b\u0e4c\u0e4d"
    "\u0eb1\u0eb4\u0eb5\u0eb6\u0eb7\u0eb8\u0eb9\u0ebb\u0ebc\u0ec8\u0ec9\u0eca\u0ecb\u0ecc\u0ecd"
)


class LexiconError(ValueError):
    """A lexicon file says something that cannot be used; the message names the entry."""


@dataclass(frozen=True)
class Hit:
    entry: str
    phrase: str
    by_sound: bool


@dataclass
class _Finder:
    """Many phrases sought in one pass: they are kept by their first letters, looked up at each place of the text."""

    head: int  # so many first letters (a shorter phrase: all of it)
    heads: dict[int, dict[str, list[tuple[int, str, Hit]]]] = field(default_factory=dict)
    size: int = 0

    def add(self, part: str, hit: Hit) -> None:
        head = part[: self.head]
        self.heads.setdefault(len(head), {}).setdefault(head, []).append((self.size, part, hit))
        self.size += 1

    def hits(self, text: str, never_before: frozenset[str] = frozenset()) -> list[Hit]:
        """In the order of adding. No sign of `never_before` may follow: it would hang on the last consonant, and the
        short word would be the head of another one.
        """
        found: dict[int, Hit] = {}
        for length, heads in self.heads.items():
            for at in range(len(text) - length + 1):
                for number, part, hit in heads.get(text[at : at + length], ()):
                    if text.startswith(part, at) and text[at + len(part) : at + len(part) + 1] not in never_before:
                        found[number] = hit
        return [found[number] for number in sorted(found)]


@dataclass
class PhraseLexicon:
    """Entries as the YAML files hold them, each phrase under its form; English ones are not matched by sound.

    Finds entries by substring in the normalised text, at a word's beginning for Latin letters, else by sound.

    A phrase with "..." between two parts matches when both parts occur in this order, at most 25 signs apart.
    A Latin phrase that ends in "|" must end at a word's end.
    """

    entries: Mapping[str, Mapping[str, Iterable[str] | None]]  # {entry: {lo, th, roman, en: phrases}}
    sounds: bool = True
    _asian: _Finder = field(init=False, default_factory=lambda: _Finder(4))
    _latin: _Finder = field(init=False, default_factory=lambda: _Finder(4))
    _patterns: list[tuple[Hit, tuple[str, ...], re.Pattern[str]]] = field(init=False, default_factory=list)
    _by_sound: _Finder = field(init=False, default_factory=lambda: _Finder(SHORTEST_SOUND))

    def __post_init__(self) -> None:
        for entry, forms in self.entries.items():
            for form, phrases in forms.items():
                for phrase in phrases or ():
                    if not isinstance(phrase, str) or not phrase.strip():
                        raise LexiconError(f"{entry}, {form}: {phrase!r} is no phrase (a number needs quotes)")
                    self._add(entry, phrase, spoken=form != "en")

    def _add(self, entry: str, phrase: str, *, spoken: bool) -> None:
        exact_end = phrase.endswith("|")
        parts = [normalise(part) for part in phrase.rstrip("|").split("...")]
        parts = [part for part in parts if part]
        if not parts:
            raise LexiconError(f"{entry}: nothing is left of {phrase!r} after normalising")
        latin = not _ASIAN.search(phrase)
        if len(parts) > 1:
            self._patterns.append((Hit(entry, phrase, False), tuple(parts), _pattern(parts, latin)))
        elif latin:
            self._latin.add(f" {_words(parts[0])}{' ' if exact_end else ''}", Hit(entry, phrase, False))
        else:
            self._asian.add(parts[0].replace(" ", ""), Hit(entry, phrase, False))
        sound = skeleton(parts[0]) if len(parts) == 1 else ""
        if self.sounds and len(sound) >= SHORTEST_SOUND and spoken:
            self._by_sound.add(sound, Hit(entry, phrase, True))

    def find(self, text: str, sound: str | None = None) -> list[Hit]:
        """All hits, one for each entry and phrase; `sound` saves computing the skeleton twice."""
        text = normalise(text)
        hits: list[Hit] = []
        if _ASIAN.search(text):
            hits += self._asian.hits(text.replace(" ", ""), _HANGING)
        if _LATIN.search(text):
            hits += self._latin.hits(f" {_words(text)} ")
        hits += [h for h, parts, pattern in self._patterns if all(p in text for p in parts) and pattern.search(text)]
        if self.sounds:
            hits += self._by_sound.hits(skeleton(text) if sound is None else sound)
        return hits

    def entries_in(self, text: str, sound: str | None = None) -> set[str]:
        return {hit.entry for hit in self.find(text, sound)}


def _words(text: str) -> str:
    return " ".join(_WORD.findall(text))


def _pattern(parts: list[str], latin: bool) -> re.Pattern[str]:
    between = r".{0,40}?(?<![a-z0-9])" if latin else r".{0,25}?"
    return re.compile(("(?<![a-z0-9])" if latin else "") + between.join(re.escape(part) for part in parts))
