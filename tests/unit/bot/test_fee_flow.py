"""Is this fee right: sums typed and tapped, the official price beside them, what stays when something is unknown."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.dialogue.engine import Context, decide
from bot.dialogue.types import Action, ButtonEvent, CommandEvent, Decision, Event, Moment, State, TextEvent
from bot.knowledge import fees
from bot.knowledge.load import load_published
from bot.knowledge.money import Amount, amount_in
from bot.nlu.parse import Parse, load_thresholds
from bot.settings import LANGUAGES, ROOT
from nlu.text.normalise import normalise
from tests.factories.content import published

PUBLISHED = load_published(ROOT / "content")
TODAY = date(2026, 11, 24)
CONTEXT = Context(PUBLISHED, load_thresholds(), Moment(now=datetime(2026, 11, 24, 3, tzinfo=UTC)))
DOWN = Parse(source="keywords")


def do(state: State, *events: Event, context: Context = CONTEXT) -> Decision:
    """The last decision; the state passes through JSON each time, as after a restart."""
    for event in events:
        decision = decide(state, event, DOWN if isinstance(event, TextEvent) else None, context)
        state = State.from_json(decision.state.to_json())
    return decision


def all_data(decision: Decision) -> list[str]:
    return [b.data for r in decision.replies for row in r.buttons for b in row]


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("5 ລ້ານກີບ", 5_000_000, "lak"),
        ("໕໐໐ ບາດ", 500, "thb"),
        ("20 พัน", 20_000, "thb"),
        ("๒ หมื่น", 20_000, "thb"),
        ("3 แสน", 300_000, "thb"),
        ("3 ແສນ", 300_000, "lak"),
        ("20k baht", 20_000, "thb"),
        ("20 000", 20_000, "thb"),
        ("20.000 บาท", 20_000, "thb"),
        ("500000", 500_000, "lak"),
        ("$60", 60, "usd"),
        ("750", 750, "thb"),
        ("5 lan kip", 5_000_000, "lak"),
    ],
)
def test_sums_are_read_as_people_write_them(text: str, value: float, currency: str) -> None:
    assert amount_in(normalise(text).lower()) == Amount(value, currency)


@pytest.mark.parametrize("text", ["", "abc", "0", "99999999999999", "ບໍ່ຮູ້"])
def test_what_is_no_sum_is_none(text: str) -> None:
    assert amount_in(normalise(text).lower()) is None


@pytest.mark.parametrize(
    ("asked", "verdict"),
    [
        (Amount(500, "thb"), "right"),
        (Amount(200, "thb"), "less"),
        (Amount(700, "thb"), "more"),
        (Amount(5000, "thb"), "much_more"),
        (Amount(325_000, "lak"), "right"),
        (Amount(3_000_000, "lak"), "much_more"),
    ],
)
def test_a_sum_is_judged_by_the_official_one(asked: Amount, verdict: str) -> None:
    assert fees.judge(asked, Amount(500, "thb")) == verdict
    assert fees.judge(asked, None) == "no_price"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(PUBLISHED.fees))
def test_every_kind_is_answered_by_tapping_alone(kind: str, language: str) -> None:
    state = State(language=language)
    kinds = do(state, CommandEvent("fee"))
    assert f"f:fee:k:{kind}" in all_data(kinds)
    ladder = do(kinds.state, ButtonEvent(f"f:fee:k:{kind}"))
    assert ladder.state.flow == {"name": "fee", "kind": kind}
    for data in (d for d in all_data(ladder) if d.startswith(("f:fee:s:", "f:fee:dk:", "f:fee:c:"))):
        answered = do(ladder.state, ButtonEvent(data))
        assert "sos" in all_data(answered)
        if not data.startswith("f:fee:c:"):
            assert answered.action == Action.ANSWER
            assert answered.state.flow is None


def test_the_official_price_the_difference_and_the_rule_are_shown() -> None:
    text = do(State(language="en"), CommandEvent("fee", "visa 5,000 baht")).replies[0].text
    for part in ("5,000 baht", "500 baht for two years", "4,500 baht", "10 times", "receipt", "1694", "Source"):
        assert part in text


def test_the_parts_of_the_whole_are_named_and_added_up() -> None:
    text = do(State(language="en"), ButtonEvent("f:fee:s:package:thb:20000")).replies[0].text
    assert "Health check: 500 baht (2022)" in text
    assert "together <b>6,100 baht</b>" in text
    assert "13,900 baht" in text


def test_the_sum_may_come_before_the_kind() -> None:
    first = do(State(language="lo"), CommandEvent("fee"), TextEvent("20 ພັນ"))
    assert first.state.flow == {"name": "fee", "asked": [20000.0, "thb"]}
    assert "19,500" in do(first.state, ButtonEvent("f:fee:k:visa")).replies[0].text


@pytest.mark.parametrize(("language", "label"), [("lo", "ວີຊ້າ"), ("th", "วีซ่า"), ("en", "visa")])
def test_the_kind_may_be_typed(language: str, label: str) -> None:
    assert do(State(language=language), CommandEvent("fee"), TextEvent(label)).state.flow == {
        "name": "fee",
        "kind": "visa",
    }


def test_two_currencies_are_compared_roughly_and_no_difference_is_invented() -> None:
    text = do(State(language="en"), ButtonEvent("f:fee:s:visa:lak:5000000")).replies[0].text
    assert "different currencies" in text
    assert "Difference" not in text


def test_an_expired_price_is_not_added_up() -> None:
    text = fees.report(PUBLISHED, "visa", Amount(5000, "thb"), "en", date(2028, 1, 1))
    assert "may have changed" in text
    assert "Difference" not in text


def test_a_question_in_the_middle_is_a_question() -> None:
    asked = do(State(language="en"), ButtonEvent("f:fee:k:visa"), TextEvent("how long does it take?"))
    assert not asked.replies[0].text.startswith("🧾")


@pytest.mark.parametrize("data", ["f:fee:k:nothing", "f:fee:s:visa:xxx:1", "f:fee:s:visa:thb:²", "f:fee:c:visa:xxx"])
def test_buttons_that_are_not_known_any_more_ask_again(data: str) -> None:
    assert do(State(language="en"), ButtonEvent(data)).action == Action.FLOW


def test_without_the_content_the_answer_on_costs_is_given() -> None:
    bare = Context(published(), load_thresholds(), CONTEXT.moment)
    assert do(State(language="en"), CommandEvent("fee"), context=bare).topic == "mou_cost"


@pytest.mark.parametrize(
    "text",
    [
        "3%",
        "3 %",
        "3 ເປີເຊັນ",
        "๓ เปอร์เซ็นต์",
        "1e9",
        "500 baht + 200000 kip",
        "500 + 300 baht",
        "khao khang 2 meu laew",
        "ຂັງ 3 ມື້",
    ],
)
def test_what_would_make_a_wrong_verdict_is_asked_again(text: str) -> None:
    """A review: "3%" was 3 baht and so "less than official"; of two currencies one was dropped; 2 days were 20,000."""
    assert amount_in(normalise(text).lower()) is None


def test_sums_that_are_added_are_added() -> None:
    assert amount_in(normalise("5000 บาท + 2000 บาท").lower()) == Amount(7000, "thb")
    assert amount_in(normalise("500 baht + 300 baht").lower()) == Amount(800, "thb")
