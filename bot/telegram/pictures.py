"""Reads the pictures that people sent: fetched from Telegram with a limit of size and time, one after the other.

A task of its own beside worker and sender: nobody's message waits for somebody's picture.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from bot.services import ocr, pictures
from bot.services.app import App
from bot.services.ocr import PictureText
from bot.telegram.api import ChannelError, TelegramApi
from bot.telegram.updates import CHANNEL

log = structlog.get_logger(__name__)

POLL = 0.5
MAX_BYTES = 6_000_000
FETCH_SECONDS = 15.0
TRIES = 3


class PictureReader:
    """Runs in the process that keeps house (`leads` says whether that is this one)."""

    def __init__(self, app: App, api: TelegramApi, wake_sender: Callable[[], None], leads: Callable[[], bool]) -> None:
        self._app, self._api, self._wake_sender, self._leads = app, api, wake_sender, leads

    async def run(self) -> None:
        """Look for pictures until cancelled; a failure concerns one picture, or waits for the database."""
        while True:
            try:
                done = await self._round() if self._leads() else 0
            except Exception as error:  # the edge of the loop: it must go on, whatever it is
                log.error("pictures", reason=type(error).__name__)
                done = 0
            if not done:
                await asyncio.sleep(POLL)

    async def _round(self) -> int:
        app, service = self._app, self._app.conversations
        done = 0
        for row in await app.database.run(lambda session: pictures.waiting(session, CHANNEL, service.now())):
            done += await pictures.answer(service, app.database, CHANNEL, row, self._look)
            self._wake_sender()
        return done

    async def _look(self, file_id: str) -> PictureText:
        """The words in a picture, or what to tell the person."""
        for attempt in range(TRIES):
            try:
                data = await asyncio.wait_for(self._api.fetch(file_id, MAX_BYTES), FETCH_SECONDS)
            except ChannelError as error:
                log.warning("picture_not_fetched", reason=error.reason)
                if error.reason == "too_big":
                    return PictureText(problem=pictures.TOO_BIG)
                if error.retry_after is None:
                    break
                await asyncio.sleep(min(5.0, error.retry_after * (attempt + 1)))
            except TimeoutError:
                log.warning("picture_not_fetched", reason="timeout")
            else:
                return await ocr.read_picture(data, self._app.settings.ocr_program)
        return PictureText(problem=pictures.NOT_FETCHED)
