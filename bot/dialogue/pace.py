"""Somebody, or their phone, sends more than anybody can read: answers pause, nothing is lost, and help always comes.

A bucket of answers per person, filled again with the time. When it is empty one kind line says so; then silence until
some answers are there again. Everything is in the transcript, marked, so that staff see it.
"""

from __future__ import annotations

from bot.dialogue import buttons, urgent
from bot.dialogue.context import Context
from bot.dialogue.types import (
    Action,
    ButtonEvent,
    CommandEvent,
    Decision,
    Event,
    LocationEvent,
    MediaEvent,
    PictureEvent,
    Reply,
    State,
    TextEvent,
)
from bot.i18n import translator
from bot.nlu.parse import Parse
from nlu.text.zones import Danger

ALWAYS = frozenset(("sos", "danger", "safe", "place", "where", "person", "stop", "hide", "forget", "quiet"))
"""Buttons and commands that nobody waits for."""
ENOUGH = 5.0
"""After the pause so many answers must be there again, or every second one would be the request to slow down."""


def paced(state: State, event: Event, parse: Parse | None, context: Context) -> tuple[State, Decision | None]:
    """The state with one answer less, and the decision when there is none left."""
    most = context.moment.answers_per_minute
    if not most or state.handed_over or _always(event, parse, context):
        return state, None
    now = context.moment.now.timestamp()
    left, at, told = state.pace or (float(most), now, False)
    left = min(float(most), left + max(0.0, now - at) * most / 60)
    if left >= (min(ENOUGH, most) if told else 1):
        return state.but(pace=(round(left - 1, 3), round(now, 3), False)), None
    kept = state.but(pace=(round(left, 3), round(now, 3), True))
    if told:
        return kept, Decision(kept, action=Action.TOO_FAST)
    t = translator(context.language(state))
    text = t("That is a lot at once. I keep all of it, but I pause for a moment. In danger? Tap 🆘, that always works.")
    return kept, Decision(kept, (Reply(text, ((buttons.sos(t),), (buttons.person(t),))),), action=Action.TOO_FAST)


def _always(event: Event, parse: Parse | None, context: Context) -> bool:
    match event:
        case ButtonEvent(data=data):
            return data.split(":")[0] in ALWAYS
        case CommandEvent(name=name):
            if name in ALWAYS:
                return True
        case LocationEvent() | PictureEvent():
            return True
        case TextEvent(text=text):
            meaning = buttons.keyboard_meaning(text)
            if meaning:
                return meaning.split(":")[0] in ALWAYS
        case MediaEvent(caption=caption):
            if buttons.keyboard_meaning(caption) == "sos":
                return True
    return parse is not None and urgent.urgency(parse, context.thresholds)[0] is not Danger.NONE
