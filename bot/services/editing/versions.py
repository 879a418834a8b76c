"""What was published: rows that are never changed. The newest of a place that is still valid counts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.knowledge.bodies import Body, ContentError, Overlay, Place
from bot.knowledge.load import model_of
from bot.storage.models import ContentVersion

PUBLISHING = 7302
"""Number of PostgreSQL's advisory lock."""

Newest = int
"""The number of the newest row: another one means that something was published."""


@dataclass(frozen=True)
class Valid:
    """What counts at one moment, and until when."""

    overlay: dict[Place, Body | None]
    until: datetime | None
    mark: str
    """Another one for another set of versions; empty when the files alone count."""


def one_at_a_time(session: Session) -> None:
    """Until this transaction ends nobody else publishes; SQLite has one writer anyhow."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(PUBLISHING)))


def newest(session: Session) -> Newest:
    """The number of the newest publication; 0 when there is none."""
    return session.scalar(select(func.max(ContentVersion.id))) or 0


def valid(session: Session, now: datetime) -> Valid:
    """What was published and has not ended."""
    rows = session.execute(
        select(ContentVersion.id, ContentVersion.kind, ContentVersion.key, ContentVersion.valid_until).order_by(
            ContentVersion.number.desc()
        )
    )
    chosen: dict[Place, tuple[int, datetime | None]] = {}
    for number, kind, key, until in rows:
        if (until is None or until > now) and (kind, key) not in chosen:
            chosen[kind, key] = (number, until)
    overlay: dict[Place, Body | None] = {}
    numbers = [number for number, _ in chosen.values()]
    for start in range(0, len(numbers), 400):
        found = session.scalars(select(ContentVersion).where(ContentVersion.id.in_(numbers[start : start + 400])))
        overlay |= {(row.kind, row.key): row.body for row in found}
    mark = hashlib.sha256(repr(sorted(numbers)).encode()).hexdigest()[:8] if numbers else ""
    return Valid(overlay, min((until for _, until in chosen.values() if until), default=None), mark)


def current(session: Session, kind: str, key: str, now: datetime) -> ContentVersion | None:
    """The version of a place that counts now; None when the file does."""
    return session.scalar(
        select(ContentVersion)
        .where(
            ContentVersion.kind == kind,
            ContentVersion.key == key,
            (ContentVersion.valid_until.is_(None)) | (ContentVersion.valid_until > now),
        )
        .order_by(ContentVersion.number.desc())
        .limit(1)
    )


def last_number(session: Session, kind: str, key: str) -> int:
    """The number of the last version of a place, 0 when there is none."""
    return (
        session.scalar(
            select(func.max(ContentVersion.number)).where(ContentVersion.kind == kind, ContentVersion.key == key)
        )
        or 0
    )


def history(session: Session, kind: str, key: str) -> list[ContentVersion]:
    """All versions of a place, newest first."""
    query = select(ContentVersion).where(ContentVersion.kind == kind, ContentVersion.key == key)
    return list(session.scalars(query.order_by(ContentVersion.number.desc())))


def sound(overlay: Overlay, folder: Path) -> dict[Place, Body | None]:
    """Those bodies that can be read by themselves."""
    return {place: body for place, body in overlay.items() if body is None or _reads(place, body, folder)}


def _reads(place: Place, body: Body, folder: Path) -> bool:
    try:
        model_of(place[0], place[1], body, folder)
    except ContentError:
        return False
    return True
