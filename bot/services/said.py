"""What staff see of a message: the one place where transcript text is read for people's eyes."""

from __future__ import annotations

import html
import re

from bot.masking import MASK, mask
from bot.storage.models import Direction, Message

TAG = re.compile(r"<[^<>]*>")


def readable(message: Message, words: str) -> str:
    """Words of a message for reading: our own are Telegram's HTML, all others are plain."""
    return html.unescape(TAG.sub("", words)) if message.direction == Direction.OUT else words


def plain(message: Message) -> str:
    """What stands in the masked copy of a message."""
    return readable(message, message.text)


def said(message: Message) -> str:
    """A message as staff see it: numbers that people or counsellors wrote are hidden, those of our answers are not."""
    text = plain(message)
    return text if message.direction == Direction.OUT else mask(text)


def hides(message: Message) -> bool:
    """True when the words themselves hold more than the masked copy shows."""
    return message.sealed is not None and MASK in message.text
