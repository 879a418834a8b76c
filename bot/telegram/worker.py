"""Processes the inbox: claims the head of each chat, asks the NLU, then decides and stores in one transaction."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from datetime import UTC, datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.dialogue.types import TextEvent
from bot.nlu.parse import Parse
from bot.services import inbox, metrics
from bot.services.conversations import ConversationService, Incoming, utc_now
from bot.services.inbox import Claimed
from bot.storage.db import Database
from bot.telegram.api import TelegramApi
from bot.telegram.failpoints import failpoint
from bot.telegram.sender import Sender
from bot.telegram.updates import CHANNEL, NO_CHAT, Read, UnreadableUpdateError, read_update, text_of

log = structlog.get_logger(__name__)

AT_ONCE = 16
IDLE_POLL = 0.5
MAX_ATTEMPTS = 5
"""An update whose claims ended unfinished so often (it kills the process?) is put into quarantine."""


class Worker:
    """One worker. Any number may run on one PostgreSQL; on SQLite there is one."""

    def __init__(
        self, database: Database, service: ConversationService, api: TelegramApi, sender: Sender, holder: str
    ) -> None:
        self._database, self._service, self._api, self._sender, self._holder = database, service, api, sender, holder
        self._wake = asyncio.Event()
        self._stopping = False
        self._tasks: set[asyncio.Task[None]] = set()
        self.last_progress = time.monotonic()

    def wake(self) -> None:
        """There is something new in the inbox."""
        self._wake.set()

    def stop(self) -> None:
        """Finish what is claimed, then end."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Process until stopped. A database that fails slows us down and loses nothing: the claims stay."""
        holder = None if self._database.is_sqlite else self._holder
        await self._database.run(lambda session: inbox.release(session, CHANNEL, holder))
        while not self._stopping:
            try:
                claimed = await self._claim()
                self.last_progress = time.monotonic()
            except SQLAlchemyError as error:
                log.error("worker_database", reason=type(error).__name__)
                claimed = 0
                await asyncio.sleep(0.5)
            if not claimed:
                await self._rest()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=8)
        await self._database.run(lambda session: inbox.release(session, CHANNEL, self._holder))

    async def _claim(self) -> int:
        self._wake.clear()
        room = AT_ONCE - len(self._tasks)
        if room <= 0:
            return 0
        rows = await self._database.run(lambda session: inbox.claim(session, CHANNEL, self._holder, room, utc_now()))
        for row in rows:
            task = asyncio.create_task(self._process(row))
            self._tasks.add(task)
            task.add_done_callback(self._finished)
        return len(rows)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._wake.set()

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), IDLE_POLL)
        except TimeoutError:
            return

    async def _process(self, claimed: Claimed) -> None:
        """One update, from claim to commit. Whatever happens here harms this update only."""
        try:
            await self._one(claimed)
            metrics.UPDATES_DONE.labels("done").inc()
        except SQLAlchemyError as error:
            # The claim ends by itself and the update is taken again.
            log.error("update_postponed", update=claimed.update_id, reason=type(error).__name__)
            await asyncio.sleep(0.2)
        except Exception as error:  # the edge of the loop
            log.error("update_quarantined", update=claimed.update_id, reason=type(error).__name__)
            metrics.UPDATES_DONE.labels("quarantined").inc()
            await self._quarantine(claimed, error)

    async def _one(self, claimed: Claimed) -> None:
        if claimed.attempts > MAX_ATTEMPTS:
            raise UnreadableUpdateError("claimed too often without an end")
        read = read_update(claimed.payload)
        parse = None
        if read.event is not None:
            parse = await self._service.understand(read.event)
        failpoint("after_nlu")
        if read.callback_id:
            _background(self._api.answer_callback(read.callback_id))
        await self._database.run(lambda session: self._store(session, claimed, read, parse))
        failpoint("after_outbox")
        metrics.LAG.observe((datetime.now(UTC) - claimed.received_at).total_seconds())
        self._sender.wake()

    def _store(self, session: Session, claimed: Claimed, read: Read, parse: Parse | None) -> None:
        if not inbox.still_ours(session, claimed, self._holder):
            return
        if read.blocked:
            self._service.mark_blocked(session, CHANNEL, read.chat_key)
        elif read.event is not None and read.private:
            self._service.store(
                session, Incoming(CHANNEL, read.chat_key, read.event, claimed.update_id, read.message_id), parse
            )
        failpoint("mid_handler")
        inbox.done(session, claimed, utc_now())

    async def _quarantine(self, claimed: Claimed, error: Exception) -> None:
        """Put the update aside; if words and a chat can be read in it they are still answered."""
        reason = str(error) if isinstance(error, UnreadableUpdateError) else type(error).__name__
        words = text_of(claimed.payload)
        recovered = bool(words) and claimed.chat_key != NO_CHAT and isinstance(error, UnreadableUpdateError)
        parse = await self._service.understand(TextEvent(words)) if recovered else None

        def aside(session: Session) -> None:
            if not inbox.still_ours(session, claimed, self._holder):
                return
            inbox.quarantine(session, claimed, reason, utc_now())
            if recovered:
                incoming = Incoming(CHANNEL, claimed.chat_key, TextEvent(words), claimed.update_id)
                self._service.store(session, incoming, parse)

        try:
            await self._database.run(aside)
            self._sender.wake()
        except SQLAlchemyError as failure:
            log.error("quarantine_postponed", update=claimed.update_id, reason=type(failure).__name__)


_running: set[asyncio.Task[None]] = set()


def _background(work: Coroutine[None, None, None]) -> None:
    task = asyncio.create_task(work)
    _running.add(task)
    task.add_done_callback(_running.discard)
