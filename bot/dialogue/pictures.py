"""Pictures: a screenshot of an advertisement is read and checked like a pasted one.

Two steps, since reading takes seconds and nobody waits for it: `came` says that the picture is being read (the
message's action says so in the database, so a restart forgets nothing), and `read` answers when services/pictures.py
has the words.
"""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import buttons, urgent, words
from bot.dialogue.context import Context
from bot.dialogue.flows import offer
from bot.dialogue.types import Action, Decision, MediaEvent, PictureEvent, Reply, State
from bot.i18n import translator
from bot.knowledge.offer import examine, looks_like_offer
from bot.nlu.parse import Parse
from nlu.text.zones import Danger


def came(state: State, event: MediaEvent, parse: Parse | None, context: Context) -> Decision:
    """A picture is there: what is written beside it is answered, and the picture is read."""
    t = translator(context.language(state))
    wait = t("I am reading the picture. That takes a moment.")
    progress = Reply("🔍 " + wait, ((buttons.sos(t), buttons.person(t)),))
    said = _caption(state, event.caption, parse, context) if event.caption and parse else Decision(state)
    if said.urgent or said.state.handed_over:
        return said if event.caption else Decision(state, action=Action.TO_PERSON)
    # What the words beside it promised ("in a moment", while the model is away) the report on the picture keeps.
    replies = () if said.action is Action.LATER else said.replies
    return replace(said, replies=(*replies, progress), effects=(), action=Action.READING)


def _caption(state: State, caption: str, parse: Parse, context: Context) -> Decision:
    """Beside an advertisement that we asked for, the words belong to it, unless they cry for help."""
    tier, topic = urgent.urgency(parse, context.thresholds)
    if state.handed_over or tier is Danger.SURE or not _asked(state):
        return words.text(state, caption, parse, context)
    if tier is Danger.POSSIBLE:
        return Decision(state, (urgent.danger_check(topic, context.language(state)),), danger_check=True)
    return Decision(state)


def read(state: State, event: PictureEvent, parse: Parse | None, context: Context) -> Decision:
    """The words of the picture: the report on an advertisement, or plainly what was not found."""
    if state.handed_over:
        return Decision(state, action=Action.TO_PERSON)
    flags = context.published.offer_flags
    if event.problem or flags is None:
        return _nothing(state, event, context)
    text = f"{event.caption}\n{event.text}".strip()
    # The program misreads single signs: two warnings, or one grave one, make it an offer too.
    seen = examine(text, flags, context.published.facts)
    warned = seen.verdict == "danger" or len(seen.flags) > 1
    tier, topic = urgent.urgency(parse, context.thresholds) if parse else (Danger.NONE, None)
    # Words of a picture are somebody else's, and half misread: they ask, they do not alarm.
    check = urgent.danger_check(topic, context.language(state))
    if _asked(state) or warned or looks_like_offer(text, flags, forwarded=True):
        report = offer.checked(state, text, context)
        if tier is not Danger.SURE:
            return report
        return replace(report, replies=(*report.replies, check), danger_check=True)
    if tier is not Danger.NONE:
        return Decision(state, (check,), action=Action.ANSWER, danger_check=True)
    return _nothing(state, event, context)


def _asked(state: State) -> bool:
    return (state.flow or {}).get("name") == offer.NAME


def _nothing(state: State, event: PictureEvent, context: Context) -> Decision:
    t = translator(context.language(state))
    if event.problem:
        text = t(event.problem)
    else:
        text = t(
            "I read the picture, but it does not look like a job offer. If it is one, tap below and send it again. "
            "Otherwise write your question."
        )
    rows = ((buttons.offer(t),), (buttons.person(t), buttons.menu(t)), (buttons.sos(t),))
    return Decision(state, (Reply(text, rows),), action=Action.NOT_UNDERSTOOD)
