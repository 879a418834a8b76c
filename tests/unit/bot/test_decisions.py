"""The shape of every decision where a wrong branch hurts: help, place, quiet, hide, hand-over, pace, later, groups.

tests/data/decisions.txt holds one line a case: what was done, what the state became, what else happens, and of each
reply its language, its manner (urgent, silent, protected) and where its buttons lead; never its wording, which writers
may change. After a change that is meant: `python -m tests.unit.bot.test_decisions`, and read the difference.
"""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.dialogue import public
from bot.dialogue.buttons import keyboard
from bot.dialogue.engine import Context, decide
from bot.dialogue.menu import main_menu
from bot.dialogue.types import (
    ButtonEvent,
    CommandEvent,
    Event,
    LocationEvent,
    MediaEvent,
    Moment,
    NoteForStaff,
    OpenCase,
    PictureEvent,
    Reply,
    State,
    TextEvent,
)
from bot.nlu.parse import Parse, Reading
from bot.settings import LANGUAGES
from nlu.text.zones import Thresholds
from tests.factories.content import answer, published

EXPECTED = Path(__file__).resolve().parents[2] / "data" / "decisions.txt"
NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
AT = NOW.timestamp()
MARKS = Thresholds(answer=0.5, offer=0.2, out_of_scope=0.5, urgent_sure=0.6, urgent_possible=0.3)
PRICED = published().facts["visa_fee"].model_copy(update={"unit": "THB"})
VISA = {c: {"answer": f"{c}:visa", "steps": ["{fact:visa_fee}"], "more": f"{c}:more"} for c in ("lo", "th", "en")}
CHILD = {"th": ["th_191"], "la": ["la_1191", "th_191"]}
CONTENT = published(visa=answer("visa", answers=VISA), urgent_child=answer("urgent_child", card=CHILD)).model_copy(
    update={"facts": {"visa_fee": PRICED}}
)
MOMENT = Moment(now=NOW, hotline_open=True, hotline_hours="08:30-16:30", waiting_minutes=10, organisation="ABC")
CONTEXT = Context(CONTENT, MARKS, MOMENT)
CLOSED = Context(CONTENT, MARKS, replace(MOMENT, hotline_open=False, waiting_minutes=None, organisation=""))
PACED = Context(CONTENT, MARKS, replace(MOMENT, answers_per_minute=10))
READS = Context(CONTENT, MARKS, replace(MOMENT, reads_pictures=True))

THAI = State(language="th", language_chosen=True, asked_language=True, started=True, knows_privacy=True)
DANGER = THAI.but(topic="urgent_violence")
QUIET = DANGER.but(quiet=True)
WITH_PERSON = DANGER.but(handed_over=True)
NEW = State()


def parse(*readings: tuple[str, float], urgent: float = 0.0, **more: Any) -> Parse:
    more = {"form": "thai", "language": "th"} | more
    return Parse(ranking=tuple(Reading(*r) for r in readings), urgent_score=urgent, **more)


AWAY = {"source": "keywords"}
CRY = parse(("urgent_violence", 0.9), urgent=0.9)
MAYBE = parse(("visa", 0.7), ("urgent_violence", 0.2), urgent=0.35)
SURE = parse(("visa", 0.9))
UNSURE = parse(("visa", 0.3), ("passport", 0.25), ("no_such_topic", 0.2))
LOST = parse(("visa", 0.1))
OUTSIDE = parse(("out_of_scope", 0.9))
WORDS = TextEvent("...")

Case = tuple[State, Event, Parse | None, Context]


def tapped(data: str, state: State = THAI, context: Context = CONTEXT) -> Case:
    return state, ButtonEvent(data, 7), None, context


def said(name: str, args: str = "", state: State = THAI, context: Context = CONTEXT) -> Case:
    return state, CommandEvent(name, args), None, context


def wrote(meant: Parse | None, state: State = THAI, context: Context = CONTEXT, text: str = "...") -> Case:
    return state, TextEvent(text), meant, context


