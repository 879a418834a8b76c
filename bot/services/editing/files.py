"""Between the database and the files of content/: `pull` writes what is published back, `push` brings files in.

A version remembers the hash of the file that it last agreed with, as a package manager remembers the configuration that
it installed; so it is known which side changed, or that both did.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.representer import RoundTripRepresenter
from ruamel.yaml.scalarstring import DoubleQuotedScalarString
from sqlalchemy.orm import Session

from bot.knowledge.bodies import Body, Kind, body_hash, parse_yaml, path_of, plain, read_bodies
from bot.services.editing import merge, versions
from bot.services.editing.desk import EditorsDesk
from bot.services.editing.drafts import open_draft
from bot.services.editing.publishing import FILES
from bot.storage.models import ContentDraft, ContentVersion, DraftState

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_WORD = re.compile(r"[a-z][a-z0-9_]*")
_RESERVED = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_DAYS = ("checked_on", "expires_on", "valid_from")
_INDENTS = ((2, 0), (4, 2))


class Take(StrEnum):
    """Which side counts when both changed. `merge` takes each side's changes, and asks where they meet."""

    ASK = "ask"
    FILE = "file"
    PUBLISHED = "published"
    MERGE = "merge"


@dataclass(frozen=True)
class Moved:
    """What was done with one text: `written`, `draft`, `ahead`, `conflict`, `open draft`."""

    kind: str
    key: str
    what: str
    conflicts: tuple[tuple[str, Any, Any], ...] = ()
    """(field, in the file, published)"""


def pull(desk: EditorsDesk, *, force: bool = False) -> list[Moved]:
    """Write what is published into the files. A file that changed by itself is left alone unless `force`."""
    files, done = read_bodies(desk.folder), []
    with desk.database.write() as session:
        for row in _current(session, desk.clock()):
            file = files.get((row.kind, row.key))
            if _same(file, row.body):
                row.base = _hash(row.body)
                continue
            if not force and row.base and file is not None and body_hash(file) != row.base:
                done.append(Moved(row.kind, row.key, "conflict", _conflicts(session, row, file)))
                continue
            write(desk.folder, row.kind, row.key, row.body)
            row.base = _hash(row.body)
            done.append(Moved(row.kind, row.key, "written"))
    return done


def push(desk: EditorsDesk, take: Take = Take.ASK) -> list[Moved]:
    """Make drafts in review of files that changed since they were last equal to what is published."""
    files, done = read_bodies(desk.folder), []
    with desk.database.write() as session:
        for row in _current(session, desk.clock()):
            file = files.get((row.kind, row.key))
            if _same(file, row.body):
                row.base = _hash(row.body)
            elif _hash(file) == row.base:
                done.append(Moved(row.kind, row.key, "ahead"))
            elif open_draft(session, row.kind, row.key) is not None:
                done.append(Moved(row.kind, row.key, "open draft"))
            elif _hash(row.body) == row.base or take is Take.FILE:
                done.append(_draft(session, row, file, desk.clock()))
            elif take is Take.PUBLISHED:
                write(desk.folder, row.kind, row.key, row.body)
                row.base = _hash(row.body)
                done.append(Moved(row.kind, row.key, "written"))
            else:
                both = merge.merge(_base_body(session, row), file, row.body)
                if take is Take.MERGE and not both.conflicts:
                    done.append(_draft(session, row, both.body, desk.clock()))
                else:  # nobody has said which side counts
                    done.append(Moved(row.kind, row.key, "conflict", tuple(both.conflicts)))
    return done


def _draft(session: Session, row: ContentVersion, body: Body | None, now: datetime) -> Moved:
    session.add(
        ContentDraft(
            kind=row.kind,
            key=row.key,
            base_version=versions.last_number(session, row.kind, row.key),
            body=body,
            state=DraftState.IN_REVIEW,
            author=FILES,
            editors=[FILES],
            note="bot content push",
            created_at=now,
            updated_at=now,
        )
    )
    return Moved(row.kind, row.key, "draft")


def _current(session: Session, now: datetime) -> list[ContentVersion]:
    places = versions.valid(session, now).overlay
    rows = [versions.current(session, kind, key, now) for kind, key in sorted(places)]
    return [row for row in rows if row is not None]


def _base_body(session: Session, row: ContentVersion) -> Body | None:
    """The body that both sides last agreed on, as far as the history holds it."""
    found = (v.body for v in versions.history(session, row.kind, row.key) if _hash(v.body) == row.base)
    return next(found, None)


