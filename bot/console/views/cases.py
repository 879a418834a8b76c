"""The queue and the page of a case."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.console.guard import Refused, Visit
from bot.console.reading import note_reading
from bot.services import audit, desk
from bot.services import cases as service
from bot.services.desk import CaseView, Line
from bot.services.errors import DeskError, MissingError

Change = Callable[[Session, int, str, datetime], None]


def queue(visit: Visit) -> Response:
    """Who waits, and how long."""
    return visit.page("queue.html", rows=_rows(visit))


def rows(visit: Visit) -> Response:
    """The list alone, for the page that refreshes itself."""
    return visit.page("queue_rows.html", rows=_rows(visit))


def case(visit: Visit) -> Response:
    """A case with its transcript and the reply box."""
    return _case(visit, visit.number("case"))


def messages(visit: Visit) -> Response:
    """The transcript alone; nothing when it looks as before."""
    number = visit.number("case")
    found, lines = _load(visit, number)
    values = _live(visit, found, lines)
    if visit.asked("seen") == values["seen"]:
        return Response(status_code=204)
    return visit.page("case_messages.html", case=found, lines=lines, **values)


def claim(visit: Visit) -> Response:
    """Take a case."""
    return _change(visit, "claim", service.claim)


def release(visit: Visit) -> Response:
    """Give a case back to the queue."""
    return _change(visit, "release", lambda session, number, name, _now: service.release(session, number, name))


def close(visit: Visit) -> Response:
    """End the talk."""
    return _change(visit, "close", service.close)


def reply(visit: Visit) -> Response:
    """Queue a reply; when that cannot be done, the page comes back with the text still in its box."""
    number, text, once = visit.number("case"), visit.form.get("text", ""), visit.form.get("once", "")[:40]
    if not visit.house.once.first(once):
        return visit.go("case", case=number)

    def send(session: Session, case_id: int, name: str, now: datetime) -> None:
        service.reply(session, case_id, name, text, now)

    answer = _change(visit, "reply", send, text=text)
    if answer.status_code != 303:
        visit.house.once.again(once)
    else:
        visit.house.presence.done(number, visit.who.name)
    return answer


def typing(visit: Visit) -> Response:
    """Somebody is typing a reply (the text itself is not sent)."""
    visit.house.presence.types(visit.number("case"), visit.who.name)
    return Response(status_code=204)


def _change(visit: Visit, action: str, change: Change, text: str = "") -> Response:
    number = visit.number("case")
    try:
        with visit.house.database.write() as session:
            change(session, number, visit.who.name, visit.now)
            audit.note(session, visit.who.name, action, visit.now, object=f"case {number}")
    except MissingError as error:
        raise Refused(404) from error
    except DeskError as error:
        return _case(visit, number, visit.say(error.message, **error.placeholders), text, 409)
    return visit.go("queue") if action in ("release", "close") else visit.go("case", case=number)


def _rows(visit: Visit) -> list[service.OpenCaseRow]:
    with visit.house.database.read() as session:
        return service.queue(session)


def _load(visit: Visit, number: int) -> tuple[CaseView, list[Line]]:
    with visit.house.database.read() as session:
        found = desk.view(session, number)
        if found is None:
            raise Refused(404)
        lines = desk.lines_of_person(session, found.person_id)
    note_reading(visit, f"case {number}")
    visit.house.presence.looks(number, visit.who.name)
    return found, lines


def _case(visit: Visit, number: int, error: str = "", text: str = "", status: int = 200) -> Response:
    found, lines = _load(visit, number)
    values = _live(visit, found, lines) | {"error": error, "text": text, "once": visit.new_number()}
    return visit.page("case.html", status, case=found, lines=lines, longest=service.LONGEST_REPLY, **values)


def _live(visit: Visit, found: CaseView, lines: list[Line]) -> dict[str, object]:
    """What changes while a page is open, and a mark that changes with it."""
    looking, typing_now = visit.house.presence.others(found.id, visit.who.name)
    facts = [found, looking, typing_now, [(line.message.id, line.delivery, line.corrections) for line in lines]]
    return {"looking": looking, "typing": typing_now, "seen": hashlib.sha256(repr(facts).encode()).hexdigest()[:16]}
