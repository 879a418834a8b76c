"""What is kept is said once, early, in the person's language, with the configured days, and never before help."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.dialogue import privacy
from bot.dialogue.engine import Context, decide
from bot.dialogue.types import ButtonEvent, CommandEvent, Decision, Event, Moment, Reply, State, TextEvent
from bot.knowledge.markup import visible_length
from bot.nlu.parse import Parse, Reading, load_thresholds
from bot.services.hotline import moment
from bot.settings import LANGUAGES, load_settings
from bot.telegram.setup import COMMANDS
from tests.factories.content import published

MOMENT = Moment(now=datetime(2026, 11, 24, 3, tzinfo=UTC), keep_messages_days=31, keep_cases_days=47)
CONTEXT = Context(published(), load_thresholds(), MOMENT)
PASSPORT = Parse(ranking=(Reading("passport", 0.95),), form="lao")


def say(event: Event, state: State | None = None, parse: Parse | None = None) -> Decision:
    return decide(state or State(), event, parse, CONTEXT)


def words(decision: Decision) -> str:
    return "\n".join(reply.text for reply in decision.replies)


def test_the_language_screen_says_it_in_every_language() -> None:
    decision = say(CommandEvent("start", ""))
    assert all(privacy.short(language, MOMENT) in words(decision) for language in LANGUAGES)
    assert "31" in words(decision)
    assert decision.state.knows_privacy
    assert "/privacy" not in words(say(ButtonEvent("l:th"), decision.state))


@pytest.mark.parametrize(("form", "language"), [("lao", "lo"), ("thai", "th"), ("english", "en")])
def test_whoever_begins_with_a_question_reads_it_under_the_answer_once(form: str, language: str) -> None:
    parse = Parse(ranking=(Reading("passport", 0.95),), form=form)
    first = say(TextEvent("..."), None, parse)
    assert first.replies[-1].text.endswith(privacy.short(language, MOMENT))
    assert len(first.replies) == len(say(TextEvent("..."), first.state, parse).replies)
    assert "/privacy" not in words(say(TextEvent("..."), first.state, parse))


def test_a_link_that_chose_the_language_says_it_too() -> None:
    decision = say(CommandEvent("start", "lang_th"))
    assert words(decision).count("/privacy") == 1
    assert privacy.short("th", MOMENT) in words(decision)


@pytest.mark.parametrize("event", [ButtonEvent("sos"), CommandEvent("sos", ""), TextEvent("help")])
def test_help_comes_alone_and_the_notice_with_the_next_calm_reply(event: Event) -> None:
    cry = Parse(ranking=(Reading("urgent_trapped", 0.99),), form="lao", urgent_score=0.99, lexicon=("urgent_trapped",))
    decision = say(event, None, cry)
    assert decision.urgent
    assert "/privacy" not in words(decision)
    assert not decision.state.knows_privacy
    assert "/privacy" in words(say(TextEvent("..."), decision.state, PASSPORT))


@pytest.mark.parametrize(
    ("event", "state"),
    [
        (ButtonEvent("hide"), State()),
        (ButtonEvent("forget:yes"), State(knows_privacy=True)),
        (TextEvent("..."), State(quiet=True)),
        (TextEvent("..."), State(handed_over=True)),
    ],
)
def test_nothing_is_added_where_it_would_betray_or_disturb(event: Event, state: State) -> None:
    assert "/privacy" not in words(say(event, state, PASSPORT))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_whole_notice_names_the_days_and_the_ways_out(language: str) -> None:
    decision = say(CommandEvent("privacy", ""), State(language=language, language_chosen=True))
    (reply,) = decision.replies
    assert all(part in reply.text for part in ("31", "47", "/hide", "/forget", "Telegram"))
    assert [b.data for row in reply.buttons for b in row] == ["hide", "forget", "menu"]
    assert visible_length(reply.text) < 1500
    assert decision.state.knows_privacy


def test_the_organisation_cannot_break_the_message() -> None:
    named = Context(published(), load_thresholds(), Moment(MOMENT.now, organisation="A & <B>"))
    assert "A &amp; &lt;B&gt;" in decide(State(), CommandEvent("privacy", ""), None, named).replies[0].text


def test_a_full_message_leaves_the_line_to_the_next_one() -> None:
    full = Decision(State(), (Reply("x" * 4090),))
    assert privacy.told(full, CONTEXT) == full


def test_the_days_are_those_of_the_settings() -> None:
    now = moment(load_settings(keep_messages_days=12, keep_cases_days=34), MOMENT.now)
    assert (now.keep_messages_days, now.keep_cases_days) == (12, 34)
    assert "privacy" in COMMANDS
