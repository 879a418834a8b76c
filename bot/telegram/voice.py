"""Sends recordings as voice messages: uploaded once, then by Telegram's id of the file."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from bot.dialogue.types import Reply
from bot.services import recordings
from bot.storage.db import Database
from bot.telegram.api import ChannelError, TelegramApi

Loaded = tuple[int, str, bytes, str | None]


async def send_voice(database: Database, api: TelegramApi, chat_key: str, payload: dict[str, Any]) -> int | None:
    """Send the recording that a reply names; its text alone when there is none any more. Raises ChannelError."""
    reply = Reply.from_json(payload)
    wanted = reply.voice or {}

    def load(session: Session) -> Loaded | None:
        row = recordings.get(session, wanted.get("topic", ""), wanted.get("language", ""))
        return None if row is None else (row.id, row.digest, row.data, row.channel_file_id)

    found = await database.run(load)
    if found is None:
        return await api.call("message", chat_key, payload)
    number, digest, data, known = found
    if known:
        try:
            return (await api.voice(chat_key, reply, known))[0]
        except ChannelError as error:
            if error.reason != "bad_request":
                raise
            # The id belongs to another bot, or Telegram has dropped the file: upload it again.
    message, file_id = await api.voice(chat_key, reply, data)
    await database.run(lambda session: recordings.uploaded(session, number, digest, file_id))
    return message