def _conflicts(session: Session, row: ContentVersion, file: Body | None) -> tuple[tuple[str, Any, Any], ...]:
    return tuple(merge.merge(_base_body(session, row), file, row.body).conflicts)


def _hash(body: Body | None) -> str:
    return body_hash(body) if body is not None else ""


def _same(one: Body | None, other: Body | None) -> bool:
    return _hash(one) == _hash(other)


# ------------------------------------------------------------------ writing YAML


def write(folder: Path, kind: str, key: str, body: Body | None) -> None:
    """Write one body into its file; comments, order and the shape of what did not change stay."""
    path = path_of(folder, kind, key)
    if kind in (Kind.FAQ, Kind.DOCUMENT):
        if body is None:
            path.unlink(missing_ok=True)
            return
        text = path.read_text(encoding="utf-8") if path.exists() else "{}\n"
        _store(path, text, lambda _: body)
        return
    text = path.read_text(encoding="utf-8")

    def changed(whole: Body) -> Body:
        if kind == Kind.TOPIC:
            groups = {name: dict(entries) for name, entries in whole["groups"].items()}
            for entries in groups.values():
                entries.pop(key, None) if body is None or entries is not groups.get(body["group"]) else None
            if body is not None:
                rest = {name: value for name, value in body.items() if name != "group"}
                groups.setdefault(body["group"], {})[key] = rest
            return whole | {"groups": groups}
        entries = {name: value for name, value in whole[f"{kind}s"].items() if name != key or body is not None}
        return whole | {f"{kind}s": entries | ({key: body} if body is not None else {})}

    _store(path, text, changed)


def _store(path: Path, text: str, changed: Any) -> None:
    wanted = plain(changed(plain(parse_yaml(text, str(path)))))
    yaml = _writer(text)
    node = yaml.load(text)
    node = _update(node if isinstance(node, CommentedMap) and node else CommentedMap(), wanted)
    out = io.StringIO()
    yaml.dump(node, out)
    if plain(parse_yaml(out.getvalue(), str(path))) != wanted:
        raise ValueError(f"{path}: would not be read back as it was written")
    new = path.with_suffix(".new")
    new.write_text(out.getvalue(), encoding="utf-8")
    new.replace(path)


class _Representer(RoundTripRepresenter):
    """Nothing is written as `null`, as in the files."""


_Representer.add_representer(
    type(None), lambda representer, _: representer.represent_scalar("tag:yaml.org,2002:null", "null")
)


def _writer(text: str) -> YAML:
    """A writer in the file's own indentation."""
    for sequence, offset in _INDENTS:
        yaml = YAML()
        yaml.Representer = _Representer
        yaml.preserve_quotes, yaml.width, yaml.allow_unicode = True, 100_000, True
        yaml.indent(mapping=2, sequence=sequence, offset=offset)
        out = io.StringIO()
        yaml.dump(yaml.load(text), out)
        if out.getvalue() == text:
            return yaml
    yaml.indent(mapping=2, sequence=2, offset=0)
    return yaml


def _update(node: CommentedMap, wanted: Mapping[str, Any]) -> CommentedMap:
    names = {str(name): name for name in node}
    for name, own in names.items():
        if name not in wanted:
            del node[own]
    for name, value in wanted.items():
        own = names.get(name, name)
        old = node.get(own)
        if own in node and plain(old) == value and type(plain(old)) is type(value):
            continue
        if isinstance(old, CommentedMap) and isinstance(value, dict) and old:
            _update(old, value)
        else:
            node[own] = _styled(value, name, flat=False)
    return node


def _styled(value: Any, name: str = "", *, flat: bool = True) -> Any:
    if isinstance(value, dict):
        made = CommentedMap((key, _styled(entry, key)) for key, entry in value.items())
        texts = all(not isinstance(entry, (dict, list)) for entry in value.values())
        if flat and texts and "answer" not in value:
            made.fa.set_flow_style()
        return made
    if isinstance(value, list):
        items = CommentedSeq(_styled(entry, name) for entry in value)
        if all(isinstance(entry, str) and _WORD.fullmatch(entry) for entry in value):
            items.fa.set_flow_style()
        return items
    if isinstance(value, str):
        if name in _DAYS and _DAY.fullmatch(value):
            return date.fromisoformat(value)
        return value if _WORD.fullmatch(value) and value not in _RESERVED else DoubleQuotedScalarString(value)
    return value
