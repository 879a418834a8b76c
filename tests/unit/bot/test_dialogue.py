"""The dialogue as a table: (what is known, what came, what was understood) -> what is said and done."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.dialogue.engine import Context, decide
from bot.dialogue.types import (
    Action,
    AnswerLater,
    ButtonEvent,
    CloseCase,
    CommandEvent,
    Decision,
    Event,
    ForgetPerson,
    GiveFeedback,
    HideChat,
    LocationEvent,
    MediaEvent,
    Moment,
    OpenCase,
    State,
    TextEvent,
)
from bot.nlu.parse import Clause, Parse, Reading
from nlu.text.zones import Thresholds
from tests.factories.content import published

THRESHOLDS = Thresholds(answer=0.5, offer=0.2, out_of_scope=0.5, urgent_sure=0.6, urgent_possible=0.3)
MOMENT = Moment(
    now=datetime(2026, 11, 24, 3, tzinfo=UTC), hotline_open=True, hotline_hours="08:30-16:30", waiting_minutes=10
)
CONTEXT = Context(published(), THRESHOLDS, MOMENT)


def parse(*readings: tuple[str, float], form: str = "lao", urgent: float = 0.0, **extra: object) -> Parse:
    return Parse(ranking=tuple(Reading(*r) for r in readings), form=form, urgent_score=urgent, **extra)  # type: ignore[arg-type]


def say(event: Event, understood: Parse | None = None, state: State | None = None) -> Decision:
    return decide(state or State(), event, understood, CONTEXT)


def text(decision: Decision) -> str:
    return "\n".join(reply.text for reply in decision.replies)


def data(decision: Decision) -> list[str]:
    return [button.data for reply in decision.replies for row in reply.buttons for button in row]


WORDS = TextEvent("...")


@pytest.mark.parametrize(
    ("understood", "action", "topic", "said"),
    [
        (parse(("passport", 0.9)), Action.ANSWER, "passport", "lo:passport"),
        (parse(("passport", 0.5)), Action.ANSWER, "passport", "lo:passport"),
        (parse(("passport", 0.9), form="thai"), Action.ANSWER, "passport", "th:passport"),
        (parse(("passport", 0.9), form="english"), Action.ANSWER, "passport", "en:passport"),
        (parse(("passport", 0.9), form="thaiscript"), Action.ANSWER, "passport", "lo:passport"),
        (parse(("passport", 0.4), ("visa", 0.3)), Action.OFFER, "passport", "ລາວ"),
        (parse(("passport", 0.1)), Action.NOT_UNDERSTOOD, None, "ບໍ່ເຂົ້າໃຈ"),
        (parse(("out_of_scope", 0.8)), Action.OUT_OF_SCOPE, "out_of_scope", "lo:out_of_scope"),
        (parse(("out_of_scope", 0.4), ("visa", 0.3)), Action.OFFER, "visa", "ລາວ"),
        (parse(("thanks", 0.9)), Action.SMALL_TALK, "thanks", "lo:thanks"),
        (parse(("talk_to_person", 0.9)), Action.TO_PERSON, "talk_to_person", "ເຈົ້າໜ້າທີ່"),
        (parse(("urgent_violence", 0.7), urgent=0.7), Action.HELP_CARD, "urgent_violence", "1191"),
        (
            parse(("papers_kept", 0.8), urgent=0.2, lexicon=("urgent_trapped",)),
            Action.HELP_CARD,
            "urgent_trapped",
            "191",
        ),
        (parse(("papers_kept", 0.9), lexicon=("urgent_trapped",)), Action.ANSWER, "papers_kept", "lo:papers_kept"),
        (Parse(source="keywords", form="lao"), Action.LATER, None, ""),
        (Parse(source="keywords", lexicon=("urgent_child",)), Action.HELP_CARD, "urgent_child", "191"),
    ],
)
def test_words(understood: Parse, action: Action, topic: str | None, said: str) -> None:
    decision = say(WORDS, understood)
    assert (decision.action, decision.topic) == (action, topic)
    assert said in text(decision) or any(said in b.label for r in decision.replies for row in r.buttons for b in row)


def test_help_card_comes_first_and_names_both_countries_while_the_place_is_unknown() -> None:
    first = say(WORDS, parse(("urgent_trapped", 0.9), urgent=0.9)).replies[0]
    assert first.urgent
    assert "191" in first.text
    assert "1191" in first.text
    assert first.text.count("ໂທ:") == 2


def test_help_card_shows_only_the_country_where_the_person_is() -> None:
    first = say(WORDS, parse(("urgent_trapped", 0.9), urgent=0.9), State(where="la")).replies[0]
    assert "1191" in first.text
    assert "<b>191</b>" not in first.text


def test_urgent_opens_a_case_for_the_hotline() -> None:
    assert say(WORDS, parse(("urgent_child", 0.9), urgent=0.9)).effects == (OpenCase("urgent_child", urgent=True),)


def test_possible_danger_gets_the_answer_and_the_question() -> None:
    decision = say(WORDS, parse(("papers_kept", 0.6), ("urgent_trapped", 0.35), urgent=0.35))
    assert decision.danger_check
    assert not decision.urgent
    assert "lo:papers_kept" in decision.replies[0].text
    assert "danger:yes:urgent_trapped" in data(decision)


def test_a_phrase_of_danger_always_asks_at_least() -> None:
    assert say(WORDS, parse(("papers_kept", 0.9), lexicon=("urgent_trapped",))).danger_check


def test_a_possible_phrase_asks_when_the_model_suspects_something_or_is_away() -> None:
    phrase = {"lexicon_possible": ("urgent_trapped",)}
    assert not say(WORDS, parse(("papers_kept", 0.9), urgent=0.01, **phrase)).danger_check
    assert say(WORDS, parse(("papers_kept", 0.9), urgent=0.03, **phrase)).danger_check
    assert say(WORDS, Parse(source="keywords", form="lao", **phrase)).danger_check  # type: ignore[arg-type]


def test_yes_to_the_danger_question_shows_the_help_card() -> None:
    decision = say(ButtonEvent("danger:yes:urgent_violence"))
    assert decision.urgent
    assert decision.topic == "urgent_violence"


def test_several_questions_answer_one_and_offer_the_others() -> None:
    understood = parse(("passport", 0.9), clauses=(Clause("visa", 0.8), Clause("greet", 0.9), Clause("mou_cost", 0.1)))
    decision = say(WORDS, understood)
    assert "t:visa" in data(decision)
    assert "t:greet" not in data(decision)
    assert "t:mou_cost" not in data(decision)


def test_another_likely_reading_is_a_button_beside_the_answer() -> None:
    decision = say(WORDS, parse(("passport", 0.7), ("visa", 0.2), ("mou_cost", 0.05)))
    assert "t:visa" in data(decision)
    assert "t:mou_cost" not in data(decision)


def test_a_help_card_offers_the_calm_reading_too() -> None:
    decision = say(WORDS, parse(("urgent_trapped", 0.7), ("papers_kept", 0.2), urgent=0.7))
    assert "t:papers_kept" in data(decision)


def test_romanised_lao_is_answered_in_lao_and_asked_once() -> None:
    first = say(WORDS, parse(("passport", 0.9), form="roman"))
    assert "lo:passport" in first.replies[0].text
    assert "l:th" in data(first)
    second = say(WORDS, parse(("passport", 0.9), form="roman"), first.state)
    assert "l:th" not in data(second)


def test_a_chosen_language_stays_whatever_is_written() -> None:
    state = say(ButtonEvent("l:th")).state
    assert "th:passport" in text(say(WORDS, parse(("passport", 0.9), form="lao"), state))


@pytest.mark.parametrize("label", ["🆘 ຂໍຄວາມຊ່ວຍເຫຼືອດ່ວນ", "🆘 ขอความช่วยเหลือด่วน", "I need help now"])
def test_the_keyboard_reaches_help_in_every_language_without_the_model(label: str) -> None:
    assert say(TextEvent(label)).urgent


def test_the_bot_keeps_quiet_while_a_person_is_asked_for_but_not_about_danger() -> None:
    state = say(CommandEvent("person")).state
    assert state.handed_over
    quiet = say(WORDS, parse(("passport", 0.9)), state)
    assert (quiet.replies, quiet.action) == ((), Action.TO_PERSON)
    assert say(WORDS, parse(("urgent_violence", 0.9), urgent=0.9), state).replies
    assert say(ButtonEvent("person:end"), state=state).effects == (CloseCase(),)


@pytest.mark.parametrize(
    ("words", "data_meant"),
    [("ລຶບແຊັດ", "hide"), ("ซ่อนแชท", "hide"), ("Hide!", "hide"), ("ช่วยด้วย", "sos"), ("ลบข้อมูลของฉัน", "forget")],
)
def test_plain_words_work_without_the_model(words: str, data_meant: str) -> None:
    assert say(TextEvent(words)) == say(ButtonEvent(data_meant))


def test_the_cover_text_after_hiding_betrays_nothing() -> None:
    (cover,) = say(CommandEvent("hide"), state=State(language="lo")).replies
    assert cover.silent
    assert not cover.buttons
    assert "191" not in cover.text


@pytest.mark.parametrize(
    ("event", "effect"),
    [
        (ButtonEvent("fb:passport:1"), GiveFeedback("passport", useful=True)),
        (ButtonEvent("fb:passport:0"), GiveFeedback("passport", useful=False)),
        (CommandEvent("hide"), HideChat()),
        (ButtonEvent("forget:yes"), ForgetPerson()),
    ],
)
def test_effects(event: Event, effect: object) -> None:
    assert effect in say(event).effects


def test_forgetting_is_asked_before_it_is_done() -> None:
    asked = say(CommandEvent("forget"), state=State(language="en"))
    assert asked.effects == ()
    assert "forget:yes" in data(asked)


def test_without_the_model_the_question_is_kept_for_later() -> None:
    decision = say(WORDS, Parse(ranking=(Reading("passport", 0.9),), source="keywords"))
    assert decision.effects == (AnswerLater(),)
    assert "t:passport" in data(decision)


@pytest.mark.parametrize(
    "event",
    [
        ButtonEvent("t:no_such_topic"),
        ButtonEvent(""),
        ButtonEvent("x" * 64),
        ButtonEvent("g:nothing"),
        ButtonEvent("m:nothing"),
        ButtonEvent("fb:nothing:1"),
        ButtonEvent("l:xx"),
        ButtonEvent("where:moon"),
        CommandEvent("unknown"),
        CommandEvent("start", "topic_nothing"),
        MediaEvent("voice"),
        MediaEvent("sticker"),
        MediaEvent("contact"),
        LocationEvent(17.9, 102.6),
        TextEvent(""),
    ],
)
def test_nothing_is_left_without_a_reply(event: Event) -> None:
    assert say(event).replies


def test_a_deep_link_opens_its_topic() -> None:
    assert "lo:passport" in text(say(CommandEvent("start", "topic_passport")))


@pytest.mark.parametrize("name", ["start", "help", "menu", "sos", "person", "language", "forget"])
@pytest.mark.parametrize("language", ["lo", "th", "en"])
def test_commands_answer_in_every_language(name: str, language: str) -> None:
    assert say(CommandEvent(name), state=State(language=language, language_chosen=True)).replies


def test_the_state_survives_storage() -> None:
    state = State(language="lo", where="th", offered=("visa", "passport"), flow={"name": "x"}, quiet=True)
    assert State.from_json(state.to_json()) == state


def test_button_data_fits_into_telegrams_64_bytes() -> None:
    events: list[Event] = [CommandEvent(n) for n in ("start", "menu", "sos", "person", "language", "forget", "help")]
    events += [ButtonEvent(f"t:{topic}") for topic in CONTEXT.published.answers]
    events += [ButtonEvent("danger:yes:urgent_violence"), ButtonEvent("g:work_rights")]
    sizes = [len(d.encode()) for event in events for d in data(say(event))]
    assert max(sizes) <= 64


def test_an_urgent_topic_that_the_model_is_sure_of_stays_urgent_although_its_danger_is_only_possible() -> None:
    """Two numbers say the same differently: the answer's threshold may be passed where that of danger is not."""
    decision = say(WORDS, parse(("urgent_missing", 0.55), urgent=0.55))
    assert decision.urgent
    assert decision.action is Action.HELP_CARD
    assert OpenCase("urgent_missing", urgent=True) in decision.effects
    assert not decision.danger_check


def test_a_deep_link_to_an_urgent_topic_is_urgent() -> None:
    decision = say(CommandEvent("start", "topic_urgent_child"))
    assert decision.urgent
    assert decision.topic == "urgent_child"
