"""`bot db ...` and `bot transcripts`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy import select

from bot.cli.chat import plain
from bot.cli.shell import did
from bot.settings import settings
from bot.storage.db import Database
from bot.storage.migrate import upgrade
from bot.storage.models import Message, Person

SHOWN = 160
"""Characters of a message that are shown."""

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
    """List transcripts on the terminal: pseudonym, what was said, what was understood. The audit says who looked."""
    upgrade(settings().database_url)
    database = Database(settings().database_url)
    query = select(Message, Person.pseudonym).join(Person, Person.id == Message.person_id)
    if person:
        query = query.where(Person.pseudonym == person)
    if urgent:
        query = query.where(Message.urgent)
    with database.write() as session:
        did(session, "read", "transcripts")  # no pseudonym: the audit outlives an erasure
        rows = list(reversed(session.execute(query.order_by(Message.id.desc()).limit(limit)).all()))
    console = Console(highlight=False, soft_wrap=True)
    for message, pseudonym in rows:
        mark = {"in": "→", "out": "←"}.get(message.direction, "☎") + (" 🆘" if message.urgent else "")
        understood = ""
        if message.direction == "in":
            sure = f" {message.confidence:.2f}" if message.confidence is not None else ""
            understood = f"   [{message.intent or '-'}{sure}, {message.action or '-'}]"
        said = " ".join(plain(message.text).split())
        shown = said if len(said) <= SHOWN else said[:SHOWN] + "…"
        console.print(f"{message.created_at:%Y-%m-%d %H:%M}  {pseudonym}  {mark} {shown}{understood}", markup=False)
    if not rows:
        console.print("No messages yet.")
