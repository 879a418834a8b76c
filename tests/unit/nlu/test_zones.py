"""Zones and danger: a table of parses."""

from __future__ import annotations

from typing import Any

import pytest

from nlu.text.zones import Danger, Thresholds, Zone, danger_of, offered, zone_of

T = Thresholds(answer=0.7, offer=0.1, out_of_scope=0.3, urgent_sure=0.5, urgent_possible=0.2)


def parse(*ranking: tuple[str, float], urgent: float = 0.0, clauses: tuple[float, ...] = ()) -> dict[str, Any]:
    return {
        "intent_ranking": [{"name": name, "confidence": p} for name, p in ranking],
        "urgent_score": urgent,
        "clauses": [{"urgent_score": score} for score in clauses],
    }


@pytest.mark.parametrize(
    ("found", "zone"),
    [
        (parse(("visa", 0.8)), Zone.ANSWER),
        (parse(("visa", 0.4), ("passport", 0.3)), Zone.OFFER),
        (parse(("visa", 0.05)), Zone.NOT_UNDERSTOOD),
        (parse(("out_of_scope", 0.6), ("visa", 0.2)), Zone.OUT_OF_SCOPE),
        (parse(("visa", 0.4), ("out_of_scope", 0.35)), Zone.OUT_OF_SCOPE),
        (parse(), Zone.NOT_UNDERSTOOD),
    ],
)
def test_zone(found: dict[str, Any], zone: Zone) -> None:
    assert zone_of(found, T) is zone


@pytest.mark.parametrize(
    ("found", "danger"),
    [
        (parse(urgent=0.6), Danger.SURE),
        (parse(urgent=0.3), Danger.POSSIBLE),
        (parse(urgent=0.1), Danger.NONE),
        (parse(urgent=0.1, clauses=(0.0, 0.9)), Danger.POSSIBLE),
        (parse(urgent=0.1, clauses=(0.3,)), Danger.NONE),
        (parse(urgent=0.03, clauses=(0.9,)), Danger.POSSIBLE),  # a cry beside an everyday question
        (parse(urgent=0.03, clauses=(0.45,)), Danger.NONE),
        (parse(urgent=0.01, clauses=(0.9,)), Danger.NONE),  # the whole message is calm
    ],
)
def test_danger(found: dict[str, Any], danger: Danger) -> None:
    assert danger_of(found, T) is danger


def test_out_of_scope_is_never_offered() -> None:
    assert offered(parse(("out_of_scope", 0.5), ("visa", 0.3), ("passport", 0.1))) == ["visa", "passport"]


def test_a_threshold_beyond_one_is_refused() -> None:
    with pytest.raises(ValueError, match="answer"):
        Thresholds.from_mapping(
            {"answer": 7, "offer": 0.1, "out_of_scope": 0.3, "urgent_sure": 0.5, "urgent_possible": 0.2}
        )
