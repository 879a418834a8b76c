"""What every decision needs beside the person and the event."""

from __future__ import annotations

from dataclasses import dataclass

from bot.dialogue.types import (
    Moment,
    State,
)
from bot.knowledge.alerts import News
from bot.knowledge.model import Published
from nlu.text.zones import Thresholds


@dataclass(frozen=True)
class Context:
    """The published content, the thresholds of the model, the moment, and the language of last resort."""

    published: Published
    thresholds: Thresholds
    moment: Moment
    default_language: str = "lo"
    recordings: frozenset[tuple[str, str]] = frozenset()
    """(topic, language) of the answers that can be listened to."""

    news: News | None = None
    """The news that a tapped button opens; None when there is none, or no longer."""

    def language(self, state: State) -> str:
        """The language in which this person is answered."""
        return state.language or self.default_language
