"""Short questions that lean on the answer before them ("and how much?"), read by phrases: no model, every writing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.knowledge.parts import Part
from bot.settings import ROOT
from nlu.text.normalise import normalise

FOLLOWUPS = ROOT / "nlu" / "lexicon" / "followup.yml"
LONGEST = 60
"""Signs; a longer message has something of its own to say."""

_TONES = re.compile("[\u0e47-\u0e4c\u0ec8-\u0ecb]")
_ASIAN = re.compile("[\u0e00-\u0eff]")
_GAP = re.compile("(?<=[\u0e00-\u0eff]) (?=[\u0e00-\u0eff])")
_WORD = re.compile("[a-z0-9']+|[\u0e00-\u0eff]+")


class Aspects:
    """The file nlu/lexicon/followup.yml. Raises ValueError when it names an aspect that it does not define."""

    def __init__(self, path: Path = FOLLOWUPS) -> None:
        raw: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        self._aspects = {name: _pattern(_all(forms)) for name, forms in raw["aspects"].items()}
        self._known = _pattern([*(p for forms in raw["aspects"].values() for p in _all(forms)), *_all(raw["fillers"])])
        self.targets: dict[str, dict[str, str]] = raw["targets"]
        self.parts = {name: _part(entry) for name, entry in raw["parts"].items()}
        if strange := (self.targets.keys() | self.parts.keys()) - self._aspects.keys():
            raise ValueError(f"{path}: no such aspect: {', '.join(sorted(strange))}")

    def of(self, text: str) -> str | None:
        """The aspect that a message asks for, when it says nothing else."""
        plain = _plain(text)
        if not plain.strip() or len(text) > LONGEST or self._known.sub(" ", plain).strip():
            return None
        return next((name for name, pattern in self._aspects.items() if pattern.search(plain)), None)


@lru_cache(maxsize=1)
def aspects() -> Aspects:
    """The aspects of the file, read once."""
    return Aspects()


def _part(entry: Mapping[str, Any]) -> Part:
    words = {language: tuple(found) for language, found in entry.get("words", {}).items()}
    return Part(tuple(entry.get("units", ())), tuple(entry.get("not_units", ())), entry.get("contacts", False), words)


def _all(forms: Mapping[str, Iterable[str]]) -> list[str]:
    return [phrase for phrases in forms.values() for phrase in phrases]


def _plain(text: str) -> str:
    """Words between blanks, without tone marks: Latin ones apart, Lao and Thai without blanks inside a run."""
    words = _WORD.findall(_TONES.sub("", normalise(text)))
    return f" {_GAP.sub('', ' '.join(words))} "


def _pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    """One pattern of all phrases, longest first; Latin ones are whole words."""
    plain = sorted({_plain(phrase).strip() for phrase in phrases}, key=lambda p: (-len(p), p))
    return re.compile(
        "|".join(re.escape(p) if _ASIAN.search(p) else f"(?<![a-z0-9']){re.escape(p)}(?![a-z0-9'])" for p in plain if p)
    )
