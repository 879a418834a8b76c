"""`bot content ...`: check, show, stale."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.chat import plain
from bot.knowledge.load import load_published
from bot.knowledge.render import render_answer
from bot.services.conversations import utc_now
from bot.settings import settings

app = typer.Typer(no_args_is_help=True)


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
