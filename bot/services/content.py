"""What is published now: the files of content/ with what was published in the database on top.

Broken content never replaces the last good one. With a database, a thread of this process looks every second whether
something was published, has begun or has ended, so that every process follows within seconds.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.knowledge import offer
from bot.knowledge.bodies import ContentError, Overlay, stamp_of
from bot.knowledge.check import Problem
from bot.knowledge.load import content_version, load_published
from bot.knowledge.model import Published
from bot.services.editing import proof, versions
from bot.services.editing.desk import EditorsDesk
from bot.storage.db import Database

log = structlog.get_logger(__name__)
FIRST_LOOK_SECONDS = 10.0
"""How long the start waits for the database; without it the files alone count until it is there."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class BrokenError(ContentError):
    """The content can be read, and the check found errors in it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems[:5]))
        self.problems = problems


class ContentStore:
    """Holds the published content of one folder and, if there is one, of a database."""

    def __init__(
        self,
        folder: Path,
        database: Database | None = None,
        *,
        recheck_seconds: float = 2.0,
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        self.folder = folder
        self.trouble: str | None = None
        """Why the newest content is not shown; None while all is well."""
        self._database, self._clock = database, clock
        self._recheck = recheck_seconds if database is None else min(recheck_seconds, 1.0)
        self._stamp = stamp_of(self.folder)  # before they are read: a change meanwhile is seen at the next look
        self._published = _ready(load_published(folder))
        self._looked_at = time.monotonic()
        self._shows_database = self._away = False
        self._shown: versions.Newest | None = None
        self._next: datetime | None = None
        self._lock = threading.Lock()
        self._looked, self._closed = threading.Event(), threading.Event()
        if database is not None:
            threading.Thread(target=_follow, args=(weakref.ref(self),), daemon=True, name="content").start()
            self._looked.wait(FIRST_LOOK_SECONDS)

    def published(self) -> Published:
        """The content as of now. Raises ContentError only when the first load fails."""
        if self._database is None and time.monotonic() - self._looked_at > self._recheck:
            self._looked_at = time.monotonic()
            self.refresh()
        return self._published

    def refresh(self) -> None:
        """Look now whether something changed. Never raises: the last good content stays."""
        with self._lock:
            try:
                self._refresh()
            except ContentError as error:
                self._keep(str(error))
            except SQLAlchemyError as error:
                if not self._away:
                    log.warning("content_database_away", error=type(error).__name__)
                self._away = True
            else:
                self._away = False
            finally:
                self._looked.set()

    def close(self) -> None:
        """Stop following the database."""
        self._closed.set()

    def _refresh(self) -> None:
        stamp = stamp_of(self.folder)
        if self._database is None:
            if stamp != self._stamp:
                self._stamp = stamp
                self._show({}, "")
            return
        now = self._clock()
        EditorsDesk(self._database, self.folder, self._clock).publish_due()
        with self._database.read() as session:
            newest = versions.newest(session)
            due = self._next is not None and now >= self._next
            if newest == self._shown and stamp == self._stamp and not due:
                return
            valid = versions.valid(session, now)
        same_files = stamp == self._stamp
        self._stamp, self._shown, self._next = stamp, newest, valid.until
        if same_files and not valid.overlay and not self._shows_database and self.trouble is None:
            return  # the files that were read a moment ago, nothing on top: no second time
        self._show(valid.overlay, valid.mark)

    def _show(self, overlay: Overlay, mark: str) -> None:
        """Build, check and show. Raises ContentError when what would be shown is broken."""
        version = f"{content_version(self.folder)}.{mark}".rstrip(".")
        try:
            published = self._sound(overlay, version)
        except ContentError as error:
            self._keep(str(error))
            if self._shows_database or not overlay:
                return
            published = self._salvaged(overlay, version)
        else:
            self.trouble = None
        self._shows_database = bool(mark)
        if published.version != self._published.version:
            self._published = _ready(published)
            log.info("content_reloaded", version=version)

    def _sound(self, overlay: Overlay, version: str) -> Published:
        published = proof.candidate(self.folder, overlay).model_copy(update={"version": version})
        found = proof.problems(self.folder, published, self._clock().date())
        if found:
            raise BrokenError(found)
        return published

    def _salvaged(self, overlay: Overlay, version: str) -> Published:
        """After a start there is no last good content: all that is sound is shown, for the rest the files count."""
        kept = dict(overlay)
        for _ in range(5):
            try:
                return self._sound(kept, f"{version}-")
            except BrokenError as error:
                broken = proof.places_of(error.problems) & kept.keys()
                kept = {place: body for place, body in kept.items() if broken and place not in broken}
            except ContentError:
                kept = versions.sound(kept, self.folder)
        return self._published

    def _keep(self, reason: str) -> None:
        self.trouble = reason[:500]
        log.error("content_broken", reason=self.trouble, kept=self._published.version)


def _ready(published: Published) -> Published:
    """Compile what takes long now rather than under the first advertisement that comes."""
    if published.offer_flags is not None:
        offer.prepare(published.offer_flags)
    return published


def _follow(reference: weakref.ref[ContentStore]) -> None:
    """Look again and again, until the store is closed or gone."""
    while (store := reference()) is not None and not store._closed.is_set():
        try:
            store.refresh()
        except Exception as error:  # a file that vanishes while we look, a broken driver: the next look may be well
            log.error("content_not_looked_at", error=type(error).__name__)
        closed, seconds = store._closed, store._recheck
        del store
        closed.wait(seconds)
