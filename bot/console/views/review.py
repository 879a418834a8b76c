"""Review: one message after the other, one key each; what reviewers disagree about goes to a supervisor."""

from __future__ import annotations

from starlette.responses import Response

from bot.console.guard import Refused, Visit
from bot.console.reading import note_reading
from bot.services import agreement as agreeing
from bot.services import audit
from bot.services import review as service
from bot.services.errors import DeskError
from bot.services.review import Pile, ToReview, Twice
from bot.settings import LANGUAGES


def pile(visit: Visit) -> Response:
    """The next message of a pile, or that there is none."""
    chosen = _pile(visit.asked("pile"))
    with visit.house.database.read() as session:
        number = service.next_one(session, chosen, visit.who.id, _twice(visit).of(chosen), visit.before())
    if number is None:
        return visit.page("review_empty.html", pile=chosen, piles=list(Pile))
    return visit.go("review_one", {"pile": chosen}, message=number)


def one(visit: Visit) -> Response:
    """A message, and what may be said about it."""
    return _page(visit, _load(visit), _pile(visit.asked("pile")))


def judge(visit: Visit) -> Response:
    """Write the verdict down and go on."""
    found, chosen = _load(visit), _pile(visit.form.get("pile", ""))
    topics, twice = set(visit.house.content.published().topics), _twice(visit).of(chosen)
    try:
        right = _typed(visit)
        with visit.house.database.write() as session:
            service.judge(session, found, visit.who, right, topics, twice, visit.now)
            audit.note(session, visit.who.name, "judge", visit.now, object=f"message {found.message.id}")
    except DeskError as error:
        return _page(visit, found, chosen, visit.say(error.message, **error.placeholders), 422)
    return visit.go("review", {"pile": chosen, "before": found.message.id})


def agreement(visit: Visit) -> Response:
    """How far reviewers agree, and what they disagree about."""
    return _agreement(visit)


def settle(visit: Visit) -> Response:
    """The last word on a message."""
    found = _load(visit)
    try:
        right = _typed(visit)
        with visit.house.database.write() as session:
            topics = set(visit.house.content.published().topics)
            service.settle(session, found, visit.who, right, topics, visit.now)
            audit.note(session, visit.who.name, "settle", visit.now, object=f"message {found.message.id}")
    except DeskError as error:
        return _agreement(visit, visit.say(error.message, **error.placeholders), 422)
    return visit.go("agreement")


def _agreement(visit: Visit, error: str = "", status: int = 200) -> Response:
    with visit.house.database.read() as session:
        pairs, open_ones = agreeing.pairs(session), agreeing.disagreements(session)
    if open_ones:
        note_reading(visit, "disagreements")
    titles = _titles(visit)
    return visit.page("agreement.html", status, pairs=pairs, open_ones=open_ones, titles=titles, error=error)


def _load(visit: Visit) -> ToReview:
    number = visit.number("message")
    with visit.house.database.read() as session:
        found = service.one(session, number, visit.who.id)
    if found is None:
        raise Refused(404)
    note_reading(visit, f"message {number}")
    return found


def _page(visit: Visit, found: ToReview, chosen: Pile, error: str = "", status: int = 200) -> Response:
    others = [(name, value) for name, value in (found.message.alternatives or []) if name != found.message.intent]
    return visit.page(
        "review.html",
        status,
        found=found,
        pile=chosen,
        piles=list(Pile),
        titles=_titles(visit),
        others=others[:5],
        typed=visit.form.get("intent", ""),
        error=error,
    )


def _titles(visit: Visit) -> dict[str, tuple[str, ...]]:
    """The titles of every topic in all languages, the visitor's own first: whoever types finds it in any of them."""
    published = visit.house.content.published()
    order = sorted(LANGUAGES, key=lambda language: language != visit.language)
    return {topic: tuple(published.title(topic, language) for language in order) for topic in published.topics}


def _typed(visit: Visit) -> str:
    topics = set(visit.house.content.published().topics)
    return service.topic_named(visit.form.get("intent", ""), _titles(visit), topics | {service.OUT_OF_SCOPE})


def _twice(visit: Visit) -> Twice:
    return Twice.read(visit.house.settings.review_twice)


def _pile(value: str) -> Pile:
    return Pile(value) if value in set(Pile) else Pile.UNSURE
