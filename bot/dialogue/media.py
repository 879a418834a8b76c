"""Voice, pictures, stickers, contacts ...: each gets a sensible reply; what only a person can take goes to one."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import buttons, handover, pictures, taps, words
from bot.dialogue.context import Context
from bot.dialogue.types import Action, Button, Decision, MediaEvent, OpenCase, Reply, State
from bot.i18n import N_, translator
from bot.nlu.parse import Parse

SPOKEN = ("voice", "audio", "video_note", "video")
"""May hold a cry for help that we cannot hear: a counsellor listens."""

SAID = {
    "sticker": N_("Please write your question in words, or tap a topic."),
    "animation": N_("Please write your question in words, or tap a topic."),
    "dice": N_("Please write your question in words, or tap a topic."),
    "game": N_("Please write your question in words, or tap a topic."),
    "contact": N_(
        "I do not keep this number apart and call nobody. If it is a recruiter, write the name of the agency and "
        "I look whether I know it. If somebody should call, talk to a person."
    ),
    "poll": N_("I cannot vote. Please write your question, or talk to a person."),
    "checklist": N_("I cannot vote. Please write your question, or talk to a person."),
    "document": N_("I cannot open files. Copy the words out of it and send them, or talk to a person."),
    "photo": N_("I cannot read pictures here. Please type the words in it, or talk to a person."),
    "story": N_("I cannot see stories. Copy the words and send them, or send a screenshot."),
}
OTHER = N_("I cannot read this kind of message. Please write your question, or talk to a person.")


def media(state: State, event: MediaEvent, parse: Parse | None, context: Context) -> Decision:
    """The decision on something that is more than words. The words beside it come first: they may cry for help."""
    if event.caption and buttons.keyboard_meaning(event.caption) == "sos":
        return taps.button(state, "sos", context)
    if event.picture and context.moment.reads_pictures:
        return pictures.came(state, event, parse, context)
    said = words.text(state, event.caption, parse, context) if event.caption and parse else None
    if said is not None and (said.urgent or said.state.handed_over):
        return said
    if state.handed_over:
        return Decision(state, action=Action.TO_PERSON)
    if event.kind in SPOKEN:
        return _spoken(state, said, context)
    return said or _unread(state, event, context)


def _spoken(state: State, said: Decision | None, context: Context) -> Decision:
    """The bot cannot hear; a counsellor can. Never silence, and never as if it had been understood."""
    t = translator(context.language(state))
    lines = [
        t("I cannot hear yet, so I do not know what you said. I have put your message before a counsellor."),
        *handover.when(context.moment, t),
        t("In a hurry? Write it, or tap a topic. In danger? Tap 🆘."),
    ]
    reply = Reply("\n\n".join(lines), ((buttons.sos(t),), (buttons.menu(t), buttons.person(t))))
    topic = state.topic
    case = OpenCase(topic, urgent=(topic or "").startswith("urgent_"))
    if said is not None:
        return replace(said, replies=(*said.replies, reply), effects=(*said.effects, case))
    return Decision(state, (reply,), (case,), Action.TO_PERSON)


def _unread(state: State, event: MediaEvent, context: Context) -> Decision:
    t = translator(context.language(state))
    rows: list[tuple[Button, ...]] = [(buttons.menu(t), buttons.person(t)), (buttons.sos(t),)]
    if event.kind == "contact" and context.published.agencies:
        rows.insert(0, (buttons.agency(t),))
    kind = "photo" if event.picture else event.kind
    reply = Reply(t(SAID.get(kind, OTHER)), tuple(rows))
    return Decision(state, (reply,), action=Action.NOT_UNDERSTOOD)
