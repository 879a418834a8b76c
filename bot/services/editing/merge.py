"""Three-way merging of bodies, leaf by leaf: nobody's change is overwritten without being shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

_ABSENT = object()


@dataclass
class Merged:
    """The merged body, and the leaves that both sides changed differently (ours stands in the body)."""

    body: Any
    conflicts: list[tuple[str, Any, Any]] = field(default_factory=list)
    """(path, ours, theirs)"""


def merge(base: Any, ours: Any, theirs: Any) -> Merged:
    """What both sides did to `base`. Lists are one leaf: halves of two lists make no sense."""
    result = Merged(None)
    value = _merge("", base, ours, theirs, result)
    result.body = None if value is _ABSENT else value
    return result


def _merge(path: str, base: Any, ours: Any, theirs: Any, result: Merged) -> Any:
    if theirs in (ours, base):
        return ours
    if ours == base:
        return theirs
    if isinstance(ours, dict) and isinstance(theirs, dict):
        old = base if isinstance(base, dict) else {}
        merged = {}
        for name in dict.fromkeys([*ours, *theirs]):
            value = _merge(
                f"{path}.{name}".lstrip("."),
                old.get(name, _ABSENT),
                ours.get(name, _ABSENT),
                theirs.get(name, _ABSENT),
                result,
            )
            if value is not _ABSENT:
                merged[name] = value
        return merged
    result.conflicts.append((path, None if ours is _ABSENT else ours, None if theirs is _ABSENT else theirs))
    return ours


def leaves(body: Any, path: str = "") -> dict[str, str]:
    """Path -> text of every leaf; the items of a list are lines."""
    if isinstance(body, dict):
        found: dict[str, str] = {}
        for name, value in body.items():
            found |= leaves(value, f"{path}.{name}".lstrip("."))
        return found
    if isinstance(body, list) and body and all(isinstance(item, dict) for item in body):
        found = {}
        for number, item in enumerate(body, 1):
            found |= leaves(item, f"{path}.{number}")
        return found
    if isinstance(body, list):
        return {path: "\n".join(str(item) for item in body)} if body else {}
    return {} if body is None or body == "" else {path: str(body)}
