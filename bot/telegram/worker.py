"""Processes the inbox: claims the head of each chat, asks the NLU, then decides and stores in one transaction."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Coroutine
from dataclasses import replace
from datetime import UTC, datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.dialogue.types import Event, TextEvent
from bot.nlu.parse import Parse
from bot.services import inbox, metrics, public
from bot.services.conversations import ConversationService, Incoming, utc_now
from bot.services.inbox import Claimed
from bot.storage.db import Database, is_outage
from bot.telegram.api import TelegramApi
from bot.telegram.failpoints import failpoint
from bot.telegram.groups import said_to_us
from bot.telegram.sender import Sender
from bot.telegram.updates import CHANNEL, Read, UnreadableUpdateError, chat_key_of, read_update, text_of

log = structlog.get_logger(__name__)

AT_ONCE = 16
AT_ONCE_BEHIND = 2
"""While Telegram still holds a backlog: a cry for help may stand at its end, so taking in goes before answering."""
BEHIND_SECONDS = 60.0
"""So long at most: a flood that never ends must not keep everybody from an answer."""
IDLE_POLL = 0.5
DRAIN_SECONDS = 2.0
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
        self._postponed: dict[int, bool] = {}
        """Rows to give back, and whether the attempt counts."""
        self._more = False
        """Rows waited at the last look that nobody here works on: behind one of their chat, or for room."""
        self._behind_since: float | None = None
        self._stored = 0
        self._failed_at: dict[int, int] = {}
        """How many updates had been stored when a row's work last failed."""
        self.last_turn = self.last_success = time.monotonic()

    def wake(self) -> None:
        """There is something new in the inbox."""
        self._wake.set()

    def stop(self) -> None:
        """Finish what is claimed, then end."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Process until stopped. A database that fails slows us down and loses nothing."""
        released = False
        while not self._stopping:
            self.last_turn = time.monotonic()
            try:
                if not released:
                    await self._release()
                    released = True
                claimed = await self._claim()
                self.last_success = time.monotonic()
            except Exception as error:  # the edge of the loop: it must go on, whatever it is
                log.error("worker_database", reason=type(error).__name__)
                claimed = 0
                await asyncio.sleep(0.5)
            if not claimed:
                await self._rest()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=DRAIN_SECONDS)
        with contextlib.suppress(SQLAlchemyError, TimeoutError):
            await asyncio.wait_for(
                self._database.run(lambda session: inbox.release(session, CHANNEL, self._holder)), DRAIN_SECONDS
            )

    async def _release(self) -> None:
        """At the start: on SQLite we are alone, so every claim is one of a process that died."""
        holder = None if self._database.is_sqlite else self._holder
        await self._database.run(lambda session: inbox.release(session, CHANNEL, holder))

    def behind(self, more: bool) -> None:
        """The door says whether Telegram has more than it could give at once."""
        if not more:
            self._behind_since = None
        elif self._behind_since is None:
            self._behind_since = time.monotonic()

    def _is_behind(self) -> bool:
        return self._behind_since is not None and time.monotonic() - self._behind_since < BEHIND_SECONDS

    async def _claim(self) -> int:
        self._wake.clear()
        room = (AT_ONCE_BEHIND if self._is_behind() else AT_ONCE) - len(self._tasks)
        if room <= 0:
            self._more = True
            return 0
        postponed = dict(self._postponed)

        def claim(session: Session) -> tuple[list[Claimed], int]:
            for counts in (True, False):
                if ids := [row for row, counted in postponed.items() if counted is counts]:
                    inbox.give_back(session, self._holder, ids, uncounted=not counts)
            return inbox.claim(session, CHANNEL, self._holder, room, utc_now())

        rows, waiting = await self._database.run(claim)
        self._more = waiting > len(self._tasks) + len(rows)
        for row_id in postponed:
            self._postponed.pop(row_id, None)
        for row in rows:
            task = asyncio.create_task(self._process(row))
            self._tasks.add(task)
            task.add_done_callback(self._finished)
        return len(rows)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if self._more or self._postponed:
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
            self._stored += 1
            self._failed_at.pop(claimed.id, None)
            metrics.UPDATES_DONE.labels("done").inc()
        except Exception as error:  # the edge of the loop
            if is_outage(error):
                log.error("update_postponed", update=claimed.update_id, reason=type(error).__name__)
                await asyncio.sleep(0.2)
                self._postpone(claimed)
                return
            log.error("update_quarantined", update=claimed.update_id, reason=type(error).__name__)
            metrics.UPDATES_DONE.labels("quarantined").inc()
            await self._quarantine(claimed, error)

    def _postpone(self, claimed: Claimed) -> None:
        """Try again soon. It only counts as an attempt when others went well meanwhile: then the update is at fault."""
        before = self._failed_at.get(claimed.id)
        self._failed_at[claimed.id] = self._stored
        self._postponed[claimed.id] = before is not None and before != self._stored

    async def _one(self, claimed: Claimed) -> None:
        if claimed.attempts > MAX_ATTEMPTS:
            raise UnreadableUpdateError("claimed too often without an end")
        read = read_update(claimed.payload)
        parse, username = None, ""
        if read.inline is not None or not read.private:
            username = await self._api.username()
        if not read.private:
            read = replace(read, event=said_to_us(claimed.payload, read.event, username))
        if read.event is not None:
            parse = await self._service.understand(read.event)
        failpoint("after_nlu")
        if read.callback_id:
            _background(self._api.answer_callback(read.callback_id))
        await self._database.run(lambda session: self._store(session, claimed, read, parse, username))
        failpoint("after_outbox")
        metrics.LAG.observe((datetime.now(UTC) - claimed.received_at).total_seconds())
        self._sender.wake()

    def _store(self, session: Session, claimed: Claimed, read: Read, parse: Parse | None, username: str) -> None:
        if not inbox.still_ours(session, claimed, self._holder):
            return
        asked = public.Asked(CHANNEL, claimed.update_id, username, read.speaks)
        if read.blocked:
            self._service.mark_blocked(session, CHANNEL, read.chat_key)
        elif read.inline is not None:
            public.answer_inline(session, self._service, asked, read.inline.id, read.inline.text)
        elif read.event is not None and not read.private:
            public.answer_group(session, self._service, asked, read.chat_key, read.event, parse)
        elif read.event is not None:
            self._service.store(
                session, Incoming(CHANNEL, read.chat_key, read.event, claimed.update_id, read.message_id), parse
            )
        failpoint("mid_handler")
        inbox.done(session, claimed, utc_now())

    async def _quarantine(self, claimed: Claimed, error: Exception) -> None:
        """Put the update aside; if words and a chat can be read in it they are still answered."""
        reason = str(error) if isinstance(error, UnreadableUpdateError) else type(error).__name__
        event = _what_can_be_read(claimed) if claimed.attempts <= MAX_ATTEMPTS + 1 else None
        try:
            parse = await self._service.understand(event) if event is not None else None
            await self._database.run(lambda session: self._aside(session, claimed, reason, event, parse))
        except Exception as failure:
            if is_outage(failure) or event is None:
                log.error("quarantine_postponed", update=claimed.update_id, reason=type(failure).__name__)
                self._postpone(claimed)
                return
            log.error("quarantine_unanswered", update=claimed.update_id, reason=type(failure).__name__)
            with contextlib.suppress(SQLAlchemyError):  # then its claim ends, and it comes here again
                await self._database.run(lambda session: self._aside(session, claimed, reason, None, None))
        self._sender.wake()

    def _aside(self, session: Session, claimed: Claimed, reason: str, event: Event | None, parse: Parse | None) -> None:
        if not inbox.still_ours(session, claimed, self._holder):
            return
        inbox.quarantine(session, claimed, reason, utc_now())
        if event is not None:
            self._service.store(
                session, Incoming(CHANNEL, chat_key_of(claimed.payload), event, claimed.update_id), parse
            )


def _what_can_be_read(claimed: Claimed) -> Event | None:
    """What a person said in an update that failed; None when there is nothing, or nobody to answer."""
    if not chat_key_of(claimed.payload).isdigit():
        return None
    try:
        read = read_update(claimed.payload)
    except UnreadableUpdateError:
        words = text_of(claimed.payload)
        return TextEvent(words) if words else None
    return read.event if read.private else None


_running: set[asyncio.Task[None]] = set()


def _background(work: Coroutine[None, None, None]) -> None:
    task = asyncio.create_task(work)
    _running.add(task)
    task.add_done_callback(_running.discard)
