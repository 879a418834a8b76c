"""Pictures that wait to be read: found in the database, so that a restart in the middle only delays the answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from bot.dialogue.types import Action, PictureEvent
from bot.i18n import N_
from bot.nlu.parse import Parse
from bot.services.conversations import ConversationService, Incoming
from bot.services.later import promised, still_promised
from bot.services.ocr import PictureText
from bot.storage.db import Database
from bot.storage.sealing import original

TOO_BIG = N_("This picture is too big for me. Please send it as a photo, not as a file, or type the words in it.")
NOT_FETCHED = N_("I could not get this picture. Please send it again, or type the words in it.")


@dataclass(frozen=True)
class WaitingPicture:
    """A picture that somebody was told is being read."""

    message_id: int
    caption: str
    file_id: str
    key: str
    update_id: int | None


def waiting(session: Session, channel: str, now: datetime, limit: int = 20) -> list[WaitingPicture]:
    """The oldest pictures that are being read."""
    rows = promised(session, channel, Action.READING, now, limit)
    return [
        WaitingPicture(note.id, original(session, note), note.file_id or "", key, note.update_id) for note, key in rows
    ]


async def answer(
    service: ConversationService,
    database: Database,
    channel: str,
    row: WaitingPicture,
    look: Callable[[str], Awaitable[PictureText]],
) -> int:
    """Read one picture and answer; returns 1, or 0 when somebody hid or answered it meanwhile.

    `look` gives the words in the file with an id. Nothing of the picture is kept, its words neither.
    """
    seen = await look(row.file_id)
    event = PictureEvent(seen.text, seen.problem, row.caption)
    parse = await service.understand(event)
    return await database.run(partial(_answer, service=service, channel=channel, row=row, event=event, parse=parse))


def _answer(
    session: Session,
    *,
    service: ConversationService,
    channel: str,
    row: WaitingPicture,
    event: PictureEvent,
    parse: Parse | None,
) -> int:
    note = still_promised(session, row.message_id, Action.READING)
    if note is None:
        return 0
    service.answer_note(session, Incoming(channel, row.key, event, update_id=row.update_id), parse, note)
    return 1
