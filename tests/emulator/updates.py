"""The queue of updates not yet confirmed: Telegram's TQueue with expiry."""

from __future__ import annotations

import heapq
import json
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .config import Clock, Options
from .errors import Json

KINDS = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "inline_query",
    "chosen_inline_result",
    "callback_query",
    "my_chat_member",
    "chat_member",
    "message_reaction",
    "message_reaction_count",
)
DEFAULT_KINDS = frozenset(KINDS) - {"chat_member", "message_reaction", "message_reaction_count"}


@dataclass(slots=True)
class Queued:
    """One waiting update. `body` is its JSON without update_id; `queue_key` names its webhook queue."""

    id: int
    body: str
    expires_at: float
    queue_key: str

    @property
    def json(self) -> str:
        """The update as sent to the bot."""
        return f'{{"update_id":{self.id},{self.body[1:]}' if self.body != "{}" else f'{{"update_id":{self.id}}}'


class UpdateQueue:
    """Updates in order of id. All operations are O(1) or O(log n) a changed update."""

    def __init__(self, options: Options, clock: Clock, on_gone: Callable[[int, str], None]) -> None:
        """`on_gone(update_id, how)` hears of each update that leaves: acknowledged, expired or dropped."""
        self._clock = clock
        self._limit = options.max_queue
        self._on_gone = on_gone
        self._items: dict[int, Queued] = {}
        self._order: deque[int] = deque()
        self._expiry: list[tuple[float, int]] = []
        self.next_id = options.first_update_id

    def __len__(self) -> int:
        return len(self._items)

    def push(self, payload: Json, expires_in: float, queue_key: str) -> Queued | None:
        """Append; None when the queue is full (100,000) or the update is too old already."""
        self.expire()
        if len(self._items) >= self._limit or expires_in <= 0:
            return None
        body = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
        if any("\ud800" <= char <= "\udfff" for char in body):  # half a surrogate pair is no UTF-8: as an escape then
            body = json.dumps(payload, separators=(",", ":"))
        queued = Queued(self.next_id, body, self._clock.now() + expires_in, queue_key)
        self.next_id += 1
        self._items[queued.id] = queued
        self._order.append(queued.id)
        heapq.heappush(self._expiry, (queued.expires_at, queued.id))
        return queued

    def get(self, update_id: int) -> Queued | None:
        """A waiting update by id."""
        return self._items.get(update_id)

    def forget(self, update_id: int, how: str) -> None:
        """Remove one update."""
        if self._items.pop(update_id, None) is not None:
            self._on_gone(update_id, how)

    def forget_below(self, offset: int) -> None:
        """Confirm everything below the offset (Client.cpp 16321, tqueue get with forget_previous)."""
        while self._order and self._order[0] < offset:
            self.forget(self._order.popleft(), "acknowledged")

    def keep_last(self, count: int) -> None:
        """A negative offset: all but the last `count` are forgotten."""
        while self._order and len(self._items) > count:
            self.forget(self._order.popleft(), "acknowledged")

    def clear(self) -> None:
        """drop_pending_updates: what waits is lost."""
        while self._order:
            self.forget(self._order.popleft(), "dropped")

    def expire(self) -> None:
        """Remove what is past its time."""
        now = self._clock.now()
        while self._expiry and self._expiry[0][0] < now:
            self.forget(heapq.heappop(self._expiry)[1], "expired")

    def waiting(self) -> Iterator[Queued]:
        """Unexpired updates from the oldest on; do not change the queue meanwhile."""
        self.expire()
        while self._order and self._order[0] not in self._items:
            self._order.popleft()
        for update_id in self._order:
            if queued := self._items.get(update_id):
                yield queued
