"""What is kept, who reads it, for how long, how to erase: a line with the first calm reply, all by /privacy.

The days come from the settings through the moment, so the words cannot promise other days than those that are kept.
"""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import buttons
from bot.dialogue.context import Context
from bot.dialogue.types import Action, Button, Decision, ForgetPerson, HideChat, Moment, Reply, State
from bot.i18n import translator
from bot.knowledge.markup import visible_length
from bot.settings import LANGUAGES

ROOM = 4096
"""Letters that fit into one message of Telegram; a reply without room for the line leaves it to the next one."""


def short(language: str, moment: Moment) -> str:
    """The line that comes with the first reply."""
    t = translator(language)
    return t(
        "🔒 I keep what you write for {days} days. The people of the hotline can read it; they see a made-up name. "
        "/forget deletes everything. More: /privacy",
        days=moment.keep_messages_days,
    )


def short_in_all(moment: Moment) -> str:
    """The same in every language, for somebody who has not chosen one."""
    return "\n\n".join(short(language, moment) for language in LANGUAGES)


def told(decision: Decision, context: Context) -> Decision:
    """The decision with the line under its last text when the person has not read it yet.

    A cry for help, a hidden chat, quiet mode and a talk with a person are left alone: the line comes with the next calm
    reply.
    """
    state = decision.state
    leaves = any(isinstance(effect, HideChat | ForgetPerson) for effect in decision.effects)
    busy = decision.urgent or decision.danger_check or state.quiet or state.handed_over or leaves
    if state.knows_privacy or busy or any(reply.urgent for reply in decision.replies):
        return decision
    line = "\n\n" + short(context.language(state), context.moment)
    for place, reply in reversed(list(enumerate(decision.replies))):
        if _plain(reply) and visible_length(reply.text + line) <= ROOM:
            replies = list(decision.replies)
            replies[place] = replace(reply, text=reply.text + line)
            return replace(decision, state=state.but(knows_privacy=True), replies=tuple(replies))
    return decision


def _plain(reply: Reply) -> bool:
    return reply.document is None and reply.picture is None and reply.voice is None and bool(reply.text)


def button(language: str) -> Button:
    """Opens the whole notice."""
    t = translator(language)
    return Button("🔒 " + t("What is kept, and how long"), "privacy")


def notice(state: State, _rest: str, context: Context) -> Decision:
    """All of it, in short sentences."""
    code, moment = context.language(state), context.moment
    t = translator(code)
    who = moment.organisation or t("the hotline")
    lines = [
        "🔒 <b>" + t("What I keep about you") + "</b>",
        "• "
        + t("What you write and what I answer: {days} days after that, it is deleted.", days=moment.keep_messages_days),
        "• "
        + t(
            "If you talk to a person: that talk, until {days} days after it has ended. They may keep it longer only "
            "for a written reason.",
            days=moment.keep_cases_days,
        ),
        "• " + t("If you ask for news (/alerts): that wish, until you end it or have written nothing for a year."),
        "• "
        + t(
            "Phone numbers, passport numbers and e-mail that you write are hidden behind dots. A head of the hotline "
            "may open them and must write down why. I cannot hide every name: do not write names."
        ),
        "• " + t("Who reads it: only the people of {who}. They see a made-up name for you.", who=_plain_text(who)),
        "• " + t("I do not give it to the police or to your boss."),
        "• " + t("Telegram carries our chat and can read it: chats with a bot are not locked from end to end."),
        "",
        t("/hide – takes the messages of the last two days off your phone. I still keep them."),
        t("/forget – deletes everything that I keep about you, for ever."),
    ]
    rows = ((buttons.hide(t),), (Button("🗑 " + t("Delete everything"), "forget"),), (buttons.menu(t),))
    return Decision(
        state.but(knows_privacy=True), (Reply("\n".join(lines), rows),), action=Action.SMALL_TALK, topic="privacy"
    )


def _plain_text(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
