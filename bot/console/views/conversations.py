"""Conversations: list, one of them, search by words."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from starlette.responses import Response

from bot.console.guard import Refused, Visit
from bot.console.pages import said
from bot.console.reading import note_reading
from bot.services import audit, desk
from bot.services import search as service
from bot.services.search import Filters
from bot.settings import LANGUAGES


def listed(visit: Visit) -> Response:
    """Conversations that fit the filters, newest first."""
    filters = _filters(visit)
    with visit.house.database.read() as session:
        page = service.conversations(session, filters, visit.asked("mark"))
    chosen = {name: visit.asked(name) for name in ("topic", "language", "urgent", "since", "until", "below")}
    more = urlencode(chosen | {"mark": page.more}) if page.more else ""
    topics = visit.house.content.published().topics
    return visit.page("conversations.html", page=page, chosen=chosen, more=more, topics=topics)


def one(visit: Visit) -> Response:
    """A conversation in full."""
    number = visit.number("talk")
    with visit.house.database.read() as session:
        found = desk.talk(session, number)
    if found is None:
        raise Refused(404)
    note_reading(visit, f"conversation {number}")
    return visit.page("conversation.html", talk=found)


def search(visit: Visit) -> Response:
    """Messages in which the words stand. What is masked is not found: else hidden numbers could be guessed."""
    wanted, shortest = visit.asked("q").strip(), service.SHORTEST_WORD
    hits: list[service.Hit] = []
    if len(wanted) >= shortest:
        with visit.house.database.write() as session:
            hits = service.words(session, wanted, visit.before())
            audit.note(session, visit.who.name, "search", visit.now)
    more = hits[-1].message.id if len(hits) == service.PAGE else None
    shown = [hit for hit in hits if wanted.casefold() in said(hit.message).casefold()]
    return visit.page("search.html", q=wanted, hits=shown, more=more, shortest=shortest)


def _filters(visit: Visit) -> Filters:
    """The filters of the query string; what cannot be read is left open."""
    topic, language, below = visit.asked("topic"), visit.asked("language"), visit.asked("below")
    return Filters(
        topic=topic if topic in visit.house.content.published().topics else None,
        language=language if language in LANGUAGES else None,
        urgent=visit.asked("urgent") == "1",
        since=_day(visit.asked("since")),
        until=_day(visit.asked("until")),
        confidence_below=int(below) / 100 if below.isascii() and below.isdigit() and len(below) <= 3 else None,
    )


def _day(value: str) -> date | None:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    return day if 2000 < day.year < 2200 else None
