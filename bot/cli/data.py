"""`bot db ...` and `bot transcripts`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from bot.settings import settings
from bot.storage.db import Database
from bot.storage.migrate import upgrade
from bot.storage.models import Message, Person

db_app = typer.Typer(no_args_is_help=True)


@db_app.command("migrate")
def migrate() -> None:
    """Bring the database to the newest schema."""
    upgrade(settings().database_url)
    typer.echo("The database is up to date.")


def transcripts(
    person: Annotated[str | None, typer.Option(help="Only this pseudonym.")] = None,
    urgent: Annotated[bool, typer.Option("--urgent", help="Only urgent messages.")] = False,
    limit: Annotated[int, typer.Option(help="How many messages, newest last.")] = 50,
) -> None:
    """List transcripts on the terminal: pseudonym, what was said, what was understood."""
    upgrade(settings().database_url)
    database = Database(settings().database_url)
    query = select(Message, Person.pseudonym).join(Person, Person.id == Message.person_id)
    if person:
        query = query.where(Person.pseudonym == person)
    if urgent:
        query = query.where(Message.urgent)
    with database.read() as session:
        rows = list(reversed(session.execute(query.order_by(Message.id.desc()).limit(limit)).all()))
    table = Table("time", "who", "", "text", "intent", "conf.", "action")
    for message, pseudonym in rows:
        mark = "🆘" if message.urgent else {"in": "→", "out": "←"}.get(message.direction, "☎")
        table.add_row(
            f"{message.created_at:%d.%m. %H:%M}",
            pseudonym,
            mark,
            message.text[:300],
            message.intent or "",
            f"{message.confidence:.2f}" if message.confidence is not None else "",
            message.action or "",
        )
    Console().print(table if rows else "No messages yet.")
