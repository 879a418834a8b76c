"""Reading a transcript is written down."""

from __future__ import annotations

from bot.console.guard import Visit
from bot.services import audit


def note_reading(visit: Visit, what: str) -> None:
    """Write down that the visitor reads something, unless that was written a moment ago."""
    with visit.house.database.read() as session:
        new = audit.reading_is_new(session, visit.who.name, what, visit.now)
    if new:
        with visit.house.database.write() as session:
            audit.note(session, visit.who.name, "read", visit.now, object=what)
