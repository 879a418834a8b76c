"""What staff see of a message: the one place where transcript text is read for people's eyes."""

from __future__ import annotations

import html
import re

from bot.masking import is_masked, mask
from bot.storage.models import Direction, Message

TAG = re.compile(r"<[^<>]*>")


def plain(message: Message) -> str:
    """What stands in a message: our own are Telegram's HTML, all others are plain."""
    if message.direction == Direction.OUT:
        return html.unescape(TAG.sub("", message.text))
    return message.text


def said(message: Message) -> str:
    """A message as staff see it: numbers that people or counsellors wrote are hidden, those of our answers are not."""
    text = plain(message)
    return text if message.direction == Direction.OUT else mask(text)


def hides(message: Message) -> bool:
    """True when a number of the message is hidden."""
    return message.direction != Direction.OUT and is_masked(message.text)
