"""getUpdates, with the waiting and the conflicts of the real server."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from .args import Args
from .errors import ApiError
from .ledger import Ledger
from .updates import UpdateQueue

LONG_POLL_MAX = 50
ANSWER_BYTES = 1 << 22
CONFLICT_PAUSE = 3.0
_WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
_OTHER_POLLER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
_WEBHOOK_SET = "Conflict: terminated by setWebhook request"


class RawList(str):
    """A JSON array already written out."""

    __slots__ = ()


@dataclass(slots=True)
class _Held:
    offset: int
    limit: int
    future: asyncio.Future[RawList]
    waking: bool = False


class Poller:
    """One long poll at a time; a second one ends the first."""

    def __init__(self, queue: UpdateQueue, ledger: Ledger) -> None:
        self._queue = queue
        self._ledger = ledger
        self._held: _Held | None = None
        self._previous_offset: int | None = None
        self._previous_start = 0.0
        self._next_conflict = 0.0
        self.conflicts = 0

    async def get_updates(self, args: Args, *, webhook_active: bool) -> RawList:
        """Updates from `offset` on as a JSON array; may wait up to 50 s; ApiError 409 on conflict."""
        if webhook_active:
            raise await self._conflict(_WEBHOOK_ACTIVE)
        offset = args.integer("offset")
        limit = args.integer("limit", 100, 1, 100)
        timeout = float(args.integer("timeout", 0, 0, LONG_POLL_MAX))
        now = asyncio.get_running_loop().time()
        if offset == self._previous_offset:  # Client.cpp 15714-15719
            if timeout < 3 and now < self._previous_start + 3:
                timeout = 3
            if now < self._previous_start + 0.5:
                limit = 1
        self._previous_offset, self._previous_start = offset, now
        found = self._take(offset, limit)
        if found or not timeout:
            return found or RawList("[]")
        return await self._wait(offset, limit, timeout)

    async def _wait(self, offset: int, limit: int, seconds: float) -> RawList:
        self.abort(_OTHER_POLLER)
        held = _Held(offset, limit, asyncio.get_running_loop().create_future())
        self._held = held
        try:
            return await asyncio.wait_for(held.future, seconds)
        except TimeoutError:
            return self._take(offset, limit) or RawList("[]")
        except _Conflict as conflict:
            raise await self._conflict(str(conflict)) from None
        finally:
            if self._held is held:
                self._held = None

    def wake(self) -> None:
        """A new update is there: answer the long poll 2 ms later, so that a burst goes together."""
        held = self._held
        if held and not held.waking:
            held.waking = True
            asyncio.get_running_loop().call_later(0.002, self._answer, held)

    def _answer(self, held: _Held) -> None:
        held.waking = False
        if self._held is held and not held.future.done() and (found := self._take(held.offset, held.limit)):
            held.future.set_result(found)

    def abort(self, reason: str = _WEBHOOK_SET) -> None:
        """End the waiting poll with 409."""
        held, self._held = self._held, None
        if held and not held.future.done():
            held.future.set_exception(_Conflict(reason))

    async def _conflict(self, reason: str) -> ApiError:
        """Conflicts are told at most every 3 s; the others wait 3 s (Client.cpp 16238)."""
        self.conflicts += 1
        loop = asyncio.get_running_loop()
        if loop.time() >= self._next_conflict:
            self._next_conflict = loop.time() + CONFLICT_PAUSE
        else:
            await asyncio.sleep(CONFLICT_PAUSE)
        return ApiError(409, reason)

    def _take(self, offset: int, limit: int) -> RawList | None:
        """Confirm below `offset`, then read; an offset far in the future is as if none was given."""
        queue = self._queue
        if offset < 0:
            queue.keep_last(-offset)
        elif offset <= queue.next_id + 10:
            queue.forget_below(offset)
        parts: list[str] = []
        left = ANSWER_BYTES
        for queued in queue.waiting():
            if len(parts) >= limit:
                break
            left -= 50 + (len(queued.body) if queued.body.isascii() else len(queued.body.encode()))
            if left <= 0:
                break
            parts.append(queued.json)
            self._ledger.delivered(queued.id)
        return RawList(f"[{','.join(parts)}]") if parts else None


class _Conflict(Exception):
    """Carried by the future of a poll that was ended."""
