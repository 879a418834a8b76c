"""Check an agency in the chat."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.dialogue.engine import Context, decide
from bot.dialogue.types import ButtonEvent, CommandEvent, Decision, Event, Moment, State, TextEvent
from bot.knowledge.agencies import Agency
from bot.nlu.parse import Parse, Reading
from nlu.text.zones import Thresholds
from tests.factories.content import published

AGENCY = Agency(
    name_en="Champa Labour Agency", name_lo="ບໍລິສັດ ຈຳປາ", licence="<7>", country="la", source_title="Ministry list",
    source_url="https://example.org", checked_on=date(2026, 11, 24),
)  # fmt: skip
CONTEXT = Context(
    published().model_copy(update={"agencies": (AGENCY,)}),
    Thresholds(answer=0.5, offer=0.2, out_of_scope=0.5, urgent_sure=0.6, urgent_possible=0.3),
    Moment(now=datetime(2026, 11, 24, 3, tzinfo=UTC)),
)


def say(state: State, event: Event, parse: Parse | None = None) -> Decision:
    return decide(state, event, parse, CONTEXT)


@pytest.mark.parametrize("language", ["lo", "th", "en"])
def test_a_name_is_looked_up(language: str) -> None:
    asked = say(State(language=language, language_chosen=True), ButtonEvent("f:agency"))
    assert asked.state.flow == {"name": "agency"}
    found = say(asked.state, TextEvent("ຈຳປາ"), Parse(form="lao"))
    assert "Champa Labour Agency" in found.replies[0].text
    assert "&lt;7&gt;" in found.replies[0].text
    assert found.state.flow is None


def test_an_unknown_name_proves_nothing() -> None:
    decision = say(State(language="en", language_chosen=True), CommandEvent("agency", "Golden Star"))
    assert "does not prove" in decision.replies[0].text
    assert "en:check_agency" in decision.replies[1].text


def test_a_cry_for_help_is_not_taken_for_a_name() -> None:
    asked = say(State(language="lo"), ButtonEvent("f:agency"))
    cry = Parse(ranking=(Reading("urgent_trapped", 0.9),), urgent_score=0.9, form="lao")
    assert say(asked.state, TextEvent("ຊ່ວຍແດ່"), cry).urgent


def test_a_question_leaves_the_flow() -> None:
    asked = say(State(language="en", language_chosen=True), ButtonEvent("f:agency"))
    question = Parse(ranking=(Reading("passport", 0.9),), form="english")
    assert say(asked.state, TextEvent("how much is a passport?"), question).topic == "passport"
