"""The guided path "which legal way fits me": questions answered by tapping, then a personal list to tick off.

Kept in `state.flows["path"]`: `trail` = the answers so far, as [question, option]; `plan` = the leaf reached last;
`done` = its ticked steps; `topics` = answers that the chosen options point to. Where the person stands is found by
walking the trail through the tree of today, so new content never leaves anybody nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.dialogue import buttons
from bot.dialogue.context import Context
from bot.dialogue.respond import help_now, topic_answer
from bot.dialogue.types import TAPPED, Action, Button, Decision, Reply, State
from bot.i18n import Translate, translator
from bot.knowledge.model import DONT_KNOW, Leaf, Option, Pathways, Question, Text
from bot.knowledge.pathways import DONE, OPEN, Plan, plan_text, question_text, render_plan
from bot.knowledge.plan_document import document_of
from bot.nlu.parse import Parse
from bot.settings import LANGUAGES

NAME, TOPIC = "path", "legal_ways"
TICKS_A_ROW = 4


@dataclass(frozen=True)
class Place:
    """Where a person stands: the answers that still hold, and the question or leaf behind the last one."""

    trail: tuple[tuple[str, str], ...]
    node: str


class PathFlow:
    """See the module."""

    name: str = NAME

    def start(self, state: State, args: str, context: Context) -> Decision:
        """The first question, or "go on where you were?"."""
        tree = context.published.pathways
        if tree is None:
            return topic_answer(state, TOPIC, None, context)
        if _place(tree, state).trail or _leaf(tree, state):
            return _resume(state, tree, context)
        return _here(state, tree, context)

    def tap(self, state: State, rest: str, context: Context) -> Decision:
        """A button of a question or of the plan; what does not fit any more shows where the person stands."""
        tree = context.published.pathways
        if tree is None:
            return topic_answer(state, TOPIC, None, context)
        head, _, arg = rest.partition(":")
        return TAPS.get(head, _stale)(state, arg, tree, context)

    def words(self, state: State, text: str, parse: Parse, context: Context) -> Decision | None:
        """Only the label of a button, typed in any language; other words are a question of their own."""
        tree = context.published.pathways
        if tree is None:
            return None
        typed = _plain(text)
        for language in LANGUAGES:
            for reply in _here(state.but(language=language), tree, context).replies:
                for button in (b for row in reply.buttons for b in row):
                    if typed and typed == _plain(button.label) and button.data.startswith(f"f:{NAME}:"):
                        return self.tap(state, button.data.removeprefix(f"f:{NAME}:"), context)
        return None


# ------------------------------------------------------------------ where the person stands


def _memory(state: State) -> dict[str, Any]:
    return dict(state.flows.get(NAME) or {})


def _keep(state: State, *, open_: bool, **changes: Any) -> State:
    """The state with the flow's memory changed; `open_` while a question waits for its answer."""
    flow = {"name": NAME} if open_ else None
    return state.but(flow=flow, flows=state.flows | {NAME: _memory(state) | changes})


def _place(tree: Pathways, state: State) -> Place:
    trail: list[tuple[str, str]] = []
    node = tree.start
    for question, name in _memory(state).get("trail", ()):
        option = tree.questions[node].option(name) if node == question and node in tree.questions else None
        if option is None or option.goto is None:
            break
        trail.append((question, name))
        node = option.goto
    return Place(tuple(trail), node)


def _leaf(tree: Pathways, state: State) -> str | None:
    name = _memory(state).get("plan")
    return name if name in tree.leaves else None


def _ticked(state: State, leaf: Leaf) -> frozenset[int]:
    return frozenset(n for n in _memory(state).get("done", ()) if 0 <= n < len(leaf.steps))


def _plain(label: str) -> str:
    return " ".join(re.sub(r"[^\w\u0e80-\u0eff\u0e00-\u0e7f]+", " ", label).split()).casefold()


# ------------------------------------------------------------------ what is said


def _said(state: State, *replies: Reply) -> Decision:
    return Decision(state, replies, action=Action.FLOW, topic=TOPIC)


def _button(label: str, *rest: str) -> Button:
    return Button(label, ":".join(("f", NAME, *rest)))


def _help_row(t: Translate) -> tuple[Button, ...]:
    return (buttons.sos(t), buttons.person(t))


