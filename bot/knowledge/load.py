"""Read the content folder into one unchangeable object. Errors name file and field."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from bot.knowledge.agencies import AgenciesError, Agency, load_agencies
from bot.knowledge.model import Answer, Contact, Fact, Fee, OfferFlag, OfferFlags, Pathways, Published, Topic
from bot.knowledge.offer_detect import WORD_LISTS

_Kind = TypeVar("_Kind", Fact, Contact, Answer, Pathways, OfferFlag, Fee)


class ContentError(Exception):
    """The content cannot be used. The text says which file, where, and what is wrong."""


def _yaml(path: Path) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 -- the C twin of SafeLoader
    except OSError as error:
        raise ContentError(f"{path}: cannot be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise ContentError(f"{path}: is not valid YAML: {error}") from error


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_topics(path: Path) -> dict[str, Topic]:
    """Topic id -> topic, in the order of topics.yml."""
    groups = _yaml(path)["groups"]
    return {
        name: Topic(id=name, group=group, means=entry["means"], border=entry.get("not"))
        for group, entries in groups.items()
        for name, entry in entries.items()
    }


def load_published(folder: Path) -> Published:
    """All content of `folder`. Raises ContentError with every problem of the first broken file."""
    facts = _entries(folder / "facts.yml", "facts", Fact)
    contacts = _entries(folder / "contacts.yml", "contacts", Contact)
    answers = {path.stem: _model(path, _yaml(path), Answer) for path in sorted((folder / "faq").glob("*.yml"))}
    return Published(
        topics=load_topics(folder / "topics.yml"),
        facts=facts,
        contacts=contacts,
        answers=answers,
        version=content_version(folder),
        pathways=load_pathways(folder / "pathways.yml"),
        agencies=_agencies(folder / "agencies.csv"),
        offer_flags=load_offer_flags(folder / "offer_flags.yml"),
        fees=_entries(folder / "fees.yml", "fees", Fee) if (folder / "fees.yml").exists() else {},
    )


def load_offer_flags(path: Path) -> OfferFlags | None:
    """The signs of dishonest offers with their word lists, or None when there are none."""
    if not path.exists():
        return None
    flags = _entries(path, "flags", OfferFlag)
    raw = _yaml(path).get("words")
    if not isinstance(raw, dict) or not all(isinstance(forms, dict) for forms in raw.values()):
        raise ContentError(f"{path}: must hold one mapping named `words`")
    words = {name: {form: tuple(texts or ()) for form, texts in forms.items()} for name, forms in raw.items()}
    used = {name for flag in flags.values() for rule in flag.together for name in (*rule.words, *rule.without)}
    missing = sorted((used | set(WORD_LISTS)) - words.keys())
    if missing:
        raise ContentError(f"{path}: words: {', '.join(missing)} missing")
    return OfferFlags(flags, words)


def _agencies(path: Path) -> tuple[Agency, ...]:
    if not path.exists():
        return ()
    try:
        return tuple(load_agencies(path))
    except AgenciesError as error:
        raise ContentError(str(error)) from error


def load_pathways(path: Path) -> Pathways | None:
    """The decision tree, or None when there is none. Its key `shared` only holds texts that YAML anchors repeat."""
    if not path.exists():
        return None
    raw = _yaml(path)
    if not isinstance(raw, dict):
        raise ContentError(f"{path}: must hold `questions` and `leaves`")
    return _model(path, {key: value for key, value in raw.items() if key != "shared"}, Pathways)


def content_version(folder: Path) -> str:
    """A short hash of all content files: the same files give the same version."""
    digest = hashlib.sha256()
    for path in sorted([*folder.glob("*.yml"), *folder.glob("*.csv"), *(folder / "faq").glob("*.yml")]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _entries(path: Path, key: str, kind: type[_Kind]) -> dict[str, _Kind]:
    raw = _yaml(path)
    if not isinstance(raw, dict) or not isinstance(raw.get(key), dict):
        raise ContentError(f"{path}: must hold one mapping named `{key}`")
    return {name: _model(path, entry, kind, name) for name, entry in raw[key].items()}


def _model(path: Path, raw: Any, kind: type[_Kind], name: str = "") -> _Kind:
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        lines = [f"{path}: {name} {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise ContentError("\n".join(lines)) from error
