"""From raw updates to the inbox, for both doors. Nothing is acknowledged before `store` has returned."""

from __future__ import annotations

from typing import Any

from bot.nlu.lexicon import SafetyLexicon
from bot.services import inbox, metrics
from bot.services.conversations import NORMAL, URGENT, utc_now
from bot.services.inbox import NewUpdate
from bot.storage.db import Database
from bot.telegram.failpoints import failpoint
from bot.telegram.updates import CHANNEL, chat_key_of, text_of

URGENT_DATA = ("sos", "danger:yes")


class Intake:
    """Stores updates once and wakes the worker."""

    def __init__(self, database: Database, lexicon: SafetyLexicon, wake: Any) -> None:
        self._database, self._lexicon, self._wake = database, lexicon, wake

    async def store(self, updates: list[dict[str, Any]], door: str) -> int:
        """Commit updates to the inbox; returns how many were new. Raises SQLAlchemyError when the database fails."""
        rows = [self._row(u) for u in updates if isinstance(u.get("update_id"), int)]
        failpoint("after_fetch")
        added = await self._database.run(lambda session: inbox.add(session, CHANNEL, rows, utc_now()))
        failpoint("after_inbox")
        metrics.UPDATES_IN.labels(door).inc(added)
        if added:
            self._wake()
        return added

    def _row(self, update: dict[str, Any]) -> NewUpdate:
        words = text_of(update)
        urgent = words.startswith(URGENT_DATA) or "🆘" in words or words.startswith("/sos")
        urgent = urgent or bool(self._lexicon.look(words[:2000]).sure)
        return NewUpdate(update["update_id"], chat_key_of(update), update, URGENT if urgent else NORMAL)
