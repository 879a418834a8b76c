"""What is published now. Read again when a file changed; a broken file never replaces the last good one."""

from __future__ import annotations

import time
from pathlib import Path

import structlog

from bot.knowledge import offer
from bot.knowledge.load import ContentError, content_version, load_published
from bot.knowledge.model import Published

log = structlog.get_logger(__name__)


class ContentStore:
    """Holds the published content of one folder."""

    def __init__(self, folder: Path, recheck_seconds: float = 2.0) -> None:
        self._folder = folder
        self._recheck = recheck_seconds
        self._published = self._load()
        self._looked_at = time.monotonic()
        self._stamp = self._mtime()

    def published(self) -> Published:
        """The content as of now. Raises ContentError only when the first load fails."""
        if time.monotonic() - self._looked_at > self._recheck:
            self._looked_at = time.monotonic()
            self._reload()
        return self._published

    def _reload(self) -> None:
        stamp = self._mtime()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        if content_version(self._folder) == self._published.version:
            return
        try:
            self._published = self._load()
        except ContentError as error:
            log.error("content_broken", reason=str(error)[:500], kept=self._published.version)
        else:
            log.info("content_reloaded", version=self._published.version)

    def _load(self) -> Published:
        """Read everything, and compile what takes long now rather than under the first advertisement that comes."""
        published = load_published(self._folder)
        if published.offer_flags is not None:
            offer.prepare(published.offer_flags)
        return published

    def _mtime(self) -> float:
        folders = (self._folder, self._folder / "faq")
        return max(path.stat().st_mtime for folder in folders for path in (folder, *folder.glob("*.yml")))
