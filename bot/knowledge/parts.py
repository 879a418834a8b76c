"""The part of an answer that somebody asks for: its lines about the price, the time, the place, the papers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from bot.i18n import translator
from bot.knowledge.model import AnswerText, Published
from bot.knowledge.render import PLACEHOLDER, Filler, source_line
from bot.settings import LANGUAGES

MOST = 6
_SPLIT = re.compile(r"\n+")


@dataclass(frozen=True)
class Part:
    """What makes a line of an answer belong to an aspect."""

    units: tuple[str, ...] = ()
    not_units: tuple[str, ...] = ()
    contacts: bool = False
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def part_text(published: Published, topic: str, part: Part, language: str, today: date) -> str | None:
    """Title and the lines of the answer that belong to `part`, with their sources; None when there is no such line."""
    entry = published.answers[topic]
    shown = next(code for code in (language, *LANGUAGES) if code in entry.answers)
    lines = [line for line in _lines(entry.answers[shown]) if _belongs(line, part, published, shown)]
    if not lines:
        return None
    fill = Filler(published, shown, today)
    said = "\n".join(f"• {fill(line)}" for line in dict.fromkeys(lines[:MOST]))
    source = source_line([*fill.sources, *entry.sources], fill.checked, translator(shown), shown)
    return "\n\n".join([f"<b>{published.title(topic, shown)}</b>", said, *([source] if source else [])])


def _lines(text: AnswerText) -> list[str]:
    """Every line of an answer, in the order in which it is read."""
    blocks = (text.answer, *text.steps, text.watch or "", text.help or "", text.more or "")
    return [line.strip().removeprefix("•").strip() for block in blocks for line in _SPLIT.split(block) if line.strip()]


def _belongs(line: str, part: Part, published: Published, language: str) -> bool:
    if any(word in line.lower() for word in part.words.get(language, ())):
        return True
    for kind, name in PLACEHOLDER.findall(line):
        if kind in ("contact", "phone") and part.contacts:
            return True
        fact = published.facts.get(name) if kind == "fact" else None
        if fact is not None and fact.unit not in part.not_units and any(unit in fact.unit for unit in part.units):
            return True
    return False
