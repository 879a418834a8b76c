"""Telegram's sending limits: about 30 a second overall, one a second sustained per chat with a small burst.

Why our own: python-telegram-bot's AIORateLimiter does not limit private chats, and lets other chats send inside a
retry_after window (docs/decisions/0003-outbox-sender.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Bucket:
    """A token bucket: `rate` tokens a second, at most `burst` of them."""

    rate: float
    burst: float
    tokens: float
    at: float

    def wait(self, now: float) -> float:
        """Seconds until a token is there; takes none."""
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
        self.at = now
        return 0.0 if self.tokens >= 1 else (1 - self.tokens) / self.rate

    def take(self) -> None:
        """Take a token; call after `wait` said 0."""
        self.tokens -= 1


@dataclass
class SendLimits:
    """Overall and per chat; `pause` stops everything after a 429."""

    clock: Callable[[], float]
    overall_rate: float = 30.0
    chat_rate: float = 1.0
    chat_burst: float = 3.0
    paused_until: float = 0.0
    _overall: Bucket = field(init=False)
    _chats: dict[str, Bucket] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        # A small overall burst: 30 sends in one second must not become 60 in the second that holds a full bucket.
        self._overall = Bucket(self.overall_rate, max(1.0, self.overall_rate / 10), 1.0, self.clock())

    def wait(self, chat: str) -> float:
        """Seconds until a message to `chat` may go; 0 = now (and counted)."""
        now = self.clock()
        if now < self.paused_until:
            return self.paused_until - now
        bucket = self._chats.get(chat)
        if bucket is None:
            bucket = self._chats[chat] = Bucket(self.chat_rate, self.chat_burst, self.chat_burst, now)
        longest = max(self._overall.wait(now), bucket.wait(now))
        if longest <= 0:
            self._overall.take()
            bucket.take()
        return longest

    def pause(self, seconds: float) -> None:
        """Nothing goes out for so long: Telegram's retry_after holds for the whole bot."""
        self.paused_until = max(self.paused_until, self.clock() + seconds)

    def forget_idle(self) -> None:
        """Drop the buckets of chats that are full again."""
        now = self.clock()
        full = [chat for chat, b in self._chats.items() if (now - b.at) * b.rate + b.tokens >= b.burst]
        for chat in full:
            del self._chats[chat]
