"""In which language to answer: what the person chose, else what the message shows."""

from __future__ import annotations

from dataclasses import dataclass

from bot.dialogue.types import (
    State,
)
from bot.nlu.parse import Parse


@dataclass(frozen=True)
class AnswerLanguage:
    """The language of the answer, and whether to ask the person for it."""

    code: str
    ask: bool = False


SURE_FORMS = {"lao": "lo", "thai": "th", "english": "en"}
"""Forms whose writer reads the same language for certain."""

LIKELY_FORMS = {"roman": "lo", "thaiscript": "lo", "karaoke": "th"}
"""Romanised Lao and Lao in Thai letters are Lao speakers; we answer in Lao and ask once."""


def answer_language(state: State, parse: Parse | None, default: str) -> AnswerLanguage:
    """The language for the reply to a message that was parsed as `parse`."""
    if state.language_chosen and state.language:
        return AnswerLanguage(state.language)
    form = parse.form if parse else None
    if form in SURE_FORMS:
        return AnswerLanguage(SURE_FORMS[form])
    if form in LIKELY_FORMS:
        likely = state.language or (parse.language if parse and parse.language else LIKELY_FORMS[form])
        return AnswerLanguage(likely, ask=not state.asked_language and state.language is None)
    seen = parse.language if parse else None
    return AnswerLanguage(state.language or seen or default)
