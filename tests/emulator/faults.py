"""Faults that tests switch on and off while the bot runs."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from collections import Counter
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from aiohttp import web

from .errors import ControlError

BEFORE = frozenset({"429", "5xx", "reset_before", "blackhole"})
AFTER = frozenset({"reset_after", "timeout_after"})
KINDS = BEFORE | AFTER | {"latency"}
PAGE = (
    "<html>\r\n<head><title>{0} {1}</title></head>\r\n<body>\r\n<center><h1>{0} {1}</h1></center>\r\n</body>\r\n</html>"
)
REASONS = {
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


@dataclass(slots=True)
class Fault:
    """One rule. It strikes the next `next_n` fitting requests, or each with `probability`.

    kind          429 | 5xx | reset_before | reset_after | timeout_after | latency | blackhole
    methods       patterns on the lower-case method name, such as ["send*"]; empty = all
    chat_id       only requests for this chat
    retry_after   seconds told by a 429; scope "chat" or "global" is where the wait then holds
    status        of a 5xx, whose body is HTML
    seconds       of a latency, with up to `jitter` more; how long timeout_after holds the connection
    """

    kind: str
    probability: float = 0.0
    next_n: int | None = None
    methods: list[str] = field(default_factory=list)
    chat_id: int | None = None
    retry_after: int = 1
    scope: str = "chat"
    status: int = 502
    seconds: float = 60.0
    jitter: float = 0.0
    id: int = 0
    struck: int = 0

    def fits(self, method: str, chat_id: int | None) -> bool:
        """Whether the request is one the rule speaks of."""
        if self.next_n is not None and self.next_n <= 0:
            return False
        if self.chat_id is not None and chat_id != self.chat_id:
            return False
        return not self.methods or any(fnmatchcase(method, pattern.lower()) for pattern in self.methods)


class Faults:
    """The rules in force."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._next_id = 1
        self.rules: dict[int, Fault] = {}
        self.struck: Counter[str] = Counter()
        self.blackhole = False
        self.closing = False

    def add(self, fault: Fault) -> int:
        """Put a rule in force; returns its id."""
        if fault.kind not in KINDS:
            raise ControlError(f"unknown fault {fault.kind}; one of {', '.join(sorted(KINDS))}")
        fault.id = self._next_id
        self._next_id += 1
        self.rules[fault.id] = fault
        return fault.id

    def clear(self, fault_id: int | None = None) -> None:
        """Take back one rule, or all and the blackhole."""
        if fault_id is not None:
            self.rules.pop(fault_id, None)
            return
        self.rules.clear()
        self.blackhole = False

    def choose(self, method: str, chat_id: int | None) -> tuple[float, Fault | None]:
        """For one request: seconds to delay it, and the fault that strikes it if any."""
        delay = 0.0
        if not self.rules:
            return delay, None
        for fault in list(self.rules.values()):
            if not fault.fits(method, chat_id):
                continue
            if fault.next_n is None and self._random.random() >= fault.probability:
                continue
            if fault.next_n is not None:
                fault.next_n -= 1
                if fault.next_n <= 0:
                    self.rules.pop(fault.id, None)
            fault.struck += 1
            self.struck[fault.kind] += 1
            if fault.kind != "latency":
                return delay, fault
            delay += fault.seconds + self._random.random() * fault.jitter
        return delay, None

    async def hold(self, request: web.Request, seconds: float | None) -> None:
        """Keep the connection open without a word until the client goes, time is over or blackhole ends."""
        loop = asyncio.get_running_loop()
        end = None if seconds is None else loop.time() + seconds
        while not self.closing:
            transport = request.transport
            if transport is None or transport.is_closing():
                return
            if (end is not None and loop.time() >= end) or (end is None and not self.blackhole):
                break
            await asyncio.sleep(0.05)
        reset(request)


def reset(request: web.Request) -> None:
    """Cut the connection with RST."""
    transport = request.transport
    if transport is None:
        return
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def error_page(status: int) -> web.Response:
    """The HTML a proxy in front of Telegram answers with."""
    reason = REASONS.get(status, "Error")
    return web.Response(status=status, text=PAGE.format(status, reason), content_type="text/html")
