"""What to say: one pure function from (state, event, parse, content, moment) to (new state, replies, effects)."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import buttons, media, pace, pictures, place, privacy, quiet, taps, words
from bot.dialogue.context import Context
from bot.dialogue.types import (
    TAPPED,
    ButtonEvent,
    CommandEvent,
    Decision,
    Event,
    LocationEvent,
    MediaEvent,
    PictureEvent,
    State,
    TextEvent,
)
from bot.nlu.parse import Parse

__all__ = ["Context", "decide"]


def decide(state: State, event: Event, parse: Parse | None, context: Context) -> Decision:
    """The decision on one event. `parse` belongs to a text or a caption; None = nothing could be understood."""
    state, paused = pace.paced(state, event, parse, context)
    decision = paused or privacy.told(_decide(state, event, parse, context), context)
    return quiet.muffled(decision, context.language(decision.state))


def _decide(state: State, event: Event, parse: Parse | None, context: Context) -> Decision:
    match event:
        case TextEvent(text=text, forwarded=forwarded):
            label = buttons.keyboard_meaning(text)
            if label:
                return taps.button(state, label, context)
            return words.text(state, text, parse or Parse(source="keywords"), context, forwarded=forwarded)
        case CommandEvent(name=name, args=args):
            return taps.command(state, name, args, context)
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
