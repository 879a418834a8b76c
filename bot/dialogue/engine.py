"""What to say: one pure function from (state, event, parse, content, moment) to (new state, replies, effects)."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import buttons, commands, media, pace, pictures, place, privacy, quiet, taps, words
from bot.dialogue.context import Context
from bot.dialogue.types import (
    TAPPED,
    ButtonEvent,
    CommandEvent,
    Decision,
    Event,
    ForgetPerson,
    HideChat,
    LocationEvent,
    MediaEvent,
    PictureEvent,
    State,
    TextEvent,
)
from bot.i18n import translator
from bot.nlu.parse import Parse

__all__ = ["Context", "decide"]


def decide(state: State, event: Event, parse: Parse | None, context: Context) -> Decision:
    """The decision on one event. `parse` belongs to a text or a caption; None = nothing could be understood."""
    state, paused = pace.paced(state, event, parse, context)
    decision = paused or privacy.told(_decide(state, event, parse, context), context)
    language = context.language(decision.state)
    return quiet.muffled(_within_reach(decision, language), language)


def _within_reach(decision: Decision, language: str) -> Decision:
    """Help stays one tap away: buttons, or the usual keyboard, come with what would leave nothing that leads to it.

    Not with what erases: there the neutral text must stand alone.
    """
    replies = decision.replies
    shown = {b.data for reply in replies for row in reply.buttons for b in row}
    if not replies or shown & {"sos", "menu", "person"} or any(reply.keyboard for reply in replies):
        return decision
    if any(isinstance(effect, HideChat | ForgetPerson) for effect in decision.effects):
        return decision
    last, t = replies[-1], translator(language)
    if last.buttons:
        last = replace(last, buttons=(*last.buttons, (buttons.sos(t), buttons.menu(t))))
    else:
        last = replace(last, keyboard=buttons.keyboard(language))
    return replace(decision, replies=(*replies[:-1], last))


def _decide(state: State, event: Event, parse: Parse | None, context: Context) -> Decision:
    match event:
        case TextEvent(text=text, forwarded=forwarded):
            label = buttons.keyboard_meaning(text)
            if label:
                return taps.button(state, label, context)
            return words.text(state, text, parse or Parse(source="keywords"), context, forwarded=forwarded)
        case CommandEvent():
            return commands.commanded(state, event, parse, context)
        case ButtonEvent(data=data, message_id=number):
            return _in_place(taps.button(state, data, context), number)
        case MediaEvent():
            return media.media(state, event, parse, context)
        case LocationEvent():
            return place.received(state, event, context)
        case PictureEvent():
            return pictures.read(state, event, parse, context)


def _in_place(decision: Decision, number: int | None) -> Decision:
    """Replies that take the place of the tapped message learn its number."""
    replies = tuple(replace(r, replaces=number) if r.replaces == TAPPED else r for r in decision.replies)
    return replace(decision, replies=replies)
