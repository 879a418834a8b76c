"""Content without lists, pictures without figures, and the small functions at the edge: always an answer."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.dialogue.engine import Context, decide
from bot.dialogue.flows import offer
from bot.dialogue.flows.registry import FLOWS
from bot.dialogue.types import Action, ButtonEvent, CommandEvent, Event, Moment, PictureEvent, State, TextEvent
from bot.knowledge import budget_picture, offer_report
from bot.knowledge.offer import OfferReport
from bot.knowledge.parts import Part, part_text
from bot.knowledge.plan_document import DocumentError
from bot.nlu.parse import Parse, Reading, load_thresholds
from bot.privacy import new_pseudonym
from tests.factories.content import answer, published

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
CONTEXT = Context(published(), load_thresholds(), Moment(now=NOW))
BARE = Context(published().model_copy(update={"alerts": None}), load_thresholds(), Moment(now=NOW))
ENGLISH = State(language="en")


@pytest.mark.parametrize("name", FLOWS)
@pytest.mark.parametrize("data", ["", ":", ":a", ":k:scam", ":nonsense:x"])
def test_every_flow_answers_without_its_list(name: str, data: str) -> None:
    decision = decide(ENGLISH, ButtonEvent(f"f:{name}{data}", 5), None, BARE)
    assert decision.replies
    assert decision.replies[-1].buttons or decision.replies[-1].keyboard


@pytest.mark.parametrize("name", FLOWS)
def test_words_in_a_flow_whose_list_is_gone_are_a_question(name: str) -> None:
    inside = State(language="en", flow={"name": name})
    sure = Parse(ranking=(Reading("visa", 0.99),), form="english")
    assert decide(inside, TextEvent("how do I get a visa?"), sure, BARE).topic == "visa"


def test_an_unknown_flow_leads_to_the_menu() -> None:
    assert any(
        b.data == "f:path" for row in decide(ENGLISH, ButtonEvent("f:gone"), None, BARE).replies[0].buttons for b in row
    )


@pytest.mark.parametrize("event", [CommandEvent("offer", "x" * 60), PictureEvent("x" * 60)], ids=["words", "picture"])
def test_an_advertisement_without_signs_to_compare_with_is_still_answered(event: Event) -> None:
    assert decide(ENGLISH, event, None, BARE).replies


def test_without_signs_no_advertisement_is_noticed_and_no_report_written() -> None:
    assert offer.noticed(ENGLISH, "we hire " * 20, BARE, forwarded=True) is None
    assert offer.checked(ENGLISH, "we hire " * 20, BARE).topic == "check_offer"
    nothing = OfferReport(verdict="clear", flags=(), missing=())
    assert offer_report.report_text(nothing, BARE.published, "en", NOW.date()) == ""


def test_news_without_kinds_says_so_and_still_ends_all() -> None:
    assert "no news" in decide(ENGLISH, CommandEvent("alerts"), None, BARE).replies[0].text
    assert "no news" in decide(ENGLISH, ButtonEvent("f:alerts:k:scam"), None, BARE).replies[0].text
    assert decide(ENGLISH, ButtonEvent("f:alerts:stop"), None, BARE).effects
    assert FLOWS["alerts"].words(ENGLISH, "anything", Parse(), BARE) is None


def test_offered_topics_that_have_no_answer_any_more_are_not_offered() -> None:
    gone = published()
    gone = gone.model_copy(update={"answers": {k: v for k, v in gone.answers.items() if k != "visa"}})
    unsure = Parse(ranking=(Reading("visa", 0.3),), form="english")
    decision = decide(ENGLISH, TextEvent("..."), unsure, Context(gone, load_thresholds(), Moment(now=NOW)))
    assert decision.action is Action.NOT_UNDERSTOOD


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (Part(contacts=True), "Line 191"),
        (Part(words={"en": ("office",)}), "the office"),
        (Part(units=("THB",)), "1,500"),
        (Part(words={"lo": ("office",)}), None),
        (Part(units=("THB",), not_units=("THB",)), None),
    ],
)
def test_a_part_of_an_answer_is_its_fitting_lines(part: Part, said: str | None) -> None:
    content = published(visa=answer("visa", answers={
        "en": {"answer": "Go to the office.", "steps": ["Pay {fact:visa_fee}"], "help": "{contact:th_191}"},
    }))  # fmt: skip
    content = content.model_copy(
        update={"facts": {"visa_fee": content.facts["visa_fee"].model_copy(update={"unit": "THB"})}}
    )
    text = part_text(content, "visa", part, "lo", NOW.date())
    assert (said in text) if said and text else (text is None) == (said is None)


def test_a_picture_without_the_library_that_sets_lao_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget_picture.features, "check", lambda _name: False)
    with pytest.raises(DocumentError, match="Raqm"):
        budget_picture.draw({})


def test_pseudonyms_are_drawn_at_random() -> None:
    drawn = {new_pseudonym() for _ in range(50)}
    assert len(drawn) > 45
    assert all(len(name.split()) == 3 and 10000 <= int(name.split()[2]) < 100000 for name in drawn)
