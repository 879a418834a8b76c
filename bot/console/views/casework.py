"""The file of a case: notes, tags, outcome, referral, follow-up, handing over."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.console.guard import Visit
from bot.console.views.cases import change, colleagues
from bot.services import cases, casework
from bot.services.casework import BAD_COLLEAGUE, BAD_DATE, Result
from bot.services.errors import DeskError
from bot.services.search import VIENTIANE
from bot.storage.models import Role


def note(visit: Visit) -> Response:
    """Write a note for colleagues."""
    text, once = visit.form.get("note", ""), visit.form.get("once", "")[:40]
    if once and not visit.house.once.first(once):
        return visit.go("case", {"kept": "note"}, case=visit.number("case"))

    def write(session: Session, number: int, name: str, now: datetime) -> None:
        casework.add_note(session, number, name, text, now)

    answer = change(visit, "note", write, then={"kept": "note"})
    if answer.status_code != 303:
        visit.house.once.again(once)
    return answer


def tags(visit: Visit) -> Response:
    """Put a tag on, or take one off."""
    off = visit.form.get("off")

    def write(session: Session, number: int, _name: str, _now: datetime) -> None:
        if off is not None:
            casework.remove_tag(session, number, off)
        else:
            casework.add_tag(session, number, visit.form.get("tag", ""))

    return change(visit, "tag", write)


def result(visit: Visit) -> Response:
    """Write down outcome, referral and follow-up."""
    form, today = visit.form, (visit.now + VIENTIANE).date()
    filled = form.get("follow_up_on", "").strip()

    def write(session: Session, number: int, _name: str, now: datetime) -> None:
        cases.known(session, number)
        wanted = Result(
            outcome=form.get("outcome", ""),
            referred_to=form.get("referred_to", ""),
            consent={"yes": True, "no": False}.get(form.get("consent", "")),
            follow_up_on=_day(filled) if filled else None,
        )
        casework.set_result(session, number, wanted, today, now)

    return change(visit, "result", write)


def hand_over(visit: Visit) -> Response:
    """Give the case to a colleague."""
    to = visit.form.get("to", "")

    def write(session: Session, number: int, name: str, now: datetime) -> None:
        cases.known(session, number)
        if to not in colleagues(session, name):
            raise DeskError(BAD_COLLEAGUE)
        of_anybody = visit.who.role == Role.SUPERVISOR
        casework.hand_over(session, number, name, to, visit.form.get("why", ""), now, of_anybody=of_anybody)

    return change(visit, "hand_over", write, reason=f"→ {to}")


def reopen(visit: Visit) -> Response:
    """Take a closed case up again."""
    return change(visit, "reopen", cases.reopen)


def _day(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise DeskError(BAD_DATE) from error
