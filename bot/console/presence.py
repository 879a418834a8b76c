"""Who looks at a case now, and who is typing. Kept in this process only: forgotten seconds after a page is closed."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

LOOKS_FOR, TYPES_FOR = 10.0, 6.0


class Presence:
    """Remembers for seconds who was at which case."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, Lock()
        self._looks: dict[int, dict[str, float]] = {}
        self._types: dict[int, dict[str, float]] = {}

    def looks(self, case_id: int, name: str) -> None:
        """`name` has the case open."""
        self._note(self._looks, case_id, name)

    def types(self, case_id: int, name: str) -> None:
        """`name` is typing a reply."""
        self._note(self._types, case_id, name)

    def done(self, case_id: int, name: str) -> None:
        """`name` sent it."""
        with self._lock:
            self._types.get(case_id, {}).pop(name, None)

    def others(self, case_id: int, name: str) -> tuple[list[str], list[str]]:
        """Who else looks, and who of them is typing."""
        looking = self._now(self._looks, case_id, LOOKS_FOR)
        typing = self._now(self._types, case_id, TYPES_FOR)
        return sorted(looking - {name}), sorted(typing - {name})

    def _note(self, kept: dict[int, dict[str, float]], case_id: int, name: str) -> None:
        with self._lock:
            kept.setdefault(case_id, {})[name] = self._clock()
            for old in [k for k, v in kept.items() if max(v.values(), default=0.0) < self._clock() - 60]:
                del kept[old]

    def _now(self, kept: dict[int, dict[str, float]], case_id: int, seconds: float) -> set[str]:
        with self._lock:
            return {name for name, at in kept.get(case_id, {}).items() if self._clock() - at < seconds}
