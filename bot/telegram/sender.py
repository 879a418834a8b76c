"""Drains the outbox: in the order of each chat, under Telegram's limits, with retries, and writes down how it went.

A message goes out at least once: it is marked after Telegram took it, and the next one of its chat only leaves when
that mark is committed. So a kill can repeat at most one text per chat, and loses none.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.services import hiding, metrics, outbox
from bot.services.conversations import utc_now
from bot.services.outbox import Due, Sent
from bot.storage.db import Database
from bot.storage.models import OutboxState
from bot.telegram.api import ChannelError, TelegramApi
from bot.telegram.failpoints import failpoint
from bot.telegram.limits import SendLimits
from bot.telegram.updates import CHANNEL
from bot.telegram.voice import send_voice

log = structlog.get_logger(__name__)

AT_ONCE = 32
IDLE_POLL = 0.5
"""Seconds between looks at the outbox when nobody woke us (another process may have filled it)."""
MAX_BACK_OFF = 60.0
OUTAGE_BACK_OFF = 4.0
"""Back-off while nothing goes out at all: then the network is at fault and not the message."""
OUTAGE = 3
"""Network failures in a row, of whatever messages, that count as an outage."""
NETWORK = ("network", "timeout")
SHORT_WAIT = 0.05
DRAIN_SECONDS = 1.8


class Sender:
    """One sender. On PostgreSQL only the process that holds the sender lease runs it: the limits are the bot's."""

    def __init__(
        self, database: Database, api: TelegramApi, limits: SendLimits, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._database, self._api, self._limits, self._clock = database, api, limits, clock
        self._wake = asyncio.Event()
        self._stopping = False
        self._busy: set[str] = set()
        self._cooling: dict[str, float] = {}
        self._results: list[Sent] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting = 0
        """How many rows waited at the last look, these included that are under way."""
        self._troubles = 0
        self._hurry = False
        self._recovered = False
        self.last_turn = time.monotonic()

    def wake(self) -> None:
        """There is something new in the outbox."""
        self._wake.set()

    def stop(self) -> None:
        """Finish what is under way, then end."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Send until stopped or cancelled; a failing database or network only slows it down."""
        self._recovered = False
        while not self._stopping:
            self.last_turn = time.monotonic()
            try:
                started = await self._round()
                if not started:
                    await self._rest()
            except Exception as error:  # the edge of the loop: it must go on, whatever it is
                log.error("sender_database", reason=type(error).__name__)
                await asyncio.sleep(0.5)

    async def finish(self) -> None:
        """After `run` has ended: what is under way is waited for, and what is known is written down."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=DRAIN_SECONDS)
        with contextlib.suppress(SQLAlchemyError, TimeoutError):
            await asyncio.wait_for(self._flush(), DRAIN_SECONDS)

    async def _round(self) -> int:
        """Write down results, take what is due, start the calls; returns how many were started."""
        self._wake.clear()
        if not self._recovered:
            await self._database.run(lambda session: outbox.recover(session, CHANNEL))
            self._recovered = True
        if self._hurry:
            await self._database.run(lambda session: outbox.hurry(session, CHANNEL, NETWORK))
            self._hurry = False
        now = self._clock()
        due = await self._mark_and_look(now)
        started = 0
        for row in due:
            # Telegram's limits are for messages; a chat that must vanish from the screen waits for none of them.
            seconds = 0.0 if row.method == "delete" else self._limits.wait(row.chat_key)
            if seconds > 0:
                self._cooling[row.chat_key] = self._limits.clock() + seconds
                if row.at_most_once:
                    self._results.append(Sent(row, None, retry_at=now))
                continue
            self._busy.add(row.chat_key)
            task = asyncio.create_task(self._send(row))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            started += 1
        return started

    def _cooling_chats(self) -> set[str]:
        """Chats that had their share of this second; they must not stand in the way of the others."""
        now = self._limits.clock()
        self._cooling = {chat: until for chat, until in self._cooling.items() if until > now}
        return set(self._cooling)

    async def _rest(self) -> None:
        """Until something new comes or ends; a look now and then when rows wait for their time."""
        later = self._waiting > len(self._busy) or self._limits.paused_until > self._limits.clock()
        try:
            await asyncio.wait_for(self._wake.wait(), SHORT_WAIT if later or self._results else IDLE_POLL)
        except TimeoutError:
            self._limits.forget_idle()

    async def _send(self, due: Due) -> None:
        try:
            if due.payload.get("voice"):
                number = await send_voice(self._database, self._api, due.chat_id or "", due.payload)
            else:
                number = await self._api.call(due.method, due.chat_id or "", await self._payload(due))
            result = Sent(due, OutboxState.DELIVERED, channel_message_id=number)
            self._hurry = self._hurry or self._troubles >= OUTAGE
            self._troubles = 0
        except ChannelError as error:
            result = self._failed(due, error)
        except Exception as error:  # the edge of the loop: one bad row must not stop the others
            log.error("send_broken", outbox=due.id, reason=type(error).__name__)
            result = Sent(due, OutboxState.FAILED, error=type(error).__name__)
        metrics.SENDS.labels(result.state or "retry").inc()
        failpoint("after_send")
        self._results.append(result)
        self._wake.set()

    async def _payload(self, due: Due) -> dict[str, Any]:
        """What is sent: of a chat that is hidden, also the messages whose numbers came after it was."""
        if "sent_before" not in due.payload or due.person_id is None:
            return due.payload
        person, now = due.person_id, self._clock()
        numbers = await self._database.run(lambda session: hiding.late(session, person, due.payload, now))
        return {"message_ids": numbers}

    def _failed(self, due: Due, error: ChannelError) -> Sent:
        if error.blocked:
            return Sent(due, OutboxState.BLOCKED, error=error.reason)
        if error.retry_after is None:
            log.warning("send_refused", outbox=due.id, reason=error.reason)
            return Sent(due, OutboxState.FAILED, error=error.reason)
        if error.flood:
            self._limits.pause(error.retry_after)
        elif due.at_most_once:
            return Sent(due, OutboxState.UNKNOWN, error=error.reason)
        delay = error.retry_after
        if not error.flood:
            self._troubles += 1
            longest = OUTAGE_BACK_OFF if self._troubles >= OUTAGE else MAX_BACK_OFF
            delay = min(longest, delay * 2 ** min(due.attempts, 6))
        return Sent(due, None, error=error.reason, retry_at=self._clock() + timedelta(seconds=delay))

    async def _mark_and_look(self, now: datetime) -> list[Due]:
        """Commit results, and in the same transaction look what is due next."""
        results, self._results = self._results, []
        done = {result.due.chat_key for result in results}
        busy = (self._busy - done) | self._cooling_chats()
        # Under way, or sent and not marked yet, is what a kill may repeat: so much and no more.
        room = AT_ONCE - len(self._busy - done)
        nothing_more = room <= 0 or self._limits.paused_until > self._limits.clock()
        if nothing_more and not results:
            return []

        def work(session: Session) -> tuple[list[Due], int]:
            if results:
                outbox.record(session, results, now)
            return ([], 0) if nothing_more else outbox.due(session, CHANNEL, busy, room, now)

        try:
            due, self._waiting = await self._database.run(work)
        except BaseException:  # a cancelled round too: these rows must not stay busy for ever
            self._results = results + self._results
            raise
        if results:
            failpoint("after_mark")
            self._busy -= done
        return due

    async def _flush(self) -> None:
        """Commit results."""
        if not self._results:
            return
        results, self._results = self._results, []
        await self._database.run(lambda session: outbox.record(session, results, self._clock()))
        failpoint("after_mark")
