"""When the database fails: the hotlines go out from memory, at most once in some minutes per chat."""

from __future__ import annotations

import time
from typing import Any

import structlog

from bot.dialogue.types import Reply
from bot.i18n import translator
from bot.knowledge.model import Published
from bot.knowledge.render import contact_card
from bot.telegram.api import ChannelError, TelegramApi
from bot.telegram.updates import NO_CHAT, chat_key_of, text_of

log = structlog.get_logger(__name__)
AGAIN_AFTER = 300.0
REMEMBERED = 10_000


class Emergency:
    """Holds the text ready while everything is well, so that it needs nothing when nothing works."""

    def __init__(self, api: TelegramApi, published: Published) -> None:
        self._api = api
        self._told: dict[str, float] = {}
        card = published.answers["urgent_trapped"].card or {}
        contacts = [published.contacts[c] for country in ("th", "la") for c in card.get(country, ())]
        parts = []
        for language in ("lo", "th"):
            t = translator(language)
            parts.append(t("I have a technical problem and will answer later. If you are in danger, call:"))
            parts.append(contact_card(contacts, language))
        self._reply = Reply("\n".join(parts))

    async def tell(self, updates: list[dict[str, Any]]) -> None:
        """Send the hotlines to the chats of these updates that were not told lately."""
        now = time.monotonic()
        if len(self._told) > REMEMBERED:
            self._told = {chat: at for chat, at in self._told.items() if now - at < AGAIN_AFTER}
        for update in updates:
            chat = chat_key_of(update)
            if chat == NO_CHAT or not text_of(update) or now - self._told.get(chat, -AGAIN_AFTER) < AGAIN_AFTER:
                continue
            self._told[chat] = now
            try:
                await self._api.call("message", chat, self._reply.to_json())
            except ChannelError as error:
                log.warning("emergency_not_sent", reason=error.reason)
