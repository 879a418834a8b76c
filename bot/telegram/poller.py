"""The polling door: fetch, commit, and only then move the offset."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.services import inbox, metrics
from bot.storage.db import Database
from bot.telegram.api import LIMIT, ChannelError, TelegramApi
from bot.telegram.intake import Intake, is_update
from bot.telegram.updates import CHANNEL

log = structlog.get_logger(__name__)
MAX_BACK_OFF = 5.0
STAND_BY = (5.0, 10.0, 20.0, 30.0)
"""Seconds between looks while another process polls; longer each time, since each look disturbs the other."""
ASK_AGAIN = 0.55
"""Seconds between two polls from the same offset, while updates cannot be stored."""
UNDISTURBED = 60.0
"""Seconds of polling after which we count as the one that polls."""


class Poller:
    """One poller a token. A second one stands by: Telegram answers it 409, and it tries again quietly."""

    def __init__(
        self, database: Database, api: TelegramApi, intake: Intake, seconds: int, behind: Callable[[bool], None]
    ) -> None:
        self._database, self._api, self._intake, self._seconds = database, api, intake, seconds
        self._behind = behind
        """Told with every poll whether Telegram has more."""
        self._offset: int | None = None
        self._failures = 0
        self._conflicts = 0
        self._conflict_at = 0.0
        self.stands_by = False
        self.last_success = self.last_try = time.monotonic()

    async def run(self) -> None:
        """Poll until cancelled. Cancelling is safe at any point: what was not committed is fetched again."""
        self.last_try = time.monotonic()
        self._offset = await self._read_offset()
        while True:
            self.last_try = time.monotonic()
            try:
                updates = await self._api.get_updates(self._offset, self._seconds)
            except ChannelError as error:
                await self._pause(error)
                continue
            self._well()
            self._behind(len(updates) >= LIMIT)
            if not updates:
                continue
            if not await self._intake.store(updates, "polling"):
                # Asked again within half a second Telegram would give one update only, and the others wait unheard.
                await asyncio.sleep(max(0.05, ASK_AGAIN - (time.monotonic() - self.last_try)))
                continue
            if numbers := [u["update_id"] for u in updates if is_update(u)]:
                self._offset = max(numbers) + 1

    async def _read_offset(self) -> int | None:
        """Where the last run ended: everything below it is stored, so asking from there acknowledges it.

        None when the database cannot say: then Telegram gives what is unacknowledged, and nothing counts twice. An
        offset far above Telegram's numbers (it may begin anew after a quiet week) is taken as none.
        """
        if not self._intake.open.is_set():
            return None
        try:
            last = await self._database.run(lambda session: inbox.last_update_id(session, CHANNEL))
        except SQLAlchemyError:
            last = None
        return None if last is None else last + 1

    def _well(self) -> None:
        self.last_success = time.monotonic()
        metrics.LAST_POLL.set_to_current_time()
        self._failures = 0
        if self._conflicts and self.last_success - self._conflict_at > UNDISTURBED:
            self._conflicts = 0
            log.info("poller_takes_over")

    async def _pause(self, error: ChannelError) -> None:
        if error.conflict:
            self.last_success = self._conflict_at = time.monotonic()
            if not self._conflicts:
                log.warning("poller_stands_by", reason="another process polls with this token, or a webhook is set")
            seconds = STAND_BY[min(self._conflicts, len(STAND_BY) - 1)] * (0.75 + random.random() / 2)
            self._conflicts += 1
            self.stands_by = True
            self.last_try += seconds
            await asyncio.sleep(seconds)
            self.stands_by = False
            self.last_success = time.monotonic()
            return
        self._failures += 1
        delay = error.retry_after if error.flood else min(MAX_BACK_OFF, 0.25 * 2 ** min(self._failures, 6))
        log.warning("poll_failed", reason=error.reason, failures=self._failures, seconds=round(delay or 1.0, 1))
        await asyncio.sleep((delay or 1.0) * (0.75 + random.random() / 2))
