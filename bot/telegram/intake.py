"""From raw updates to the inbox, for both doors. Nothing is acknowledged before `store` has returned True."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.dialogue.buttons import keyboard_meaning
from bot.nlu.lexicon import SafetyLexicon
from bot.services import inbox, metrics
from bot.services.conversations import NORMAL, URGENT, utc_now
from bot.services.inbox import NewUpdate
from bot.storage.db import Database, is_outage
from bot.telegram.emergency import Emergency
from bot.telegram.failpoints import failpoint
from bot.telegram.updates import CHANNEL, NO_CHAT, chat_key_of, text_of

log = structlog.get_logger(__name__)
URGENT_DATA = ("sos", "danger:yes", "safe:", "hide", "/sos", "/hide")
"""What nobody may wait for: help, and a chat that somebody else is about to see."""
PATIENCE = 0.6
"""Seconds after which people are told the hotlines although the database may yet answer."""
IN_TROUBLE = 0.45
"""Seconds that a poll waits for the database while that fails: the next person must be told within a second."""
WEBHOOK_WAITS = 5.0
"""Seconds after which a webhook call counts as failed; Telegram comes again with the update."""
RAW_CHARS = 20_000
BIGGEST = 2**63


class Intake:
    """Stores updates once and wakes the worker; tells people the hotlines while that cannot be done."""

    def __init__(self, database: Database, lexicon: SafetyLexicon, wake: Any, emergency: Emergency) -> None:
        self._database, self._lexicon, self._wake, self._emergency = database, lexicon, wake, emergency
        self.open = asyncio.Event()
        """Set when the database is there and has the newest schema."""
        self.trouble = False
        """The last attempt to store failed."""

    async def store(self, updates: list[dict[str, Any]], door: str) -> bool:
        """Commit updates to the inbox. False: the database cannot, nothing may be acknowledged, people were told."""
        if not self.open.is_set():
            log.error("inbox_database", reason="not there yet", waiting=len(updates))
            self._emergency.tell(updates)
            return False
        if self.trouble:
            self._emergency.tell(updates)
        storing = asyncio.create_task(self._store(updates))
        try:
            done, _ = await asyncio.wait({storing}, timeout=IN_TROUBLE if self.trouble else PATIENCE)
            if not done:
                self._emergency.tell(updates)
            # A poll is given up at once, since those behind these updates must be heard too; a webhook call may wait.
            added = await asyncio.wait_for(storing, 0 if door == "polling" else WEBHOOK_WAITS)
        except (SQLAlchemyError, TimeoutError) as error:
            self.trouble = True
            log.error("inbox_database", reason=type(error).__name__, waiting=len(updates))
            self._emergency.tell(updates)
            return False
        self.trouble = False
        metrics.UPDATES_IN.labels(door).inc(added)
        if added:
            self._wake()
        return True

    async def _store(self, updates: list[dict[str, Any]]) -> int:
        kept = [u for u in updates if is_update(u)]
        if len(kept) < len(updates):
            log.warning("no_updates", ignored=len(updates) - len(kept))
        rows = [self._row(u) for u in kept]
        failpoint("after_fetch")
        try:
            added = await self._database.run(lambda session: inbox.add(session, CHANNEL, rows, utc_now()), first=True)
        except Exception as error:
            # One that the database will not take must not hold up the others: they are stored one at a time.
            if is_outage(error):
                raise
            added = sum([await self._store_one(row) for row in rows])
        failpoint("after_inbox")
        return added

    async def _store_one(self, row: NewUpdate) -> int:
        try:
            return await self._database.run(lambda session: inbox.add(session, CHANNEL, [row], utc_now()), first=True)
        except Exception as error:
            if is_outage(error):
                raise
            reason = type(error).__name__
        log.error("update_quarantined", update=row.update_id, reason=reason)
        metrics.UPDATES_DONE.labels("quarantined").inc()
        raw = json.dumps(row.payload)[:RAW_CHARS]  # ASCII: any database takes it
        await self._database.run(lambda session: inbox.put_aside(session, CHANNEL, row, raw, reason, utc_now()))
        return 0

    def _row(self, update: dict[str, Any]) -> NewUpdate:
        words = text_of(update)
        urgent = words.startswith(URGENT_DATA) or "🆘" in words or keyboard_meaning(words) in URGENT_DATA
        urgent = urgent or bool(self._lexicon.look(words).sure)
        number, chat = update["update_id"], chat_key_of(update)
        # What belongs to no chat has no order to keep: each is a chat of its own.
        return NewUpdate(
            number, f"{NO_CHAT}/{number}" if chat == NO_CHAT else chat, update, URGENT if urgent else NORMAL
        )


def is_update(update: Any) -> bool:
    """Has it a number by which it can be stored once?"""
    number = update.get("update_id") if isinstance(update, dict) else None
    return isinstance(number, int) and not isinstance(number, bool) and 0 <= number < BIGGEST
