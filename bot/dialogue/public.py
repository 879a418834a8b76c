"""What may be said where others read along: answers shared by inline mode, and short replies in groups.

Nothing here knows a person: no state, no plan, no case. Whatever is private gets a link that opens the bot alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.dialogue import deeplink, language, urgent
from bot.dialogue.context import Context
from bot.dialogue.flows.registry import FLOWS
from bot.dialogue.types import Button, CommandEvent, Event, Reply, State, TextEvent
from bot.i18n import Translate, translator
from bot.knowledge.find import find
from bot.knowledge.markup import TAG
from bot.knowledge.model import Published
from bot.knowledge.render import contact_card, render_answer
from bot.nlu.parse import Parse
from bot.settings import LANGUAGES
from nlu.text.zones import Danger, Zone

MOST_RESULTS = 8
DESCRIPTION_CHARS = 120
PRIVATE_TOPICS = ("talk_to_person", "change_language", "menu")
SHORT_CARD_LINES = 3


@dataclass(frozen=True)
class Shared:
    """An answer that can be sent into any chat."""

    id: str
    title: str
    description: str
    reply: Reply


def shared_answers(
    published: Published, query: str, speaks: str | None, urgent_topics: tuple[str, ...], username: str, today: date
) -> tuple[Shared, ...]:
    """The answers that a query finds, in the language of the query or of the phone; danger comes first."""
    code = _language(query, speaks)
    first = [topic for topic in urgent_topics if topic in published.answers]
    topics = list(dict.fromkeys([*first, *find(published, query, MOST_RESULTS)]))[:MOST_RESULTS]
    return tuple(_shared(published, topic, code, username, today) for topic in topics)


def _language(query: str, speaks: str | None) -> str:
    """By the letters: a few are typed only, too few for the model of languages."""
    if any("\u0e80" <= c <= "\u0eff" for c in query):
        return "lo"
    if any("\u0e00" <= c <= "\u0e7f" for c in query):
        return "th"
    if speaks in LANGUAGES:
        return str(speaks)
    return "en" if query.strip() else LANGUAGES[0]


def _shared(published: Published, topic: str, code: str, username: str, today: date) -> Shared:
    reply = _official(published, topic, code, username, today)
    told = " ".join(TAG.sub("", reply.text).split())
    return Shared(f"{topic}.{code}", published.title(topic, code), told[:DESCRIPTION_CHARS], reply)


def _official(published: Published, topic: str, code: str, username: str, today: date) -> Reply:
    """The answer as everybody may read it; for danger the numbers to call instead."""
    t = translator(code)
    if published.topics[topic].urgent:
        return Reply(_short_card(published, topic, code), _alone(t, username, topic=topic), urgent=True)
    text = render_answer(published, topic, code, today).text
    return Reply(text, _alone(t, username, topic=topic))


def _short_card(published: Published, topic: str, code: str) -> str:
    """Numbers of both countries, the nearest first; the long advice is given alone."""
    t = translator(code)
    entry = published.answers.get(topic) or published.answers[urgent.DEFAULT_TOPIC]
    blocks = []
    for country, lead in (("th", t("In Thailand, call:")), ("la", t("In Laos, call:"))):
        ids = (entry.card or {}).get(country, ())  # type: ignore[call-overload]
        contacts = [published.contacts[c] for c in ids if c in published.contacts][:SHORT_CARD_LINES]
        if contacts:
            blocks.append(f"<b>{lead}</b>\n{contact_card(contacts, code)}")
    lead = "🆘 <b>" + t(urgent.LEADS.get(entry.topic, urgent.SAFETY_FIRST)) + "</b>"
    return "\n\n".join([lead, *blocks])


def _alone(t: Translate, username: str, **parts: str) -> tuple[tuple[Button, ...], ...]:
    """The button that opens the bot alone."""
    if not username:
        return ()
    payload = deeplink.write("group", **parts)
    return ((Button("🔒 " + t("Write to me alone"), url=deeplink.link(username, payload)),),)


# ------------------------------------------------------------------ groups


def in_group(event: Event, parse: Parse | None, context: Context, username: str, speaks: str | None) -> Reply:
    """The one reply to something that was said to the bot in a group."""
    published, today = context.published, context.moment.now.date()
    code = _spoken(parse, speaks, context)
    t = translator(code)
    if isinstance(event, CommandEvent):
        danger, topic = urgent.urgency(parse, context.thresholds) if parse else (Danger.NONE, None)
        if danger is Danger.SURE:
            return _help(published, topic or urgent.DEFAULT_TOPIC, code, username)
        return _command(event.name, context, code, username)
    if parse is None or not isinstance(event, TextEvent):
        return _hello(t, username)
    danger, topic = urgent.urgency(parse, context.thresholds)
    if danger is Danger.SURE:
        return _help(published, topic or urgent.DEFAULT_TOPIC, code, username)
    meant = _meant(event.text, parse, context)
    if meant in PRIVATE_TOPICS:
        return _private(t, username)
    if meant is None or published.topics[meant].group == "chat":
        reply = _hello(t, username)
    elif published.topics[meant].urgent:
        return _help(published, meant, code, username)
    else:
        reply = _official(published, meant, code, username, today)
    if danger is Danger.POSSIBLE:
        return _help(published, topic or urgent.DEFAULT_TOPIC, code, username)
    return reply


def _meant(text: str, parse: Parse, context: Context) -> str | None:
    """The topic that a text is surely about; by its words while the model is away."""
    if parse.source == "keywords":
        return next(iter(find(context.published, text, 1)), None) if text.strip() else None
    if parse.zone(context.thresholds) is not Zone.ANSWER:
        return None
    best = parse.offered()[0]
    return best if best in context.published.answers or best in PRIVATE_TOPICS else None


def _spoken(parse: Parse | None, speaks: str | None, context: Context) -> str:
    if parse is not None and (parse.language or parse.form):
        return language.answer_language(State(), parse, context.default_language).code
    return speaks if speaks in LANGUAGES else context.default_language


def _command(name: str, context: Context, code: str, username: str) -> Reply:
    t = translator(code)
    if name == "sos":
        return _help(context.published, urgent.DEFAULT_TOPIC, code, username)
    if name in FLOWS:
        return _private(t, username, flow=name)
    return _hello(t, username) if name in ("start", "help", "menu") else _private(t, username)


def _help(published: Published, topic: str, code: str, username: str) -> Reply:
    t = translator(code)
    note = t("Everybody in this group reads this. Write to me alone: there I can do more.")
    return Reply(f"{_short_card(published, topic, code)}\n\n{note}", _alone(t, username, topic=topic), urgent=True)


def _private(t: Translate, username: str, **parts: str) -> Reply:
    return Reply(
        t("That is between you and me. Write to me alone: nobody of this group sees it."), _alone(t, username, **parts)
    )


def _hello(t: Translate, username: str) -> Reply:
    lines = [
        t("I answer questions about working abroad legally and safely, free of charge."),
        t("In a group I answer when you name me or reply to me. What only concerns you, write to me alone."),
        t("In danger? Send /sos."),
    ]
    return Reply("\n\n".join(lines), _alone(t, username))
