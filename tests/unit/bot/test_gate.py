"""The gate of new models."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from bot.dialogue.types import Decision, State
from bot.nlu.parse import Parse
from bot.services.judging import Row, summary
from bot.services.models.gate import CRIES, FALSE_CARD, NO_CRIES, NOT_SAME, SERVED, TOP1, URGENT, Margins, refusals

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


def test_a_loss_of_cries_in_one_form_or_topic_does_not_hide_behind_a_gain_elsewhere() -> None:
    """A review: the shares of all cries together stayed the same while nobody's despair was heard any more."""
    before = {"karaoke": {"rows": 40, "noticed": 40}, "urgent_suicide": {"rows": 30, "noticed": 29}}
    present = {**PRESENT, "cries": before}
    for group, noticed in (("karaoke", 38), ("urgent_suicide", 0)):
        now = {**before, group: {**before[group], "noticed": noticed}}
        assert [r.message for r in refusals({**PRESENT, "cries": now}, present, MARGINS)] == [CRIES]
    chance = {**before, "karaoke": {"rows": 40, "noticed": 39}}
    assert refusals({**PRESENT, "cries": chance}, present, MARGINS) == []
    assert refusals(PRESENT, present, MARGINS) == []
    gone = {"karaoke": before["karaoke"]}
    assert [r.message for r in refusals({**PRESENT, "cries": gone}, present, MARGINS)] == [CRIES]


def test_cries_are_counted_by_form_and_by_topic() -> None:
    def row(form: str, topic: str, urgent: bool) -> Row:
        return Row(form, topic, frozenset({topic}), "...", Parse(), Decision(State(), urgent=urgent))

    figures = summary([row("lao", "urgent_child", True), row("lao", "urgent_child", False), row("thai", "visa", True)])
    assert figures["cries"] == {
        "lao": {"rows": 2, "noticed": 1},
        "urgent_child": {"rows": 2, "noticed": 1},
    }
