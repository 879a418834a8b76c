"""Review: one message after the other, one key each."""

from __future__ import annotations

from starlette.responses import Response

from bot.console.guard import Refused, Visit
from bot.console.reading import note_reading
from bot.services import audit
from bot.services import review as service
from bot.services.desk import DeskError
from bot.services.review import Pile, ToReview


def pile(visit: Visit) -> Response:
    """The next message of a pile, or that there is none."""
    chosen = _pile(visit.asked("pile"))
    with visit.house.database.read() as session:
        number = service.next_one(session, chosen, visit.before())
    if number is None:
        return visit.page("review_empty.html", pile=chosen, piles=list(Pile))
    return visit.go("review_one", {"pile": chosen}, message=number)


def one(visit: Visit) -> Response:
    """A message, and what may be said about it."""
    return _page(visit, _load(visit), _pile(visit.asked("pile")))


def judge(visit: Visit) -> Response:
    """Write the verdict down and go on."""
    found, chosen = _load(visit), _pile(visit.form.get("pile", ""))
    topics = set(visit.house.content.published().topics)
    try:
        with visit.house.database.write() as session:
            service.judge(session, found, visit.who.id, visit.form.get("intent", ""), topics, visit.now)
            audit.note(session, visit.who.name, "judge", visit.now, object=f"message {found.message.id}")
    except DeskError as error:
        return _page(visit, found, chosen, visit.say(error.message, **error.placeholders), 422)
    return visit.go("review", {"pile": chosen, "before": found.message.id})


def _load(visit: Visit) -> ToReview:
    number = visit.number("message")
    with visit.house.database.read() as session:
        found = service.one(session, number, visit.who.id)
    if found is None:
        raise Refused(404)
    note_reading(visit, f"message {number}")
    return found


def _page(visit: Visit, found: ToReview, chosen: Pile, error: str = "", status: int = 200) -> Response:
    topics = visit.house.content.published().topics
    others = [(name, value) for name, value in (found.message.alternatives or []) if name != found.message.intent]
    return visit.page(
        "review.html", status, found=found, pile=chosen, piles=list(Pile), topics=topics, others=others[:5], error=error
    )


def _pile(value: str) -> Pile:
    return Pile(value) if value in set(Pile) else Pile.UNSURE
