"""News by consent: nothing by default, chosen by tapping, neutral words, one tap ends it, the model not needed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.dialogue.engine import Context, decide
from bot.dialogue.flows.alerts import alert, wants_neutral_words
from bot.dialogue.types import (
    ButtonEvent,
    CommandEvent,
    Decision,
    Event,
    KeepAlerts,
    Moment,
    State,
    TextEvent,
)
from bot.knowledge import check_alerts
from bot.knowledge.alerts import News, news_text
from bot.knowledge.load import load_published
from bot.knowledge.model import Alerts
from bot.knowledge.render import UnknownReferenceError
from bot.nlu.parse import Parse, load_thresholds
from bot.settings import ROOT
from tests.factories.content import published

PUBLISHED = load_published(ROOT / "content")
TODAY = date(2026, 11, 24)
CONTEXT = Context(PUBLISHED, load_thresholds(), Moment(now=datetime(2026, 11, 24, 3, tzinfo=UTC)))
DOWN = Parse(source="keywords")
NEWS = News(3, "scam", "kr", {"lo": "ລະວັງ {contact:th_191} {fact:visa_fee}", "en": "Beware {contact:th_191}"})


def do(state: State, *events: Event, context: Context = CONTEXT) -> Decision:
    """The last decision; the state passes through JSON each time, as after a restart."""
    for event in events:
        decision = decide(state, event, DOWN if isinstance(event, TextEvent) else None, context)
        state = State.from_json(decision.state.to_json())
    return decision


def tap(*data: str) -> list[Event]:
    return [ButtonEvent(f"f:alerts:{d}", 5) for d in data]


def labels(decision: Decision) -> list[str]:
    return [b.label for r in decision.replies for row in r.buttons for b in row]


@pytest.mark.parametrize(
    "event", [CommandEvent("alerts"), ButtonEvent("f:alerts"), TextEvent("ຂ່າວ"), TextEvent("แจ้งเตือน")], ids=repr
)
def test_nothing_is_on_before_somebody_taps(event: Event) -> None:
    decision = do(State(language="en"), event)
    assert decision.effects == ()
    assert not any(label.startswith("✅") for label in labels(decision) if "Any country" not in label)
    assert "seldom" in decision.replies[0].text or "ບໍ່ເລື້ອຍ" in decision.replies[0].text
    assert "screen" in decision.replies[0].text


def test_the_menu_leads_there() -> None:
    assert any(b.data == "f:alerts" for row in do(State(), CommandEvent("menu")).replies[0].buttons for b in row)


@pytest.mark.parametrize(
    ("taps", "wanted"),
    [
        (["k:scam"], (("scam", ""),)),
        (["k:scam", "k:rules"], (("scam", ""), ("rules", ""))),
        (["k:scam", "d:kr", "d:th"], (("scam", "kr"), ("scam", "th"))),
        (["d:kr"], ()),
        (["k:scam", "d:kr", "d:kr"], (("scam", ""),)),
        (["k:scam", "d:kr", "d:"], (("scam", ""),)),
        (["k:scam", "k:scam"], ()),
        (["k:scam", "q"], (("scam", ""),)),
    ],
)
def test_what_is_ticked_is_what_is_kept(taps: list[str], wanted: tuple[tuple[str, str], ...]) -> None:
    decision = do(State(language="lo"), *tap(*taps))
    assert decision.effects == (KeepAlerts(wanted),)
    assert decision.replies[0].replaces == 5


def test_one_tap_ends_it_from_anywhere() -> None:
    on = do(State(language="th"), *tap("k:scam", "q")).state
    for event in (*tap("stop"), TextEvent("หยุดส่งข่าว")):
        ended = do(on, event)
        assert ended.effects == (KeepAlerts(()),)
        assert do(ended.state, CommandEvent("alerts")).effects == ()
    for discreet in (False, True):
        reply = alert(published(), NEWS, "lo", TODAY, discreet=discreet)
        assert "f:alerts:stop" in [b.data for row in reply.buttons for b in row]


@pytest.mark.parametrize("data", ["k:gone", "d:xx", "nonsense", "k:", "r:7", "r:"])
def test_old_buttons_change_nothing_and_are_answered(data: str) -> None:
    decision = do(State(language="en"), *tap(data))
    assert decision.effects == ()
    assert decision.replies


@pytest.mark.parametrize("language", ["lo", "th", "en"])
def test_neutral_words_say_nothing_of_the_news(language: str) -> None:
    assert wants_neutral_words(do(State(), *tap("q")).state)
    reply = alert(published(), NEWS, language, TODAY, discreet=True)
    said = reply.text + " ".join(b.label for row in reply.buttons for b in row)
    assert not any(word in said for word in ("ລະວັງ", "Beware", "scam", "191", "🆘"))
    assert reply.silent


def test_news_has_its_facts_contacts_source_and_a_note_when_it_is_not_translated() -> None:
    content = published()
    lao, thai = news_text(content, NEWS, "lo", TODAY), news_text(content, NEWS, "th", TODAY)
    assert "1,500 ບາດ" in lao
    assert "<b>191</b>" in lao
    assert "Royal Gazette" in lao
    assert "ລາວ Korea" in lao
    assert "ยังไม่ได้แปล" in thai
    assert "ລະວັງ" in thai
    assert "ยังไม่" not in lao
    with pytest.raises(UnknownReferenceError):
        news_text(content, News(1, "scam", "", {"lo": "{fact:gone}"}), "lo", TODAY)


def test_quiet_mode_says_that_nothing_comes() -> None:
    assert "quiet mode" in do(State(language="en", quiet=True), CommandEvent("alerts")).replies[0].text


def test_the_check_finds_long_labels_missing_languages_and_an_empty_file(tmp_path: Path) -> None:
    def codes(alerts: object) -> set[str]:
        found = None if alerts is None else Alerts.model_validate(alerts)
        content = published().model_copy(update={"alerts": found})
        return {problem.code for problem in check_alerts.alerts(tmp_path, content)}

    text = {"lo": "ຂ່າວ", "th": "ข่าว", "en": "News"}
    assert codes(None) == {"C80"}
    assert codes({"kinds": {"a": {"title": text, "means": text}}, "destinations": {"th": text}}) == set()
    assert codes({"kinds": {"a": {"title": text | {"en": "x" * 29}, "means": text}}, "destinations": {}}) == {"C45"}
    assert codes({"kinds": {"a": {"title": {"lo": "ຂ່າວ"}, "means": text}}, "destinations": {}}) == {"C04"}
    assert codes({"kinds": {"a": {"title": text, "means": text}}, "destinations": {"th": {"en": "T"}}}) == {"C04"}


def test_news_with_a_fault_is_not_sent() -> None:
    def faults(**texts: str) -> str:
        return "\n".join(check_alerts.news_problems(published(), News(1, "scam", "", texts), TODAY))

    assert faults(lo="ລະວັງ {contact:th_191}", en="Beware {contact:th_191}", th="") == ""
    assert "bare figure" in faults(en="Call 191")
    assert "unknown fact gone" in faults(en="{fact:gone}")
    assert "unknown phone nobody" in faults(en="{phone:nobody}")
    assert "different facts or contacts" in faults(lo="ລະວັງ", en="Beware {contact:th_191}")
    assert "At most 1000" in faults(en="word " * 300)
