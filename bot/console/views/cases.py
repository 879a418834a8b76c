"""The queue and the page of a case."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.console.guard import Refused, Visit
from bot.console.reading import note_reading
from bot.console.roles import may
from bot.knowledge.canned import canned_text
from bot.knowledge.model import pick
from bot.services import audit, casework, desk, staff
from bot.services import cases as service
from bot.services.cases import ALL, Wanted
from bot.services.desk import CaseView, Line
from bot.services.errors import DeskError, MissingError
from bot.services.search import VIENTIANE
from bot.storage.models import Role

Change = Callable[[Session, int, str, datetime], None]
SENT: dict[str, object] = {"kept": "reply"}
"""Tells the page that its draft of a reply is done with."""


def queue(visit: Visit) -> Response:
    """Who waits, and how long."""
    return visit.page("queue.html", **_rows(visit))


def rows(visit: Visit) -> Response:
    """The list alone, for the page that refreshes itself."""
    return visit.page("queue_rows.html", **_rows(visit))


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
    return change(visit, "claim", service.claim)


def release(visit: Visit) -> Response:
    """Give a case back to the queue."""
    return change(visit, "release", lambda session, number, name, _now: service.release(session, number, name))


def close(visit: Visit) -> Response:
    """End the talk."""
    return change(visit, "close", service.close)


def reply(visit: Visit) -> Response:
    """Queue a reply; when that cannot be done, the page comes back with the text still in its box."""
    number, text, once = visit.number("case"), visit.form.get("text", ""), visit.form.get("once", "")[:40]
    if once and not visit.house.once.first(once):  # a form without a number is no second tap: its words must not vanish
        return visit.go("case", SENT, case=number)

    def send(session: Session, case_id: int, name: str, now: datetime) -> None:
        service.reply(session, case_id, name, text, now)

    answer = change(visit, "reply", send, then=SENT)
    if answer.status_code != 303:
        visit.house.once.again(once)
    else:
        visit.house.presence.done(number, visit.who.name)
    return answer


def typing(visit: Visit) -> Response:
    """Somebody is typing a reply (the text itself is not sent)."""
    visit.house.presence.types(visit.number("case"), visit.who.name)
    return Response(status_code=204)


def change(
    visit: Visit, action: str, what: Change, *, then: dict[str, object] | None = None, reason: str = ""
) -> Response:
    """Change a case and write it into the audit; when that cannot be done, the page comes back with all that was typed.

    Raises Refused when there is no such case.
    """
    number = visit.number("case")
    try:
        with visit.house.database.write() as session:
            what(session, number, visit.who.name, visit.now)
            audit.note(session, visit.who.name, action, visit.now, object=f"case {number}", reason=reason)
    except MissingError as error:
        raise Refused(404) from error
    except DeskError as error:
        return _case(visit, number, visit.say(error.message, **error.placeholders), 409)
    return visit.go("queue") if action in ("release", "close") else visit.go("case", then, case=number)


def _rows(visit: Visit) -> dict[str, object]:
    """What the list shows: one view of it, or one tag."""
    today = (visit.now + VIENTIANE).date()
    chosen, tag = visit.asked("view"), visit.asked("tag")
    views = {
        "mine": Wanted(mine=visit.who.name),
        "unclaimed": Wanted(unclaimed=True),
        "urgent": Wanted(urgent=True),
        "due": Wanted(due=today),
    }
    wanted = views.get(chosen, Wanted(tag=tag) if tag else ALL)
    with visit.house.database.read() as session:
        found = service.queue(session, wanted)
        tags, due = casework.tags_in_use(session), service.follow_ups_due(session, today)
    query = urlencode({"view": chosen} if chosen in views else {"tag": tag} if tag else {})
    calls = " ".join(f"{row.id}:{level}" for row in found if (level := row.alarm(visit.now)) and row.state == "open")
    return {
        "rows": found, "views": list(views), "chosen": chosen if chosen in views else "", "tag": tag, "tags": tags,
        "due": due, "query": query, "calls": calls, "today": today,
    }  # fmt: skip


def _load(visit: Visit, number: int) -> tuple[CaseView, list[Line]]:
    with visit.house.database.read() as session:
        found = desk.view(session, number)
        if found is None:
            raise Refused(404)
        lines = desk.lines_of_person(session, found.person_id)
    note_reading(visit, f"case {number}")
    visit.house.presence.looks(number, visit.who.name)
    return found, lines


def _case(visit: Visit, number: int, error: str = "", status: int = 200) -> Response:
    found, lines = _load(visit, number)
    with visit.house.database.read() as session:
        others = colleagues(session, visit.who.name)
    values = _live(visit, found, lines) | {
        "error": error, "typed": visit.form, "once": visit.new_number(), "once_note": visit.new_number(),
        "colleagues": others, "canned": canned(visit, found.language), "outcomes": list(casework.Outcome),
        "suggested": casework.SUGGESTED_TAGS, "contacts": contact_names(visit), "today": (visit.now + VIENTIANE).date(),
    }  # fmt: skip
    return visit.page("case.html", status, case=found, lines=lines, longest=service.LONGEST_REPLY, **values)


@dataclass(frozen=True)
class Canned:
    """A reply to insert: its name for the counsellor, the words for the person, the same for the counsellor."""

    id: str
    title: str
    text: str
    beside: str


def canned(visit: Visit, language: str | None) -> list[Canned]:
    """The replies that may be inserted, in the person's language, with the counsellor's beside when that differs."""
    published, today = visit.house.content.published(), (visit.now + VIENTIANE).date()
    theirs = language or visit.house.settings.default_language
    return [
        Canned(
            name,
            pick(reply.title, visit.language)[0],
            canned_text(published, reply, theirs, today),
            canned_text(published, reply, visit.language, today) if theirs != visit.language else "",
        )
        for name, reply in published.canned.items()
    ]


def colleagues(session: Session, name: str) -> list[str]:
    """Who else answers chats and could take a case."""
    return [
        other
        for other, role, enrolled, closed in staff.everybody(session)
        if enrolled and not closed and other != name and may(Role(role), "case_reply")
    ]


def contact_names(visit: Visit) -> list[str]:
    """Bodies that somebody can be referred to, as the answers name them."""
    return [pick(contact.name, visit.language)[0] for contact in visit.house.content.published().contacts.values()]


def _live(visit: Visit, found: CaseView, lines: list[Line]) -> dict[str, object]:
    """What changes while a page is open, and a mark that changes with it."""
    looking, typing_now = visit.house.presence.others(found.id, visit.who.name)
    with visit.house.database.read() as session:
        kept = casework.file_of(session, found.id, visit.who.name)
    facts = [
        found,
        kept,
        looking,
        typing_now,
        [(ln.message.id, ln.delivery, ln.corrections, ln.useful) for ln in lines],
    ]
    return {
        "file": kept,
        "looking": looking,
        "typing": typing_now,
        "seen": hashlib.sha256(repr(facts).encode()).hexdigest()[:16],
    }
