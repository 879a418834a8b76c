"""From Telegram's raw JSON to our events. Tolerant: reads only what it needs and believes no shape.

python-telegram-bot's `Update.de_json` raises on 41 % of mutated updates and stops the poller for everybody; so the raw
update is stored first and read here one at a time, where a bad one harms only itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.dialogue.types import ButtonEvent, CommandEvent, Event, LocationEvent, MediaEvent, TextEvent

CHANNEL = "telegram"
MAX_TEXT = 8192
MAX_QUERY = 256
NO_CHAT = "-"
"""Chat key of updates that belong to no chat."""

MEDIA = (
    "voice", "audio", "video_note", "video", "photo", "document", "sticker", "animation", "contact", "poll", "venue",
    "dice", "game", "story", "paid_media", "checklist",
)  # fmt: skip


class UnreadableUpdateError(ValueError):
    """The update has a shape that we cannot use; the text says which part, never what a person wrote."""


@dataclass(frozen=True)
class InlineQuery:
    """Somebody types "@bot words" in some chat: which one we do not learn."""

    id: str
    text: str


@dataclass(frozen=True)
class Read:
    """A readable update: the event (None = nothing to do), and what belongs to the channel."""

    event: Event | None
    chat_key: str
    message_id: int | None = None
    callback_id: str | None = None
    private: bool = True
    blocked: bool = False
    inline: InlineQuery | None = None
    speaks: str | None = None
    """Language of the phone, as far as Telegram says."""


def chat_key_of(update: Any) -> str:
    """The chat of an update, or NO_CHAT; never raises."""
    for part in _parts(update):
        chat = _dict(part.get("chat")) or _dict(_dict(part.get("message")).get("chat"))
        number = _number(chat.get("id", _dict(part.get("from")).get("id")))
        if number is not None:
            return str(number)
    return NO_CHAT


def text_of(update: Any) -> str:
    """Whatever words can be read in an update; never raises."""
    for part in _parts(update):
        for name in ("text", "caption", "data", "query"):
            if isinstance(part.get(name), str):
                return clean(part[name])[:MAX_TEXT]
    return ""


def clean(text: str) -> str:
    """Text that every database and the NLU take: no NUL, no half of a surrogate pair."""
    return text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def read_update(update: dict[str, Any]) -> Read:
    """The event in an update. Raises UnreadableUpdateError when it should hold one and cannot be read."""
    chat = chat_key_of(update)
    if "callback_query" in update:
        return _callback(_need_dict(update, "callback_query"), chat)
    for name in ("message", "edited_message"):
        if name in update:
            return _message(_need_dict(update, name), chat, edited=name == "edited_message")
    if "inline_query" in update:
        return _inline(_dict(update.get("inline_query")), chat)
    if "my_chat_member" in update:
        member = _dict(_dict(update.get("my_chat_member")).get("new_chat_member"))
        return Read(None, chat, blocked=member.get("status") in ("kicked", "left"))
    return Read(None, chat)


def _callback(query: dict[str, Any], chat: str) -> Read:
    data, identity = query.get("data"), query.get("id")
    if not isinstance(data, str) or not isinstance(identity, str) or chat == NO_CHAT:
        raise UnreadableUpdateError("callback_query without data, id or chat")
    message = _dict(query.get("message"))
    number = _number(message.get("message_id"))
    private = _dict(message.get("chat")).get("type", "private") == "private"
    event = ButtonEvent(clean(data)[:64], number)
    return Read(event, chat, callback_id=clean(identity), private=private)


def _inline(query: dict[str, Any], chat: str) -> Read:
    identity, text = query.get("id"), query.get("query")
    if not isinstance(identity, str) or not identity or not isinstance(text, str):
        return Read(None, chat)
    return Read(None, chat, inline=InlineQuery(clean(identity)[:64], clean(text)[:MAX_QUERY]), speaks=_speaks(query))


def _speaks(part: dict[str, Any]) -> str | None:
    code = _dict(part.get("from")).get("language_code")
    return clean(code)[:2].lower() if isinstance(code, str) else None


def _message(message: dict[str, Any], chat: str, *, edited: bool) -> Read:
    if chat == NO_CHAT:
        raise UnreadableUpdateError("message without chat")
    message_id = _number(message.get("message_id"))
    private = _dict(message.get("chat")).get("type") == "private"
    return Read(_event(message, edited), chat, message_id, private=private, speaks=_speaks(message))


def _event(message: dict[str, Any], edited: bool) -> Event | None:
    text = message.get("text")
    forwarded = "forward_origin" in message or "forward_date" in message
    if isinstance(text, str):
        text = clean(text)
        command = None if forwarded else command_in(text)
        return command or TextEvent(text[:MAX_TEXT], edited=edited, forwarded=forwarded)
    if "text" in message:
        raise UnreadableUpdateError("message.text is no text")
    if "location" in message:
        place = _dict(message["location"])
        try:
            latitude, longitude = float(place["latitude"]), float(place["longitude"])
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise UnreadableUpdateError("location without coordinates") from error
        if not (abs(latitude) <= 90 and abs(longitude) <= 180):
            raise UnreadableUpdateError("location that is not on earth")
        return LocationEvent(latitude, longitude, moved=edited)
    for kind in MEDIA:
        if kind in message:
            caption = message.get("caption")
            return MediaEvent(
                kind,
                clean(caption)[:MAX_TEXT] if isinstance(caption, str) else "",
                _file_id(message[kind]),
                picture=kind == "photo" or (kind == "document" and _is_picture(message[kind])),
            )
    return None


def command_in(text: str) -> CommandEvent | None:
    """The command that a text is; None for other texts."""
    if not text.startswith("/") or len(text) < 2:
        return None
    head, _, args = text[1:].partition(" ")
    name = head.split("@")[0].lower()
    return CommandEvent(name, args.strip()) if name.isascii() and name.isidentifier() else None


def _is_picture(value: Any) -> bool:
    return _dict(value).get("mime_type") in ("image/jpeg", "image/png", "image/webp")


def _file_id(value: Any) -> str | None:
    if isinstance(value, list) and value:
        value = value[-1]
    identity = _dict(value).get("file_id")
    return clean(identity)[:200] if isinstance(identity, str) else None


def _number(value: Any) -> int | None:
    """A whole number that a database column holds."""
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63 else None


def _parts(update: Any) -> list[dict[str, Any]]:
    return [value for value in update.values() if isinstance(value, dict)] if isinstance(update, dict) else []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _need_dict(update: dict[str, Any], name: str) -> dict[str, Any]:
    value = update[name]
    if not isinstance(value, dict):
        raise UnreadableUpdateError(f"{name} is no object")
    return value
