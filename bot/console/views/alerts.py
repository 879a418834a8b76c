"""Alerts: editors write news for those who asked for it, another person approves, a supervisor lets it go."""

from __future__ import annotations

from starlette.responses import Response

from bot.console.guard import Refused, Visit
from bot.console.telegram_html import shown
from bot.console.words import word
from bot.i18n import N_
from bot.knowledge.alerts import ANY, News, country, kind_title, news_text
from bot.knowledge.render import UnknownReferenceError
from bot.services import alert_queue, broadcasts
from bot.services.errors import DeskError, MissingError
from bot.services.suppression import SMALLEST
from bot.settings import LANGUAGES
from bot.storage.models import Broadcast, BroadcastState

SAVED = {
    "saved": N_("Saved. Another person must approve it before it can go out."),
    "approve": N_("Approved. It goes out when a supervisor starts it."),
    "start": N_("It goes out now, a few people a second."),
    "pause": N_("Paused. Nobody new is told; what was on its way this second still arrives."),
    "resume": N_("It goes on behind the last person."),
    "cancel": N_("Cancelled. What had not left is not sent; neutral messages do not open it any more."),
}
NO_MOVE = N_("Please choose what to do.")
CHANGEABLE = (BroadcastState.DRAFT, BroadcastState.APPROVED)


def listed(visit: Visit) -> Response:
    """All alerts, and how many people want which news."""
    published = visit.house.content.published()
    kinds = published.alerts.kinds if published.alerts else {}
    with visit.house.database.read() as session:
        wanted = {kind: _hidden(broadcasts.subscribers(session, kind, ANY)) for kind in kinds}
    return visit.page("alerts.html", wanted=wanted, **_names(visit), **_rows(visit))


def rows(visit: Visit) -> Response:
    """The list alone, for the page that refreshes itself."""
    return visit.page("alerts_rows.html", **_names(visit), **_rows(visit))


def new(visit: Visit) -> Response:
    """An empty form."""
    return _form(visit, None, News(0, "", ANY, {}))


def create(visit: Visit) -> Response:
    """Keep a new draft, or show how it would look."""
    return _save(visit, None)


def one(visit: Visit) -> Response:
    """One alert: its text, its people, what can be done now."""
    row = _row(visit)
    notice = visit.asked("did")
    return _form(visit, row, alert_queue.news_of(row), notice=visit.say(SAVED[notice]) if notice in SAVED else "")


def progress(visit: Visit) -> Response:
    """How far it came, for the page that refreshes itself."""
    row = _row(visit)
    with visit.house.database.read() as session:
        how_far = broadcasts.progress(session, row.id)
    return visit.page("alert_progress.html", row=row, progress=how_far, smallest=SMALLEST)


def change(visit: Visit) -> Response:
    """Keep the changed draft, or show how it would look."""
    return _save(visit, _row(visit))


def move(visit: Visit) -> Response:
    """Approve, start, pause, resume, cancel."""
    row, what, name = _row(visit), visit.form.get("do", ""), visit.who.name
    published = visit.house.content.published()
    try:
        if what not in broadcasts.MOVES:
            raise DeskError(NO_MOVE)
        with visit.house.database.write() as session:
            if what == "approve":
                broadcasts.approve(session, row.id, visit.form.get("read", ""), name, published, visit.now)
            else:
                broadcasts.move(session, row.id, what, name, published, visit.now)
    except DeskError as error:
        row = _row(visit)
        return _form(visit, row, alert_queue.news_of(row), error=_said(visit, error), status=409)
    return visit.go("alert", {"did": what}, broadcast=row.id)


# ------------------------------------------------------------------ inside


def _row(visit: Visit) -> Broadcast:
    try:
        with visit.house.database.read() as session:
            row = broadcasts.known(session, visit.number("broadcast"))
            session.expunge(row)
            return row
    except MissingError as error:
        raise Refused(404) from error


def _said(visit: Visit, error: DeskError) -> str:
    values = dict(error.placeholders)
    if "state" in values:
        values["state"] = visit.say(word("broadcast", str(values["state"])))
    return visit.say(error.message, **values)


def _hidden(count: int) -> int | None:
    return None if 0 < count < SMALLEST else count


def _names(visit: Visit) -> dict[str, object]:
    published = visit.house.content.published()
    return {
        "kind_of": lambda kind: kind_title(published, kind, visit.language),
        "country_of": lambda where: country(published, where, visit.language),
        "smallest": SMALLEST,
    }


def _rows(visit: Visit) -> dict[str, object]:
    with visit.house.database.read() as session:
        found = broadcasts.listed(session)
        totals = {row.id: broadcasts.progress(session, row.id).total for row in found if row.started_at}
        session.expunge_all()
    return {"rows": found, "totals": totals, "live": any(row.state == BroadcastState.RUNNING for row in found)}


def _typed(visit: Visit) -> News:
    form = visit.form
    texts = {code: form.get(f"text_{code}", "") for code in LANGUAGES}
    return News(0, form.get("kind", "")[:40], form.get("destination", "")[:8], texts)


def _save(visit: Visit, row: Broadcast | None) -> Response:
    typed, published = _typed(visit), visit.house.content.published()
    if visit.form.get("do") == "look":
        return _form(visit, row, typed, looks=True)
    try:
        with visit.house.database.write() as session:
            number = row.id if row else None
            saved = broadcasts.save(session, number, typed, visit.who.name, published, visit.now).id
    except DeskError as error:
        return _form(visit, row, typed, error=_said(visit, error), looks=True, status=422)
    return visit.go("alert", {"did": "saved"}, broadcast=saved)


def _form(
    visit: Visit,
    row: Broadcast | None,
    news: News,
    *,
    notice: str = "",
    error: str = "",
    looks: bool = False,
    status: int = 200,
) -> Response:
    published = visit.house.content.published()
    with visit.house.database.read() as session:
        people = broadcasts.subscribers(session, news.kind, news.destination) if news.kind else 0
        how_far = broadcasts.progress(session, row.id) if row is not None and row.started_at else None
    return visit.page(
        "alert.html",
        status,
        row=row,
        news=news,
        read=broadcasts.seal(row) if row is not None else "",
        changeable=row is None or row.state in CHANGEABLE,
        offered=published.alerts,
        facts=published.facts,
        contacts=published.contacts,
        preview=_preview(visit, news) if row is not None or looks else (),
        people=_hidden(people),
        progress=how_far,
        notice=notice,
        error=error,
        render=shown,
        **_names(visit),
    )


def _preview(visit: Visit, news: News) -> list[tuple[str, str]]:
    """Each language as a reader of it would get it; what cannot be shown is left out, the error says why."""
    texts = broadcasts.clean(news.texts)
    published, found = visit.house.content.published(), []
    for code in LANGUAGES if texts else ():
        try:
            clean = News(news.number, news.kind, news.destination, texts)
            found.append((code, news_text(published, clean, code, visit.now.date())))
        except UnknownReferenceError:
            continue
    return found
