"""A short question that leans on the answer before it: "and how much does that cost?" after passport is its price."""

from __future__ import annotations

from bot.dialogue import buttons
from bot.dialogue.aspects import aspects
from bot.dialogue.context import Context
from bot.dialogue.respond import topic_answer
from bot.dialogue.types import Action, Decision, Reply, State
from bot.i18n import translator
from bot.knowledge.parts import part_text


def followed(state: State, written: str, context: Context) -> Decision | None:
    """The part of the last answer that is asked for, or the topic that answers it; None for any other message."""
    topic, published = state.topic, context.published
    if topic is None or topic not in published.answers or published.topics[topic].urgent:
        return None
    aspect = aspects().of(written)
    if aspect is None:
        return None
    target = aspects().targets.get(aspect, {}).get(topic)
    if target in published.answers:
        return topic_answer(state, target, None, context)
    code, part = context.language(state), aspects().parts[aspect]
    text = part_text(published, topic, part, code, context.moment.now.date())
    if text is None:
        return None
    t = translator(code)
    rows = ((buttons.topic(published, topic, code),), (buttons.person(t), buttons.menu(t)))
    return Decision(state.but(offered=()), (Reply(text, rows),), action=Action.ANSWER, topic=topic)
