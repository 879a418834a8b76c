"""What a written message leads to. Urgent first, then a human talk, then the question."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import answers, followup, language, menu, urgent
from bot.dialogue.context import Context
from bot.dialogue.flows import offer
from bot.dialogue.flows.registry import FLOWS
from bot.dialogue.respond import answerable, help_now, topic_answer
from bot.dialogue.types import (
    Action,
    AnswerLater,
    Decision,
    Reply,
    State,
)
from bot.i18n import translator
from bot.nlu.parse import Parse
from nlu.text.zones import Danger, Zone

ASK_AGAIN = 600.0
"""Seconds in which somebody who waits for a counsellor, or talks to one, is asked about danger once."""


def text(state: State, written: str, parse: Parse, context: Context, *, forwarded: bool = False) -> Decision:
    """The decision on what somebody wrote."""
    spoken = language.answer_language(state, parse, context.default_language)
    state = state.but(
        language=spoken.code,
        started=True,
        asked_language=state.asked_language or spoken.ask or state.language_chosen,
    )
    tier, topic = urgent.urgency(parse, context.thresholds)
    if tier is Danger.SURE:
        return help_now(state, topic, context, parse)
    if state.handed_over:
        return _to_person(state, tier, topic, context)
    decision = (
        _flow(state, written, parse, context)
        or offer.noticed(state, written, context, forwarded=forwarded)
        or (followup.followed(state, written, context) if tier is Danger.NONE else None)
        or _question(state, parse, context)
    )
    asks = tier is Danger.POSSIBLE and not decision.urgent
    extra: tuple[Reply, ...] = ()
    if asks:
        extra += (urgent.danger_check(topic, spoken.code),)
    if spoken.ask:
        extra += (menu.choose_language(),)
    return replace(decision, replies=decision.replies + extra, danger_check=asks)


def _to_person(state: State, tier: Danger, topic: str | None, context: Context) -> Decision:
    """A counsellor is awaited or writes: we are silent. Nobody may have come yet, so words of danger ask, not often."""
    now = context.moment.now.timestamp()
    if tier is Danger.NONE or (state.asked_danger is not None and now - state.asked_danger < ASK_AGAIN):
        return Decision(state, action=Action.TO_PERSON, urgent=False)
    check = urgent.danger_check(topic, context.language(state))
    return Decision(state.but(asked_danger=now), (check,), action=Action.TO_PERSON, danger_check=True)


def _flow(state: State, written: str, parse: Parse, context: Context) -> Decision | None:
    flow = FLOWS.get((state.flow or {}).get("name", ""))
    return flow.words(state, written, parse, context) if flow else None


def _question(state: State, parse: Parse, context: Context) -> Decision:
    if parse.source == "keywords":
        return _without_model(state, parse, context)
    match parse.zone(context.thresholds):
        case Zone.ANSWER if answerable(parse.offered()[0], context.published):
            return topic_answer(state, parse.offered()[0], parse, context)
        case Zone.ANSWER:  # a model that knows a topic which the content no longer has
            return _offer(state, parse, context)
        case Zone.OUT_OF_SCOPE:
            reply = answers.out_of_scope(context.published, context.language(state), context.moment.now.date())
            return Decision(state, (reply,), action=Action.OUT_OF_SCOPE, topic="out_of_scope")
        case Zone.OFFER:
            return _offer(state, parse, context)
        case Zone.NOT_UNDERSTOOD:
            return _not_understood(state, context)


def _offer(state: State, parse: Parse, context: Context) -> Decision:
    topics = tuple(t for t in parse.offered() if t in context.published.answers)[: answers.MAX_OFFERS]
    if not topics:
        return _not_understood(state, context)
    reply = answers.offer(context.published, topics, context.language(state))
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
