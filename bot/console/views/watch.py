"""What needs a reason, and what was done: hidden numbers, the audit."""

from __future__ import annotations

from urllib.parse import urlencode

from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.console.guard import Refused, Visit
from bot.services import audit as service
from bot.services import desk, opening
from bot.services.said import readable
from bot.services.staff import everybody
from bot.storage.sealing import original


def reveal(visit: Visit) -> Response:
    """A message with its numbers, for a reason that is written down first."""
    number = visit.number("message")
    with visit.house.database.write() as session:
        found = desk.message(session, number)
        if found is None:
            raise Refused(404)
        message, pseudonym = found
        given = _written_down(visit, session, message.person_id, f"message {number}")
        text = readable(message, original(session, message)) if given else ""
    back = f"{visit.request.app.url_path_for('conversation', talk=message.conversation_id)}#m{number}"
    return _page(visit, pseudonym, text, given=given, back=back)


def reveal_note(visit: Visit) -> Response:
    """A note among staff with its numbers and names, likewise."""
    number = visit.number("note")
    with visit.house.database.write() as session:
        found = opening.note(session, number)
        if found is None:
            raise Refused(404)
        note, case = found
        given = _written_down(visit, session, case.person_id, f"note {number}")
        by, text = note.staff_name, note.text if given else ""
    return _page(visit, by, text, given=given, back=str(visit.request.app.url_path_for("case", case=case.id)))


def _written_down(visit: Visit, session: Session, person: int, what: str) -> bool:
    """Write down that it is opened; False without a good reason. Raises Refused for who may not."""
    action = opening.action_for(session, visit.who, person)
    if action is None:
        raise Refused(403)
    reason = visit.form.get("reason", "").strip()
    if len(reason) < service.SHORTEST_REASON:
        return False
    service.note(session, visit.who.name, action, visit.now, object=what, reason=service.typed(reason))
    return True


def _page(visit: Visit, by: str, text: str, *, given: bool, back: str) -> Response:
    reason = visit.form.get("reason", "").strip()
    return visit.page("reveal.html", 200 if given else 422, by=by, text=text, reason=reason, given=given, back=back)


def audit(visit: Visit) -> Response:
    """Who did what, newest first: all of it, of one person, of one kind, or about one case."""
    case, kind, who = visit.asked("case"), visit.asked("kind"), visit.asked("who")
    with visit.house.database.read() as session:
        about = service.about_case(session, int(case)) if case.isdecimal() and len(case) < 19 else None
        wanted = service.Wanted(who=who, actions=service.KINDS.get(kind, ()), objects=about)
        entries = service.newest(session, visit.before(), wanted)
        glass = service.count_since(session, opening.BREAK_GLASS, visit.now - service.LATELY)
        names = sorted({name for name, *_ in everybody(session)})
    more = entries[-1].id if len(entries) == service.PAGE else None
    query = urlencode({k: v for k, v in (("case", case), ("kind", kind), ("who", who)) if v})
    return visit.page(
        "audit.html", entries=entries, more=more, query=query, glass=glass, names=names, kinds=list(service.KINDS),
        chosen={"case": case, "kind": kind, "who": who},
    )  # fmt: skip
