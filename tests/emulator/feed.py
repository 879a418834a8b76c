"""Many updates at once or at a rate."""

# ruff: noqa: ASYNC109 - a test says in one place how long it waits
from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from .errors import ControlError, Json
from .views import Views

_TICK = 0.005


@dataclass(slots=True)
class Feed:
    """A bulk feed on its way. `made` of `count` so far."""

    count: int
    chats: int
    rate: float
    template: str
    texts: list[str]
    first_user_id: int
    poison_every: int
    made: int = 0
    task: asyncio.Task[None] | None = None

    def as_json(self) -> Json:
        """Progress."""
        return {"count": self.count, "made": self.made, "done": self.made >= self.count}


class Feeds(Views):
    """Bulk feeding."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.feeds: list[Feed] = []

    def feed(
        self,
        count: int,
        chats: int = 500,
        rate: float = 0.0,
        template: str = "m{n}",
        texts: list[str] | None = None,
        first_user_id: int = 1_000_001,
        poison_every: int = 0,
    ) -> int:
        """Start feeding `count` texts over `chats` chats in turn; returns the feed's number.

        rate           updates a second; 0 = all at once, here and now
        template       with {n} (1, 2, ...), {user} and {text}; texts, if given, are taken in turn as {text}
        poison_every   each so many updates one unreadable update goes in between
        """
        if count < 0 or chats < 1:
            raise ControlError("count must be >= 0 and chats >= 1")
        if texts and template == "m{n}":
            template = "{text}"
        feed = Feed(count, chats, rate, template, texts or [], first_user_id, poison_every)
        for user_id in range(first_user_id, first_user_id + min(chats, count)):
            if user_id not in self.core.world.persons:
                self.add_user(user_id, f"User {user_id}")
        self.feeds.append(feed)
        if rate <= 0:
            self._make(feed, count)
        else:
            feed.task = asyncio.create_task(self._run(feed))
        return len(self.feeds) - 1

    def _make(self, feed: Feed, upto: int) -> None:
        while feed.made < upto:
            number = feed.made + 1
            user_id = feed.first_user_id + feed.made % feed.chats
            text = feed.texts[feed.made % len(feed.texts)] if feed.texts else ""
            feed.made = number
            self.send_text(user_id, feed.template.format(n=number, user=user_id, text=text))
            if feed.poison_every and number % feed.poison_every == 0:
                self.poison()

    async def _run(self, feed: Feed) -> None:
        loop = asyncio.get_running_loop()
        start = loop.time()
        while feed.made < feed.count:
            self._make(feed, min(feed.count, int((loop.time() - start) * feed.rate) + 1))
            await asyncio.sleep(_TICK)

    def feed_state(self, number: int = -1) -> Json:
        """How far a feed is."""
        if not self.feeds:
            raise ControlError("there is no feed")
        return self.feeds[number].as_json()

    async def drained(self, timeout: float = 60.0, quiet: float = 1.0) -> Json:
        """Wait until all feeds are done and nothing is pending or unanswered, or nothing moves for `quiet` s.

        Returns the stats. TimeoutError when it still moves after `timeout` s.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout
        last: tuple[int, ...] = ()
        since = loop.time()
        while loop.time() < end:
            stats = self.stats()
            busy = any(feed.made < feed.count for feed in self.feeds)
            if not busy and not stats["pending"] and not stats["lost"]:
                return stats
            now = (stats["made"], stats["pending"], stats["answered"], stats["answers"])
            if now != last:
                last, since = now, loop.time()
            elif not busy and loop.time() - since >= quiet:
                return stats
            await asyncio.sleep(0.05)
        raise TimeoutError(f"still moving after {timeout} s: {self.stats()}")

    def stop_feeds(self) -> None:
        """End all feeds where they are."""
        for feed in self.feeds:
            if feed.task:
                feed.task.cancel()
