"""Delivery by HTTP POST: WebhookActor.cpp in small."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import json
import random
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp

from .core import Core
from .errors import Json
from .updates import Queued

MAX_RESEND = 60
MAX_RETRY_AFTER = 3600
DROP_AFTER_410 = 23 * 3600
_NOT_IN_ANSWER = ("deletewebhook", "setwebhook", "close", "logout")


@dataclass(slots=True)
class _Pending:
    """The delivery state of one update."""

    queued: Queued
    delay: int = 1
    fails: int = 0


class Deliverer:
    """Sends what is queued: one queue per sender, its next update only after 2xx, the queues side by side."""

    def __init__(self, core: Core, call: Callable[[Json], Awaitable[None]], close: Callable[[], None]) -> None:
        """`call` runs a method the bot put into its answer; `close` is told when 410 ended the webhook."""
        self._core = core
        self._hook = core.webhook
        self._call = call
        self._close = close
        self._scale = core.options.webhook_scale
        self._random = random.Random(core.options.seed)
        self._queues: dict[str, deque[_Pending]] = {}
        self._ready: list[tuple[float, int, str]] = []
        self._turn = 0
        self._wake = asyncio.Event()
        self._active: set[asyncio.Task[None]] = set()
        self._gone_since: float | None = None
        self._loop = asyncio.get_running_loop()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._hook.max_connections, ssl=False),
            timeout=aiohttp.ClientTimeout(total=core.options.webhook_timeout),
        )
        for queued in core.queue.waiting():
            self.add(queued)
        self._runner = asyncio.create_task(self._run())

    def add(self, queued: Queued) -> None:
        """A new update; it waits behind the others of its queue."""
        queue = self._queues.get(queued.queue_key)
        if queue is None:
            self._queues[queued.queue_key] = deque([_Pending(queued)])
            self._schedule(queued.queue_key, 0)
        else:
            queue.append(_Pending(queued))

    async def stop(self) -> None:
        """End delivery; unanswered updates stay in the queue."""
        tasks = [self._runner, *self._active]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._session.close()

    def _schedule(self, key: str, delay: float) -> None:
        self._turn += 1
        heapq.heappush(self._ready, (self._loop.time() + delay * self._scale, self._turn, key))
        self._wake.set()

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            now = self._loop.time()
            while self._ready and self._ready[0][0] <= now and len(self._active) < self._hook.max_connections:
                key = heapq.heappop(self._ready)[2]
                task = asyncio.create_task(self._deliver(key))
                self._active.add(task)
                task.add_done_callback(self._done)
            full = len(self._active) >= self._hook.max_connections
            wait = None if full or not self._ready else max(0.0, self._ready[0][0] - now)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), wait)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._active.discard(task)
        self._wake.set()

    async def _deliver(self, key: str) -> None:
        queue = self._queues[key]
        pending = queue[0]
        core = self._core
        core.queue.expire()
        if core.queue.get(pending.queued.id) is None:
            self._next(key)
            return
        core.ledger.delivered(pending.queued.id)
        core.ledger.count["webhook_posts"] += 1
        status, reason, retry_after, answer = await self._post(pending.queued.json)
        if 200 <= status <= 299:
            self._gone_since = None
            core.queue.forget(pending.queued.id, "acknowledged")
            self._next(key)
            if answer:
                await self._run_answer(answer)
            return
        core.ledger.count["webhook_failures"] += 1
        self._hook.last_error_date = int(core.clock.now())
        self._hook.last_error_message = f"Wrong response from the webhook: {status} {reason}" if status else reason
        if self._closed_by_410(status):
            self._close()
        else:
            self._retry(key, pending, retry_after)

    def _next(self, key: str) -> None:
        queue = self._queues[key]
        queue.popleft()
        if queue:
            self._schedule(key, 0)
        else:
            del self._queues[key]

    def _retry(self, key: str, pending: _Pending, retry_after: int) -> None:
        """First retry at once, then 2, 4, 8 ... s, at most 60-120 s (WebhookActor.cpp on_update_error)."""
        wait = min(max(retry_after, 0), MAX_RETRY_AFTER)
        if wait == 0 and pending.fails > 0:
            pending.delay = min(self._random.randint(MAX_RESEND, MAX_RESEND * 2), pending.delay * 2)
            wait = pending.delay
        pending.fails += 1
        if self._core.clock.now() + wait * self._scale > pending.queued.expires_at:
            self._core.queue.forget(pending.queued.id, "expired")
            self._next(key)
        else:
            self._schedule(key, wait)

    def _closed_by_410(self, status: int) -> bool:
        if status != 410:
            self._gone_since = None
            return False
        now = self._core.clock.now()
        if self._gone_since is None:
            self._gone_since = now
        return now > self._gone_since + DROP_AFTER_410

    async def _post(self, body: str) -> tuple[int, str, int, str]:
        headers = {"Content-Type": "application/json", "Accept-Encoding": "gzip, deflate"}
        if self._hook.secret_token:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self._hook.secret_token
        try:
            async with self._session.post(self._hook.url, data=body.encode(), headers=headers) as response:
                text = await response.text()
                after = response.headers.get("Retry-After", "")
                return response.status, response.reason or "", int(after) if after.isdigit() else 0, text
        except TimeoutError:
            return 0, "Read timeout expired", 0, ""
        except (aiohttp.ClientError, OSError, UnicodeDecodeError) as error:
            return 0, f"Connection failed: {type(error).__name__}", 0, ""

    async def _run_answer(self, text: str) -> None:
        """A bot may answer the POST with a method call (WebhookActor.cpp 619-633)."""
        try:
            call = json.loads(text)
        except ValueError:
            return
        method = str(call.get("method", "")).lower() if isinstance(call, dict) else ""
        if method and method not in _NOT_IN_ANSWER and not method.startswith("get"):
            await self._call(call)
