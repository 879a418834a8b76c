"""What stands behind `?start=` in a link or QR code: where somebody came from, what to open, in which language.

Parts are joined by "-", in any order: `office_vientiane-topic_passport-lang_lo`. Telegram allows 64 of A-Z, a-z, 0-9,
"_" and "-". Unknown parts are ignored, so that an old poster never leads nowhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.settings import LANGUAGES

LONGEST = 64
JOIN = "-"
SOURCE_KINDS = ("office", "poster", "event", "radio", "page", "school", "bus", "border", "inline", "group")
"""What a source may be called; anything else is not counted, since anybody can make up links."""
_SOURCE = re.compile(rf"(?:{'|'.join(SOURCE_KINDS)})(?:_[a-z0-9_]{{1,32}})?")


class PayloadError(ValueError):
    """A payload cannot be made of these parts; the text says why."""


@dataclass(frozen=True)
class Payload:
    """A payload, read."""

    source: str | None = None
    topic: str | None = None
    flow: str | None = None
    language: str | None = None


def read(args: str) -> Payload:
    """What a payload says; nothing when it says nothing that we know."""
    found: dict[str, str] = {}
    for part in args.strip().split(JOIN) if len(args.strip()) <= LONGEST else ():
        kind, _, value = part.partition("_")
        if kind == "lang" and value in LANGUAGES:
            found.setdefault("language", value)
        elif kind in ("topic", "flow") and value:
            found.setdefault(kind, value)
        elif _SOURCE.fullmatch(part):
            found.setdefault("source", part)
    return Payload(**found)


def write(source: str | None = None, topic: str | None = None, flow: str | None = None, lang: str | None = None) -> str:
    """The payload of these parts. Raises PayloadError when it cannot be one."""
    if source and not _SOURCE.fullmatch(source):
        kinds = ", ".join(f"{kind}_..." for kind in SOURCE_KINDS)
        raise PayloadError(f"The source {source!r} must be one of {kinds} with a-z, 0-9 and _ behind it.")
    parts = [source or "", *(f"{k}_{v}" for k, v in (("topic", topic), ("flow", flow), ("lang", lang)) if v)]
    payload = JOIN.join(part for part in parts if part)
    if len(payload) > LONGEST:
        raise PayloadError(f"The link is too long: {len(payload)} signs of {LONGEST}. Take a shorter source.")
    return payload


def link(username: str, payload: str) -> str:
    """The address that opens the bot alone with the person."""
    return f"https://t.me/{username}" + (f"?start={payload}" if payload else "")