def _here(state: State, tree: Pathways, context: Context) -> Decision:
    """The open question, or the plan."""
    place = _place(tree, state)
    if place.node in tree.leaves:
        return _show_plan(state, place.node, context)
    reply = _question(tree.questions[place.node], place, tree, state, context)
    return _said(_keep(state, open_=True, trail=[list(pair) for pair in place.trail]), reply)


def _question(question: Question, place: Place, tree: Pathways, state: State, context: Context) -> Reply:
    language = context.language(state)
    t = translator(language)
    chosen = [_chosen(tree, pair) for pair in place.trail]
    lines = [f"🧭 <b>{_words(question.text, language, context)}</b>"]
    if chosen:
        lines.append("<i>" + " › ".join(_words(option.label, language, context) for option in chosen) + "</i>")
    rows: list[tuple[Button, ...]] = [(_option(place.node, option, language, context),) for option in question.options]
    if place.trail:
        rows.append((_button("⬅️ " + t("Back"), "b", place.node), _again(t)))
    return Reply("\n\n".join(lines), (*rows, _help_row(t)))


def _words(text: Text, language: str, context: Context) -> str:
    said = question_text(context.published, text, language, context.moment.now.date())
    return said[:1].upper() + said[1:]


def _chosen(tree: Pathways, pair: tuple[str, str]) -> Option:
    option = tree.questions[pair[0]].option(pair[1])
    if option is None:
        raise LookupError(f"{pair} was checked by _place")
    return option


def _option(question: str, option: Option, language: str, context: Context) -> Button:
    mark = "🤷 " if option.id == DONT_KNOW else ""
    return _button(mark + _words(option.label, language, context), "a", question, option.id)


def _again(t: Translate) -> Button:
    return _button("🔄 " + t("Start over"), "new")


def _my_plan(t: Translate) -> Button:
    return _button("📋 " + t("My plan"), "plan")


def _resume(state: State, tree: Pathways, context: Context) -> Decision:
    t = translator(context.language(state))
    rows: list[tuple[Button, ...]] = []
    if _place(tree, state).node in tree.questions and _place(tree, state).trail:
        rows.append((_button("▶️ " + t("Go on"), "go"),))
    if _leaf(tree, state):
        rows.append((_my_plan(t),))
    rows += [(_again(t),), _help_row(t)]
    return _said(state, Reply("🧭 " + t("Shall we go on where you were?"), tuple(rows)))


# ------------------------------------------------------------------ taps on questions


def _new(state: State, _arg: str, tree: Pathways, context: Context) -> Decision:
    return _here(_keep(state, open_=True, trail=[]), tree, context)


def _stale(state: State, _arg: str, tree: Pathways, context: Context) -> Decision:
    return _here(state, tree, context)


def _answer(state: State, arg: str, tree: Pathways, context: Context) -> Decision:
    """An option of the open question, or of an earlier one: then what came after it is asked anew."""
    asked, _, name = arg.partition(":")
    place = _place(tree, state)
    before = _before(place, asked)
    option = tree.questions[asked].option(name) if before is not None and asked in tree.questions else None
    if before is None or option is None:
        return _here(state, tree, context)
    placed = state.but(where=option.where) if option.where else state
    if option.urgent:
        return help_now(placed, option.urgent, context)
    trail = [*map(list, before), [asked, name]]
    return _here(_keep(placed, open_=True, trail=trail), tree, context)


def _before(place: Place, asked: str) -> tuple[tuple[str, str], ...] | None:
    """The answers given before the question `asked`; None when the person's way does not pass it."""
    if asked == place.node:
        return place.trail
    order = [question for question, _ in place.trail]
    return place.trail[: order.index(asked)] if asked in order else None


def _back(state: State, arg: str, tree: Pathways, context: Context) -> Decision:
    """To the question before the one whose button was tapped."""
    before = _before(_place(tree, state), arg)
    if before is None:
        return _here(state, tree, context)
    trail = [list(pair) for pair in before[:-1]]
    return _here(_keep(state, open_=True, trail=trail), tree, context)


# ------------------------------------------------------------------ the plan


def _show_plan(state: State, name: str, context: Context, *, in_place: bool = False) -> Decision:
    tree = context.published.pathways
    if tree is None or name not in tree.leaves:
        return topic_answer(state, TOPIC, None, context)
    if _memory(state).get("plan") != name:
        state = _keep(state, open_=False, plan=name, done=[])
    state = _keep(state, open_=False)
    plan, done = _plan(state, tree.leaves[name], context), _ticked(state, tree.leaves[name])
    rows = _plan_buttons(plan, name, done, translator(context.language(state)))
    return _said(state, Reply(plan_text(plan, done), rows, replaces=TAPPED if in_place else None))


