"""What a written message leads to. Urgent first, then a human talk, then the question."""

from __future__ import annotations

from bot.dialogue import answers, language, menu, urgent
from bot.dialogue.context import Context
from bot.dialogue.flows.registry import FLOWS
from bot.dialogue.respond import help_now, topic_answer
from bot.dialogue.types import (
    Action,
    AnswerLater,
    Decision,
    Reply,
    State,
)
from bot.i18n import translator
from bot.nlu.parse import Parse


def text(state: State, written: str, parse: Parse, context: Context) -> Decision:
    """The decision on what somebody wrote."""
    spoken = language.answer_language(state, parse, context.default_language)
    state = state.but(
        language=spoken.code,
        started=True,
        asked_language=state.asked_language or spoken.ask or state.language_chosen,
    )
    tier, topic = urgent.urgency(parse, context.thresholds)
    if tier == "sure":
        return help_now(state, topic, context)
    if state.handed_over:
        return Decision(state, action=Action.TO_PERSON, urgent=False)
    decision = _flow(state, written, parse, context) or _question(state, parse, context)
    extra: tuple[Reply, ...] = ()
    if tier == "possible":
        extra += (urgent.danger_check(topic, spoken.code),)
    if spoken.ask:
        extra += (menu.choose_language(),)
    return Decision(
        decision.state,
        decision.replies + extra,
        decision.effects,
        decision.action,
        decision.topic,
        danger_check=tier == "possible",
    )


def _flow(state: State, written: str, parse: Parse, context: Context) -> Decision | None:
    flow = FLOWS.get((state.flow or {}).get("name", ""))
    return flow.words(state, written, parse, context) if flow else None


def _question(state: State, parse: Parse, context: Context) -> Decision:
    published, code = context.published, context.language(state)
    best, marks = parse.best, context.thresholds
    if parse.source == "keywords":
        return _without_model(state, parse, context)
    if best is None:
        return _not_understood(state, context)
    if best.intent == "out_of_scope":
        if best.confidence >= marks.out_of_scope:
            reply = answers.out_of_scope(published, code, context.moment.now.date())
            return Decision(state, (reply,), action=Action.OUT_OF_SCOPE, topic="out_of_scope")
        return _unsure(state, parse, context)
    if best.confidence >= marks.answer and best.intent in published.answers:
        return topic_answer(state, best.intent, parse, context)
    return _unsure(state, parse, context)


def _unsure(state: State, parse: Parse, context: Context) -> Decision:
    best = parse.best
    if best is None or best.confidence < context.thresholds.offer:
        return _not_understood(state, context)
    topics = tuple(
        r.intent
        for r in parse.ranking
        if r.intent in context.published.answers and context.published.topics[r.intent].group != "chat"
    )[: answers.MAX_OFFERS]
    if not topics:
        return _not_understood(state, context)
    code = context.language(state)
    reply = answers.offer(context.published, topics, code)
    return Decision(state.but(offered=topics), (reply,), action=Action.OFFER, topic=topics[0])


def _not_understood(state: State, context: Context) -> Decision:
    code = context.language(state)
    reply = answers.not_understood(context.published, code, model_ready=True)
    return Decision(state, (reply,), action=Action.NOT_UNDERSTOOD)


def _without_model(state: State, parse: Parse, context: Context) -> Decision:
    """Menu, hotlines and what the keywords give, at once; the question itself is answered when the model is back."""
    code = context.language(state)
    t = translator(code)
    topics = tuple(r.intent for r in parse.ranking if r.intent in context.published.answers)[: answers.MAX_OFFERS]
    if topics:
        lead = t("I will answer your question in a moment. Perhaps one of these helps meanwhile:")
        reply = answers.offer(context.published, topics, code, lead)
    else:
        reply = answers.not_understood(context.published, code, model_ready=False)
    return Decision(state, (reply,), (AnswerLater(),), Action.LATER)
