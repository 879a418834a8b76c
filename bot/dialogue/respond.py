"""The answer to a topic, and the help card: what words, buttons and deep links have in common."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import answers, buttons, handover, listen, menu, privacy, urgent
from bot.dialogue.context import Context
from bot.dialogue.types import (
    Action,
    Decision,
    OpenCase,
    Reply,
    State,
)
from bot.i18n import translator
from bot.knowledge.model import Published
from bot.nlu.parse import Parse

ACTIONS = frozenset(("talk_to_person", "menu", "change_language"))
"""Topics that are done, not answered."""


def answerable(topic: str, published: Published) -> bool:
    """Is there something to say? A model may know topics that the content no longer has."""
    entry = published.topics.get(topic)
    return topic in ACTIONS or (entry is not None and (entry.urgent or topic in published.answers))


def topic_answer(state: State, topic: str, parse: Parse | None, context: Context) -> Decision:
    """The answer to a topic that is sure or was tapped."""
    published, code, today = (
        context.published,
        context.language(state),
        context.moment.now.date(),
    )
    if topic == "talk_to_person":
        return handover.ask(state, context.moment)
    if topic == "menu":
        return Decision(state, (menu.main_menu(code),), action=Action.SMALL_TALK, topic=topic)
    if topic == "change_language":
        return Decision(state, (menu.choose_language(),), action=Action.SMALL_TALK, topic=topic)
    if published.topics[topic].urgent:
        return help_now(state, topic, context)
    also = _further_questions(topic, parse, context)
    heard = listen.spoken(topic, code, context)
    reply = answers.answer(published, topic, code, today, also, spoken=heard)
    small = published.topics[topic].small_talk
    if topic == "privacy":
        reply = replace(reply, buttons=((privacy.button(code),), *reply.buttons))
    replies: tuple[Reply, ...] = (reply,)
    if heard and state.listen:
        replies = (reply, listen.voice(state, topic, code, context))
    if topic == "greet" and not state.topic:
        replies = (Reply(reply.text, keyboard=buttons.keyboard(code)), menu.main_menu(code))
    return Decision(
        state if small else state.but(topic=topic, offered=()),
        replies,
        action=Action.SMALL_TALK if small else Action.ANSWER,
        topic=topic,
    )


NEARBY = 0.1
"""A second reading that is at least this likely is offered beside the answer."""
MOST_ALSO = 2


def _further_questions(topic: str, parse: Parse | None, context: Context) -> tuple[str, ...]:
    """Other sure questions of the same message, then other likely readings of it."""
    if parse is None:
        return ()
    sure = [c.intent for c in parse.clauses if c.confidence >= context.thresholds.answer]
    likely = [r.intent for r in parse.ranking if r.confidence >= NEARBY]
    return tuple(t for t in dict.fromkeys(sure + likely) if t != topic and _calm(t, context))[:MOST_ALSO]


def _calm(topic: str, context: Context) -> bool:
    entry = context.published.topics.get(topic)
    return entry is not None and topic in context.published.answers and entry.group not in ("chat", "urgent")


def help_now(state: State, topic: str | None, context: Context, parse: Parse | None = None) -> Decision:
    """The help card, and the hotline is told. When the words can be read calmly too, that topic is a button below."""
    code = context.language(state)
    topic = topic or urgent.DEFAULT_TOPIC
    replies = urgent.help_card(context.published, topic, state, code, context.moment.now.date())
    calm = [r.intent for r in parse.ranking if r.confidence >= NEARBY and _calm(r.intent, context)] if parse else []
    if listen.spoken(topic, code, context):
        *before, last = replies
        replies = (*before, replace(last, buttons=(*last.buttons, (buttons.listen(topic, translator(code)),))))
    if calm:
        *before, last = replies
        row = (buttons.topic(context.published, calm[0], code),)
        replies = (*before, replace(last, buttons=(*last.buttons, row)))
    return Decision(
        state.but(topic=topic, offered=()),
        replies,
        (OpenCase(topic, urgent=True),),
        Action.HELP_CARD,
        topic,
        urgent=True,
    )
