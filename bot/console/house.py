"""What all pages share: settings, database, content, clock, templates."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING

from bot.console.presence import Presence
from bot.services.content import ContentStore
from bot.services.conversations import Clock, utc_now
from bot.settings import Settings
from bot.storage.db import Database

if TYPE_CHECKING:
    from bot.console.pages import Pages


class Once:
    """Numbers of forms that were sent: a second tap on "send" does not send twice."""

    def __init__(self, kept: int = 5000) -> None:
        self._kept, self._used, self._lock = kept, OrderedDict[str, None](), Lock()

    def first(self, number: str) -> bool:
        """True the first time that a number comes."""
        with self._lock:
            if number in self._used:
                return False
            self._used[number] = None
            while len(self._used) > self._kept:
                self._used.popitem(last=False)
            return True

    def again(self, number: str) -> None:
        """It failed: the form may be sent again."""
        with self._lock:
            self._used.pop(number, None)


@dataclass
class House:
    """The collaborators of the console."""

    settings: Settings
    database: Database
    content: ContentStore
    pages: Pages
    clock: Clock = utc_now
    presence: Presence = field(default_factory=Presence)
    once: Once = field(default_factory=Once)
    demo: bool = False
    """The database holds the demonstration: every page says so."""

    @property
    def secure(self) -> bool:
        """True behind TLS."""
        return self.settings.console_url is not None and self.settings.console_url.scheme == "https"

    @property
    def cookie_name(self) -> str:
        """`__Host-` where browsers allow it: only with TLS."""
        return "__Host-console" if self.secure else "console"

    def now(self) -> datetime:
        """The time."""
        return self.clock()
