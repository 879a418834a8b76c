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
class PhraseLexicon:
    """Entries as the YAML files hold them, each phrase under its form; English ones are not matched by sound.

    Finds entries by substring in the normalised text, at a word's beginning for Latin letters, else by sound.

    A phrase with "..." between two parts matches when both parts occur in this order, at most 25 signs apart.
    A Latin phrase that ends in "|" must end at a word's end.
    """

    entries: Mapping[str, Mapping[str, Iterable[str] | None]]  # {entry: {lo, th, roman, en: phrases}}
    sounds: bool = True
    _asian: list[tuple[str, str, str]] = field(init=False, default_factory=list)
    _latin: list[tuple[str, str, str]] = field(init=False, default_factory=list)
    _patterns: list[tuple[str, str, re.Pattern[str]]] = field(init=False, default_factory=list)
    _by_sound: dict[str, list[tuple[str, str]]] = field(init=False, default_factory=dict)

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
            self._patterns.append((entry, phrase, _pattern(parts, latin)))
        elif latin:
            self._latin.append((entry, phrase, f" {_words(parts[0])}{' ' if exact_end else ''}"))
        else:
            self._asian.append((entry, phrase, parts[0].replace(" ", "")))
        sound = skeleton(parts[0]) if len(parts) == 1 else ""
        if self.sounds and len(sound) >= SHORTEST_SOUND and spoken:
            self._by_sound.setdefault(sound, []).append((entry, phrase))

    def find(self, text: str, sound: str | None = None) -> list[Hit]:
        """All hits, one for each entry and phrase; `sound` saves computing the skeleton twice."""
        text = normalise(text)
        hits = []
        if _ASIAN.search(text):
            close = text.replace(" ", "")
            hits += [Hit(e, p, False) for e, p, part in self._asian if part in close and _ends_well(part, close)]
        if _LATIN.search(text):
            latin = f" {_words(text)} "
            hits += [Hit(e, p, False) for e, p, part in self._latin if part in latin]
        hits += [Hit(e, p, False) for e, p, pattern in self._patterns if pattern.search(text)]
        if self.sounds and self._by_sound:
            sound = skeleton(text) if sound is None else sound
            for phrase_sound, owners in self._by_sound.items():
                if phrase_sound in sound:
                    hits += [Hit(e, p, True) for e, p in owners]
        return hits

    def entries_in(self, text: str, sound: str | None = None) -> set[str]:
        return {hit.entry for hit in self.find(text, sound)}


def _words(text: str) -> str:
    return " ".join(_WORD.findall(text))


def _ends_well(part: str, text: str) -> bool:
    """No sign that hangs on the last consonant follows: the short word is not the head of another one."""
    at = text.find(part)
    while at >= 0:
        after = text[at + len(part) : at + len(part) + 1]
        if after not in _HANGING:
            return True
        at = text.find(part, at + 1)
    return False


def _pattern(parts: list[str], latin: bool) -> re.Pattern[str]:
    between = r".{0,40}?(?<![a-z0-9])" if latin else r".{0,25}?"
    return re.compile(("(?<![a-z0-9])" if latin else "") + between.join(re.escape(part) for part in parts))
