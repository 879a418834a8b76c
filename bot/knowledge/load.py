"""Read the content folder into one unchangeable object. Errors name file and field."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from bot.knowledge.agencies import AgenciesError, Agency, load_agencies
from bot.knowledge.bodies import Bodies, Body, ContentError, Kind, mapping, path_of, read_bodies, read_yaml
from bot.knowledge.model import (
    Alerts,
    Answer,
    CannedReply,
    Contact,
    Fact,
    Fee,
    OfferFlag,
    OfferFlags,
    Pathways,
    Published,
    Topic,
)
from bot.knowledge.offer_detect import WORD_LISTS

__all__ = ["ContentError", "build_published", "content_version", "load_published", "model_of"]

_Kind = TypeVar("_Kind", Fact, Contact, Answer, Pathways, OfferFlag, Fee, CannedReply, Alerts)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def load_topics(path: Path) -> dict[str, Topic]:
    """Topic id -> topic, in the order of topics.yml."""
    groups = read_yaml(path)["groups"]
    return {
        name: Topic(id=name, group=group, means=entry["means"], border=entry.get("not"))
        for group, entries in groups.items()
        for name, entry in entries.items()
    }


def load_published(folder: Path) -> Published:
    """All content of `folder`. Raises ContentError with every problem of the first broken file."""
    return build_published(read_bodies(folder), folder, content_version(folder))


def build_published(bodies: Bodies, folder: Path, version: str) -> Published:
    """The typed content of `bodies`; the agencies come from the folder. Raises ContentError."""
    found: dict[str, dict[str, Any]] = {kind: {} for kind in Kind}
    for (kind, key), body in bodies.items():
        if kind != Kind.DOCUMENT:
            found[kind][key] = model_of(kind, key, body, folder)
    pathways = bodies.get((Kind.DOCUMENT, "pathways"))
    flags = bodies.get((Kind.DOCUMENT, "offer_flags"))
    fees = bodies.get((Kind.DOCUMENT, "fees"))
    canned = bodies.get((Kind.DOCUMENT, "canned"))
    alerts = bodies.get((Kind.DOCUMENT, "alerts"))
    return Published(
        topics=found[Kind.TOPIC],
        facts=found[Kind.FACT],
        contacts=found[Kind.CONTACT],
        answers=found[Kind.FAQ],
        version=version,
        pathways=_pathways(pathways, folder / "pathways.yml") if pathways is not None else None,
        agencies=_agencies(folder / "agencies.csv"),
        offer_flags=_offer_flags(flags, folder / "offer_flags.yml") if flags is not None else None,
        fees=_fees(fees, folder / "fees.yml") if fees is not None else {},
        canned=_canned(canned, folder / "canned.yml") if canned is not None else {},
        alerts=_alerts(alerts, folder / "alerts.yml") if alerts is not None else None,
    )


Model = Topic | Fact | Contact | Answer | Pathways | OfferFlags | dict[str, Fee] | dict[str, CannedReply] | Alerts


def model_of(kind: str, key: str, body: Body, folder: Path) -> Model:
    """One body as its typed object. Raises ContentError that names the file and the field."""
    path = path_of(folder, kind, key)
    match kind:
        case Kind.TOPIC:
            try:
                return Topic(id=key, group=body["group"], means=body["means"], border=body.get("not"))
            except (KeyError, ValidationError) as error:
                raise ContentError(f"{path}: {key} needs a group and a meaning") from error
        case Kind.FACT:
            value = body.get("value") if isinstance(body, dict) else None
            if isinstance(value, str) and _DAY.fullmatch(value):
                body = body | {"value": date.fromisoformat(value)}
            return _model(path, body, Fact, key)
        case Kind.CONTACT:
            return _model(path, body, Contact, key)
        case Kind.FAQ:
            return _model(path, body, Answer)
    readers: dict[str, Callable[[Any, Path], Model]] = {
        "pathways": _pathways,
        "offer_flags": _offer_flags,
        "fees": _fees,
        "canned": _canned,
        "alerts": _alerts,
    }
    return readers[key](body, path)


def _fees(raw: Any, path: Path) -> dict[str, Fee]:
    return {name: _model(path, entry, Fee, name) for name, entry in mapping(raw, path, "fees").items()}


def load_offer_flags(path: Path) -> OfferFlags | None:
    """The signs of dishonest offers with their word lists, or None when there are none."""
    return _offer_flags(read_yaml(path), path) if path.exists() else None


def _offer_flags(raw: Any, path: Path) -> OfferFlags:
    flags = {name: _model(path, entry, OfferFlag, name) for name, entry in mapping(raw, path, "flags").items()}
    lists = raw.get("words")
    if not isinstance(lists, dict) or not all(isinstance(forms, dict) for forms in lists.values()):
        raise ContentError(f"{path}: must hold one mapping named `words`")
    words = {name: {form: tuple(texts or ()) for form, texts in forms.items()} for name, forms in lists.items()}
    used = {name for flag in flags.values() for rule in flag.together for name in (*rule.words, *rule.without)}
    missing = sorted((used | set(WORD_LISTS)) - words.keys())
    if missing:
        raise ContentError(f"{path}: words: {', '.join(missing)} missing")
    return OfferFlags(flags, words)


def _canned(raw: Any, path: Path) -> dict[str, CannedReply]:
    return {name: _model(path, entry, CannedReply, name) for name, entry in mapping(raw, path, "replies").items()}


def _alerts(raw: Any, path: Path) -> Alerts:
    return _model(path, raw, Alerts)


def _agencies(path: Path) -> tuple[Agency, ...]:
    if not path.exists():
        return ()
    try:
        return tuple(load_agencies(path))
    except AgenciesError as error:
        raise ContentError(str(error)) from error


def load_pathways(path: Path) -> Pathways | None:
    """The decision tree, or None when there is none. Its key `shared` only holds texts that YAML anchors repeat."""
    return _pathways(read_yaml(path), path) if path.exists() else None


def _pathways(raw: Any, path: Path) -> Pathways:
    if not isinstance(raw, dict):
        raise ContentError(f"{path}: must hold `questions` and `leaves`")
    return _model(path, {key: value for key, value in raw.items() if key != "shared"}, Pathways)


def content_version(folder: Path) -> str:
    """A short hash of all content files: the same files give the same version."""
    digest = hashlib.sha256()
    for path in sorted([*folder.glob("*.yml"), *folder.glob("*.csv"), *(folder / "faq").glob("*.yml")]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _model(path: Path, raw: Any, kind: type[_Kind], name: str = "") -> _Kind:
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        lines = [f"{path}: {name} {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise ContentError("\n".join(lines)) from error
