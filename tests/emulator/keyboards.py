"""Reply markups: the shape Telegram accepts (Client.cpp get_reply_markup) and the buttons in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .args import Args
from .errors import Json, bad_request

_PASSED = (
    "url",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "copy_text",
    "pay",
)
_URL = re.compile(r"(https?://|tg://|tel:|mailto:)\S+|[\w-]+(\.[\w-]+)+\S*")


def read_markup(args: Args) -> Json | None:
    """The normalised `reply_markup` argument, or None; ApiError 400 if Telegram would refuse it."""
    raw = args.structure("reply_markup", "reply keyboard markup")
    if raw is None:
        return None
    if not isinstance(raw, dict):
        raise bad_request("object expected as reply markup")
    if raw.get("keyboard"):
        rows = _rows(raw["keyboard"], 'field "keyboard" must be an Array of Arrays')
        kept = {key: value for key, value in raw.items() if key != "keyboard"}
        return {**kept, "keyboard": [[_reply_button(button) for button in row] for row in rows]}
    if raw.get("inline_keyboard"):
        where = 'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays'
        rows = _rows(raw["inline_keyboard"], where)
        shaped = [[_inline_button(button) for button in row] for row in rows]
        if sum(len(row) for row in shaped) > 100:
            raise bad_request("reply markup is too long")
        shaped = [row for row in shaped if row]
        return {"inline_keyboard": shaped} if shaped else None
    if raw.get("remove_keyboard"):
        return {"remove_keyboard": True}
    if raw.get("force_reply"):
        return {"force_reply": True}
    return None


def _rows(value: Any, message: str) -> list[list[Any]]:
    if not isinstance(value, list) or any(not isinstance(row, list) for row in value):
        raise bad_request(message)
    return value


def _label(button: Json, what: str) -> str:
    text = button.get("text")
    if not isinstance(text, str):
        found = 'Field "text" must be of type String' if "text" in button else 'Can\'t find field "text"'
        raise bad_request(f"can't parse {what}: {found}")
    return text


def _reply_button(button: Any) -> Json:
    if isinstance(button, str):
        button = {"text": button}
    if not isinstance(button, dict):
        raise bad_request("can't parse keyboard button: KeyboardButton must be a String or an Object")
    if not _label(button, "keyboard button").strip():
        raise bad_request("keyboard button text must be non-empty")
    return dict(button)


def _inline_button(button: Any) -> Json:
    what = "inline keyboard button"
    if not isinstance(button, dict):
        raise bad_request(f"can't parse {what}: InlineKeyboardButton must be an Object")
    text = _label(button, what)
    if not text.strip():
        raise bad_request("inline keyboard button text must be non-empty")
    url, data = button.get("url"), button.get("callback_data")
    if url:
        if not _URL.fullmatch(str(url)):
            raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
        return {"text": text, "url": url}
    if data:
        if not isinstance(data, str):
            raise bad_request(f'can\'t parse {what}: Field "callback_data" must be of type String')
        if len(data.encode()) > 64:
            raise bad_request("BUTTON_DATA_INVALID")
        return {"text": text, "callback_data": data}
    for name in _PASSED:
        if name in button:
            return {"text": text, name: button[name]}
    raise bad_request(f"can't parse {what}: Text buttons are unallowed in the inline keyboard")


def inline_only(markup: Json | None) -> Json | None:
    """The markup as it shows in a Message object: only inline keyboards do."""
    return markup if markup and "inline_keyboard" in markup else None


def buttons(markup: Json | None) -> Iterator[Json]:
    """All buttons, row by row, of either kind of keyboard."""
    rows = (markup or {}).get("inline_keyboard") or (markup or {}).get("keyboard") or []
    for row in rows:
        yield from row
