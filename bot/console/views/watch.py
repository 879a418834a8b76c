"""What needs a reason, and what was done: hidden numbers, the audit."""

from __future__ import annotations

from starlette.responses import Response

from bot.console.guard import Refused, Visit
from bot.services import audit as service
from bot.services import desk
from bot.services.said import readable
from bot.storage.sealing import original


def reveal(visit: Visit) -> Response:
    """A message with its numbers, for a reason that is written down first."""
    number, reason = visit.number("message"), visit.form.get("reason", "").strip()
    with visit.house.database.write() as session:
        found = desk.message(session, number)
        if found is None:
            raise Refused(404)
        given = len(reason) >= service.SHORTEST_REASON
        if given:
            why = service.typed(reason)
            service.note(session, visit.who.name, "reveal", visit.now, object=f"message {number}", reason=why)
        message, pseudonym = found
        text = readable(message, original(session, message)) if given else ""
    return visit.page(
        "reveal.html",
        200 if given else 422,
        message=message,
        pseudonym=pseudonym,
        text=text,
        reason=reason,
        given=given,
    )


def audit(visit: Visit) -> Response:
    """Who did what, newest first."""
    with visit.house.database.read() as session:
        entries = service.newest(session, visit.before())
    more = entries[-1].id if len(entries) == service.PAGE else None
    return visit.page("audit.html", entries=entries, more=more)
