"""A cry for help that hides: behind a command, in a caption, at the end of a story, while something else is awaited."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.dialogue.buttons import keyboard_meaning
from bot.dialogue.engine import Context, decide
from bot.dialogue.public import in_group
from bot.dialogue.types import (
    Action,
    ButtonEvent,
    CommandEvent,
    Decision,
    Event,
    HideChat,
    MediaEvent,
    Moment,
    NoteForStaff,
    OpenCase,
    PictureEvent,
    State,
    TextEvent,
)
from bot.knowledge.load import load_published
from bot.nlu.client import NluClient, parse_from_json
from bot.nlu.keywords import KeywordSearch
from bot.nlu.lexicon import SafetyLexicon
from bot.nlu.parse import Parse, Reading
from bot.nlu.understand import Understanding
from bot.services.conversations import words_of
from bot.settings import ROOT
from bot.telegram.updates import read_update
from nlu.text.zones import Thresholds

THRESHOLDS = Thresholds(answer=0.74, offer=0.0, out_of_scope=0.36, urgent_sure=0.72, urgent_possible=0.15)
NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
CONTEXT = Context(load_published(ROOT / "content"), THRESHOLDS, Moment(now=NOW, hotline_open=True, waiting_minutes=10))
SURE = Parse(ranking=(Reading("urgent_trapped", 0.95),), urgent_score=0.95, form="english")
POSSIBLE = Parse(ranking=(Reading("papers_kept", 0.6),), urgent_score=0.3, form="english")
CALM = Parse(ranking=(Reading("passport", 0.9),), form="english")
ANSWERED = Parse(ranking=(Reading("urgent_trapped", 0.83), Reading("broker_fee", 0.14)), urgent_score=0.6, form="lao")
"""Sure enough to be answered, not sure enough for the score alone: "they say I must pay before they let me go"."""


def do(event: Event, parse: Parse | None = None, state: State | None = None) -> Decision:
    return decide(state or State(language="en", language_chosen=True), event, parse, CONTEXT)


def data(decision: Decision) -> list[str]:
    return [b.data for r in decision.replies for row in r.buttons for b in row]


# ------------------------------------------------------------------ behind a command


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("/help me they locked us", "help me they locked us"),
        ("/suay dae khao khang khoy", "suay dae khao khang khoy"),
        ("/start ຊ່ວຍແດ່ ເຂົາຂັງຂ້ອຍ", "start ຊ່ວຍແດ່ ເຂົາຂັງຂ້ອຍ"),
        ("/they_lock_me", "they lock me"),
        ("/start m_th-poster_12", ""),
        ("/start", ""),
        ("/menu", ""),
        ("/fee", ""),
    ],
)
def test_the_words_behind_a_command_are_read(written: str, words: str) -> None:
    message = {"message_id": 1, "chat": {"id": 1, "type": "private"}, "text": written}
    event = read_update({"update_id": 1, "message": message}).event
    assert event is not None
    assert words_of(event) == words


@pytest.mark.parametrize(
    "name", ["help", "start", "offer", "agency", "fee", "money", "path", "plan", "person", "alerts", "language", "menu",
             "privacy", "stop", "quiet", "forget_me_not", "suay"],
)  # fmt: skip
def test_a_cry_behind_any_command_gets_help(name: str) -> None:
    decision = do(CommandEvent(name, "they locked us in"), SURE)
    assert decision.urgent
    assert OpenCase("urgent_trapped", urgent=True) in decision.effects


def test_doubt_behind_a_command_asks_and_does_what_was_wanted() -> None:
    decision = do(CommandEvent("agency", "Sky Manpower"), POSSIBLE)
    assert decision.danger_check
    assert decision.topic == "check_agency"
    assert "danger:yes:" in "".join(data(decision))


def test_calm_words_behind_a_command_change_nothing() -> None:
    assert do(CommandEvent("fee", "passport"), CALM) == do(CommandEvent("fee", "passport"))
    assert do(CommandEvent("unknown"), CALM) == do(CommandEvent("unknown"))


def test_hide_shows_nothing_but_the_hotline_learns_of_the_cry() -> None:
    decision = do(CommandEvent("hide", "they beat me"), SURE)
    assert decision.replies == do(CommandEvent("hide")).replies
    assert isinstance(decision.effects[0], HideChat)
    assert OpenCase("urgent_trapped", urgent=True) in decision.effects
    assert any(isinstance(effect, NoteForStaff) for effect in decision.effects)


def test_quiet_with_a_cry_is_quiet_first() -> None:
    decision = do(CommandEvent("quiet", "they beat me"), SURE)
    assert decision.urgent
    assert decision.state.quiet
    assert all(reply.silent for reply in decision.replies)
    assert "🆘" not in decision.replies[0].text


def test_a_cry_behind_a_command_passes_a_flood_and_a_group() -> None:
    full = Context(CONTEXT.published, THRESHOLDS, Moment(now=NOW, hotline_open=True, answers_per_minute=10))
    empty = State(language="lo", pace=(0.0, NOW.timestamp(), True))
    assert decide(empty, CommandEvent("help", "me"), SURE, full).urgent
    assert in_group(CommandEvent("help", "me"), SURE, CONTEXT, "the_bot", "en").urgent


# ------------------------------------------------------------------ a stroke that is no command


@pytest.mark.asyncio
@pytest.mark.parametrize("written", ["/ຊ່ວຍແດ່", "/ help me", " //help me", "/1300", "////"])
async def test_rasa_is_never_given_a_stroke_which_it_would_believe(
    written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []

    class _Answer:
        async def __aenter__(self) -> _Answer:
            return self

        async def __aexit__(self, *_: object) -> None:
            return None

        def raise_for_status(self) -> None:
            return None

        async def read(self) -> bytes:
            return b'{"intent_ranking": [{"name": "greet", "confidence": 0.9}]}'

    class _Session:
        def post(self, _url: str, *, params: object, json: dict[str, str]) -> _Answer:
            sent.append(json["text"])
            return _Answer()

    client = NluClient("http://127.0.0.1:1", None, 1.0)
    monkeypatch.setattr(client, "_session", _Session())
    await client.parse(written)
    assert sent[0]
    assert not sent[0].lstrip().startswith("/")


def test_a_topic_that_the_content_does_not_have_is_no_crash() -> None:
    told = parse_from_json({"intent_ranking": [{"name": "gone_topic", "confidence": 1.0}]})
    assert do(TextEvent("..."), told).action == Action.NOT_UNDERSTOOD
    more = parse_from_json(
        {"intent_ranking": [{"name": "gone_topic", "confidence": 0.9}, {"name": "passport", "confidence": 0.1}]}
    )
    assert "t:passport" in data(do(TextEvent("..."), more))


# ------------------------------------------------------------------ the word itself, however typed


@pytest.mark.parametrize(
    "written",
    ["🆘🆘🆘", "🆘 🆘", "😭😭🆘", "SOSSOS", "sos sos sos", "h e l p   m e", "h.e.l.p m.e", "HELP ME!!!", "helpme",
     "ｈｅｌｐ ｍｅ", "ຊ ່ ວ ຍ ແ ດ ່", "ช่.วย.ด้.วย", "ຊ່\u200bວ\u200bຍແດ່", "ຊ່ວຍແນ່", "ຊ່ອຍແນ່", "ຊອຍຂ້ອຍແນ່", "ซ่อยแหน่",
     "ช่วยด้วยช่วยด้วย", "suay nae", "chuai duai", "救命", "cứu tôi với"],
)  # fmt: skip
def test_a_cry_is_a_cry_however_it_is_typed(written: str) -> None:
    assert keyboard_meaning(written) == "sos"


@pytest.mark.parametrize(
    "written", ["", "...", "help", "ຊ່ວຍ", "me", "😭", "help me find a job", "🙏🙏", "helpless", "so"]
)
def test_other_words_are_not(written: str) -> None:
    assert keyboard_meaning(written) is None


@pytest.mark.parametrize("kind", ["photo", "sticker", "document", "voice", "video"])
def test_the_word_as_a_caption(kind: str) -> None:
    event = MediaEvent(kind, "🆘", "x", picture=kind == "photo")
    assert do(event, Parse(ranking=(Reading("out_of_scope", 0.97),))).urgent
    full = Context(CONTEXT.published, THRESHOLDS, Moment(now=NOW, hotline_open=True, answers_per_minute=10))
    assert decide(State(pace=(0.0, NOW.timestamp(), True)), event, None, full).urgent


# ------------------------------------------------------------------ while something else is awaited


@pytest.mark.parametrize(
    "flow",
    [{"name": "fee"}, {"name": "fee", "kind": "visa"}, {"name": "money"}, {"name": "agency"}, {"name": "offer"}, None],
)
def test_what_would_be_answered_as_urgent_is_urgent_in_every_flow(flow: dict[str, object] | None) -> None:
    assert do(TextEvent("200000"), ANSWERED, State(language="lo", flow=flow)).urgent


def test_the_same_while_a_counsellor_is_awaited_and_beside_a_picture() -> None:
    assert do(TextEvent("..."), ANSWERED, State(language="lo", handed_over=True)).urgent
    assert do(
        MediaEvent("photo", "...", "x", picture=True), ANSWERED, State(language="lo", flow={"name": "offer"})
    ).urgent


def test_while_a_counsellor_is_awaited_doubt_asks_once() -> None:
    waiting = do(ButtonEvent("person")).state
    first = do(TextEvent("help"), POSSIBLE, waiting)
    assert first.danger_check
    assert first.action == Action.TO_PERSON
    second = do(TextEvent("help"), POSSIBLE, first.state)
    assert second.replies == ()
    soon = replace(CONTEXT, moment=replace(CONTEXT.moment, now=NOW + timedelta(minutes=11)))
    assert decide(first.state, TextEvent("help"), POSSIBLE, soon).danger_check
    again = do(ButtonEvent("person"), state=do(ButtonEvent("person:end"), state=second.state).state).state
    assert do(TextEvent("help"), POSSIBLE, again).danger_check


def test_a_picture_of_an_offer_with_a_cry_in_it_asks_too() -> None:
    decision = do(PictureEvent("..."), SURE, State(language="en", language_chosen=True, flow={"name": "offer"}))
    assert decision.topic == "check_offer"
    assert "danger:yes:urgent_trapped" in data(decision)


# ------------------------------------------------------------------ at the end of a long story


class _Model(NluClient):
    """Sees danger only where it stands."""

    async def _try(self, text: str) -> Parse:
        score = 0.9 if "DANGER" in text else 0.0
        return Parse(ranking=(Reading("greet", 0.9),), urgent_score=score, form="english")


def _understanding() -> Understanding:
    return Understanding(_Model("http://127.0.0.1:1", None, 1.0), SafetyLexicon(), KeywordSearch([]), 100)


@pytest.mark.asyncio
async def test_the_end_of_a_long_text_is_read_too() -> None:
    parse = await _understanding().understand("good morning " * 30 + "DANGER")
    assert parse.urgent_score == pytest.approx(0.9)
    assert do(TextEvent("..."), parse).urgent


@pytest.mark.asyncio
async def test_in_the_middle_of_a_long_text_the_lexicon_decides() -> None:
    parse = await _understanding().understand("good morning " * 30 + "they locked us in " + "and so on " * 30)
    assert parse.urgent_score == 0
    assert parse.lexicon
    assert do(TextEvent("..."), parse).urgent


@pytest.mark.asyncio
async def test_one_sentence_does_not_drown_in_a_long_story() -> None:
    """Within what the model can read: it judges the sentence by itself, and may still find it calm."""

    class _Diluted(_Model):
        async def _try(self, text: str) -> Parse:
            score = 0.9 if "locked us" in text and len(text) < 300 else 0.01
            return Parse(ranking=(Reading("greet", 0.9),), urgent_score=score, form="english")

    story = "hello i am from pakse and i ask about work. " * 30
    understanding = Understanding(_Diluted("http://127.0.0.1:1", None, 1.0), SafetyLexicon(), KeywordSearch([]), 2000)
    assert do(TextEvent("..."), await understanding.understand(story + "they locked us in")).urgent
    calm = await understanding.understand(story)
    assert calm.urgent_score < 0.1


@pytest.mark.parametrize(
    ("written", "sure"),
    [
        ("ເຂົາຂໍ 30000 ບາດ ບໍ່ຈ່າຍ ເຂົາຊິຕັດນິ້ວ", True),
        ("ລາວຈະຂ້າຂ້ອຍ", True),
        ("ຂ້ອຍຈະຂ້າມໄປໄທ", None),
        ("ໂທຫາຕຳຫຼວດແດ່", False),
        ("police please", False),
        ("plz hlp", False),
        ("มันฉีดยาให้พวกเรา", False),
        ("เรือจม", False),
        ("ເຮືອຈົມ", False),
    ],
)
def test_phrases_that_a_review_found_missing(written: str, sure: bool | None) -> None:
    seen = SafetyLexicon().look(written)
    assert bool(seen.sure) is bool(sure)
    assert bool(seen.possible) is (sure is False)


def test_a_text_of_one_sign_costs_no_more_than_a_short_one_and_the_cry_behind_it_is_seen() -> None:
    lexicon = SafetyLexicon()
    assert lexicon.look("ก" * 4000 + " ช่วยด้วย เขาขังหนูไว้").sure == lexicon.look("กกก ช่วยด้วย เขาขังหนูไว้").sure != ()
