"""Words and order that the shape of a decision does not show: how urgent, first lines, notes, promises."""

from __future__ import annotations

import pytest

from bot.dialogue import quiet, urgent
from bot.dialogue.engine import decide
from bot.dialogue.types import ButtonEvent, Decision, NoteForStaff, Reply
from bot.i18n import translator
from bot.nlu.parse import Parse
from nlu.text.zones import Danger
from tests.unit.bot.test_decisions import AWAY, CONTEXT, DANGER, LOST, MARKS, QUIET, THAI, WORDS, parse


def thai(text: str) -> str:
    """The wording of a text in Thai as it is now."""
    return translator("th")(text)


TRAPPED, CHILD_CRY = "urgent_trapped", "urgent_child"


@pytest.mark.parametrize(
    ("understood", "wanted"),
    [
        (parse((CHILD_CRY, 0.9), urgent=0.9), (Danger.SURE, CHILD_CRY)),
        (parse((CHILD_CRY, 0.4), urgent=0.4, lexicon=(TRAPPED,)), (Danger.SURE, TRAPPED)),
        (parse((CHILD_CRY, 0.4), urgent=0.4, lexicon=(TRAPPED, CHILD_CRY)), (Danger.SURE, CHILD_CRY)),
        (parse(("visa", 0.5), urgent=0.2, lexicon=(TRAPPED,)), (Danger.SURE, TRAPPED)),
        (parse(("visa", 0.5), urgent=0.19, lexicon=(TRAPPED,)), (Danger.POSSIBLE, TRAPPED)),
        (parse(("visa", 0.5), lexicon=(TRAPPED,), **AWAY), (Danger.SURE, TRAPPED)),
        (parse(lexicon=(TRAPPED,)), (Danger.SURE, TRAPPED)),
        (parse(("visa", 0.9), urgent=0.03, lexicon_possible=(CHILD_CRY,)), (Danger.POSSIBLE, CHILD_CRY)),
        (parse(("visa", 0.9), urgent=0.029, lexicon_possible=(CHILD_CRY,)), (Danger.NONE, None)),
        (parse(("visa", 0.9), lexicon_possible=(CHILD_CRY,), **AWAY), (Danger.POSSIBLE, CHILD_CRY)),
        (parse(("visa", 0.4), urgent=0.9), (Danger.SURE, TRAPPED)),
    ],
)
def test_model_and_lexicon_together_say_how_urgent_and_what(
    understood: Parse, wanted: tuple[Danger, str | None]
) -> None:
    assert urgent.urgency(understood, MARKS) == wanted


@pytest.mark.parametrize(
    ("data", "note", "said"),
    [("safe:no", quiet.CANNOT_NOTE, "Good. Do not write."), ("safe:seen", quiet.SEEN_NOTE, "From now on")],
)
def test_who_cannot_write_is_told_not_to_and_counsellors_know(data: str, note: str, said: str) -> None:
    done = decide(DANGER.but(language="en"), ButtonEvent(data), None, CONTEXT)
    assert done.effects == (NoteForStaff(translator("lo")(note)),)
    assert said in done.replies[0].text


def test_the_card_begins_with_the_line_that_fits() -> None:
    for topic in ("urgent_suicide", "urgent_medical", "urgent_child", "urgent_violence"):
        first = decide(THAI, ButtonEvent(f"t:{topic}"), None, CONTEXT).replies[0].text
        assert thai(urgent.LEADS.get(topic, urgent.SAFETY_FIRST)) in first


def test_what_is_promised_for_later_is_said() -> None:
    topics = decide(THAI, WORDS, parse(("visa", 0.5), **AWAY), CONTEXT).replies[0].text
    assert thai("I will answer your question in a moment. Perhaps one of these helps meanwhile:") in topics
    lost = decide(THAI, WORDS, LOST, CONTEXT).replies[0].text
    assert decide(THAI, WORDS, parse(**AWAY), CONTEXT).replies[0].text != lost


def test_quiet_keeps_captions_and_long_texts_whole() -> None:
    def muffled(reply: Reply) -> str:
        return quiet.muffled(Decision(QUIET, (reply,)), "th").replies[0].text

    assert muffled(Reply("ก", picture={"title": "x"})) == "ก"
    assert muffled(Reply("ก" * 4090)) == "ก" * 4090
    assert muffled(Reply("ก")) != "ก"
