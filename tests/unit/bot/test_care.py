"""A phone that others may see, a place, a flood, things that are no words, and pictures."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.dialogue.buttons import keyboard_meaning
from bot.dialogue.engine import Context, decide
from bot.dialogue.types import (
    Action,
    ButtonEvent,
    CommandEvent,
    Decision,
    Event,
    ForgetPerson,
    HideChat,
    LocationEvent,
    MediaEvent,
    Moment,
    NoteForStaff,
    OpenCase,
    PictureEvent,
    State,
    TextEvent,
)
from bot.knowledge.load import load_published
from bot.nlu.parse import Parse, Reading
from bot.services.ocr import UNREADABLE
from bot.settings import ROOT
from nlu.text.zones import Thresholds

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
PUBLISHED = load_published(ROOT / "content")
THRESHOLDS = Thresholds(answer=0.5, offer=0.2, out_of_scope=0.5, urgent_sure=0.6, urgent_possible=0.3)
CONTEXT = Context(PUBLISHED, THRESHOLDS, Moment(now=NOW, hotline_open=True, waiting_minutes=10, reads_pictures=True))
DOWN = Parse(source="keywords")
DANGER = Parse(ranking=(Reading("urgent_trapped", 0.9),), urgent_score=0.9, form="lao")
ALARM = ("🆘", "❗", "🚩")
AD = "ຮັບສະໝັກດ່ວນ ສາມຫຼ່ຽມຄຳ\nເງິນເດືອນ 60,000 ບາດ ບໍ່ຕ້ອງມີປະສົບການ\nຕິດຕໍ່ LINE: abc"


def do(event: Event, state: State | None = None, parse: Parse | None = None, context: Context = CONTEXT) -> Decision:
    return decide(state or State(language="lo"), event, parse, context)


def data(decision: Decision) -> list[str]:
    return [b.data for r in decision.replies for row in r.buttons for b in row]


# ------------------------------------------------------------------ who is with you


@pytest.mark.parametrize("language", ["lo", "th", "en"])
def test_the_help_card_asks_who_is_there_and_offers_place_and_person(language: str) -> None:
    decision = do(ButtonEvent("sos"), State(language=language, language_chosen=True))
    assert {"safe:yes", "safe:seen", "safe:no", "place", "person", "hide"} <= set(data(decision))


@pytest.mark.parametrize("topic", ["urgent_medical", "urgent_suicide", "urgent_missing"])
def test_where_calling_comes_first_nothing_is_asked(topic: str) -> None:
    decision = do(ButtonEvent(f"t:{topic}"))
    assert decision.urgent
    assert "safe:yes" not in data(decision)


def test_every_urgent_topic_has_a_card_of_its_own() -> None:
    said = {t: do(ButtonEvent(f"t:{t}")).replies for t, topic in PUBLISHED.topics.items() if topic.urgent}
    assert len(said) == 6
    assert len({replies[1].text for replies in said.values()}) == 6
    assert all(replies[0].urgent for replies in said.values())
    assert "1323" in said["urgent_suicide"][0].text
    assert "1669" in said["urgent_medical"][0].text


def test_somebody_may_see_turns_sound_and_alarm_off_and_tells_the_counsellors() -> None:
    decision = do(ButtonEvent("safe:seen"), State(language="lo", topic="urgent_trapped"))
    assert decision.state.quiet
    assert all(r.silent for r in decision.replies)
    assert any(isinstance(e, NoteForStaff) for e in decision.effects)
    assert "hide" in data(decision)


def test_the_quiet_card_has_the_numbers_and_no_word_of_alarm_at_the_top() -> None:
    first, advice = do(ButtonEvent("sos"), State(language="lo", quiet=True)).replies
    assert first.silent
    assert advice.silent
    assert advice.protect
    assert not any(sign in reply.text for reply in (first, advice) for sign in ALARM)
    assert first.text.splitlines()[0] == "ℹ️ ຂໍ້ມູນ"
    assert "1191" in first.text


def test_i_can_write_ends_the_quiet() -> None:
    assert not do(ButtonEvent("safe:yes"), State(language="lo", quiet=True)).state.quiet


def test_quiet_by_command_by_words_and_back() -> None:
    on = do(CommandEvent("quiet")).state
    assert on.quiet
    assert not do(CommandEvent("quiet"), on).state.quiet
    assert do(TextEvent("เงียบ")).state.quiet
    assert not do(ButtonEvent("quiet:off"), on).state.quiet
    assert State.from_json(on.to_json()).quiet


# ------------------------------------------------------------------ place


def test_the_place_is_explained_and_one_key_sends_it() -> None:
    reply = do(ButtonEvent("place")).replies[0]
    assert reply.ask_location
    assert reply.keyboard is not None
    assert len(reply.keyboard) > 1


def test_a_place_in_danger_reaches_the_counsellors() -> None:
    decision = do(LocationEvent(13.75, 100.5), State(language="lo", topic="urgent_trapped"))
    assert OpenCase("urgent_trapped", urgent=True) in decision.effects
    assert any("13.75000, 100.50000" in e.text for e in decision.effects if isinstance(e, NoteForStaff))
    assert decision.replies[0].keyboard


def test_a_place_that_moves_is_kept_without_a_word() -> None:
    decision = do(LocationEvent(13.75, 100.5, moved=True))
    assert (decision.replies, decision.action) == ((), Action.NOTED)


# ------------------------------------------------------------------ hide, forget


@pytest.mark.parametrize(
    "words",
    ["/hide", "ເຊື່ອງ", "ເຊື່ອງແຊັດ", "ລຶບແຊັດ", "ซ่อนแชต", "ลบแชท", "seuang chat", "Lop chat", "lup saet", "hide this chat!"],
)
def test_hide_by_plain_words_with_the_model_down(words: str) -> None:
    event = CommandEvent("hide") if words.startswith("/") else TextEvent(words)
    decision = do(event, parse=DOWN)
    assert HideChat() in decision.effects
    cover = decision.replies[0]
    assert cover.silent
    assert not any(sign in cover.text for sign in ALARM)
    assert cover.keyboard is not None
    assert not any(sign in label for row in cover.keyboard for label in row for sign in ALARM)


@pytest.mark.parametrize("words", ["ລຶບຂໍ້ມູນຂອງຂ້ອຍ", "ลบข้อมูลของฉัน", "lop kho moun khoy", "delete my data"])
def test_forget_by_plain_words_takes_the_chat_along(words: str) -> None:
    assert "forget:yes" in data(do(TextEvent(words), parse=DOWN))
    assert do(ButtonEvent("forget:yes")).effects == (HideChat(), ForgetPerson())


@pytest.mark.parametrize("label", ["🙈 ເຊື່ອງການສົນທະນານີ້", "ซ่อนแชตนี้"])
def test_the_label_of_the_hide_button_is_a_word_for_it_too(label: str) -> None:
    assert keyboard_meaning(label) == "hide"


# ------------------------------------------------------------------ too much at once


def flooded(limit: int = 10) -> Context:
    return replace(CONTEXT, moment=replace(CONTEXT.moment, answers_per_minute=limit))


def test_a_flood_is_told_once_then_silence_then_answers_again() -> None:
    context, state = flooded(), State(language="lo")
    actions, said = [], []
    for _ in range(30):
        decision = do(ButtonEvent("t:passport"), state, context=context)
        state = State.from_json(decision.state.to_json())
        actions.append(decision.action)
        said.append(len(decision.replies))
    assert actions.count(Action.TOO_FAST) == 20
    assert said[10] == 1
    assert sum(said[11:]) == 0
    later = replace(context, moment=replace(context.moment, now=NOW + timedelta(minutes=1)))
    assert do(ButtonEvent("t:passport"), state, context=later).action == Action.ANSWER


@pytest.mark.parametrize(
    ("event", "parse"),
    [
        (ButtonEvent("sos"), None),
        (CommandEvent("sos"), None),
        (TextEvent("ຊ່ວຍແດ່"), DOWN),
        (TextEvent("..."), DANGER),
        (TextEvent("..."), Parse(source="keywords", lexicon=("urgent_child",))),
        (ButtonEvent("hide"), None),
        (ButtonEvent("person"), None),
    ],
)
def test_help_comes_in_a_flood(event: Event, parse: Parse | None) -> None:
    empty = State(language="lo", pace=(0.0, NOW.timestamp(), True))
    decision = do(event, empty, parse, flooded())
    assert decision.replies
    assert decision.action != Action.TOO_FAST


# ------------------------------------------------------------------ no words


@pytest.mark.parametrize("kind", ["voice", "audio", "video_note", "video"])
@pytest.mark.parametrize("topic", [None, "urgent_violence"])
def test_what_is_spoken_goes_to_a_person(kind: str, topic: str | None) -> None:
    decision = do(MediaEvent(kind, file_id="x"), State(language="lo", topic=topic))
    assert decision.effects == (OpenCase(topic, urgent=topic is not None),)
    assert "ຟັງສຽງບໍ່ໄດ້" in decision.replies[0].text
    assert "sos" in data(decision)


def test_a_voice_with_words_of_danger_shows_the_card() -> None:
    assert do(MediaEvent("voice", "...", "x"), parse=DANGER).urgent


def test_a_voice_with_a_caption_is_answered_and_goes_to_a_person() -> None:
    asked = Parse(ranking=(Reading("passport", 0.9),), form="lao")
    decision = do(MediaEvent("voice", "passport", "x"), parse=asked)
    assert decision.topic == "passport"
    assert any(isinstance(e, OpenCase) for e in decision.effects)


@pytest.mark.parametrize(
    "kind", ["sticker", "animation", "dice", "game", "contact", "poll", "document", "story", "paid_media", "checklist"]
)
@pytest.mark.parametrize("language", ["lo", "th", "en"])
def test_everything_else_gets_a_reply_with_a_way_on(kind: str, language: str) -> None:
    decision = do(MediaEvent(kind), State(language=language, language_chosen=True))
    assert {"menu", "person", "sos"} <= set(data(decision))


# ------------------------------------------------------------------ pictures


PHOTO = MediaEvent("photo", file_id="x", picture=True)


def test_without_the_program_a_picture_is_not_promised_anything() -> None:
    blind = replace(CONTEXT, moment=replace(CONTEXT.moment, reads_pictures=False))
    decision = do(PHOTO, context=blind)
    assert decision.action == Action.NOT_UNDERSTOOD
    assert "ອ່ານຮູບບໍ່ໄດ້" in decision.replies[0].text
    assert "ອ່ານຮູບບໍ່ໄດ້" in do(CommandEvent("offer"), context=blind).replies[0].text


def test_a_picture_is_read_and_reported_on_like_a_pasted_advertisement() -> None:
    came = do(PHOTO)
    assert came.action == Action.READING
    assert "ກຳລັງອ່ານຮູບ" in came.replies[0].text
    read = do(PictureEvent(AD), came.state)
    assert read.topic == "check_offer"
    assert "🚩" in read.replies[0].text


def test_in_the_offer_flow_words_beside_the_picture_belong_to_it() -> None:
    flow = do(CommandEvent("offer")).state
    came = do(replace(PHOTO, caption=AD), flow, Parse(ranking=(Reading("passport", 0.9),), form="lao"))
    assert [r.text[:1] for r in came.replies] == ["🔍"]
    read = do(PictureEvent("ວຽກ", caption=AD), came.state)
    assert read.topic == "check_offer"
    assert read.state.flow is None


def test_a_cry_beside_a_picture_comes_first() -> None:
    assert do(replace(PHOTO, caption="..."), parse=DANGER).urgent
    assert do(replace(PHOTO, caption="..."), do(CommandEvent("offer")).state, DANGER).urgent


def test_words_of_danger_in_a_picture_ask() -> None:
    decision = do(PictureEvent("ຊ່ວຍແດ່ ເຂົາຂັງຂ້ອຍ"), parse=DANGER)
    assert decision.danger_check
    assert "danger:yes:urgent_trapped" in data(decision)


@pytest.mark.parametrize("event", [PictureEvent(problem=UNREADABLE), PictureEvent("ສະບາຍດີ")])
def test_a_picture_without_an_offer_says_so_and_leads_on(event: PictureEvent) -> None:
    decision = do(event)
    assert {"f:offer", "person", "sos"} <= set(data(decision))


def test_with_a_person_a_picture_goes_to_them() -> None:
    there = State(language="lo", handed_over=True)
    assert do(PHOTO, there).action == Action.TO_PERSON
    assert do(PictureEvent(AD), there).replies == ()
