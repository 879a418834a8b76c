"""A chat with drafts on top of what is published. Nothing is stored: the state travels with the page."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import datetime

from bot.dialogue.context import Context
from bot.dialogue.engine import decide
from bot.dialogue.types import ButtonEvent, CommandEvent, Decision, Event, State, TextEvent
from bot.knowledge.model import Published
from bot.nlu.client import NluClient
from bot.nlu.keywords import KeywordSearch
from bot.nlu.lexicon import safety_lexicon
from bot.nlu.parse import Parse, load_thresholds
from bot.nlu.understand import Understanding
from bot.services import hotline
from bot.services.conversations import words_of
from bot.settings import Settings

NLU_SECONDS = 3.0


@dataclass(frozen=True)
class Tried:
    """What the bot would say, and who understood the words."""

    decision: Decision
    source: str


def state_of(text: str) -> State:
    """The state that a page brought back; a new one when it cannot be read."""
    try:
        value = json.loads(text)
        return State.from_json(value) if isinstance(value, dict) else State()
    except (ValueError, TypeError):
        return State()


def event_of(text: str, tap: str) -> Event:
    """What was written or tapped."""
    if tap:
        return ButtonEvent(tap)
    if text.startswith("/"):
        name, _, args = text[1:].partition(" ")
        return CommandEvent(name.lower(), args.strip())
    return TextEvent(text)


def say(settings: Settings, published: Published, state: State, event: Event, now: datetime) -> Tried:
    """The decision of the same engine that answers people."""
    words = words_of(event)
    parse = asyncio.run(_parse(settings, published, words)) if words else None
    context = Context(published, load_thresholds(), hotline.moment(settings, now), settings.default_language)
    return Tried(decide(state, event, parse, context), parse.source if parse else "buttons")


async def _parse(settings: Settings, published: Published, text: str) -> Parse:
    """By the running model if its address is set, else by keywords and the safety lexicon."""
    address = str(settings.nlu_url or f"http://127.0.0.1:{settings.nlu_port}")
    token = settings.nlu_token.get_secret_value() if settings.nlu_token else None
    client = NluClient(address.rstrip("/"), token, NLU_SECONDS)
    titles = [(name, entry.title.values()) for name, entry in published.answers.items()]
    try:
        return await Understanding(client, safety_lexicon(), KeywordSearch(titles), settings.nlu_max_chars).understand(
            text
        )
    finally:
        await client.close()
