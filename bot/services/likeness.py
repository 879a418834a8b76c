"""Is a question there already? It is compared with all training questions, accepted, waiting and held-out ones.

Two questions are alike when their sound skeletons are the same (nlu/questions.py), in whatever script. The keys of the
files are worked out once in the background, since they take many seconds, and kept in a file beside the trainings.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from rapidfuzz import fuzz, process
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.settings import ROOT, Settings
from bot.storage.models import QuestionState, TrainingQuestion
from nlu.questions import Row, hash_of, held_out_rows, key_of, training_rows

LONG, LONGER, ALMOST = 12, 20, 95.0
"""Short keys are shared by many innocent questions; only longer ones prove anything."""
key = lru_cache(maxsize=8192)(key_of)


class Kind(StrEnum):
    """What was found."""

    HELD_OUT = "held_out"
    OTHER_TOPIC = "other_topic"
    SAME_TOPIC = "same_topic"


@dataclass(frozen=True)
class Finding:
    """A question that is like this one; nothing is told of a held-out one."""

    kind: Kind
    intent: str = ""
    text: str = ""
    where: str = ""


@dataclass
class Known:
    """All questions in files, by key."""

    training: list[Row] = field(default_factory=list)
    by_key: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    held_texts: frozenset[str] = frozenset()
    held_keys: frozenset[str] = frozenset()

    @classmethod
    def read(cls, data: Path, held_out: Path, keys: Callable[[str], str] = key_of) -> Known:
        """Read both folders. `keys` gives the key of a text."""
        held = held_out_rows(held_out)
        known = cls(
            training_rows(data),
            held_texts=frozenset(_plain(row.text) for row in held),
            held_keys=frozenset(k for row in held if len(k := keys(row.text)) > LONG),
        )
        for row in known.training:
            if found := keys(row.text):
                known.by_key[found].append(row)
        return known

    def held_out(self, text: str) -> bool:
        """Is it one of the questions that models are judged by, or almost one?"""
        mine = key(text)
        if _plain(text) in self.held_texts or mine in self.held_keys:
            return True
        if len(mine) <= LONGER:
            return False
        return process.extractOne(mine, self.held_keys, scorer=fuzz.ratio, score_cutoff=ALMOST) is not None


class Library:
    """The known questions of two folders, read again when a file changed."""

    def __init__(self, data: Path, held_out: Path, cache: Path) -> None:
        self._data, self._held_out, self._cache = data, held_out, cache
        self._known: tuple[float, Known] | None = None
        self._lock = threading.Lock()

    def known(self) -> Known:
        """All of them; the first time somebody waits for it."""
        with self._lock:
            stamp = self._stamp()
            if self._known is None or self._known[0] != stamp:
                self._known = (stamp, self._read())
            return self._known[1]

    def at_hand(self) -> Known | None:
        """All of them if they are read already; if not, they are being read from now on."""
        if self._known is not None:
            return self.known()
        if not self._lock.locked():
            threading.Thread(target=self.known, daemon=True, name="questions").start()
        return None

    def _read(self) -> Known:
        """With the keys of the last time, as far as they were made by the same code."""
        mark, keys = hash_of(ROOT / "nlu" / "text", ROOT / "nlu" / "questions.py"), dict[str, str]()
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            kept = json.loads(self._cache.read_text(encoding="utf-8"))
            keys = dict(kept["keys"]) if kept["code"] == mark else {}
        before = len(keys)

        def made(text: str) -> str:
            if text not in keys:
                keys[text] = key_of(text)
            return keys[text]

        known = Known.read(self._data, self._held_out, made)
        if len(keys) > before:
            with contextlib.suppress(OSError):  # it is a help only
                self._cache.parent.mkdir(parents=True, exist_ok=True)
                part = self._cache.with_name(f"{self._cache.name}.{os.getpid()}.part")
                part.write_text(json.dumps({"code": mark, "keys": keys}, ensure_ascii=False), encoding="utf-8")
                part.replace(self._cache)
        return known

    def _stamp(self) -> float:
        files = [*self._data.glob("*/*.yml"), *self._held_out.glob("*.tsv")]
        return sum(path.stat().st_mtime for path in files)


@lru_cache(maxsize=4)
def library(data: Path, held_out: Path, cache: Path) -> Library:
    """The library of two folders, one for the whole process."""
    return Library(data, held_out, cache)


def library_of(settings: Settings) -> Library:
    """The library of the folders that are set."""
    return library(settings.questions_dir, settings.held_out_dir, settings.training_dir / "keys.json")


def findings(session: Session, known: Known, text: str, intent: str, own: int | None = None) -> list[Finding]:
    """What a question is like, the gravest first. `own`: its number, if it has one."""
    if known.held_out(text):
        return [Finding(Kind.HELD_OUT)]
    mine = key(text)
    if not mine:
        return []
    found = {Finding(_kind(row.intent, intent), row.intent, row.text, row.where) for row in known.by_key.get(mine, ())}
    for row in session.scalars(select(TrainingQuestion).where(TrainingQuestion.state != QuestionState.REJECTED)):
        if row.id != own and key(row.text) == mine:
            found.add(Finding(_kind(row.intent, intent), row.intent, row.text, row.state))
    return sorted(found, key=lambda f: (list(Kind).index(f.kind), f.where, f.text))


def _kind(theirs: str, ours: str) -> Kind:
    return Kind.SAME_TOPIC if theirs == ours else Kind.OTHER_TOPIC


def _plain(text: str) -> str:
    return " ".join(text.lower().split())