def paced(left: float, ago: float, told: bool, event: Event = WORDS, meant: Parse | None = SURE) -> Case:
    return THAI.but(pace=(left, AT - ago, told)), event, meant, PACED


CASES: dict[str, Case] = {
    "sos": tapped("sos"),
    "sos in danger": tapped("sos", DANGER),
    "sos in Thailand": tapped("sos", DANGER.but(where="th")),
    "sos in Laos": tapped("sos", DANGER.but(where="la")),
    "sos elsewhere": tapped("sos", DANGER.but(where="other")),
    "sos quiet": tapped("sos", QUIET),
    "sos new": tapped("sos", NEW),
    "sos by command": said("sos"),
    "sos while a flow is open": tapped("sos", THAI.but(flow={"name": "agency"})),
    "sos after a question": tapped("sos", THAI.but(topic="visa")),
    "person while a flow is open": tapped("person", THAI.but(flow={"name": "agency"})),
    "start while a flow is open": said("start", state=THAI.but(flow={"name": "agency"})),
    "where Laos with a child": tapped("where:la", THAI.but(topic="urgent_child")),
    "maybe, and the language is unknown": wrote(
        parse(("visa", 0.7), ("urgent_child", 0.2), urgent=0.35, form="english", language=None), NEW
    ),
    "language Lao": tapped("l:lo"),
    "a choice in place": tapped("f:alerts:k:scam"),
    "danger yes": tapped("danger:yes"),
    "danger yes with topic": tapped("danger:yes:urgent_child"),
    "danger no": tapped("danger:no"),
    "danger anything": tapped("danger:x"),
    "urgent topic by button": tapped("t:urgent_medical"),
    "where Thailand in danger": tapped("where:th", DANGER),
    "where Laos in danger": tapped("where:la", DANGER),
    "where else in danger": tapped("where:moon", DANGER),
    "where without danger": tapped("where:la"),
    "child in Laos": tapped("t:urgent_child", THAI.but(where="la")),
    "child anywhere": tapped("t:urgent_child"),
    "person": tapped("person"),
    "person in danger": tapped("person", DANGER),
    "person when closed": tapped("person", THAI, CLOSED),
    "person in danger when closed": tapped("person", DANGER, CLOSED),
    "person while quiet": tapped("person", QUIET),
    "person end": tapped("person:end", WITH_PERSON),
    "stop by command": said("stop", state=WITH_PERSON),
    "words with a person": wrote(SURE, WITH_PERSON),
    "cry with a person": wrote(CRY, WITH_PERSON),
    "media with a person": (WITH_PERSON, MediaEvent("sticker"), None, CONTEXT),
    "safe yes": tapped("safe:yes", QUIET),
    "safe no": tapped("safe:no", DANGER),
    "safe seen": tapped("safe:seen", DANGER),
    "safe anything": tapped("safe", DANGER),
    "quiet": tapped("quiet", DANGER),
    "quiet again": tapped("quiet", QUIET),
    "quiet on": tapped("quiet:on", QUIET),
    "quiet off": tapped("quiet:off", QUIET),
    "quiet off when off": tapped("quiet:off", DANGER),
    "quiet by command": said("quiet"),
    "quiet answer": wrote(SURE, QUIET),
    "quiet cry": wrote(CRY, QUIET),
    "quiet maybe": wrote(MAYBE, QUIET),
    "quiet menu": tapped("menu", QUIET),
    "quiet start": said("start", state=QUIET),
    "quiet place": tapped("place", QUIET),
    "place": tapped("place", DANGER),
    "place got in danger": (DANGER, LocationEvent(13.75, 100.5), None, CONTEXT),
    "place got": (THAI.but(topic="visa"), LocationEvent(13.75, 100.5), None, CONTEXT),
    "place got before anything": (THAI, LocationEvent(13.75, 100.5), None, CONTEXT),
    "place got with a person": (WITH_PERSON, LocationEvent(13.75, 100.5), None, CONTEXT),
    "place moved": (DANGER, LocationEvent(13.75, 100.5, moved=True), None, CONTEXT),
    "hide": tapped("hide", DANGER.but(offered=("visa",), flow={"name": "agency"})),
    "hide by command": said("hide", state=QUIET),
    "forget": tapped("forget", DANGER),
    "forget yes": tapped("forget:yes", DANGER),
    "forget anything": tapped("forget:no", DANGER),
    "start": said("start", state=NEW),
    "start again": said("start"),
    "start with a topic": said("start", "topic_visa", NEW),
    "start with an urgent topic": said("start", "topic_urgent_trapped", NEW),
    "start with a flow": said("start", "flow_agency", NEW),
    "start with a source": said("start", "poster_one", NEW),
    "start with all": said("start", "poster_one-topic_visa-lang_en", NEW),
    "start with a language": said("start", "lang_en", NEW),
    "start with a language after a choice": said("start", "lang_en"),
    "start with nonsense": said("start", "topic_nothing-flow_nothing"),
    "unknown command": said("nothing"),
    "help": said("help"),
    "flow by command": said("agency"),
    "unknown button": tapped("nothing:x", THAI.but(offered=("visa",))),
    "menu": tapped("menu", THAI.but(offered=("visa",))),
    "topic": tapped("t:visa"),
    "topic that is gone": tapped("t:nothing"),
    "more": tapped("m:visa"),
    "more of what is gone": tapped("m:nothing"),
    "language": tapped("l:en"),
    "language that is none": tapped("l:xx"),
    "language by command": said("language"),
    "group": tapped("g:recruiters"),
    "group of danger": tapped("g:urgent"),
    "group that is none": tapped("g:nothing"),
    "useful": tapped("fb:visa:1"),
    "not useful": tapped("fb:visa:0"),
    "useful, but gone": tapped("fb:nothing:1"),
    "flow button": tapped("f:agency:x"),
    "flow that is none": tapped("f:nothing:x"),
    "privacy": tapped("privacy"),
    "keyboard: help": wrote(None, text=keyboard("th")[0][0]),
    "keyboard: menu": wrote(None, text=keyboard("th")[1][0]),
    "keyboard: help me": wrote(parse(**AWAY), text="help me"),
    "keyboard: hide": wrote(parse(**AWAY), text="ลบแชท"),
    "cry": wrote(CRY),
    "cry new": wrote(CRY, NEW),
    "cry without a card": wrote(parse(("urgent_gone", 0.9), urgent=0.9)),
    "cry by phrase, model away": wrote(parse(lexicon=("urgent_child",), **AWAY)),
    "perhaps by phrase, model away": wrote(parse(lexicon_possible=("urgent_child",), **AWAY)),
    "cry while a flow is open": wrote(CRY, THAI.but(flow={"name": "agency"})),
    "maybe": wrote(MAYBE),
    "maybe while a flow is open": wrote(MAYBE, THAI.but(flow={"name": "agency"})),
    "maybe and a short question": wrote(MAYBE, THAI.but(topic="visa"), text="ราคาเท่าไหร่"),
    "short question": wrote(LOST, THAI.but(topic="visa"), text="ราคาเท่าไหร่"),
    "sure": wrote(SURE),
    "sure new": wrote(SURE, NEW),
    "sure, language unknown": wrote(parse(("visa", 0.9), form="", language=None), NEW),
    "unsure": wrote(UNSURE),
    "lost": wrote(LOST),
    "out of scope": wrote(OUTSIDE),
    "later": wrote(parse(**AWAY)),
    "later with topics": wrote(parse(("visa", 0.5), ("gone", 0.4), ("passport", 0.3), **AWAY)),
    "later without a parse": wrote(None),
    "later while quiet": wrote(parse(**AWAY), QUIET),
    "sticker": (THAI, MediaEvent("sticker"), None, CONTEXT),
    "voice in danger": (DANGER, MediaEvent("voice", file_id="x"), None, CONTEXT),
    "voice with a cry": (THAI, MediaEvent("voice", "...", "x"), CRY, CONTEXT),
    "voice with a question": (THAI, MediaEvent("voice", "...", "x"), SURE, CONTEXT),
    "picture": (THAI, MediaEvent("photo", file_id="x", picture=True), None, READS),
    "picture with a cry": (THAI, MediaEvent("photo", "...", "x", picture=True), CRY, READS),
    "picture asked for with a maybe": (
        THAI.but(flow={"name": "offer"}), MediaEvent("photo", "...", "x", picture=True), MAYBE, READS
    ),
    "picture without a program": (THAI, MediaEvent("photo", file_id="x", picture=True), None, CONTEXT),
    "picture read": (THAI, PictureEvent("ABC"), None, READS),
    "picture unreadable": (THAI, PictureEvent(problem="I cannot see stories."), None, READS),
    "pace: first": (THAI, WORDS, SURE, PACED),
    "pace: one left": paced(1.0, 0, False),
    "pace: a little less than one": paced(0.99, 0, False),
    "pace: filled again": paced(0.0, 6, False),
    "pace: never above the most": paced(9.0, 600, False),
    "pace: a clock that went back": paced(3.0, -60, False),
    "pace: told": paced(0.0, 0, True),
    "pace: told, not enough again": paced(4.9, 0, True),
    "pace: told, enough again": paced(5.0, 0, True),
    "pace: cry": paced(0.0, 0, True, meant=CRY),
    "pace: maybe": paced(0.0, 0, True, meant=MAYBE),
    "pace: no parse": paced(0.0, 0, False, meant=None),
    "pace: command": paced(0.0, 0, False, CommandEvent("help")),
    "pace: help by command": paced(0.0, 0, False, CommandEvent("sos")),
    "pace: menu": paced(0.0, 0, False, ButtonEvent("menu"), None),
    "pace: topic": paced(0.0, 0, False, ButtonEvent("t:sos"), None),
    "pace: where": paced(0.0, 0, False, ButtonEvent("where:la"), None),
    "pace: place": paced(0.0, 0, False, LocationEvent(1, 2), None),
    "pace: picture read": paced(0.0, 0, False, PictureEvent("x"), None),
    "pace: media": paced(0.0, 0, False, MediaEvent("sticker"), None),
    "pace: words for the menu": paced(0.0, 0, False, TextEvent("menu"), None),
    "pace: words for help": paced(0.0, 0, False, TextEvent("help me"), None),
    "pace: quiet": (QUIET.but(pace=(0.0, AT, False)), WORDS, SURE, PACED),
    "pace: with a person": (WITH_PERSON.but(pace=(0.0, AT, True)), WORDS, SURE, PACED),
}  # fmt: skip

