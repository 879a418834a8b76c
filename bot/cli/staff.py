"""`bot staff ...`: the hotline's side of a chat on the terminal."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from bot.cli.chat import plain
from bot.services import cases
from bot.services.conversations import utc_now
from bot.settings import settings
from bot.storage.db import Database
from bot.storage.migrate import upgrade

app = typer.Typer(no_args_is_help=True)
Number = Annotated[int, typer.Argument(help="Number of the case, from `bot staff queue`.")]
Name = Annotated[str, typer.Option("--as", help="Who you are.")]


def _database() -> Database:
    upgrade(settings().database_url)
    return Database(settings().database_url)


@app.command("queue")
def queue() -> None:
    """List the chats that wait, urgent ones first."""
    with _database().read() as session:
        rows = cases.queue(session)
    now = utc_now()
    for row in rows:
        minutes = int((now - row.opened_at).total_seconds() // 60)
        mark = "🆘" if row.urgent else "  "
        holder = f" with {row.claimed_by}" if row.claimed_by else ""
        typer.echo(
            f"{mark} {row.id:>5}  {row.pseudonym}  {row.topic or '-'}  {row.language or '-'}  {minutes} min{holder}"
        )
    typer.echo(f"{len(rows)} open.")


@app.command("show")
def show(number: Number) -> None:
    """Show what was said so far."""
    console = Console(highlight=False, soft_wrap=True)
    with _database().read() as session:
        for message in cases.transcript(session, number):
            who = {"in": "→", "out": "bot", "staff": "👤"}[message.direction]
            console.print(f"{message.created_at:%d.%m. %H:%M} {who} {plain(message.text)}", markup=False)


@app.command("reply")
def reply(number: Number, text: Annotated[str, typer.Argument(help="What to say.")], staff: Name = "hotline") -> None:
    """Write to the person as a human being."""
    with _database().write() as session:
        cases.reply(session, number, staff, text, utc_now())
    typer.echo("Queued; the running bot sends it.")


@app.command("close")
def close(number: Number, staff: Name = "hotline") -> None:
    """End the talk."""
    with _database().write() as session:
        cases.close(session, number, staff, utc_now())
    typer.echo("Closed.")
