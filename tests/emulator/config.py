"""Everything that can be set before the start, and the clock that tests may turn forward."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


class Clock:
    """Unix time a test may advance. Retention, 48 h, 150 s and flood windows follow it; sockets do not."""

    def __init__(self, start: float | None = None) -> None:
        """`start` freezes the clock at that Unix time; without it the clock runs with the machine's."""
        self._frozen = start
        self._offset = 0.0

    def now(self) -> float:
        """Unix time in seconds."""
        base = time.time() if self._frozen is None else self._frozen
        return base + self._offset

    def advance(self, seconds: float) -> float:
        """Turn the clock forward; returns the new time."""
        self._offset += seconds
        return self.now()


@dataclass(slots=True)
class FloodLimits:
    """Send limits; off until a test switches them on. Figures: reliability.md 1.1 "send limits"."""

    enabled: bool = False
    per_second: int = 30
    chat_per_second: float = 1.0
    chat_burst: int = 3
    group_per_minute: int = 20
    grace: float = 0.1
    """Seconds after a 429 in which a request may still have been on its way; those are no violations."""


@dataclass(slots=True)
class Options:
    """Settings of one emulator."""

    token: str = "1234567:TEST-TOKEN"
    bot_name: str = "Test bot"
    bot_username: str = "emulated_bot"
    first_update_id: int = 100_000_001
    first_message_id: int = 1
    message_ttl: float = 86_400
    query_ttl: float = 150
    max_queue: int = 100_000
    webhook_scale: float = 1.0
    """Factor on the webhook's waiting times (2 s, 4 s, ... and Retry-After); tests use 0.01."""
    webhook_timeout: float = 60.0
    https_only: bool = False
    """Telegram wants https; a local server does not (WebhookActor.cpp). Tests use http on loopback."""
    marker: str = r"(?<!\w)[mu]\d+(?!\w)"
    """Words in a person's text by which the answer is recognised when the bot repeats them."""
    attribution: str = "auto"
    """How an answer finds its update: auto, reply, marker or fifo (see ledger.py)."""
    log_limit: int = 500_000
    seed: int = 1
    flood: FloodLimits = field(default_factory=FloodLimits)

    @property
    def bot_id(self) -> int:
        """The number before the colon of the token."""
        return int(self.token.split(":", 1)[0])
