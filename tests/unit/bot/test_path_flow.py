"""The guided path: walks through the real tree, back and forth, ticks, old buttons, and whatever anybody may tap."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dialogue.engine import Context, decide
from bot.dialogue.types import Action, ButtonEvent, CommandEvent, Decision, Event, Moment, OpenCase, State, TextEvent
from bot.knowledge.load import load_published
from bot.knowledge.markup import visible_length
from bot.nlu.parse import Parse, Reading, Thresholds
from bot.settings import LANGUAGES, ROOT
from tests.factories.content import published

THRESHOLDS = Thresholds(answer=0.5, offer=0.2, out_of_scope=0.5, urgent_sure=0.6, urgent_possible=0.3)
MOMENT = Moment(now=datetime(2026, 11, 24, 3, tzinfo=UTC), hotline_open=True, hotline_hours="08:30-16:30")
PUBLISHED = load_published(ROOT / "content")
CONTEXT = Context(PUBLISHED, THRESHOLDS, MOMENT)
TREE = PUBLISHED.pathways
assert TREE is not None


def do(event: Event, state: State, context: Context = CONTEXT, understood: Parse | None = None) -> Decision:
    return decide(State.from_json(state.to_json()), event, understood, context)


def tap(data: str, state: State) -> Decision:
    return do(ButtonEvent(data, message_id=7), state)


def data(decision: Decision) -> list[str]:
    return [button.data for reply in decision.replies for row in reply.buttons for button in row]


def text(decision: Decision) -> str:
    return "\n".join(reply.text for reply in decision.replies)


def walk(*options: str, language: str = "lo") -> Decision:
    """Begin anew and choose options by their ids, always among the buttons that are shown."""
    decision = tap("f:path", State(language=language))
    for option in options:
        chosen = [d for d in data(decision) if d.startswith("f:path:a:") and d.endswith(f":{option}")]
        assert chosen, f"{option} is not among {data(decision)}"
        decision = tap(chosen[0], decision.state)
    return decision


def plan_of(state: State) -> str | None:
    found: str | None = state.flows["path"].get("plan")
    return found


MOU = ("la", "adult", "th", "plant", "inside", "no", "no")

WALKS = [
    (MOU, "mou_start"),
    (("la", "adult", "th", "farm", "inside", "no", "yes"), "mou_ready"),
    (("la", "adult", "th", "house", "inside", "no", "card"), "mou_start"),
    (("la", "adult", "th", "boat", "inside", "known"), "mou_employer"),
    (("la", "adult", "th", "plant", "border"), "border_work"),
    (("la", "adult", "th", "plant", "inside", "agent", "contract"), "check_first"),
    (("la", "adult", "th", "plant", "inside", "agent", "river"), "safe_instead"),
    (("la", "adult", "th", "plant", "inside", "agent", "tourist"), "safe_instead"),
    (("la", "adult", "th", "chat"), "risky_job"),
    (("la", "minor"), "under_18"),
    (("la", "adult", "kr", "eps"), "korea_eps"),
    (("la", "adult", "kr", "season"), "korea_seasonal"),
    (("la", "adult", "kr", "boat"), "korea_fishing"),
    (("la", "adult", "jp"), "japan"),
    (("la", "adult", "other"), "other_countries"),
    (("la", "adult", "dont_know"), "choose_first"),
    (("dont_know", "dont_know", "dont_know"), "under_18"),
    (("la", "adult", "th", "dont_know", "dont_know", "dont_know", "dont_know"), "mou_start"),
    (("th", "yes", "adult", "stay", "mou", "first"), "mou_extend"),
    (("th", "yes", "adult", "stay", "mou", "both"), "mou_return"),
    (("th", "yes", "adult", "stay", "pink"), "pink_renew"),
    (("th", "yes", "adult", "stay", "pass"), "border_work"),
    (("th", "yes", "adult", "stay", "none"), "th_no_papers"),
    (("th", "yes", "adult", "change"), "change_employer"),
    (("th", "yes", "adult", "home", "yes"), "home_passport"),
    (("th", "yes", "adult", "home", "kept"), "home_no_passport"),
    (("th", "yes", "minor"), "th_under_18"),
    (("th", "dont_know", "dont_know", "dont_know", "dont_know"), "th_no_papers"),
    (("other",), "elsewhere"),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("options", "leaf"), WALKS)
def test_a_walk_ends_in_its_plan(options: tuple[str, ...], leaf: str, language: str) -> None:
    decision = walk(*options, language=language)
    assert plan_of(decision.state) == leaf
    assert decision.action == Action.FLOW
    assert TREE is not None
    assert TREE.leaves[leaf].title[language] in text(decision)  # type: ignore[index]


def test_all_plans_are_walked_to() -> None:
    assert TREE is not None
    assert {leaf for _, leaf in WALKS} == set(TREE.leaves)


def test_not_being_free_to_leave_is_urgent_and_the_path_stays_open() -> None:
    decision = walk("th", "no")
    assert decision.urgent
    assert decision.effects == (OpenCase("urgent_trapped", urgent=True),)
    assert "1300" in text(decision)
    assert "f:path:a:th_free:yes" in data(do(CommandEvent("path"), decision.state)) + data(
        tap("f:path:go", decision.state)
    )


def test_where_the_person_is_is_remembered() -> None:
    assert walk("th").state.where == "th"
    assert walk("other").state.where == "other"


def test_back_goes_to_the_question_before() -> None:
    here = walk("la", "adult", "th")
    assert "f:path:b:work" in data(here)
    before = tap("f:path:b:work", here.state)
    assert "f:path:a:country:th" in data(before)
    first = tap("f:path:b:age", tap("f:path:b:country", before.state).state)
    assert "f:path:a:where:la" in data(first)
    assert not [d for d in data(first) if d.startswith("f:path:b:")]


def test_an_answer_can_be_changed_from_the_plan() -> None:
    plan = walk(*MOU)
    assert "f:path:a:passport:no" in data(tap("f:path:b:mou_start", plan.state))


def test_an_older_question_answered_again_asks_what_follows_anew() -> None:
    decision = tap("f:path:a:country:jp", walk("la", "adult", "th", "plant").state)
    assert plan_of(decision.state) == "japan"


@pytest.mark.parametrize(
    "old",
    ["f:path:a:th_papers:mou", "f:path:a:gone:gone", "f:path:a:work:gone", "f:path:b:gone", "f:path:xyz", "f:path:a:"],
)
def test_buttons_that_fit_no_more_show_where_the_person_is(old: str) -> None:
    here = walk("la", "adult", "th")
    assert data(tap(old, here.state)) == data(here)


def test_it_goes_on_after_days_and_after_other_talk() -> None:
    state = do(CommandEvent("start"), walk("la", "adult", "kr").state).state
    state = do(TextEvent("?"), state, understood=Parse(ranking=(Reading("passport", 0.9),), form="lao")).state
    later = Context(PUBLISHED, THRESHOLDS, replace(MOMENT, now=datetime(2026, 12, 1, tzinfo=UTC)))
    asked = do(CommandEvent("path"), state, later)
    assert data(asked)[:2] == ["f:path:go", "f:path:new"]
    assert "f:path:a:korea_work:eps" in data(do(ButtonEvent("f:path:go"), asked.state, later))
    assert "f:path:a:where:la" in data(do(ButtonEvent("f:path:new"), asked.state, later))


def test_the_plan_is_opened_again_and_survives_starting_over() -> None:
    state = tap("f:path:new", walk(*MOU).state).state
    assert "f:path:k:mou_start:0:1" in data(do(CommandEvent("plan"), state))


def test_plan_without_a_plan_asks_the_first_question() -> None:
    assert "f:path:a:where:la" in data(do(CommandEvent("plan"), State(language="th")))


def test_steps_are_ticked_off_in_the_message_itself() -> None:
    ticked = tap("f:path:k:mou_start:1:1", walk(*MOU).state)
    assert ticked.replies[0].replaces == 7
    assert "✅ 2." in text(ticked)
    again = tap("f:path:k:mou_start:1:1", ticked.state)
    assert again.state == ticked.state
    assert "⬜ 2." in text(tap("f:path:k:mou_start:1:0", ticked.state))


def test_ticks_of_another_plan_change_nothing() -> None:
    state = walk("la", "adult", "jp").state
    for old in ("f:path:k:mou_start:1:1", "f:path:k:japan:99:1", "f:path:k:japan:x:1", "f:path:k:japan"):
        assert tap(old, state).state.flows["path"]["done"] == []


def test_sharing_gives_a_message_without_buttons_and_a_file() -> None:
    state = tap("f:path:k:mou_start:0:1", walk(*MOU, language="th").state).state
    shared, how = tap("f:path:text", state).replies
    assert shared.buttons == ()
    assert "✅ 1." in shared.text
    assert how.buttons
    (file,) = tap("f:path:doc", state).replies
    assert file.document is not None
    assert file.document["steps"][0][1] is True
    assert visible_length(file.text) < 1024


def test_more_on_the_steps_holds_what_was_chosen_on_the_way() -> None:
    more = data(tap("f:path:info", walk("la", "adult", "th", "house", "inside", "no", "no").state))
    assert "t:domestic_work" in more
    assert "t:passport" in more


def test_the_language_may_change_on_the_way() -> None:
    state = do(ButtonEvent("l:en"), walk("la", "adult", "th").state).state
    assert "Which work?" in text(tap("f:path:go", state))


@pytest.mark.parametrize("typed", ["ໄທ", "🇹🇭 ไทย", "thailand", " Thailand! "])
def test_a_typed_label_counts_as_a_tap(typed: str) -> None:
    decision = do(TextEvent(typed), walk("la", "adult").state, understood=Parse(form="lao"))
    assert "f:path:a:work:plant" in data(decision)


def test_other_words_are_a_question_and_leave_the_path_open() -> None:
    understood = Parse(ranking=(Reading("passport", 0.9),), form="lao")
    decision = do(TextEvent("ພາສປອດ"), walk("la", "adult").state, understood=understood)
    assert decision.topic == "passport"
    assert decision.state.flow == {"name": "path"}


def test_entries() -> None:
    assert "f:path" in data(tap("menu", State(language="lo")))
    assert data(tap("menu", State(language="lo")))[0] == "f:path"
    assert "f:path" in data(tap("t:legal_ways", State(language="lo")))


def test_without_a_tree_the_answer_on_legal_ways_is_given() -> None:
    bare = Context(published(), THRESHOLDS, MOMENT)
    for event in (CommandEvent("path"), CommandEvent("plan"), ButtonEvent("f:path:a:where:la")):
        assert "lo:legal_ways" in text(do(event, State(), bare))


def test_a_plan_that_content_no_longer_has_leads_to_the_questions() -> None:
    state = State(language="lo", flows={"path": {"trail": [["gone", "x"]], "plan": "gone", "done": [3]}})
    for event in (CommandEvent("plan"), CommandEvent("path"), ButtonEvent("f:path:k:gone:1:1")):
        assert "f:path:a:where:la" in data(do(event, state))


JUNK = st.sampled_from(
    [
        *("f:path", "f:path:new", "f:path:go", "f:path:plan", "f:path:text", "f:path:doc", "f:path:info"),
        *("f:path:b:work", "f:path:a:where:th", "f:path:k:japan:0:1", "f:path:k:::", "f:path:a::", "f:path:zzz"),
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_is_tapped_there_is_a_reply_and_a_way_on(choices: st.DataObject) -> None:
    state = State(language=choices.draw(st.sampled_from(LANGUAGES)))
    seen: list[str] = ["f:path"]
    for _ in range(choices.draw(st.integers(1, 14))):
        name = choices.draw(st.one_of(st.sampled_from(seen), JUNK))
        decision = tap(name, state)
        state = decision.state
        offered = data(decision)
        seen += [d for d in offered if d.startswith(("f:path", "l:", "where:"))]
        assert decision.replies
        assert decision.urgent or "sos" in offered or name.startswith(("l:", "where:"))
        assert all(len(d.encode()) <= 64 for d in offered)
        assert all(visible_length(reply.text) <= 4096 for reply in decision.replies)
        assert State.from_json(state.to_json()) == state
