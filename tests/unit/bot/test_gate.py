"""The gate of new models."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from bot.services.models.gate import FALSE_CARD, NO_CRIES, NOT_SAME, SERVED, TOP1, URGENT, Margins, refusals

MARGINS = Margins(form=2.0, false_card=0.5)
PRESENT: dict[str, Any] = {
    "rows": 100,
    "forms": {
        "lao": {"rows": 50, "top1": 90.0, "served": 95.0},
        "thai": {"rows": 50, "top1": 80.0, "served": 85.0},
        "all": {"rows": 100, "top1": 85.0, "served": 90.0},
    },
    "urgent_card_or_check": 98.0,
    "urgent_card": 90.0,
    "false_card": 1.0,
}


def changed(path: str, value: object) -> dict[str, Any]:
    figures = copy.deepcopy(PRESENT)
    *places, last = path.split("/")
    place = figures
    for name in places:
        place = place[name]
    place[last] = value
    return figures


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("urgent_card_or_check", 97.9, URGENT["urgent_card_or_check"]),
        ("urgent_card", 89.9, URGENT["urgent_card"]),
        ("false_card", 1.6, FALSE_CARD),
        ("forms/thai/top1", 77.9, TOP1),
        ("forms/lao/served", 92.9, SERVED),
        ("rows", 99, NOT_SAME),
        ("forms/lao/rows", 49, NOT_SAME),
        ("urgent_card_or_check", None, NO_CRIES),
    ],
)
def test_a_worse_model_is_refused(path: str, value: object, message: str) -> None:
    assert [reason.message for reason in refusals(changed(path, value), PRESENT, MARGINS)] == [message]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("urgent_card_or_check", 98.0),
        ("false_card", 1.5),
        ("false_card", 0.0),
        ("forms/thai/top1", 78.0),
        ("forms/lao/served", 100.0),
    ],
)
def test_what_stays_within_the_margins_passes(path: str, value: object) -> None:
    assert refusals(changed(path, value), PRESENT, MARGINS) == []


def test_no_margin_is_wide_enough_for_a_lost_cry() -> None:
    assert refusals(changed("urgent_card_or_check", 97.9), PRESENT, Margins(100.0, 100.0))


def test_other_forms_are_another_measurement() -> None:
    figures = copy.deepcopy(PRESENT)
    del figures["forms"]["thai"]
    assert [reason.message for reason in refusals(figures, PRESENT, MARGINS)] == [NOT_SAME]


def test_all_reasons_are_told_with_their_values() -> None:
    figures = changed("forms/thai/top1", 70.0) | {"urgent_card": 80.0}
    found = [reason.to_json() for reason in refusals(figures, PRESENT, MARGINS)]
    assert found == [
        {"message": URGENT["urgent_card"], "values": {"before": 90.0, "after": 80.0}},
        {"message": TOP1, "values": {"before": 80.0, "after": 70.0, "form": "thai"}},
    ]