Group = tuple[Event, Parse | None, str, str | None]
GROUPS: dict[str, Group] = {
    "group: cry": (WORDS, CRY, "safe_bot", None),
    "group: cry of no card": (WORDS, parse(("urgent_gone", 0.9), urgent=0.9), "safe_bot", None),
    "group: cry without a topic": (WORDS, parse(("visa", 0.3), urgent=0.9), "safe_bot", None),
    "group: maybe": (WORDS, MAYBE, "safe_bot", None),
    "group: maybe without a topic": (WORDS, parse(("visa", 0.7), urgent=0.35), "safe_bot", None),
    "group: maybe of nothing": (WORDS, parse(("visa", 0.1), urgent=0.35), "safe_bot", None),
    "group: urgent topic": (WORDS, parse(("urgent_medical", 0.9)), "safe_bot", None),
    "group: question": (WORDS, SURE, "safe_bot", None),
    "group: question without a name": (WORDS, SURE, "", None),
    "group: lost": (WORDS, LOST, "safe_bot", None),
    "group: hello": (WORDS, parse(("hello", 0.9)), "safe_bot", None),
    "group: private": (WORDS, parse(("talk_to_person", 0.9)), "safe_bot", None),
    "group: no parse": (WORDS, None, "safe_bot", "th"),
    "group: no parse, strange language": (WORDS, None, "safe_bot", "xx"),
    "group: no form": (WORDS, parse(form="", language=None), "safe_bot", "en"),
    "group: sticker": (MediaEvent("sticker"), SURE, "safe_bot", None),
    **{
        f"group: /{name}": (CommandEvent(name), None, "safe_bot", "th")
        for name in ("sos", "start", "help", "menu", "agency", "hide", "nothing")
    },
}

