"""How sure is sure: from a parse and the thresholds (nlu/thresholds.yml) to what the bot should do. Pure; no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

VERSION = "zones.v1"
OUT_OF_SCOPE = "out_of_scope"
URGENT = "urgent_"


class Zone(StrEnum):
    ANSWER = "answer"
    OFFER = "offer"
    OUT_OF_SCOPE = "out_of_scope"
    NOT_UNDERSTOOD = "not_understood"


class Danger(StrEnum):
    SURE = "sure"
    POSSIBLE = "possible"
    NONE = "none"


@dataclass(frozen=True)
class Thresholds:
    answer: float  # best topic at least this likely: answered outright
    offer: float  # best topic at least this likely: three topics are offered; below: not understood
    out_of_scope: float  # nothing to answer outright, and out_of_scope at least this likely: said so
    urgent_sure: float  # all urgent topics together at least this likely: help card
    urgent_possible: float  # at least this likely: "are you in danger now?"

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Thresholds:
        values = {f.name: float(data[f.name]) for f in fields(cls)}
        for name, value in values.items():
            if not 0.0 <= value <= 1.0:
                raise ValueError(f"threshold {name} is {value}: it must lie between 0 and 1")
        return cls(**values)


def urgent_score(parse: Mapping[str, Any]) -> float:
    """The whole message, or its most alarming clause: a story may hide one sentence that matters."""
    clauses: Sequence[Mapping[str, Any]] = parse.get("clauses") or ()
    return max([float(parse.get("urgent_score") or 0.0), *(float(c["urgent_score"]) for c in clauses)])


def danger_of(parse: Mapping[str, Any], thresholds: Thresholds) -> Danger:
    whole = float(parse.get("urgent_score") or 0.0)
    if whole >= thresholds.urgent_sure:
        return Danger.SURE
    if whole >= thresholds.urgent_possible:
        return Danger.POSSIBLE
    # A clause out of its story may sound worse than it is: it must be loud, the whole not quite calm, and it asks only.
    # The louder the clause, the calmer the rest may be: a cry beside an everyday question is still a cry.
    loudest = urgent_score(parse)
    suspicious = whole >= thresholds.urgent_possible / 3
    if suspicious and loudest >= min(2 * thresholds.urgent_possible, thresholds.urgent_sure):
        return Danger.POSSIBLE
    if whole >= thresholds.urgent_possible / 8 and loudest >= thresholds.urgent_sure:
        return Danger.POSSIBLE
    return Danger.NONE


def zone_of(parse: Mapping[str, Any], thresholds: Thresholds) -> Zone:
    ranking: Sequence[Mapping[str, Any]] = parse.get("intent_ranking") or ()
    if not ranking:
        return Zone.NOT_UNDERSTOOD
    outside = next((float(r["confidence"]) for r in ranking if r["name"] == OUT_OF_SCOPE), 0.0)
    best = next((float(r["confidence"]) for r in ranking if r["name"] != OUT_OF_SCOPE), 0.0)
    if best >= thresholds.answer:
        return Zone.ANSWER
    if outside >= thresholds.out_of_scope:
        return Zone.OUT_OF_SCOPE
    return Zone.OFFER if best >= thresholds.offer else Zone.NOT_UNDERSTOOD


def offered(parse: Mapping[str, Any], number: int = 3) -> list[str]:
    """The likeliest topics, best first."""
    ranking: Sequence[Mapping[str, Any]] = parse.get("intent_ranking") or ()
    return [str(r["name"]) for r in ranking if r["name"] != OUT_OF_SCOPE][:number]
