"""Live pages: the server says that something changed, and the page fetches its part again (server-sent events).

Nothing of a transcript travels here. A page that gets no connection polls instead.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from threading import Lock

import anyio
from sqlalchemy.exc import SQLAlchemyError
from sse_starlette.sse import EventSourceResponse
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from bot.console.guard import Refused, Visit
from bot.console.roles import may
from bot.services import cases, desk, staff_sessions

LASTS, EVERY = 600.0, 0.8
"""Seconds: of one connection, and between two looks at the session and the subject: who is shut out is out in one."""
A_SESSION, IN_ALL = 3, 100
"""Connections; browsers open six in all to one address, and pages need some for themselves."""
FRESH = 0.8


@dataclass
class Streams:
    """Counts the connections, and shares what was looked up a moment ago among them."""

    open: Counter[str] = field(default_factory=Counter)
    _marks: dict[str, tuple[float, str]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def enter(self, key: str) -> bool:
        """True when one more connection of this session may be opened; then `leave` must follow."""
        with self._lock:
            if self.open[key] >= A_SESSION or self.open.total() >= IN_ALL:
                return False
            self.open[key] += 1
            return True

    def leave(self, key: str) -> None:
        """A connection ended."""
        with self._lock:
            self.open[key] -= 1
            if self.open[key] <= 0:
                del self.open[key]

    def mark(self, subject: str, look: Callable[[], str]) -> str:
        """The mark of a subject; looked up once for all who watch it at this moment."""
        now = time.monotonic()
        at, mark = self._marks.get(subject, (0.0, ""))
        if now - at > FRESH:
            mark = look()
            with self._lock:
                self._marks = {name: kept for name, kept in self._marks.items() if now - kept[0] < 60}
                self._marks[subject] = (now, mark)
        return mark


STREAMS = Streams()


def queue(visit: Visit) -> Response:
    """Says when the queue changed."""

    def look() -> str:
        with visit.house.database.read() as session:
            return _hash([(row, row.alarm(visit.house.now())) for row in cases.queue(session)])

    return _stream(visit, "queue_live", lambda: STREAMS.mark("queue", look))


def case(visit: Visit) -> Response:
    """Says when something of a case changed, or somebody else came to it."""
    number, name, presence = visit.number("case"), visit.who.name, visit.house.presence

    def look() -> str:
        with visit.house.database.read() as session:
            return _hash(desk.mark(session, number))

    def mark() -> str:
        presence.looks(number, name)
        return STREAMS.mark(f"case {number}", look) + repr(presence.others(number, name))

    with visit.house.database.read() as session:
        if desk.view(session, number) is None:
            raise Refused(404)
    return _stream(visit, "case_live", mark)


def _stream(visit: Visit, route: str, mark: Callable[[], str]) -> Response:
    key = _hash(visit.cookie)
    if not STREAMS.enter(key):
        return Response(status_code=204)  # tells the browser not to try again: the page polls
    return EventSourceResponse(_events(visit, route, mark, key), ping=15)


async def _events(visit: Visit, route: str, mark: Callable[[], str], key: str) -> AsyncIterator[dict[str, object]]:
    try:
        end = time.monotonic() + LASTS
        seen = await run_in_threadpool(mark)
        yield {"event": "hello", "data": "", "retry": 3000}
        while time.monotonic() < end:
            await anyio.sleep(EVERY)
            if not await run_in_threadpool(_still_in, visit, route):
                yield {"event": "ended", "data": ""}
                return
            now = await run_in_threadpool(mark)
            if now != seen:
                seen = now
                yield {"event": "changed", "data": ""}
    except SQLAlchemyError:  # the page polls, and shows what is wrong
        return
    finally:
        STREAMS.leave(key)


def _still_in(visit: Visit, route: str) -> bool:
    with visit.house.database.read() as session:
        found = staff_sessions.find(session, visit.cookie, visit.house.now())
    return found is not None and found.full and may(found.member.role, route)


def _hash(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]
