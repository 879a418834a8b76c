"""What others may read: inline answers and replies in groups. Never a plan, a case or a button."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue import deeplink, public
from bot.dialogue.engine import Context
from bot.dialogue.flows.registry import FLOWS
from bot.dialogue.types import CommandEvent, MediaEvent, Moment, Reply, TextEvent
from bot.knowledge.find import POPULAR, find
from bot.knowledge.load import load_published
from bot.knowledge.markup import faults, visible_length
from bot.nlu.parse import Parse, Reading, load_thresholds
from bot.settings import LANGUAGES, ROOT
from bot.telegram.groups import said_to_us
from bot.telegram.updates import read_update

PUBLISHED = load_published(ROOT / "content")
TODAY = date(2026, 11, 24)
CONTEXT = Context(PUBLISHED, load_thresholds(), Moment(now=datetime(2026, 11, 24, 3, tzinfo=UTC)))
BOT = "safe_bot"
DOWN = Parse(source="keywords", language="lo", form="lao")


def urls(reply: Reply) -> list[str]:
    return [b.url for row in reply.buttons for b in row]


def check(reply: Reply) -> None:
    """Readable by everybody, and nothing to tap but a link."""
    assert 0 < visible_length(reply.text) <= 4096
    assert list(faults(reply.text)) == []
    assert reply.keyboard is None
    assert all(b.url.startswith(f"https://t.me/{BOT}") and not b.data for row in reply.buttons for b in row)
    assert all(len(url.partition("start=")[2]) <= deeplink.LONGEST for url in urls(reply))


@pytest.mark.parametrize(
    ("query", "topic"),
    [
        ("passport", "passport"),
        ("pasport", "passport"),
        ("ພາສປອດ", "passport"),
        ("พาสปอร์ต", "passport"),
        ("ວີຊ້າ", "visa"),
        ("วีซ่า", "visa"),
        ("เกาหลี", "korea"),
        ("ຄ່າແຮງ", "minimum_wage"),
        ("ຖືກຂັງ", "urgent_trapped"),
    ],
)
def test_a_few_letters_in_any_language_find_the_answer(query: str, topic: str) -> None:
    assert topic in find(PUBLISHED, query, 3)


def test_nothing_typed_shows_what_many_ask() -> None:
    assert find(PUBLISHED, "", 3) == list(POPULAR[:3])
    assert find(PUBLISHED, "xyzzyq", 5) == []


@pytest.mark.parametrize(
    ("query", "speaks", "code"),
    [
        ("ພາສປອດ", "th", "lo"),
        ("พาส", "lo", "th"),
        ("passport", "lo", "lo"),
        ("passport", None, "en"),
        ("", "th", "th"),
        ("", "xx", "lo"),
    ],
)
def test_inline_answers_come_in_the_language_of_the_words_or_the_phone(
    query: str, speaks: str | None, code: str
) -> None:
    found = public.shared_answers(PUBLISHED, query, speaks, (), BOT, TODAY)
    assert {one.id.rpartition(".")[2] for one in found} == {code}
    assert found[0].title == PUBLISHED.title(found[0].id.partition(".")[0], code)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_can_be_shared(language: str) -> None:
    for topic, answer in PUBLISHED.answers.items():
        if PUBLISHED.topics[topic].group == "chat":
            continue
        for one in public.shared_answers(PUBLISHED, answer.title[language], language, (topic,), BOT, TODAY):  # type: ignore[index]
            check(one.reply)
            assert len(one.id.encode()) <= 64
            assert 0 < len(one.description) <= public.DESCRIPTION_CHARS


def test_words_of_danger_share_the_numbers_first() -> None:
    first = public.shared_answers(PUBLISHED, "passport", "lo", ("urgent_violence",), BOT, TODAY)[0]
    assert "191" in first.reply.text
    assert "1191" in first.reply.text


def answer(event: Any, parse: Parse | None = DOWN, speaks: str | None = "lo") -> Reply:
    reply = public.in_group(event, parse, CONTEXT, BOT, speaks)
    check(reply)
    return reply


def test_a_question_in_a_group_is_answered_with_and_without_the_model() -> None:
    sure = Parse(ranking=(Reading("passport", 0.99),), language="th", form="thai")
    for reply in (answer(TextEvent("พาสปอร์ต"), sure), answer(TextEvent("ພາສປອດ"))):
        assert "60" in reply.text
        assert urls(reply) == [f"https://t.me/{BOT}?start=group-topic_passport"]


def test_a_cry_in_a_group_gets_numbers_and_a_way_to_talk_alone() -> None:
    cry = Parse(source="keywords", lexicon=("urgent_violence",), language="lo", form="lao")
    for reply in (answer(TextEvent("x"), cry), answer(CommandEvent("sos"))):
        assert reply.urgent
        assert "191" in reply.text
        assert "1191" in reply.text
        assert "ທຸກຄົນໃນກຸ່ມນີ້ອ່ານໄດ້" in reply.text
        assert "start=group-topic_urgent_" in urls(reply)[0]


@pytest.mark.parametrize("name", [*FLOWS, "plan", "hide", "forget", "person", "language", "stop"])
def test_what_is_private_is_said_alone(name: str) -> None:
    reply = answer(CommandEvent(name))
    assert "ສ່ວນຕົວ" in reply.text
    assert urls(reply)[0].endswith(f"start=group-flow_{name}" if name in FLOWS else "start=group")


def test_talking_to_a_person_is_never_begun_in_a_group() -> None:
    wish = Parse(ranking=(Reading("talk_to_person", 0.99),), language="lo", form="lao")
    assert "ສ່ວນຕົວ" in answer(TextEvent("x"), wish).text


topics = st.sampled_from(list(PUBLISHED.topics))


@given(
    event=st.builds(TextEvent, st.text(max_size=80)) | st.builds(CommandEvent, st.text(max_size=12)),
    topic=topics,
    confidence=st.floats(0, 1),
    source=st.sampled_from(["model", "keywords"]),
    lexicon=st.sampled_from([(), ("urgent_child",)]),
)
def test_any_talk_gets_a_reply_that_everybody_may_read(
    event: Any, topic: str, confidence: float, source: str, lexicon: tuple[str, ...]
) -> None:
    parse = Parse(ranking=(Reading(topic, confidence),), source=source, lexicon=lexicon, form="lao")  # type: ignore[arg-type]
    answer(event, parse, None)


# ------------------------------------------------------------------ is the bot meant?

GROUP = {"id": -100, "type": "supergroup"}
ANN = {"id": 7, "first_name": "Ann", "language_code": "th"}


def meant(message: dict[str, Any], kind: str = "message") -> Any:
    update = {"update_id": 1, kind: {"message_id": 1, "chat": GROUP, "from": ANN} | message}
    read = read_update(update)
    assert not read.private
    return said_to_us(update, read.event, BOT)


def test_talk_of_others_is_not_ours() -> None:
    assert meant({"text": "how much is a passport"}) is None
    assert meant({"text": "@safe_bot_other hi"}) is None
    assert meant({"text": "/start@other_bot"}) is None
    assert meant({"text": "x", "reply_to_message": {"from": {"id": 9, "username": "ben"}}}) is None
    assert meant({"text": "@safe_bot hi"}, "edited_message") is None
    assert meant({"photo": [{"file_id": "1"}]}) is None


def test_what_is_said_to_us_is_read_without_our_name() -> None:
    assert meant({"text": "@Safe_Bot passport"}) == TextEvent("passport")
    assert meant({"text": "/fee@safe_bot visa"}) == CommandEvent("fee", "visa")
    assert meant({"text": "/sos"}) == CommandEvent("sos")
    assert meant({"text": "x", "reply_to_message": {"from": {"username": BOT}}}) == TextEvent("x")
    assert meant({"photo": [], "caption": "@safe_bot visa"}) == TextEvent("visa")
    assert isinstance(meant({"voice": {}, "reply_to_message": {"from": {"username": BOT}}}), MediaEvent)


def test_an_inline_query_is_read() -> None:
    read = read_update({"update_id": 1, "inline_query": {"id": "5", "from": ANN, "query": "visa\0"}})
    assert read.inline is not None
    assert (read.inline.id, read.inline.text, read.speaks, read.event) == ("5", "visa", "th", None)


@pytest.mark.parametrize("query", [None, {}, {"id": 5, "query": "x"}, {"id": "5", "query": None}])
def test_a_broken_inline_query_is_nothing(query: Any) -> None:
    assert read_update({"update_id": 1, "inline_query": query}).inline is None