LONG_ENGLISH = re.compile(r"(?:[A-Za-z']+[ ,.]+){3}[A-Za-z']+")
SCRIPTS = {"lo": re.compile("[\u0e80-\u0eff]"), "th": re.compile("[\u0e00-\u0e7f]")}
LETTER = {"lo": "ກ", "th": "ก"}
"""For the answers of the made-up content, which are `th:visa`."""


def tongue(text: str) -> str:
    """The languages of a text by its letters."""
    bare = re.sub(r"<[^>]*>|(lo|th|en):[a-z_]+", lambda m: LETTER.get(m[1] or "", ""), text)
    found = [code for code, letters in SCRIPTS.items() if letters.search(bare)]
    return "+".join([*found, *(["en"] if LONG_ENGLISH.search(bare) or not found else [])])


def shape(reply: Reply) -> str:
    """One reply without its wording."""
    manner = [name for name in ("urgent", "silent", "protect", "ask_location", "document", "picture", "voice")
              if getattr(reply, name)]  # fmt: skip
    if reply.replaces is not None:
        manner.append(f"replaces {reply.replaces}")
    manner += [f"numbers {' '.join(numbers)}"] if (numbers := re.findall(r"<b>(1?191)</b>", reply.text)) else []
    manner += [f"alarm {alarm}"] if (alarm := reply.text[:1] if reply.text[:1] in "🆘❗" else "") else []
    rows = "|".join(",".join(b.data or b.url for b in row) for row in reply.buttons)
    if any(reply.buttons == main_menu(code).buttons for code in LANGUAGES):
        rows = "the main menu"
    labels = tongue(" ".join(b.label for row in reply.buttons for b in row)) if reply.buttons else ""
    keys = "" if reply.keyboard is None else f" keys {tongue(str(reply.keyboard))} {[len(r) for r in reply.keyboard]}"
    return f"{tongue(reply.text)} {' '.join(manner)} [{labels}: {rows}]{keys}".replace("  ", " ")


