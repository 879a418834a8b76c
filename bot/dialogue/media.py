"""Voice messages, photos, stickers, places: each gets a sensible reply, and staff see them in a hand-over."""

from __future__ import annotations

from bot.dialogue import buttons
from bot.dialogue.context import Context
from bot.dialogue.types import Action, Decision, Reply, State
from bot.i18n import translator


def media(state: State, kind: str, context: Context) -> Decision:
    """The reply to something that holds no words that we can read."""
    if state.handed_over:
        return Decision(state, action=Action.TO_PERSON)
    t = translator(context.language(state))
    if kind == "voice":
        text = t("I cannot listen to voice messages yet. Please write, tap a topic, or talk to a person.")
    elif kind == "sticker":
        text = t("Please write your question in words, or tap a topic.")
    else:
        text = t("I cannot read this kind of message. Please write your question, or talk to a person.")
    reply = Reply(text, ((buttons.menu(t), buttons.person(t)), (buttons.sos(t),)))
    return Decision(state, (reply,), action=Action.NOT_UNDERSTOOD)


def location(state: State, context: Context) -> Decision:
    """A place was sent: kept for the counsellor only."""
    if state.handed_over:
        return Decision(state, action=Action.TO_PERSON)
    t = translator(context.language(state))
    text = t("Thank you. A person sees your place only when you talk to one.")
    return Decision(state, (Reply(text, ((buttons.person(t),), (buttons.sos(t),))),))
