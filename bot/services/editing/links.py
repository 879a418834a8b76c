"""Are the sources still there? One request after the other, with a pause, and the page itself is not kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

import httpx
from sqlalchemy import delete
from sqlalchemy.orm import Session

from bot.storage.models import LinkCheck

PAUSE, TIMEOUT = 1.0, 15.0
AGENT = "safe-migration-assistant link check"
GONE = (404, 410)


class OfflineError(Exception):
    """Nothing could be reached at all: that says nothing about the sources."""


def check_links(
    urls: list[str], client: httpx.Client | None = None, pause: Callable[[float], None] = time.sleep
) -> dict[str, tuple[bool, str]]:
    """Address -> (alive, why not). Raises OfflineError when no host at all answers."""
    found: dict[str, tuple[bool, str]] = {}
    reached = False
    with client or httpx.Client(timeout=TIMEOUT, follow_redirects=True, headers={"user-agent": AGENT}) as http:
        last = ""
        for url in urls:
            host = urlsplit(url).netloc
            if host == last:
                pause(PAUSE)
            last = host
            try:
                with http.stream("GET", url) as answer:
                    status = answer.status_code
            except httpx.HTTPError as error:
                found[url] = (False, type(error).__name__)
                continue
            reached = True
            # A page that refuses programs (403, 429) is there for people.
            found[url] = (status not in GONE and status < 500, f"HTTP {status}")
    if urls and not reached:
        raise OfflineError
    return found


def keep(session: Session, found: dict[str, tuple[bool, str]], now: datetime) -> None:
    """Write down what was found; older findings go."""
    session.execute(delete(LinkCheck))
    session.add_all(
        LinkCheck(url=url[:500], alive=alive, reason=reason[:200], checked_at=now)
        for url, (alive, reason) in found.items()
    )
