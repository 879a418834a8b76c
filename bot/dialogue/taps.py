"""Buttons and commands. Every piece of button data is answered; what we do not know shows the menu."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from bot.dialogue import answers, buttons, deeplink, handover, listen, menu, place, privacy, quiet, urgent
from bot.dialogue.context import Context
from bot.dialogue.flows.registry import FLOWS
from bot.dialogue.respond import help_now, topic_answer
from bot.dialogue.types import Action, Arrive, Button, Decision, ForgetPerson, GiveFeedback, HideChat, Reply, State
from bot.i18n import translator
from bot.settings import LANGUAGES

Tap = Callable[[State, str, Context], Decision]

SHORTCUTS = {
    "menu": "menu", "language": "language", "sos": "sos", "person": "person", "hide": "hide", "forget": "forget",
    "stop": "person:end", "plan": "f:path:plan", "quiet": "quiet",
    "privacy": "privacy",
}  # fmt: skip
"""Commands that do what a button does."""


LINK = re.compile(r"[A-Za-z0-9_-]{0,64}")
"""What a link may hand over with /start."""


def is_known(name: str) -> bool:
    """Is there such a command?"""
    return name in ("start", "help") or name in SHORTCUTS or name in FLOWS


def said_with(name: str, args: str) -> str:
    """What somebody wrote as a command, as words that must be understood; empty when it is a command and no more.

    "/help me they locked us", "/suay dae": people type the stroke, and Telegram offers it; a cry behind it is a cry.
    """
    if is_known(name) and (not args or (name == "start" and LINK.fullmatch(args))):
        return ""
    return f"{name.replace('_', ' ')} {args}".strip()


def command(state: State, name: str, args: str, context: Context) -> Decision:
    """What a command does; an unknown one shows what there is."""
    if name == "start":
        return _start(state, args, context)
    if name in SHORTCUTS:
        return button(state, SHORTCUTS[name], context)
    if name in FLOWS:
        return FLOWS[name].start(state, args, context)
    return Decision(state, (menu.help_text(context.language(state)),))


def button(state: State, data: str, context: Context) -> Decision:
    """What a button stands for."""
    head, _, rest = data.partition(":")
    return TAPS.get(head, _menu)(state, rest, context)


def _start(state: State, args: str, context: Context) -> Decision:
    """The welcome; then what the link asks for, which also says where the person comes from."""
    asked = deeplink.read(args)
    started = state.but(started=True, flow=None)
    if asked.language and not state.language_chosen:
        started = started.but(language=asked.language, language_chosen=True, asked_language=True)
    code = context.language(started)
    topic = asked.topic if asked.topic in context.published.answers else None
    effects = (Arrive(asked.source or f"topic_{topic}"),) if asked.source or topic else ()
    chosen = started.language_chosen or asked.language is not None
    welcome = menu.welcome(code, context.moment, language_chosen=chosen)
    if topic:
        opened = topic_answer(started, topic, None, context)
    elif asked.flow in FLOWS:
        opened = FLOWS[asked.flow].start(started, "", context)
    else:
        shown = (welcome[0], menu.main_menu(code)) if asked.language else welcome
        return Decision(started.but(knows_privacy=not asked.language), shown, effects, action=Action.SMALL_TALK)
    first = () if opened.urgent else welcome[:1]  # nothing stands before a help card
    return replace(opened, replies=(*first, *opened.replies), effects=(*effects, *opened.effects))


def _topic(state: State, topic: str, context: Context) -> Decision:
    if topic not in context.published.answers:
        return _menu(state, "", context)
    return topic_answer(state, topic, None, context)


def _more(state: State, topic: str, context: Context) -> Decision:
    if topic not in context.published.answers:
        return _menu(state, "", context)
    reply = answers.more(context.published, topic, context.language(state), context.moment.now.date())
    return Decision(state.but(topic=topic), (reply,), topic=topic)


def _set_language(state: State, code: str, context: Context) -> Decision:
    if code not in LANGUAGES:
        return Decision(state, (menu.choose_language(),))
    chosen = state.but(language=code, language_chosen=True, asked_language=True)
    return Decision(chosen, (menu.language_set(code), menu.main_menu(code)))


def _group(state: State, group: str, context: Context) -> Decision:
    if group not in menu.GROUP_TITLES:
        return _menu(state, "", context)
    return Decision(state, (menu.group_menu(context.published, group, context.language(state)),))


def _menu(state: State, _rest: str, context: Context) -> Decision:
    return Decision(state.but(offered=()), (menu.main_menu(context.language(state)),))


def _sos(state: State, _rest: str, context: Context) -> Decision:
    topic = state.topic or ""
    return help_now(state, topic if topic.startswith("urgent_") else None, context)


def _danger(state: State, rest: str, context: Context) -> Decision:
    answer, _, topic = rest.partition(":")
    if answer == "yes":
        return help_now(state, topic or None, context)
    t = translator(context.language(state))
    return Decision(state, (Reply(t("Good. If that changes, tap 🆘 at any time. What else do you want to know?")),))


def _where(state: State, country: str, context: Context) -> Decision:
    placed = state.but(where=country if country in ("th", "la") else "other")
    if (state.topic or "").startswith("urgent_"):
        code = context.language(state)
        replies = urgent.help_card(
            context.published, state.topic or urgent.DEFAULT_TOPIC, placed, code, context.moment.now.date()
        )
        return Decision(placed, replies[:1], urgent=True, topic=state.topic)
    return Decision(placed, (menu.main_menu(context.language(state)),))


def _person(state: State, rest: str, context: Context) -> Decision:
    return handover.end(state) if rest == "end" else handover.ask(state, context.moment)


def _feedback(state: State, rest: str, context: Context) -> Decision:
    topic, _, useful = rest.partition(":")
    t = translator(context.language(state))
    if topic not in context.published.answers:
        return Decision(state, (menu.main_menu(context.language(state)),))
    if useful == "1":
        reply = Reply(t("Thank you."))
    else:
        reply = Reply(
            t("I am sorry. Say it in other words, or talk to a person."),
            ((buttons.person(t), buttons.menu(t)),),
        )
    return Decision(state, (reply,), (GiveFeedback(topic, useful == "1"),), topic=topic)


def _forget(state: State, rest: str, context: Context) -> Decision:
    t = translator(context.language(state))
    if rest == "yes":
        receipt = Reply(
            t("Everything that I kept about you is deleted. If you write again, I do not know you."), silent=True
        )
        return Decision(State(), (receipt,), (HideChat(), ForgetPerson()))
    question = Reply(
        t(
            "Shall I delete everything that I keep about you, and the messages of the last two days in this chat? "
            "This cannot be undone."
        ),
        ((Button(t("Yes, delete everything"), "forget:yes"), Button(t("No"), "menu")),),
    )
    return Decision(state, (question,))


def _flow(state: State, rest: str, context: Context) -> Decision:
    name, _, inner = rest.partition(":")
    flow = FLOWS.get(name)
    if flow is None:
        return _menu(state, "", context)
    return flow.tap(state, inner, context) if inner else flow.start(state, "", context)


def _hide(state: State, _rest: str, context: Context) -> Decision:
    """Delete what can be deleted, and leave a line that says nothing about what was talked of, but what stays."""
    code = context.language(state)
    return Decision(state.but(offered=(), flow=None), (_cover(code),), (HideChat(),))


def _cover(code: str) -> Reply:
    """What is left in the chat: about nothing in particular, without a sound, without a key that cries for help."""
    t = translator(code)
    text = t(
        "ℹ️ Travel and work information.\n\nMessages older than two days stay: delete them in the menu of this chat. "
        "Telegram may keep copies for some time."
    )
    return Reply(text, keyboard=buttons.quiet_keyboard(code), silent=True)


TAPS: dict[str, Tap] = {
    "f": _flow,
    "t": _topic,
    "m": _more,
    "l": _set_language,
    "g": _group,
    "sos": _sos,
    "danger": _danger,
    "where": _where,
    "person": _person,
    "fb": _feedback,
    "language": _set_language,
    "hide": _hide,
    "v": listen.tapped,
    "listen": listen.preferred,
    "place": place.ask,
    "safe": quiet.safe,
    "quiet": quiet.switch,
    "privacy": privacy.notice,
    "forget": _forget,
    "menu": _menu,
    "none": _menu,
}
