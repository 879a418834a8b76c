"""Somebody else may look at the phone: the question, and the quiet mode that follows from it.

Quiet: no sound, no picture or word of alarm in the first line (a lock screen and the list of chats show only that), no
keyboard that cries for help, and what urgent advice says can be neither forwarded nor photographed. What is said stays.
"""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import buttons
from bot.dialogue.context import Context
from bot.dialogue.types import Button, Decision, NoteForStaff, Reply, State
from bot.i18n import N_, Translate, translator
from bot.knowledge.markup import visible_length

ASKED = ("urgent_trapped", "urgent_violence", "urgent_child")
"""Help cards that ask: there the one who does harm may be in the room. Elsewhere calling comes before everything."""
QUESTION = N_("Who is with you? Can you write safely?")
MAX_TEXT = 4096
ALARMING = ("🆘", "❗", "🚩", "🔴")

SEEN_NOTE = N_("Somebody may see this phone. The chat is in quiet mode: write nothing that betrays, do not call.")
CANNOT_NOTE = N_("The person cannot write now. Do not write or call first; wait until they write.")


def question(t: Translate) -> tuple[tuple[Button, ...], ...]:
    """The answers to QUESTION as buttons."""
    return (
        (Button("✅ " + t("I am alone, I can write"), "safe:yes"),),
        (Button("👀 " + t("Somebody may see"), "safe:seen"), Button("✋ " + t("I cannot write now"), "safe:no")),
    )


def safe(state: State, answer: str, context: Context) -> Decision:
    """What follows from the answer: talk, write so that nobody notices, or be silent."""
    t, code = translator(context.language(state)), context.language(state)
    staff = translator("lo")
    if answer == "yes":
        text = t("Good. Write what happened, or talk to a person. Your place helps those who look for you.")
        here = ((buttons.person(t),), (buttons.place(t),), (buttons.hide(t),))
        return Decision(state.but(quiet=False), (Reply(text, here),), topic=state.topic)
    if answer == "no":
        text = t(
            "Good. Do not write. I make no sound, and nobody writes to you before you write again. "
            "If you can call without danger, call."
        )
        note = NoteForStaff(staff(CANNOT_NOTE))
    else:
        text = t(
            "From now on I write without sound. When somebody comes, tap “Hide this chat” or send /hide. "
            "Keep the phone's sound off too."
        )
        note = NoteForStaff(staff(SEEN_NOTE))
    rows = ((buttons.hide(t),), (buttons.person(t),), (buttons.place(t),), (buttons.quiet_off(t),))
    replies = (Reply(text, rows), Reply(t("Tap below when you need me."), keyboard=buttons.quiet_keyboard(code)))
    return Decision(state.but(quiet=True), replies, (note,), topic=state.topic)


def switch(state: State, wanted: str, context: Context) -> Decision:
    """Quiet mode on or off; without a word the other than now."""
    t, code = translator(context.language(state)), context.language(state)
    on = wanted == "on" or (wanted != "off" and not state.quiet)
    if not on:
        return Decision(
            state.but(quiet=False), (Reply(t("Messages come with sound again."), keyboard=buttons.keyboard(code)),)
        )
    text = t(
        "From now on I write without sound and without words that stand out. /quiet ends it, /hide deletes the chat."
    )
    replies = (
        Reply(text, ((buttons.hide(t),), (buttons.quiet_off(t),))),
        Reply(t("Tap below when you need me."), keyboard=buttons.quiet_keyboard(code)),
    )
    return Decision(state.but(quiet=True), replies, topic=state.topic)


def muffled(decision: Decision, language: str) -> Decision:
    """The decision as it is said to somebody in quiet mode; unchanged for others."""
    if not decision.state.quiet:
        return decision
    return replace(decision, replies=tuple(_muffled(reply, language) for reply in decision.replies))


def _muffled(reply: Reply, language: str) -> Reply:
    t = translator(language)
    text = reply.text
    for sign in ALARMING:
        text = text.replace(sign + " ", "").replace(sign, "")
    neutral = "ℹ️ " + t("Information") + "\n\n" + text
    captioned = any((reply.document, reply.picture, reply.voice))
    keyboard = reply.keyboard
    if keyboard is not None and not reply.ask_location:
        keyboard = buttons.quiet_keyboard(language)
    return replace(
        reply,
        text=text if captioned or visible_length(neutral) > MAX_TEXT else neutral,
        keyboard=keyboard,
        silent=True,
    )
