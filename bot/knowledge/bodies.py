"""The content as plain data: one body for each answer, fact, contact, topic and whole document.

The same form lies in content/, in the database and in a draft, so that each can take another's place. Dates are ISO
strings here, since JSON has none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class ContentError(Exception):
    """The content cannot be used. The text says which file, where, and what is wrong."""


class Kind(StrEnum):
    """What a body is."""

    FAQ = "faq"
    FACT = "fact"
    CONTACT = "contact"
    TOPIC = "topic"
    DOCUMENT = "document"


Body = dict[str, Any]
Place = tuple[str, str]
"""(kind, key)"""
Bodies = dict[Place, Body]
Overlay = Mapping[Place, Body | None]
"""What takes the place of files; None takes an entry away."""

DOCUMENTS = ("pathways", "offer_flags", "fees", "canned", "alerts")
ANSWER_KEYS = ("answer", "steps", "ordered", "watch", "help", "more")


def path_of(folder: Path, kind: str, key: str) -> Path:
    """The file in which a body lies."""
    match kind:
        case Kind.FAQ:
            return folder / "faq" / f"{key}.yml"
        case Kind.DOCUMENT:
            return folder / f"{key}.yml"
        case _:
            return folder / f"{kind}s.yml"


def read_bodies(folder: Path) -> Bodies:
    """Every body of the folder, read again when a file changed; the bodies must not be changed. Raises ContentError."""
    return dict(_read_bodies(folder, stamp_of(folder)))


def stamp_of(folder: Path) -> int:
    """Another number when a file of the folder came, went or was written."""
    folders = (folder, folder / "faq")
    return hash(tuple((p.name, p.stat().st_mtime_ns) for f in folders for p in (f, *sorted(f.glob("*.yml")))))


@lru_cache(maxsize=4)
def _read_bodies(folder: Path, _stamp: int) -> Bodies:
    found: Bodies = {}
    for group, entries in mapping(read_yaml(folder / "topics.yml"), folder / "topics.yml", "groups").items():
        for name, entry in mapping({group: entries}, folder / "topics.yml", group).items():
            found[Kind.TOPIC, name] = {"group": group, **plain(entry)}
    for kind in (Kind.FACT, Kind.CONTACT):
        path = path_of(folder, kind, "")
        for name, entry in mapping(read_yaml(path), path, f"{kind}s").items():
            found[kind, name] = plain(entry)
    for path in sorted((folder / "faq").glob("*.yml")):
        found[Kind.FAQ, path.stem] = plain(read_yaml(path))
    for name in DOCUMENTS:
        if (path := folder / f"{name}.yml").exists():
            found[Kind.DOCUMENT, name] = plain(read_yaml(path))
    return found


def overlaid(bodies: Bodies, overlay: Overlay) -> Bodies:
    """The bodies with those of the overlay in their place."""
    return {place: body for place, body in {**bodies, **overlay}.items() if body is not None}


def read_yaml(path: Path) -> Any:
    """What stands in a file. Raises ContentError."""
    try:
        return parse_yaml(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise ContentError(f"{path}: cannot be read: {error.strerror}") from error


def parse_yaml(text: str, name: str) -> Any:
    """What a YAML text says. Raises ContentError that begins with `name`."""
    try:
        return yaml.load(text, Loader=_LOADER)  # noqa: S506 -- the C twin of SafeLoader
    except yaml.YAMLError as error:
        raise ContentError(f"{name}: is not valid YAML: {error}") from error


def mapping(raw: Any, path: Path, key: str) -> Body:
    """The mapping under `key`. Raises ContentError."""
    if not isinstance(raw, dict) or not isinstance(raw.get(key), dict):
        raise ContentError(f"{path}: must hold one mapping named `{key}`")
    return dict(raw[key])


def plain(value: Any) -> Any:
    """A value as JSON can hold it: dates as ISO strings, keys as strings."""
    if isinstance(value, dict):
        return {str(name): plain(entry) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    return value.isoformat() if isinstance(value, date) else value


def body_hash(body: Any) -> str:
    """The same content gives the same hash, whatever the order of its keys."""
    text = json.dumps(plain(body), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
