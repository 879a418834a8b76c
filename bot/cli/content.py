"""`bot content ...`: check, show, stale."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot.cli.chat import plain
from bot.cli.content_table import content_table
from bot.knowledge.check import check_content
from bot.knowledge.load import load_published
from bot.knowledge.model import Contact, Fact
from bot.knowledge.render import render_answer
from bot.services import recordings
from bot.services.conversations import utc_now
from bot.settings import settings
from bot.storage.db import Database
from bot.storage.migrate import upgrade

app = typer.Typer(no_args_is_help=True)
recording_app = typer.Typer(no_args_is_help=True)
app.add_typer(recording_app, name="recording", help="Recordings of answers.")


@app.command("check")
def check(
    warnings: Annotated[bool, typer.Option(help="Show warnings too.")] = True,
    only: Annotated[str, typer.Option(help="Only files whose name holds this.")] = "",
) -> None:
    """Check all content; exit code 1 when there is an error."""
    found = [p for p in check_content(settings().content_dir, utc_now().date()) if only in p.file or p.code == "C01"]
    errors = [p for p in found if p.level == "error"]
    for problem in found if warnings else errors:
        typer.echo(str(problem), err=True)
    published_line = f"{len(errors)} errors, {len(found) - len(errors)} warnings."
    typer.echo(f"Content: {published_line}")
    if errors:
        raise typer.Exit(1)


@app.command("stale")
def stale(days: Annotated[int, typer.Option(help="Look so many days ahead.")] = 30) -> None:
    """List facts and contacts that have expired or expire soon, with the answers that use them."""
    published = load_published(settings().content_dir)
    today = utc_now().date()
    until = today + timedelta(days=days)
    table = Table("expires", "what", "source", "used in")
    rows: list[tuple[date, str, str, str]] = []
    tables: tuple[tuple[str, Mapping[str, Fact | Contact]], ...] = (
        ("fact", published.facts),
        ("contact", published.contacts),
    )
    for kind, entries in tables:
        for name, entry in entries.items():
            if entry.expires_on is not None and entry.expires_on <= until:
                mark = "{" + f"{kind}:{name}" + "}"
                uses = [t for t, a in published.answers.items() if mark in a.model_dump_json()]
                rows.append((entry.expires_on, f"{kind} {name}", entry.source.title, ", ".join(uses) or "-"))
    for row in sorted(rows):
        table.add_row(row[0].isoformat(), *row[1:])
    Console().print(table if rows else f"Nothing expires before {until}.")


@app.command("table")
def table() -> None:
    """Print the table of docs/content-table.md: length, facts and sources of each answer."""
    typer.echo(content_table(load_published(settings().content_dir), utc_now().date()), nl=False)


def _database() -> Database:
    upgrade(settings().database_url)
    return Database(settings().database_url)


@recording_app.command("add")
def recording_add(
    topic: Annotated[str, typer.Argument(help="Topic id, for instance passport.")],
    lang: Annotated[str, typer.Argument(help="lo, th or en.")],
    file: Annotated[Path, typer.Argument(help="OGG file with Opus, at most 1 MB and five minutes.")],
) -> None:
    """Give an answer a recording, in place of the one before."""
    if topic not in load_published(settings().content_dir).answers:
        raise typer.BadParameter(f"no answer for {topic!r}; see `bot content table`")
    try:
        with _database().write() as session:
            row = recordings.add(session, topic, lang, file.read_bytes(), "terminal", utc_now())
            seconds = row.seconds
    except (OSError, recordings.RecordingError) as error:
        raise typer.BadParameter(str(error)) from error
    typer.echo(f"Kept: {topic}, {lang}, {seconds} s. The running bot offers it within some seconds.")


@recording_app.command("list")
def recording_list() -> None:
    """List the answers that can be listened to."""
    with _database().read() as session:
        there = sorted(recordings.available(session))
    for topic, language in there:
        typer.echo(f"{topic}  {language}")
    typer.echo(f"{len(there)} recordings.")


@recording_app.command("delete")
def recording_delete(
    topic: Annotated[str, typer.Argument(help="Topic id.")], lang: Annotated[str, typer.Argument(help="lo, th or en.")]
) -> None:
    """Take the recording of an answer away."""
    with _database().write() as session:
        if not recordings.delete(session, topic, lang):
            raise typer.BadParameter(f"there is no recording of {topic} in {lang}")
    typer.echo("Deleted.")


@app.command("show")
def show(
    topic: Annotated[str, typer.Argument(help="Topic id, for instance passport.")],
    lang: Annotated[str, typer.Option(help="lo, th or en.")] = "lo",
) -> None:
    """Print an answer as Telegram will show it."""
    published = load_published(settings().content_dir)
    if topic not in published.answers:
        typer.echo(f"No answer for {topic!r}; topics are: {', '.join(published.answers)}", err=True)
        raise typer.Exit(1)
    rendered = render_answer(published, topic, lang, utc_now().date())
    typer.echo(plain(rendered.text))
    if rendered.more:
        typer.echo("\n--- more ---\n" + plain(rendered.more))
