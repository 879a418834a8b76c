"""Transcripts as a file: by right, for a reason that is written down first."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from starlette.responses import Response, StreamingResponse

from bot.console.guard import Visit
from bot.console.views.conversations import filters_of
from bot.console.views.saved import FILTERS
from bot.console.words import word
from bot.i18n import N_
from bot.services import audit
from bot.services import exports as service

KINDS = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
HEAD = (
    N_("Conversation"), N_("Person"), N_("When"), N_("Who"), N_("Kind"), N_("Language"), N_("Writing"), N_("Topic"),
    N_("Confidence"), N_("What the bot did"), N_("Urgent"), N_("Text"),
)  # fmt: skip
CUT = N_("The file ends here after {count} messages. Narrow the filters, for example by days, and export the rest.")


def form(visit: Visit) -> Response:
    """What would be exported, and the question why."""
    return _form(visit)


def send(visit: Visit) -> Response:
    """The file."""
    reason, kind = visit.form.get("reason", "").strip(), visit.form.get("kind", "csv")
    if len(reason) < audit.SHORTEST_REASON or kind not in KINDS:
        return _form(visit, reason, 422)
    with visit.house.database.write() as session:
        audit.note(
            session, visit.who.name, "export", visit.now, object=f"transcripts {kind}", reason=audit.typed(reason)
        )
    rows = service.transcripts(
        visit.house.database,
        filters_of(visit),
        [visit.say(name) for name in HEAD],
        visit.say(CUT, count=service.MOST_MESSAGES),
        lambda group, value: visit.say(word(group, value)),
    )
    if kind == "csv":
        return download(service.csv_file(rows), kind, "transcripts")
    return download(service.xlsx_file([("transcripts", rows)]), kind, "transcripts")


def _form(visit: Visit, reason: str = "", status: int = 200) -> Response:
    chosen = {name: visit.asked(name) or visit.form.get(name, "")[:200] for name in FILTERS}
    chosen = {name: value for name, value in chosen.items() if value}
    return visit.page(
        "export.html",
        status,
        chosen=chosen,
        query=urlencode(chosen),
        reason=reason,
        missing=status != 200,
        most=service.MOST_MESSAGES,
    )


def download(pieces: Iterable[bytes], kind: str, name: str) -> Response:
    """An answer that browsers keep as a file."""
    headers = {"content-disposition": f'attachment; filename="{name}.{kind}"'}
    return StreamingResponse(pieces, media_type=KINDS[kind], headers=headers)
