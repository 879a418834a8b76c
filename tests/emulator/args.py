"""Arguments of one Bot API call, whatever way they came: query string, form, multipart or JSON."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.web_request import FileField

from .errors import Json, bad_request

_INTEGER = re.compile(r"\s*([+-]?\d+)")


@dataclass(slots=True)
class Upload:
    """A file the bot sent in a multipart body."""

    filename: str
    content_type: str
    data: bytes


@dataclass(slots=True)
class Args:
    """Named values; the getters are as lenient as Telegram's (Client.cpp `get_integer_arg`, `to_bool`)."""

    values: Json = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Whether a value other than null was given."""
        return self.values.get(name) is not None

    def text(self, name: str, default: str = "") -> str:
        """The value as a string, as the real server sees it."""
        value = self.values.get(name)
        if value is None:
            return default
        if isinstance(value, str):
            return value
        return json.dumps(value, ensure_ascii=False)

    def integer(self, name: str, default: int = 0, low: int | None = None, high: int | None = None) -> int:
        """The leading number of the value, moved into [low, high]."""
        raw = self.text(name)
        match = _INTEGER.match(raw)
        number = (int(match.group(1)) if match else 0) if raw else default
        if low is not None:
            number = max(low, number)
        return number if high is None else min(high, number)

    def number(self, name: str) -> float | None:
        """A floating point value or None."""
        try:
            return float(self.text(name))
        except ValueError:
            return None

    def flag(self, name: str) -> bool:
        """True for true, yes, 1."""
        return self.text(name).strip().lower() in {"true", "yes", "1"}

    def structure(self, name: str, what: str) -> Any:
        """A JSON value given as such or as a string; None if absent; 400 if it cannot be read."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError as error:
            raise bad_request(f"can't parse {what} JSON object") from error

    def seen(self) -> Json:
        """For the request log: values, and files by name and size only."""
        seen = dict(self.values)
        for name, upload in self.files.items():
            seen[name] = f"<file {upload.filename} {len(upload.data)} bytes>"
        return seen


async def read_args(request: web.Request) -> Args:
    """Collect the arguments of a request; the body wins over the query string."""
    args = Args(dict(request.query))
    if not request.can_read_body:
        return args
    kind = request.content_type
    if kind == "application/json":
        await _read_json(request, args)
    elif kind in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        for name, value in (await request.post()).items():
            if isinstance(value, FileField):
                args.files[name] = Upload(value.filename, value.content_type, value.file.read())
            else:
                args.values[name] = value if isinstance(value, str) else bytes(value).decode()
    return args


async def _read_json(request: web.Request, args: Args) -> None:
    try:
        body = json.loads(await request.read() or b"{}")
    except ValueError as error:
        raise bad_request("can't parse JSON object") from error
    if not isinstance(body, dict):
        raise bad_request("expected a JSON object")
    args.values.update(body)
