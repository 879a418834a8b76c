"""A new version and what is noted beside it: after which original a translation was made, and who looked at it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.knowledge.bodies import Body, Kind, body_hash, read_bodies
from bot.services.editing import texts, versions
from bot.storage.models import ContentVersion, LanguageCheck

FILES = "files"
"""Author of the first version: what stood in content/."""


def add_version(  # noqa: PLR0913, PLR0917 -- one column each
    session: Session,
    folder: Path,
    kind: str,
    key: str,
    body: Body | None,
    author: str,
    approved_by: str | None,
    note: str,
    now: datetime,
    *,
    until: datetime | None = None,
    base: str | None = None,
) -> int:
    """Add a version; returns its number. The first one of a place is what stood in the file, so that nothing is lost.

    Of two that publish at once the unique number refuses the second.
    """
    number = versions.last_number(session, kind, key)
    file = read_bodies(folder).get((kind, key)) if number == 0 or base is None else None
    common = {"kind": kind, "key": key, "published_at": now}
    if number == 0 and file is not None:
        number = 1
        session.add(
            ContentVersion(**common, number=1, body=file, base=body_hash(file), author=FILES, note="as in content/")
        )
    if base is None:
        last = session.scalar(
            select(ContentVersion.base).where(
                ContentVersion.kind == kind, ContentVersion.key == key, ContentVersion.number == number
            )
        )
        base = last if last is not None else (body_hash(file) if file is not None else "")
    if kind == Kind.FAQ and body is not None:
        _note_translations(session, key, body, author, now, folder)
    session.add(
        ContentVersion(
            **common,
            number=number + 1,
            body=body,
            base=base,
            author=author,
            approved_by=approved_by,
            note=note.strip()[:300],
            valid_until=until,
        )
    )
    session.flush()
    return number + 1


def _note_translations(session: Session, topic: str, body: Body, author: str, now: datetime, folder: Path) -> None:
    """Write down after which original each translation was made."""
    row = versions.current(session, Kind.FAQ, topic, now)
    old = row.body if row is not None else read_bodies(folder).get((Kind.FAQ, topic))
    for language in body.get("answers", {}):
        if language == texts.ORIGINAL:
            continue
        if old is None or texts.text_hash(old, language) != texts.text_hash(body, language):
            check(session, topic, language, "translation", texts.text_hash(body, texts.ORIGINAL), author, now)
        elif session.get(LanguageCheck, (topic, language, "translation")) is None:
            original = texts.text_hash(old, texts.ORIGINAL)
            check(session, topic, language, "translation", original, FILES, now)


def check(session: Session, topic: str, language: str, kind: str, hash: str, name: str, now: datetime) -> None:
    """Write down that somebody checked a language of an answer."""
    session.merge(LanguageCheck(topic=topic, language=language, kind=kind, text_hash=hash, staff_name=name, at=now))


def wrote(session: Session, topic: str, language: str, body: Body) -> str | None:
    """Who wrote the text of a language as it is now; None when it came with the files."""
    wanted, author = texts.text_hash(body, language), None
    for row in versions.history(session, Kind.FAQ, topic):
        if texts.text_hash(row.body, language) != wanted:
            break
        author = row.author
    return None if author == FILES else author
