"""Short questions that lean on the answer before them, in every way of writing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.dialogue.aspects import aspects
from bot.dialogue.engine import Context, decide
from bot.dialogue.types import Action, Decision, Moment, State, TextEvent
from bot.knowledge.load import load_published
from bot.nlu.parse import Parse, Reading, load_thresholds
from bot.settings import ROOT

PUBLISHED = load_published(ROOT / "content")
CONTEXT = Context(PUBLISHED, load_thresholds(), Moment(now=datetime(2026, 11, 24, 3, tzinfo=UTC)))
UNSURE = Parse(ranking=(Reading("savings_budget", 0.3),))
DOWN = Parse(source="keywords")

ASKED = {
    "cost": [
        "ລາຄາເທົ່າໃດ", "ແລ້ວເສຍເງິນເທົ່າໃດ?", "ຈັກບາດ", "ຕ້ອງຈ່າຍເທົ່າໃດ", "ราคาเท่าไหร่", "แล้วเสียเงินเท่าไรคะ",
        "กี่บาท", "แพงไหม",
        "lakha thao dai", "Laka taodai?", "sia ngern thao dai", "raka tao rai krub", "thao rai", "จักบาท", "ราคาท่อใด",
        "how much?", "and how much does that cost?", "What is the price", "how much is it",
    ],
    "time": [
        "ດົນປານໃດ", "ໃຊ້ເວລາຈັກມື້", "ຈັກເດືອນ?", "ใช้เวลากี่วัน", "นานไหม", "นานแค่ไหนครับ", "don pan dai", "sai wela jak mue",
        "chai wela kee wan", "ดนปานใด", "จักมื้อ", "how long does it take?", "how long", "And how many days?",
    ],
    "place": [
        "ຢູ່ໃສ", "ໄປເຮັດຢູ່ໃສ", "ทำที่ไหน", "ไปที่ไหนคะ",
        "yu sai", "het yu sai", "tham thi nai", "อยู่ใส", "where?", "where do I go",
    ],
    "papers": [
        "ໃຊ້ເອກະສານຫຍັງແດ່", "ເອົາຫຍັງແດ່", "ใช้เอกสารอะไรบ้าง", "ต้องเตรียมอะไร", "sai ekasan nyang dae", "eksan nyang",
        "chai ekkasarn arai bang", "ใช้เอกสานหยังแด่", "what papers do I need?", "which documents",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("aspect", "words"), [(a, w) for a, words in ASKED.items() for w in words])
def test_short_questions_are_read(aspect: str, words: str) -> None:
    assert aspects().of(words) == aspect


@pytest.mark.parametrize(
    "words",
    [
        "", "?", "ລາຄາພາສປອດເທົ່າໃດ", "ราคาวีซ่าเท่าไหร่", "how much is a visa", "where is my husband", "ສະບາຍດີ",
        "ขอบคุณ", "ok", "ບໍ່ຈ່າຍເງິນ", "ไม่จ่าย", "bor jai ngern",
        "ຊ່ວຍແດ່", "they keep my papers", "nai chang bor jai ngern deuan", "เขาไม่จ่ายเงิน", "ບໍ່ຈ່າຍເງິນເດືອນ", "and then?",
        "how much " * 10,
    ],
)  # fmt: skip
def test_what_has_something_of_its_own_to_say_is_left_to_the_model(words: str) -> None:
    assert aspects().of(words) is None


def ask(words: str, topic: str | None, language: str, parse: Parse = UNSURE) -> Decision:
    state = State(language=language, language_chosen=True, topic=topic)
    return decide(state, TextEvent(words), parse, CONTEXT)


@pytest.mark.parametrize("parse", [UNSURE, DOWN])
@pytest.mark.parametrize(
    ("words", "language", "said"),
    [("ແລ້ວລາຄາເທົ່າໃດ", "lo", "ກີບ"), ("ราคาเท่าไหร่", "th", "กีบ"), ("and how much does that cost?", "en", "kip")],
)
def test_after_passport_the_price_is_that_of_the_passport(words: str, language: str, said: str, parse: Parse) -> None:
    decision = ask(words, "passport", language, parse)
    assert (decision.action, decision.topic) == (Action.ANSWER, "passport")
    assert said in decision.replies[0].text
    assert PUBLISHED.title("passport", language) in decision.replies[0].text


@pytest.mark.parametrize("language", ["lo", "th", "en"])
def test_a_part_is_shorter_than_the_answer_and_leads_back_to_it(language: str) -> None:
    whole = decide(
        State(language=language, language_chosen=True),
        TextEvent("."),
        Parse(ranking=(Reading("passport", 1.0),)),
        CONTEXT,
    )
    part = ask("how much?", "passport", language)
    assert len(part.replies[0].text) < len(whole.replies[0].text) + 400
    assert any(b.data == "t:passport" for row in part.replies[0].buttons for b in row)


@pytest.mark.parametrize(
    ("words", "topic", "then"),
    [
        ("how much?", "mou_steps", "mou_cost"),
        ("ດົນປານໃດ", "mou_steps", "mou_duration"),
        ("ใช้เอกสารอะไรบ้าง", "legal_ways", "documents_needed"),
        ("where?", "mou_cost", "licensed_agencies"),
    ],
)
def test_where_another_topic_says_it_that_answer_comes(words: str, topic: str, then: str) -> None:
    decision = ask(words, topic, "en")
    assert decision.topic == then
    assert decision.state.topic == then


def test_without_an_answer_before_it_the_model_decides() -> None:
    assert ask("how much?", None, "en").action == Action.OFFER


def test_after_a_help_card_nothing_is_a_follow_up() -> None:
    assert ask("how much?", "urgent_trapped", "en").action == Action.OFFER


def test_possible_danger_is_never_a_follow_up() -> None:
    decision = ask(
        "how much?",
        "passport",
        "en",
        Parse(ranking=(Reading("visa", 0.9),), lexicon_possible=("urgent_child",), urgent_score=0.1),
    )
    assert decision.danger_check


def test_every_target_is_a_topic_that_is_answered() -> None:
    named = {t for targets in aspects().targets.values() for pair in targets.items() for t in pair}
    assert named <= PUBLISHED.answers.keys()
