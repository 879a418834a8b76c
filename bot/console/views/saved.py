"""Saved views of the lists: keep one, take one away."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from starlette.responses import Response

from bot.console.guard import Refused, Visit
from bot.i18n import N_
from bot.services import views as service
from bot.storage.models import SavedView

FILTERS = (
    "topic", "language", "form", "action", "urgent", "since", "until", "above", "below", "outcome", "tag",
)  # fmt: skip
FIELDS = {"conversations": FILTERS, "search": ("q", *FILTERS)}
"""What may stand in the query string of a page."""
NOT_SAVED = N_("This view was not saved: give it a name; {count} views are the most.")


def query_of(visit: Visit, page: str, **more: str | None) -> str:
    """The query string of a list as it is shown, with what is added to it."""
    asked = {name: visit.asked(name) for name in FIELDS[page]}
    return urlencode({name: value for name, value in (asked | more).items() if value})


def views_of(visit: Visit, page: str) -> list[SavedView]:
    """The visitor's views of a page."""
    with visit.house.database.read() as session:
        return service.listed(session, visit.who.id, page)


def save(visit: Visit) -> Response:
    """Keep the list as it is shown under a name."""
    page = visit.form.get("page", "")
    if page not in FIELDS:
        raise Refused(422)
    given = dict(parse_qsl(visit.form.get("query", ""), max_num_fields=50))
    kept: dict[str, object] = {name: value[:200] for name, value in given.items() if name in FIELDS[page] and value}
    with visit.house.database.write() as session:
        done = service.save(session, visit.who.id, page, visit.form.get("name", ""), urlencode(kept), visit.now)
    return visit.go(page, kept if done else kept | {"problem": "view"})


def drop(visit: Visit) -> Response:
    """Take a view away; one that is gone already is no error."""
    number = visit.form.get("view", "")
    page = None
    if number.isascii() and number.isdigit() and len(number) < 19:
        with visit.house.database.write() as session:
            page = service.drop(session, visit.who.id, int(number))
    return visit.go(page or "conversations")
