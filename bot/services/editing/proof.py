"""Would content with this change be sound? The checks of `bot content check`, before publishing and when loading."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from bot.knowledge.bodies import Bodies, ContentError, Kind, Overlay, Place, overlaid, read_bodies
from bot.knowledge.check import Problem, check_published
from bot.knowledge.load import build_published, content_version
from bot.knowledge.model import Published

_ID = re.compile(r"[A-Za-z0-9_]+")


def candidate(folder: Path, overlay: Overlay) -> Published:
    """What would be published with this overlay. Raises ContentError."""
    return build_published(overlaid(read_bodies(folder), overlay), folder, content_version(folder))


def problems(folder: Path, published: Published, today: date) -> list[Problem]:
    """The errors of `published` that the files alone do not have."""
    errors = [problem for problem in check_published(folder, published, today) if problem.level == "error"]
    if not errors:
        return []
    known = _errors_of_files(folder, read_bodies(folder), today)
    return [problem for problem in errors if (problem.code, problem.text) not in known]


def _errors_of_files(folder: Path, files: Bodies, today: date) -> set[tuple[str, str]]:
    try:
        published = build_published(files, folder, "files")
    except ContentError:
        return set()
    return {(p.code, p.text) for p in check_published(folder, published, today) if p.level == "error"}


def places_of(found: Iterable[Problem]) -> set[Place]:
    """Whose bodies the problems are about."""
    return {_place(problem) for problem in found}


def _place(problem: Problem) -> Place:
    path, name = Path(problem.file), _ID.match(problem.text)
    if path.parent.name == "faq":
        return Kind.FAQ, path.stem
    if path.name in ("facts.yml", "contacts.yml") and name:
        return path.stem[:-1], name[0]
    if path.name == "topics.yml" and (topic := re.search(r"topic (\w+)", problem.text)):
        return Kind.TOPIC, topic[1]
    return Kind.DOCUMENT, path.stem
