"""What will be left: the questions, the arithmetic, the honest warning, the picture."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pytest
from PIL import Image

from bot.dialogue.engine import Context, decide
from bot.dialogue.types import Action, ButtonEvent, CommandEvent, Decision, Event, Moment, State, TextEvent
from bot.knowledge import budget, budget_picture
from bot.knowledge.budget import Budget
from bot.knowledge.load import load_published
from bot.nlu.parse import Parse, load_thresholds
from bot.settings import LANGUAGES, ROOT

PUBLISHED = load_published(ROOT / "content")
TODAY = date(2026, 11, 24)
CONTEXT = Context(PUBLISHED, load_thresholds(), Moment(now=datetime(2026, 11, 24, 3, tzinfo=UTC)))
DOWN = Parse(source="keywords")
TAPS = ("wage:low", "deduct:sso", "living:4000", "sent:1000", "debt:20000", "rate:3")


def do(state: State, *events: Event) -> Decision:
    """The last decision; the state passes through JSON each time, as after a restart."""
    for event in events:
        decision = decide(state, event, DOWN if isinstance(event, TextEvent) else None, CONTEXT)
        state = State.from_json(decision.state.to_json())
    return decision


def all_data(decision: Decision) -> list[str]:
    return [b.data for r in decision.replies for row in r.buttons for b in row]


@pytest.mark.parametrize("language", LANGUAGES)
def test_six_taps_lead_to_words_and_a_picture(language: str) -> None:
    decision = do(State(language=language), CommandEvent("money"))
    for tap in TAPS:
        assert f"f:money:a:{tap}" in all_data(decision)
        decision = do(decision.state, ButtonEvent(f"f:money:a:{tap}"))
    picture, words = decision.replies
    assert decision.action == Action.ANSWER
    assert picture.picture is not None
    for figure in ("8,762", "438", "4,000", "1,000", "3,324", "20,000", "600"):
        assert figure in words.text
    assert "sos" in all_data(decision)
    image = Image.open(io.BytesIO(budget_picture.draw(picture.picture)))
    assert image.format == "PNG"
    assert image.width == budget_picture.WIDTH


def test_the_months_are_counted_with_interest() -> None:
    month = Budget(wage=10_000, deduct=0, living=4_000, sent=3_000, debt=9_000, rate=0)
    assert (month.left, month.months(), month.months(send=False)) == (3_000, 3, 2)
    dear = Budget(10_000, 0, 4_000, 3_000, 10_000, 10)
    assert dear.rests(9) == pytest.approx([10_000, 8_000, 5_800, 3_380, 718, 0], abs=0.001)
    assert dear.months() == 5
    assert dear.paid_interest() == pytest.approx(1_000 + 800 + 580 + 338 + 71.8)


@pytest.mark.parametrize(
    "month",
    [
        Budget(10_000, 0, 4_000, 3_000, 100_000, 3),  # the interest is just what is left
        Budget(10_000, 0, 4_000, 3_000, 200_000, 20),
        Budget(8_000, 0, 6_000, 3_000, 10_000, 0),  # nothing is left
    ],
)
def test_a_debt_that_never_ends_is_said(month: Budget) -> None:
    assert month.months() is None
    text = budget.text_of(month, PUBLISHED, "en", TODAY)
    assert "the debt never ends" in text
    assert "Paid back" not in text
    assert budget.picture_of(month, "en")["bad"]


def test_high_deductions_and_a_low_wage_are_named_with_the_law() -> None:
    text = budget.text_of(Budget(6_000, 2_000, 1_000, 0, 0, 0), PUBLISHED, "en", TODAY)
    assert "together at most 20% of the wage" in text
    assert "below the minimum" in text
    assert "Source" in text


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("wage", "ມື້ລະ 400 ບາດ", 10_400),
        ("wage", "12,000", 12_000),
        ("wage", "หมื่นสอง", None),
        ("deduct", "0", 0),
        ("debt", "20 พัน", 20_000),
        ("debt", "5 ລ້ານກີບ", 7_700),
        ("rate", "3%", 3),
        ("rate", "๒.๕ เปอร์เซ็นต์", 2.5),
        ("rate", "500", None),
        ("living", "what is a visa?", None),
    ],
)
def test_answers_may_be_typed(name: str, text: str, value: float | None) -> None:
    before = {"wage": 9000.0, "deduct": 0.0, "living": 4000.0, "sent": 0.0, "debt": 1000.0}
    known = {k: before[k] for k in list(before)[: list([*before, "rate"]).index(name)]}
    decision = do(State(language="en", flow={"name": "money"}, flows={"money": known}), TextEvent(text))
    assert decision.state.flows["money"].get(name) == value


def test_a_sum_in_kip_is_shown_as_rough() -> None:
    known = {"wage": 9000.0, "deduct": 0.0, "living": 4000.0, "sent": 0.0}
    state = State(language="en", flow={"name": "money"}, flows={"money": known})
    assert "5,000,000 kip is about 7,700 baht; ask a bank" in do(state, TextEvent("5 ລ້ານກີບ")).replies[0].text


def test_back_change_and_start_over() -> None:
    done = do(State(language="en"), CommandEvent("money"), *(ButtonEvent(f"f:money:a:{tap}") for tap in TAPS))
    back = do(done.state, ButtonEvent("f:money:b:sent"))
    assert list(back.state.flows["money"]) == ["wage", "deduct", "living"]
    changed = do(done.state, ButtonEvent("f:money:ch:living"))
    assert "f:money:a:living:5000" in all_data(changed)
    assert len(do(changed.state, ButtonEvent("f:money:a:living:5000")).replies) == 2
    assert do(done.state, ButtonEvent("f:money:new")).state.flows["money"] == {}
    assert len(do(done.state, CommandEvent("money")).replies) == 2


def test_without_debt_nobody_is_asked_for_interest() -> None:
    state = do(State(language="en"), CommandEvent("money"), *(ButtonEvent(f"f:money:a:{t}") for t in TAPS[:4])).state
    free = do(state, ButtonEvent("f:money:a:debt:0"))
    assert len(free.replies) == 2
    assert "Debt" not in free.replies[1].text
    assert "f:money:a:rate:3" in all_data(do(free.state, ButtonEvent("f:money:a:debt:5000")))


def test_unknown_interest_is_said_and_not_counted() -> None:
    taps = (*TAPS[:5], "rate:dk")
    decision = do(State(language="en"), CommandEvent("money"), *(ButtonEvent(f"f:money:a:{tap}") for tap in taps))
    assert "Interest: not known" in decision.replies[1].text


@pytest.mark.parametrize(
    "data", ["f:money:a:wage:²", "f:money:a:nothing:1", "f:money:a:rate:900", "f:money:x", "f:money:b:"]
)
def test_buttons_that_say_nothing_show_where_one_stands(data: str) -> None:
    assert do(State(language="en"), ButtonEvent(data)).replies[0].text.startswith("💰 <b>How much is the wage")


def test_every_letter_of_the_picture_has_a_glyph() -> None:
    from fontTools.ttLib import TTFont

    from bot.knowledge.plan_document import FONTS

    known = {c for path in FONTS.glob("*-Regular.ttf") for c in TTFont(path).getBestCmap()}
    for language in LANGUAGES:
        for month in (Budget(9_000, 0, 4_000, 3_000, 100_000, 5), Budget(9_000, 0, 4_000, 0, 10_000, 5)):
            shown = budget.picture_of(month, language)
            text = " ".join(
                str(part) for value in shown.values() for part in (value if isinstance(value, list) else [value])
            )
            assert {c for c in text if ord(c) not in known} == set()
