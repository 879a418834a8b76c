"""The control interface: faults, clock, and every verb over HTTP below /_emu/."""

# ruff: noqa: ASYNC109 - a test says in one place how long it waits
from __future__ import annotations

import base64
import dataclasses
import inspect
import json
from typing import Any

from aiohttp import web

from .errors import ControlError, Json
from .faults import Fault
from .feed import Feeds
from .views import Screen


class Control(Feeds):
    """All that a test can do, in one object."""

    def fault(self, kind: str, **settings: Any) -> int:
        """Put a fault in force; settings as in faults.Fault; returns its id."""
        return self.core.faults.add(Fault(kind, **settings))

    def clear_faults(self, fault_id: int | None = None) -> None:
        """Take back one fault, or all and the blackhole."""
        self.core.faults.clear(fault_id)

    def blackhole(self, on: bool = True) -> None:
        """While on, connections are accepted and never answered; switching off cuts those that wait."""
        self.core.faults.blackhole = on

    def flood_limits(self, enabled: bool = True, **limits: float) -> Json:
        """Switch the send limits on or off and change their figures (config.FloodLimits)."""
        current = self.core.flood.limits
        for name, value in limits.items():
            if not hasattr(current, name):
                raise ControlError(f"no flood limit {name}")
            setattr(current, name, value)
        current.enabled = enabled
        return dataclasses.asdict(current)

    def advance(self, seconds: float) -> float:
        """Turn the clock forward; returns the new Unix time."""
        now = self.core.clock.advance(seconds)
        self.core.queue.expire()
        return now

    def now(self) -> float:
        """The emulator's Unix time."""
        return self.core.clock.now()

    def file(self, file_id: str) -> str:
        """The bytes of a file, as base64."""
        stored = self.core.world.files.get(file_id)
        if stored is None:
            raise ControlError(f"no file {file_id}")
        return base64.b64encode(stored.data).decode()

    async def wait(
        self,
        chat_id: int,
        contains: str = "",
        button: str = "",
        messages: int = 0,
        empty: bool = False,
        since: int = 0,
        timeout: float = 5.0,
    ) -> Screen:
        """wait_for in words: the bot's texts contain, a button is there, n bot messages, no message left."""

        def fits(screen: Screen) -> bool:
            named = [text for message in screen.messages for text in message.buttons]
            named += [text for row in screen.reply_keyboard for text in row]
            return (
                contains in screen.text
                and (not button or button in named)
                and len(screen.bot_messages) >= messages
                and (not empty or not screen.messages)
            )

        return await self.wait_for(chat_id, fits, timeout, since)


VERBS = frozenset(
    [
        "add_user",
        "add_group",
        "send_text",
        "edit_text",
        "delete_own",
        "send_media",
        "send_photo",
        "send_voice",
        "send_document",
        "send_sticker",
        "send_location",
        "send_contact",
        "send_forwarded",
        "press",
        "tap",
        "inline_query",
        "block",
        "deactivate",
        "set_bot_status",
        "raw_update",
        "poison",
        "view",
        "wait",
        "wait_text",
        "ask",
        "button_texts",
        "stats",
        "lost",
        "unanswered",
        "duplicated",
        "latency",
        "update_record",
        "violations",
        "inline_answer",
        "requests",
        "profile",
        "feed",
        "feed_state",
        "drained",
        "stop_feeds",
        "fault",
        "clear_faults",
        "blackhole",
        "flood_limits",
        "advance",
        "now",
        "file",
    ]
)
"""What /_emu/<verb> accepts: POST with a JSON object of arguments, or GET with them in the query."""


def _plain(value: Any) -> Any:
    if isinstance(value, Screen):
        return dataclasses.asdict(value) | {
            "text": value.text,
            "notifications": value.notifications,
            "last": dataclasses.asdict(value.last) if value.last else None,
        }
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return value


def _from_query(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value


async def handle_control(control: Control, request: web.Request) -> web.Response:
    """One control request -> {"ok": true, "result": ...} or 400/404/408 {"ok": false, "error": ...}."""
    verb = request.match_info["verb"]
    if verb not in VERBS:
        return _answer(404, error=f"no verb {verb}")
    arguments: Json = {name: _from_query(value) for name, value in request.query.items()}
    if request.can_read_body:
        try:
            arguments |= await request.json()
        except (ValueError, TypeError):
            return _answer(400, error="the body must be a JSON object")
    try:
        inspect.signature(getattr(control, verb)).bind(**arguments)
        result = getattr(control, verb)(**arguments)
        if inspect.isawaitable(result):
            result = await result
    except TimeoutError as error:
        return _answer(408, error=str(error))
    except (ControlError, TypeError, ValueError, IndexError) as error:
        return _answer(400, error=str(error))
    return _answer(200, result=_plain(result))


def _answer(status: int, **body: Any) -> web.Response:
    text = json.dumps({"ok": status == 200, **body})
    return web.Response(status=status, text=text, content_type="application/json")
