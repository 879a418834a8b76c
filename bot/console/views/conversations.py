"""Conversations: list, one of them, search by words."""

from __future__ import annotations

from datetime import date

from starlette.responses import Response

from bot.console.guard import Refused, Visit
from bot.console.reading import note_reading
from bot.console.views.saved import FILTERS, query_of, views_of
from bot.dialogue.types import Action
from bot.services import audit, desk
from bot.services import search as service
from bot.services.said import said
from bot.services.search import Filters
from bot.settings import LANGUAGES
from nlu.text.scripts import FORMS


def listed(visit: Visit) -> Response:
    """Conversations that fit the filters, newest first."""
    filters = filters_of(visit)
    with visit.house.database.read() as session:
        page = service.conversations(session, filters, visit.asked("mark"))
    more = query_of(visit, "conversations", mark=page.more) if page.more else ""
    return visit.page("conversations.html", page=page, more=more, **_form(visit, "conversations"))


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
    hits = service.Hits([], None)
    if len(wanted) >= shortest:
        with visit.house.database.read() as session:
            hits = service.words(session, wanted, filters_of(visit), visit.before())
        with visit.house.database.write() as session:
            audit.note(session, visit.who.name, "search", visit.now)
    shown = [hit for hit in hits.rows if wanted.casefold() in said(hit.message).casefold()]
    more = query_of(visit, "search", before=str(hits.more)) if hits.more else ""
    form = _form(visit, "search")
    return visit.page("search.html", q=wanted, hits=shown, more=more, shortest=shortest, **form)


def _form(visit: Visit, page: str) -> dict[str, object]:
    """What the form of the filters needs, and the visitor's saved views."""
    with visit.house.database.read() as session:
        outcomes, tags = service.outcomes(session), service.tags(session)
    return {
        "chosen": {name: visit.asked(name) for name in FILTERS},
        "topics": visit.house.content.published().topics,
        "forms": FORMS,
        "actions": list(Action),
        "outcomes": outcomes,
        "tags": tags,
        "views": views_of(visit, page),
        "page_name": page,
        "query": query_of(visit, page),
        "problem": visit.asked("problem"),
    }


def filters_of(visit: Visit) -> Filters:
    """The filters of the query string; what cannot be read is left open."""
    asked = {name: visit.asked(name) or visit.form.get(name, "")[:200] for name in FILTERS}
    return Filters(
        topic=asked["topic"] if asked["topic"] in visit.house.content.published().topics else None,
        language=asked["language"] if asked["language"] in LANGUAGES else None,
        form=asked["form"] if asked["form"] in FORMS else None,
        action=asked["action"] if asked["action"] in set(Action) else None,
        urgent=asked["urgent"] == "1",
        since=day_of(asked["since"]),
        until=day_of(asked["until"]),
        confidence_from=_share(asked["above"]),
        confidence_below=_share(asked["below"]),
        outcome=asked["outcome"] or None,
        tag=asked["tag"] or None,
    )


def _share(value: str) -> float | None:
    return int(value) / 100 if value.isascii() and value.isdigit() and len(value) <= 3 else None


def day_of(value: str) -> date | None:
    """A day as forms send it, or None."""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    return day if 2000 < day.year < 2200 else None
