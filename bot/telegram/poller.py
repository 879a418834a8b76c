"""The polling door: fetch, commit, and only then move the offset."""

from __future__ import annotations

import asyncio
import random
import time

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.services import inbox, metrics
from bot.storage.db import Database
from bot.telegram.api import ChannelError, TelegramApi
from bot.telegram.emergency import Emergency
from bot.telegram.intake import Intake
from bot.telegram.updates import CHANNEL

log = structlog.get_logger(__name__)
MAX_BACK_OFF = 15.0
STAND_BY = 5.0


class Poller:
    """One poller a token. A second one stands by: Telegram answers it 409, and it tries again quietly."""

    def __init__(self, database: Database, api: TelegramApi, intake: Intake, emergency: Emergency) -> None:
        self._database, self._api, self._intake, self._emergency = database, api, intake, emergency
        self._offset: int | None = None
        self._failures = 0
        self._standing_by = False
        self.last_success = time.monotonic()

    async def run(self) -> None:
        """Poll until cancelled. Cancelling is safe at any point: what was not committed is fetched again."""
        await self._read_offset()
        while True:
            try:
                updates = await self._api.get_updates(self._offset)
            except ChannelError as error:
                await self._pause(error)
                continue
            self._well()
            if updates and not await self._store(updates):
                continue
            if updates:
                self._offset = max(u["update_id"] for u in updates if isinstance(u.get("update_id"), int)) + 1

    async def _read_offset(self) -> None:
        """Where the last run ended: everything below is stored already, so asking from there acknowledges it."""
        try:
            last = await self._database.run(lambda session: inbox.last_update_id(session, CHANNEL))
        except SQLAlchemyError:
            last = None
        # Telegram may start numbering anew after a week without updates; only a recent number is a sound offset,
        # and repeated updates are harmless, so when in doubt we start without one.
        self._offset = None if last is None else last + 1

    async def _store(self, updates: list[dict[str, object]]) -> bool:
        try:
            await self._intake.store(updates, "polling")
        except SQLAlchemyError as error:
            log.error("inbox_database", reason=type(error).__name__, waiting=len(updates))
            await self._emergency.tell(updates)
            await asyncio.sleep(0.5)
            return False
        return True

    def _well(self) -> None:
        self.last_success = time.monotonic()
        metrics.LAST_POLL.set_to_current_time()
        self._failures = 0
        if self._standing_by:
            self._standing_by = False
            log.info("poller_takes_over")

    async def _pause(self, error: ChannelError) -> None:
        if error.conflict:
            self.last_success = time.monotonic()
            if not self._standing_by:
                self._standing_by = True
                log.warning("poller_stands_by", reason="another process polls with this token, or a webhook is set")
            await asyncio.sleep(STAND_BY + random.random())
            return
        self._failures += 1
        delay = error.retry_after if error.flood else min(MAX_BACK_OFF, 0.25 * 2 ** min(self._failures, 6))
        log.warning("poll_failed", reason=error.reason, failures=self._failures, seconds=round(delay or 1.0, 1))
        await asyncio.sleep((delay or 1.0) * (0.75 + random.random() / 2))
