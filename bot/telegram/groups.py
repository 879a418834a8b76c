"""Groups: is the bot meant? Only then it reads, and it reads nothing else of the message."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from bot.dialogue.types import CommandEvent, Event, MediaEvent, TextEvent
from bot.telegram.updates import clean

_COMMAND_AT = re.compile(r"^/[A-Za-z0-9_]+@(\w+)")


def said_to_us(update: dict[str, Any], event: Event | None, username: str) -> Event | None:
    """The event without our name when it was said to us by name, command or reply; None for all other talk.

    An edited message is none: it was answered when it was written.
    """
    message = update.get("message")
    if not isinstance(message, dict) or event is None:
        return None
    written = message.get("text") or message.get("caption")
    text = clean(written) if isinstance(written, str) else ""
    if isinstance(event, CommandEvent):
        named = _COMMAND_AT.match(text)
        return event if named is None or named.group(1).lower() == username.lower() else None
    if isinstance(event, MediaEvent) and event.caption:
        event = TextEvent(event.caption)
    mention = re.compile(rf"@{re.escape(username)}(?!\w)", re.IGNORECASE) if username else None
    if mention is not None and mention.search(text):
        return replace(event, text=mention.sub(" ", text).strip()) if isinstance(event, TextEvent) else event
    return event if _replies_to(message, username) else None


def _replies_to(message: dict[str, Any], username: str) -> bool:
    replied = message.get("reply_to_message")
    author = replied.get("from") if isinstance(replied, dict) else None
    name = author.get("username") if isinstance(author, dict) else None
    return bool(username) and isinstance(name, str) and name.lower() == username.lower()
