"""The answer to a topic, and the help card: what words, buttons and deep links have in common."""

from __future__ import annotations

from bot.dialogue import answers, buttons, handover, menu, urgent
from bot.dialogue.context import Context
from bot.dialogue.types import (
    Action,
    Decision,
    OpenCase,
    Reply,
    State,
)
from bot.nlu.parse import Parse


def topic_answer(state: State, topic: str, parse: Parse | None, context: Context) -> Decision:
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
    reply = answers.answer(published, topic, code, today, also)
    small = published.topics[topic].small_talk
    replies: tuple[Reply, ...] = (reply,)
    if topic == "greet" and not state.topic:
        replies = (Reply(reply.text, reply.buttons, keyboard=buttons.keyboard(code)), menu.main_menu(code))
    return Decision(
        state if small else state.but(topic=topic, offered=()),
        replies,
        action=Action.SMALL_TALK if small else Action.ANSWER,
        topic=topic,
    )


def _further_questions(topic: str, parse: Parse | None, context: Context) -> tuple[str, ...]:
    if parse is None:
        return ()
    sure = (r.intent for r in parse.clauses if r.confidence >= context.thresholds.answer and r.intent != topic)
    groups = context.published.topics
    return tuple(
        dict.fromkeys(i for i in sure if i in context.published.answers and groups[i].group not in ("chat", "urgent"))
    )[:2]


def help_now(state: State, topic: str | None, context: Context) -> Decision:
    code = context.language(state)
    topic = topic or urgent.DEFAULT_TOPIC
    replies = urgent.help_card(context.published, topic, state, code, context.moment.now.date())
    return Decision(
        state.but(topic=topic, offered=()),
        replies,
        (OpenCase(topic, urgent=True),),
        Action.HELP_CARD,
        topic,
        urgent=True,
    )
