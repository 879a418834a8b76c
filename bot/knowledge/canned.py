"""Replies that counsellors insert: plain text, with the facts and contacts of the answers."""

from __future__ import annotations

import html
import re
from datetime import date

from bot.knowledge.model import CannedReply, Published, pick
from bot.knowledge.render import Filler

TAG = re.compile(r"<[^<>]*>")


def canned_text(published: Published, reply: CannedReply, language: str, today: date) -> str:
    """The reply in `language` as it stands in the box. Raises UnknownReferenceError for a dead placeholder."""
    words, shown = pick(reply.text, language)
    return plain_text(Filler(published, shown, today)(words)).strip()


def plain_text(markup: str) -> str:
    """Telegram's HTML as plain words."""
    return html.unescape(TAG.sub("", markup))
