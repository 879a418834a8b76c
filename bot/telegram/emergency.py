"""When the database fails: the hotlines go out from memory, at most once in some minutes per chat."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import structlog

from bot.dialogue.types import Reply
from bot.i18n import translator
from bot.knowledge.render import contact_card
from bot.nlu.lexicon import SafetyLexicon
from bot.services.content import ContentStore
from bot.telegram.api import ChannelError, TelegramApi
from bot.telegram.limits import SendLimits
from bot.telegram.updates import chat_key_of, text_of

log = structlog.get_logger(__name__)
AGAIN_AFTER = 300.0
REMEMBERED = 10_000
AT_ONCE = 8
SPEAKS = ("message", "edited_message", "callback_query")
"""Updates in which a person says something to us."""


class Emergency:
    """Holds the text ready while everything is well, so that it needs nothing when nothing works."""

    def __init__(self, api: TelegramApi, content: ContentStore, limits: SendLimits, lexicon: SafetyLexicon) -> None:
        self._api, self._limits, self._lexicon = api, limits, lexicon
        self._told: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._content, self._version = content, ""
        self._text: dict[str, Any] = {}
        self._reply()  # made while all is well

    def _reply(self) -> dict[str, Any]:
        """The hotlines as published now; the store answers from memory."""
        published = self._content.published()
        if published.version == self._version:
            return self._text
        card = published.answers["urgent_trapped"].card or {}
        contacts = [published.contacts[c] for country in ("th", "la") for c in card.get(country, ())]
        parts = []
        for language in ("lo", "th"):
            t = translator(language)
            parts.append(t("I have a technical problem and will answer later. If you are in danger, call:"))
            parts.append(contact_card(contacts, language))
        self._version, self._text = published.version, Reply("\n".join(parts)).to_json()
        return self._text

    def tell(self, updates: list[dict[str, Any]]) -> None:
        """Begin to send the hotlines to the chats of these updates that were not told lately; danger words first."""
        now = time.monotonic()
        if len(self._told) > REMEMBERED:
            self._told = {chat: at for chat, at in self._told.items() if now - at < AGAIN_AFTER}
        for update in sorted(updates, key=self._calm):
            chat = chat_key_of(update)
            if not chat.isdigit() or not any(name in update for name in SPEAKS):
                continue  # groups, and what belongs to no chat
            if now - self._told.get(chat, -AGAIN_AFTER) < AGAIN_AFTER:
                continue
            self._told[chat] = now
            task = asyncio.create_task(self._send(chat))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _calm(self, update: dict[str, Any]) -> bool:
        words = text_of(update)
        return not ("🆘" in words or words.startswith(("sos", "/sos", "danger")) or self._lexicon.look(words).sure)

    async def _send(self, chat: str) -> None:
        async with self._room:
            seconds = self._limits.wait(chat)
            while seconds > 0:
                await asyncio.sleep(seconds)
                seconds = self._limits.wait(chat)
            try:
                await self._api.call("message", chat, self._reply())
            except ChannelError as error:
                log.warning("emergency_not_sent", reason=error.reason)
                if error.flood:
                    self._limits.pause(error.retry_after or 1.0)
                if error.retry_after is not None:
                    self._told.pop(chat, None)  # said again when the update is fetched again
