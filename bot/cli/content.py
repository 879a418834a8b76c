"""`bot content ...`: check, show, stale."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
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
from bot.services.conversations import utc_now
from bot.settings import settings

app = typer.Typer(no_args_is_help=True)


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
