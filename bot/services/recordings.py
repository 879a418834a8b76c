"""Answers as recordings, one per topic and language: OGG with Opus, so that Telegram shows them as voice messages."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import delete as sql_delete
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.i18n import N_
from bot.services.errors import DeskError
from bot.settings import LANGUAGES
from bot.storage.models import Recording

MAX_BYTES = 1_000_000
"""Above one megabyte Telegram shows a file and no voice message."""
RATE = 48_000
"""Opus counts in this rate whatever was recorded."""
LONGEST = 300
"""Seconds; who listens pays for the data."""


TOO_LARGE = N_("The recording has more than {size} kB. Please record it shorter, or save it at 24 kbit/s.")
NO_OPUS = N_("This is no OGG/Opus file, or it is damaged. Please save it as .ogg or .opus with the codec Opus.")
CUT_OFF = N_("The file is cut off. Please upload it again.")
BAD_LENGTH = N_("A recording is between one and {seconds} seconds long.")
BAD_LANGUAGE = N_("{language} is no language of the bot.")


class RecordingError(DeskError):
    """The file cannot be a recording; the text says why and what to do."""


def seconds_of(data: bytes) -> int:
    """The length of an OGG/Opus file (RFC 3533, RFC 7845). Raises RecordingError for anything else."""
    if len(data) > MAX_BYTES:
        raise RecordingError(TOO_LARGE, size=MAX_BYTES // 1000)
    pages = list(_pages(data))
    if not pages or not pages[0][1].startswith(b"OpusHead") or len(pages[0][1]) < 19:
        raise RecordingError(NO_OPUS)
    skipped = int.from_bytes(pages[0][1][10:12], "little")
    last = max(granule for granule, _ in pages)
    seconds = (last - skipped) / RATE
    if not 0 < seconds <= LONGEST:
        raise RecordingError(BAD_LENGTH, seconds=LONGEST)
    return max(1, round(seconds))


def _pages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(position, content) of each page. Raises RecordingError when one is damaged or cut off."""
    at = 0
    while at < len(data):
        head = data[at : at + 27]
        if len(head) < 27 or head[:4] != b"OggS" or head[4] != 0:
            raise RecordingError(NO_OPUS)
        sizes = data[at + 27 : at + 27 + head[26]]
        start, size = at + 27 + head[26], sum(sizes)
        if len(sizes) < head[26] or start + size > len(data):
            raise RecordingError(CUT_OFF)
        granule = int.from_bytes(head[6:14], "little", signed=True)
        yield granule, data[start : start + size]
        at = start + size


def add(session: Session, topic: str, language: str, data: bytes, by: str, now: datetime) -> Recording:
    """Keep a recording in place of the one before. Raises RecordingError."""
    if language not in LANGUAGES:
        raise RecordingError(BAD_LANGUAGE, language=language)
    seconds, digest = seconds_of(data), hashlib.sha256(data).hexdigest()
    row = get(session, topic, language)
    if row is None:
        row = Recording(topic=topic, language=language)
        session.add(row)
    if row.digest != digest:
        row.channel_file_id = None
    row.data, row.digest, row.seconds, row.uploaded_by, row.created_at = data, digest, seconds, by, now
    return row


def get(session: Session, topic: str, language: str) -> Recording | None:
    """The recording of an answer, if there is one."""
    return session.scalar(select(Recording).where(Recording.topic == topic, Recording.language == language))


def delete(session: Session, topic: str, language: str) -> bool:
    """Take a recording away; False when there was none."""
    there = get(session, topic, language) is not None
    session.execute(sql_delete(Recording).where(Recording.topic == topic, Recording.language == language))
    return there


def of_topic(session: Session, topic: str) -> dict[str, Recording]:
    """Language -> recording of one answer."""
    return {row.language: row for row in session.scalars(select(Recording).where(Recording.topic == topic))}


def available(session: Session) -> frozenset[tuple[str, str]]:
    """(topic, language) of all recordings."""
    return frozenset(
        (topic, language) for topic, language in session.execute(select(Recording.topic, Recording.language))
    )


def uploaded(session: Session, recording_id: int, digest: str, file_id: str | None) -> None:
    """Remember under which id the channel has the file, unless it was replaced meanwhile."""
    session.execute(
        update(Recording)
        .where(Recording.id == recording_id, Recording.digest == digest)
        .values(channel_file_id=file_id)
    )