def effect(value: object) -> str:
    match value:
        case NoteForStaff(text=text):
            return f"NoteForStaff({tongue(text)})"
        case OpenCase(topic=topic, urgent=urgent):
            return f"OpenCase({topic}{', urgent' if urgent else ''})"
    return str(value)


def changed(before: State, after: State) -> str:
    names = [f.name for f in fields(State) if getattr(before, f.name) != getattr(after, f.name)]
    return ", ".join(f"{name}={getattr(after, name)!r}" for name in names)


def line(name: str) -> str:
    if name in GROUPS:
        event, meant, username, speaks = GROUPS[name]
        return f"{name} -> {shape(public.in_group(event, meant, CONTEXT, username, speaks))}"
    state, happened, understood, context = CASES[name]
    done = decide(state, happened, understood, context)
    marks = [str(done.action), done.topic or "-", *(m for m in ("urgent", "danger_check") if getattr(done, m))]
    parts = [" ".join(marks), changed(state, done.state), ", ".join(effect(e) for e in done.effects)]
    return f"{name} -> {'; '.join(parts)} => {' & '.join(shape(reply) for reply in done.replies)}"


def lines() -> list[str]:
    return [line(name) for name in (*CASES, *GROUPS)]


@pytest.fixture(scope="module")
def expected() -> dict[str, str]:
    return {text.split(" -> ")[0]: text for text in EXPECTED.read_text(encoding="utf-8").splitlines()}


@pytest.mark.parametrize("name", [*CASES, *GROUPS])
def test_the_decision_is_as_written_down(name: str, expected: dict[str, str]) -> None:
    assert line(name) == expected[name]


def test_no_line_is_left_over(expected: dict[str, str]) -> None:
    assert list(expected) == [*CASES, *GROUPS]


if __name__ == "__main__":
    EXPECTED.write_text("\n".join(lines()) + "\n", encoding="utf-8")
