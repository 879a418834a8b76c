"""A conversation becomes a regression test: a file to put into tests/conversations/."""

from __future__ import annotations

from starlette.responses import Response

from bot.console.guard import Refused, Visit
from bot.services import audit, desk
from bot.services.editing import regression


def regression_file(visit: Visit) -> Response:
    """The masked test of a conversation as a download; it is written down who took it."""
    number = visit.number("talk")
    with visit.house.database.write() as session:
        talk = desk.talk(session, number)
        if talk is None:
            raise Refused(404)
        audit.note(session, visit.who.name, "test_made", visit.now, object=f"conversation {number}")
        text = regression.dump(regression.as_test(f"conversation {number}", [line.message for line in talk.lines]))
    name = f"conversation-{number}.yml"
    return Response(
        text, media_type="application/yaml", headers={"content-disposition": f'attachment; filename="{name}"'}
    )
