"""Where somebody is: asked for only when they tap for it, explained, never needed, and for counsellors only."""

from __future__ import annotations

from bot.dialogue import buttons
from bot.dialogue.context import Context
from bot.dialogue.types import Action, Decision, LocationEvent, NoteForStaff, OpenCase, Reply, State
from bot.i18n import N_, translator

PLACE_NOTE = N_("The person sent their place: {place}")


def ask(state: State, _rest: str, context: Context) -> Decision:
    """Say what the place is for, and give the key that sends it."""
    code = context.language(state)
    t = translator(code)
    text = t(
        "Only if you want: tap “Send my place now” below and the counsellors see on a map where you are. Nobody else "
        "sees it. You can also write the name of the place, a sign or what you see from the window."
    )
    usual = buttons.quiet_keyboard(code) if state.quiet else buttons.keyboard(code)
    keyboard = (("📍 " + t("Send my place now"),), *usual)
    return Decision(state, (Reply(text, keyboard=keyboard, ask_location=True),), topic=state.topic)


def received(state: State, event: LocationEvent, context: Context) -> Decision:
    """A place was sent: kept for the counsellors, who are called when it is about danger."""
    note = NoteForStaff(translator("lo")(PLACE_NOTE, place=f"{event.latitude:.5f}, {event.longitude:.5f}"))
    if event.moved:
        return Decision(state, action=Action.NOTED)
    if state.handed_over:
        return Decision(state, effects=(note,), action=Action.TO_PERSON)
    code = context.language(state)
    t = translator(code)
    topic = state.topic or ""
    if topic.startswith("urgent_"):
        text = t(
            "Thank you. The counsellors see your place now. They cannot always look at once: if you can, call too."
        )
        reply = Reply(text, keyboard=buttons.keyboard(code), urgent=True)
        return Decision(state, (reply,), (OpenCase(topic, urgent=True), note), Action.TO_PERSON, topic, urgent=True)
    text = t("Thank you. A person sees your place only when you talk to one.")
    return Decision(state, (Reply(text, ((buttons.person(t),), (buttons.sos(t),))),))
