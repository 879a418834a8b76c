"""Safety before everything: who is in danger, and what is said first.

The model OR the lexicon OR a story-level rule. Two tiers: sure -> the help card; possible -> the answer plus
"are you in danger now?".
"""

from __future__ import annotations

from datetime import date

from bot.dialogue import buttons, quiet
from bot.dialogue.types import (
    Button,
    Reply,
    State,
)
from bot.i18n import N_, translator
from bot.knowledge.model import Published
from bot.knowledge.render import contact_card, render_answer
from bot.nlu.parse import Parse
from nlu.text.zones import URGENT, Danger, Thresholds, Zone

SAFETY_FIRST = N_("You are not alone. Get to safety first if you can.")
LEADS = {
    "urgent_suicide": N_("You are not alone. Please talk to somebody now."),
    "urgent_medical": N_("Call an ambulance first."),
    "urgent_missing": N_("You are not alone. These people can help to search."),
    "urgent_child": N_("A child comes first. Call now."),
}
"""The first line of the help card, where "get to safety" would be the wrong one."""

LEXICON_NEEDS = 0.2
"""How much danger the model must see beside a sure phrase of the lexicon for the help card; below it we ask."""

HINT_NEEDS = 0.03
"""How much danger the model must see beside a merely possible phrase for us to ask; without the model it is enough."""

DEFAULT_TOPIC = "urgent_trapped"
"""Whose contacts the card shows when somebody pressed the help button without a word."""


def urgency(parse: Parse, thresholds: Thresholds) -> tuple[Danger, str | None]:
    """How urgent a message is (model OR lexicon) and which urgent topic fits best.

    A sure phrase in a message in which the model sees little danger asks instead of alarming, and a merely possible one
    in which it sees none is not followed: of 818 cries of writers unknown to the model neither rule lost one, and
    questions to people in no danger became a fifth fewer (docs/nlu.md).

    An urgent topic that would be answered outright is sure too: in the middle of a flow, beside a picture and while a
    counsellor is awaited nothing else may take such a message. And a model that has not read the whole of a long
    message (`parse.cut`) cannot say that the rest of it is calm.
    """
    topic, modelled = _topic(parse), parse.danger(thresholds)
    # A model that says nothing, or has not read all, has not seen "no danger".
    alone = parse.source == "keywords" or not parse.ranking or parse.cut
    if modelled is Danger.SURE or (parse.lexicon and (alone or parse.urgent_score >= LEXICON_NEEDS)):
        return Danger.SURE, topic or DEFAULT_TOPIC
    if parse.source == "model" and parse.zone(thresholds) is Zone.ANSWER and parse.offered()[0].startswith(URGENT):
        return Danger.SURE, parse.offered()[0]
    hinted = bool(parse.lexicon_possible) and (alone or parse.urgent_score >= HINT_NEEDS)
    if parse.lexicon or hinted or modelled is Danger.POSSIBLE:
        return Danger.POSSIBLE, topic
    return Danger.NONE, None


def _topic(parse: Parse) -> str | None:
    modelled = next((r.intent for r in parse.ranking if r.intent.startswith("urgent_")), None)
    if modelled and (not parse.lexicon or modelled in parse.lexicon):
        return modelled
    return next(iter((*parse.lexicon, *parse.lexicon_possible)), modelled)


def help_card(published: Published, topic: str, state: State, language: str, today: date) -> tuple[Reply, ...]:
    """Whom to call, at once; then what to do; then a person and how to hide the chat.

    While the country is unknown both countries' numbers are shown, each under its country's name.
    """
    t = translator(language)
    entry = published.answers.get(topic) or published.answers[DEFAULT_TOPIC]
    card = entry.card or {}
    names = {"th": t("In Thailand, call:"), "la": t("In Laos, call:")}
    order = ("la", "th") if state.where == "la" else ("th", "la")
    shown = [c for c in order if state.where in (None, "other", c)] or list(order)
    blocks, named = [], set[str]()
    for country in shown:
        names_here = [c for c in card.get(country, ()) if c in published.contacts and c not in named]  # type: ignore[call-overload]
        contacts = [published.contacts[c] for c in names_here]
        named.update(names_here)
        if contacts:
            blocks.append(f"<b>{names[country]}</b>\n{contact_card(contacts, language)}")
    first = Reply(
        text="🆘 <b>" + t(LEADS.get(entry.topic, SAFETY_FIRST)) + "</b>\n\n" + "\n\n".join(blocks),
        urgent=True,
    )
    asks = entry.topic in quiet.ASKED and not state.quiet
    text = render_answer(published, entry.topic, language, today).text
    if asks:
        text += "\n\n👉 <b>" + t(quiet.QUESTION) + "</b>"
    advice = Reply(
        text=text,
        buttons=(*(quiet.question(t) if asks else ()), *_next_steps(state, language)),
        urgent=True,
        protect=True,
    )
    return (first, advice)


def _next_steps(state: State, language: str) -> tuple[tuple[Button, ...], ...]:
    t = translator(language)
    where: tuple[Button, ...] = ()
    if state.where is None:
        where = (
            Button("🇹🇭 " + t("I am in Thailand"), "where:th"),
            Button("🇱🇦 " + t("I am in Laos"), "where:la"),
        )
    rows: list[tuple[Button, ...]] = [(buttons.person(t),), (buttons.place(t),)]
    if where:
        rows.append(where)
    rows.append((buttons.hide(t),))
    return tuple(rows)


def danger_check(topic: str | None, language: str) -> Reply:
    """The one line that asks, with two buttons."""
    t = translator(language)
    return Reply(
        text="❗ <b>" + t("Are you, or is somebody close to you, in danger now?") + "</b>",
        buttons=(
            (
                Button("🆘 " + t("Yes, I need help"), f"danger:yes:{topic or ''}"),
                Button(t("No, I only want to know"), "danger:no"),
            ),
        ),
    )
