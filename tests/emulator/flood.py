"""Send limits, and the record of sends made although a 429 said to wait."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from .config import Clock, FloodLimits
from .errors import ApiError, Json, too_many

GLOBAL = "global"


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


@dataclass(slots=True)
class _Window:
    """A 429 was told at `since`; nothing should come before `until`."""

    since: float
    until: float


@dataclass(slots=True)
class Flood:
    """Answers "may this be sent now?". Scopes are a chat id as text, or "global"."""

    clock: Clock
    limits: FloodLimits
    violations: list[Json] = field(default_factory=list)
    sent_per_second: dict[int, int] = field(default_factory=dict)
    _overall: deque[float] = field(default_factory=deque)
    _chats: dict[int, _Bucket] = field(default_factory=dict)
    _groups: dict[int, deque[float]] = field(default_factory=dict)
    _windows: dict[str, _Window] = field(default_factory=dict)

    def refuse(self, scope: str, retry_after: int) -> ApiError:
        """Open a retry_after window for the scope; returns the 429 to answer with."""
        now = self.clock.now()
        window = self._windows.get(scope)
        until = now + retry_after
        if window and window.until > now:
            window.until = max(window.until, until)
        else:
            self._windows[scope] = _Window(now, until)
        return too_many(retry_after)

    def check(self, method: str, chat_id: int, messages: int = 1) -> None:
        """Called for each sending request; raises ApiError 429 when it comes too early."""
        now = self.clock.now()
        for scope in (GLOBAL, str(chat_id)):
            window = self._windows.get(scope)
            if window is None:
                continue
            if now >= window.until:
                del self._windows[scope]
                continue
            if now > window.since + self.limits.grace:
                self.violations.append(
                    {
                        "time": now,
                        "method": method,
                        "chat_id": chat_id,
                        "scope": scope,
                        "early": window.until - now,
                    }
                )
            raise too_many(max(1, math.ceil(window.until - now)))
        if self.limits.enabled:
            self._limit(now, chat_id, messages)
        second = int(now)
        self.sent_per_second[second] = self.sent_per_second.get(second, 0) + messages

    def _limit(self, now: float, chat_id: int, messages: int) -> None:
        limits = self.limits
        while self._overall and self._overall[0] <= now - 1:
            self._overall.popleft()
        if len(self._overall) + messages > limits.per_second:
            raise self.refuse(GLOBAL, 1)
        if chat_id < 0:
            recent = self._groups.setdefault(chat_id, deque())
            while recent and recent[0] <= now - 60:
                recent.popleft()
            if len(recent) + messages > limits.group_per_minute:
                wait = recent[0] + 60 - now if recent else 60
                raise self.refuse(str(chat_id), max(1, math.ceil(wait)))
            recent.extend([now] * messages)
        else:
            bucket = self._chats.setdefault(chat_id, _Bucket(float(limits.chat_burst), now))
            bucket.tokens = min(limits.chat_burst, bucket.tokens + (now - bucket.at) * limits.chat_per_second)
            bucket.at = now
            if bucket.tokens < 1:
                raise self.refuse(str(chat_id), max(1, math.ceil((1 - bucket.tokens) / limits.chat_per_second)))
            bucket.tokens -= messages
        self._overall.extend([now] * messages)
