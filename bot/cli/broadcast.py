"""`bot broadcast ...`: alerts on the terminal. They are written, approved and started in the console, by two people."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.services import broadcasts
from bot.services.content import ContentStore
from bot.services.conversations import utc_now
from bot.services.suppression import SMALLEST
from bot.settings import settings
from bot.storage.db import Database
from bot.storage.migrate import upgrade

app = typer.Typer(no_args_is_help=True)
Number = Annotated[int, typer.Argument(help="Number of the alert, from `bot broadcast list`.")]
Name = Annotated[str, typer.Option("--as", help="Who you are; it is written down.")]


def _database() -> Database:
    upgrade(settings().database_url)
    return Database(settings().database_url)


def _move(number: int, what: str, staff: str) -> None:
    database = _database()
    content = ContentStore(settings().content_dir, database)
    try:
        with database.write() as session:
            broadcasts.move(session, number, what, staff, content.published(), utc_now())
    finally:
        content.close()


def _count(value: int | None) -> str:
    return f"hidden (fewer than {SMALLEST})" if value is None else str(value)


@app.command("list")
def listed() -> None:
    """List the newest alerts."""
    with _database().read() as session:
        rows = broadcasts.listed(session)
        for row in rows:
            total = _count(broadcasts.progress(session, row.id).total)
            languages = ",".join(row.texts)
            about = f"{row.topic}  {row.destination or 'any'}  {languages}"
            typer.echo(f"{row.id:>5}  {row.state:<10} {about}  told: {total}")
    typer.echo(f"{len(rows)} alerts.")


@app.command("show")
def show(number: Number) -> None:
    """Show an alert, who is responsible for it, and how far it came."""
    with _database().read() as session:
        row = broadcasts.known(session, number)
        typer.echo(f"{row.state}; kind {row.topic}, country {row.destination or 'any'}")
        typer.echo(f"written by {row.created_by}, approved by {row.approved_by or '-'}")
        for language, text in row.texts.items():
            typer.echo(f"--- {language}\n{text}")
        progress = broadcasts.progress(session, number)
    typer.echo(f"told: {_count(progress.total)}")
    for part, count in progress.parts.items():
        if count != 0:
            typer.echo(f"  {part}: {_count(count)}")


@app.command("pause")
def pause(number: Number, staff: Name = "terminal") -> None:
    """Stop adding people; what is already in the outbox (a second's worth) still goes."""
    _move(number, "pause", staff)
    typer.echo("Paused.")


@app.command("resume")
def resume(number: Number, staff: Name = "terminal") -> None:
    """Go on behind the last person."""
    _move(number, "resume", staff)
    typer.echo("Resumed; the running bot goes on.")