def _plan(state: State, leaf: Leaf, context: Context) -> Plan:
    return render_plan(context.published, leaf, context.language(state), context.moment.now.date())


def _plan_buttons(plan: Plan, name: str, done: frozenset[int], t: Translate) -> tuple[tuple[Button, ...], ...]:
    ticks = [
        _button(f"{DONE if n in done else OPEN} {n + 1}", "k", name, str(n), "0" if n in done else "1")
        for n in range(len(plan.steps))
    ]
    return (
        *buttons.rows(*ticks, wide=TICKS_A_ROW),
        (_button("ℹ️ " + t("More on the steps"), "info"),),
        (_button("📄 " + t("As a file to print or send"), "doc"),),
        (_button("✉️ " + t("As a message to forward"), "text"),),
        (_button("⬅️ " + t("Change an answer"), "b", name), _again(t)),
        _help_row(t),
    )


def _with_plan(show: Callable[[State, str, Leaf, Context], Decision]) -> Callable[..., Decision]:
    """A tap that needs a plan: without one the questions are asked."""

    def tap(state: State, arg: str, tree: Pathways, context: Context) -> Decision:
        name = _leaf(tree, state)
        return show(state, arg, tree.leaves[name], context) if name else _here(state, tree, context)

    return tap


def _open_plan(state: State, _arg: str, _shown: Leaf, context: Context) -> Decision:
    return _show_plan(state, _memory(state)["plan"], context)


def _tick(state: State, arg: str, leaf: Leaf, context: Context) -> Decision:
    """Tick a step off, or open it again; the button says which, so that a second tap harms nothing."""
    name, number, wanted = (*arg.split(":"), "", "")[:3]
    current = _memory(state)["plan"]
    if name != current or not number.isdecimal() or int(number) >= len(leaf.steps):
        return _show_plan(state, current, context)
    done = set(_ticked(state, leaf)) - {int(number)} | ({int(number)} if wanted == "1" else set())
    return _show_plan(_keep(state, open_=False, done=sorted(done)), current, context, in_place=True)


def _info(state: State, _arg: str, leaf: Leaf, context: Context) -> Decision:
    """The answers that say more about the steps, and about what was chosen on the way."""
    language = context.language(state)
    t = translator(language)
    tree = context.published.pathways
    place = _place(tree, state) if tree else None
    here = place is not None and place.node == _memory(state)["plan"]
    chosen = [_chosen(tree, pair) for pair in place.trail] if tree and place and here else []
    wanted = [*(topic for option in chosen for topic in option.topics), *_plan(state, leaf, context).topics]
    topics = [topic for topic in dict.fromkeys(wanted) if topic in context.published.answers]
    rows = buttons.rows(*(buttons.topic(context.published, topic, language) for topic in topics))
    return _said(state, Reply(t("More on the steps"), (*rows, (_my_plan(t),), _help_row(t))))


def _text(state: State, _arg: str, leaf: Leaf, context: Context) -> Decision:
    """The plan without buttons, so that forwarding shows nothing but the plan."""
    t = translator(context.language(state))
    shared = Reply(plan_text(_plan(state, leaf, context), _ticked(state, leaf)))
    how = Reply(
        t("Press long on the message above and choose Forward to send it to your family."),
        ((_my_plan(t),), _help_row(t)),
    )
    return _said(state, shared, how)


def _document(state: State, _arg: str, leaf: Leaf, context: Context) -> Decision:
    t = translator(context.language(state))
    plan = _plan(state, leaf, context)
    drawn = document_of(plan, _ticked(state, leaf))
    return _said(state, Reply(f"🧭 <b>{plan.title}</b>", ((_my_plan(t),), _help_row(t)), document=drawn))


TAPS: dict[str, Callable[[State, str, Pathways, Context], Decision]] = {
    "new": _new,
    "go": _stale,
    "a": _answer,
    "b": _back,
    "plan": _with_plan(_open_plan),
    "k": _with_plan(_tick),
    "info": _with_plan(_info),
    "text": _with_plan(_text),
    "doc": _with_plan(_document),
}
