"""A command, and the words that stand behind it: they may be a cry for help."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import buttons, quiet, taps, urgent, words
from bot.dialogue.context import Context
from bot.dialogue.types import CommandEvent, Decision, NoteForStaff, OpenCase, State
from bot.i18n import translator
from bot.nlu.parse import Parse
from nlu.text.zones import Danger

HIDES = ("hide", "forget")
"""Here nothing may appear on the screen but what the command says; the hotline learns of the cry."""


def commanded(state: State, event: CommandEvent, parse: Parse | None, context: Context) -> Decision:
    """What a command does. With words of danger behind it, help comes before it; in doubt we ask."""
    said = taps.said_with(event.name, event.args)
    if said and not taps.is_known(event.name) and (meaning := buttons.keyboard_meaning(said)):
        return taps.button(state, meaning, context)
    tier, topic = urgent.urgency(parse, context.thresholds) if said and parse else (Danger.NONE, None)
    if tier is Danger.NONE or parse is None:
        return taps.command(state, event.name, event.args, context)
    if event.name in HIDES:
        decision = taps.command(state, event.name, event.args, context)
        if tier is Danger.POSSIBLE:
            return decision
        told = (OpenCase(topic, urgent=True), NoteForStaff(translator("lo")(quiet.SEEN_NOTE)))
        return replace(decision, effects=(*decision.effects, *told))
    if event.name == "quiet":
        # The help card of somebody whose phone is seen: the quiet begins first.
        state = taps.command(state, event.name, event.args, context).state
    elif tier is Danger.POSSIBLE and taps.is_known(event.name):
        decision = taps.command(state, event.name, event.args, context)
        check = urgent.danger_check(topic, context.language(decision.state))
        return replace(decision, replies=(*decision.replies, check), danger_check=True)
    return words.text(state, said, parse, context)
