"""Answers to listen to: many who write to us read with difficulty. The recordings are the editors'."""

from __future__ import annotations

from bot.dialogue import buttons, menu
from bot.dialogue.context import Context
from bot.dialogue.types import Decision, Reply, State
from bot.i18n import translator


def spoken(topic: str, code: str, context: Context) -> bool:
    """Whether there is a recording of the answer in this language."""
    return (topic, code) in context.recordings


def voice(state: State, topic: str, code: str, context: Context) -> Reply:
    """The recording, with a button to have them always or no more."""
    always = buttons.listen_always(translator(code), on=state.listen)
    title = context.published.title(topic, code)
    return Reply(title, ((always,),), voice={"topic": topic, "language": code})


def tapped(state: State, topic: str, context: Context) -> Decision:
    """Somebody wants to hear an answer; a button of a recording that was taken away shows the menu."""
    code = context.language(state)
    if topic not in context.published.answers or not spoken(topic, code, context):
        t = translator(code)
        return Decision(state, (Reply(t("There is no recording of this any more.")), menu.main_menu(code)))
    return Decision(state.but(topic=topic), (voice(state, topic, code, context),), topic=topic)


def preferred(state: State, wanted: str, context: Context) -> Decision:
    """Always, or no more."""
    t = translator(context.language(state))
    if wanted == "on":
        text = t("From now on I also send the recording when there is one.")
    else:
        text = t("I send no more recordings by myself. The “Listen” button stays.")
    return Decision(state.but(listen=wanted == "on"), (Reply(text, ((buttons.menu(t),),)),))
