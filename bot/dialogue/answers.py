"""Answers, "did you mean", out of scope, not understood."""

from __future__ import annotations

from datetime import date

from bot.dialogue import buttons
from bot.dialogue.types import Button, Reply
from bot.i18n import Translate, translator
from bot.knowledge.model import Published
from bot.knowledge.render import render_answer

MAX_RELATED = 3
MAX_OFFERS = 3


def answer(
    published: Published, topic: str, language: str, today: date, also: tuple[str, ...] = (), *, spoken: bool = False
) -> Reply:
    """The published answer with its buttons; `also`: further questions of the message; `spoken`: it can be heard."""
    t = translator(language)
    rendered = render_answer(published, topic, language, today)
    entry = published.answers[topic]
    rows: list[tuple[Button, ...]] = []
    first = [*((buttons.listen(topic, t),) if spoken else ()), *((buttons.more(topic, t),) if rendered.more else ())]
    if first:
        rows.append(tuple(first))
    rows += _tools(published, topic, t)
    nearby = list(dict.fromkeys((*also, *(r for r in entry.related if r in published.answers))))
    rows += [(buttons.topic(published, other, language),) for other in nearby[: MAX_RELATED + len(also)]]
    if not published.topics[topic].small_talk:
        rows.append(buttons.feedback(topic, t))
        rows.append((buttons.person(t), buttons.menu(t)))
    return Reply(text=rendered.text, buttons=tuple(rows))


def _tools(published: Published, topic: str, t: Translate) -> list[tuple[Button, ...]]:
    """The guided flow that goes further than the answer to a topic."""
    tools = {
        "legal_ways": (bool(published.pathways), buttons.path),
        "check_offer": (bool(published.offer_flags), buttons.offer),
        "check_agency": (bool(published.agencies), buttons.agency),
        "mou_cost": (bool(published.fees), buttons.fee),
        "broker_fee": (bool(published.fees), buttons.fee),
        "savings_budget": (True, buttons.money),
        "debt": (True, buttons.money),
    }
    there, button = tools.get(topic, (False, buttons.path))
    return [(button(t),)] if there else []


def more(published: Published, topic: str, language: str, today: date) -> Reply:
    """What stands behind the "more" button."""
    t = translator(language)
    rendered = render_answer(published, topic, language, today)
    return Reply(text=rendered.more or rendered.text, buttons=((buttons.person(t), buttons.menu(t)),))


def offer(published: Published, topics: tuple[str, ...], language: str, lead: str | None = None) -> Reply:
    """Did you mean one of these?"""
    t = translator(language)
    rows: list[tuple[Button, ...]] = [(buttons.topic(published, topic, language),) for topic in topics[:MAX_OFFERS]]
    rows.append((Button(t("Something else"), "none"), buttons.person(t)))
    return Reply(text=lead or t("I am not sure that I understood. Did you mean:"), buttons=tuple(rows))


def out_of_scope(published: Published, language: str, today: date) -> Reply:
    """Kindly: this is not what I know about; here is what I know."""
    t = translator(language)
    rendered = render_answer(published, "out_of_scope", language, today)
    return Reply(text=rendered.text, buttons=((buttons.menu(t), buttons.person(t)), (buttons.sos(t),)))


def not_understood(published: Published, language: str, *, model_ready: bool) -> Reply:
    """Nothing came near enough, or the model is away."""
    t = translator(language)
    if model_ready:
        text = t("I did not understand this. Please say it in other words, or tap a topic.")
    else:
        text = t("I am just starting and will answer your question in a moment. Meanwhile you can tap a topic.")
    rows = tuple((buttons.topic(published, topic, language),) for topic in ("legal_ways", "hotlines"))
    return Reply(text=text, buttons=(*rows, (buttons.menu(t), buttons.person(t)), (buttons.sos(t),)))
