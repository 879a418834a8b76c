"""`bot staff ...`: the hotline's side of a chat on the terminal."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.cli.chat import plain
from bot.cli.shell import did
from bot.services import cases
from bot.services.conversations import utc_now
from bot.settings import settings
from bot.storage.db import Database
from bot.storage.migrate import upgrade
from bot.storage.models import Message
from bot.telegram.api import ChannelError, TelegramApi

app = typer.Typer(no_args_is_help=True)
LARGEST_FILE = 20_000_000
"""Telegram gives bots no larger ones."""
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
    """Show what was said so far. The audit says who looked."""
    console = Console(highlight=False, soft_wrap=True)
    with _database().write() as session:
        messages = cases.transcript(session, number)
        did(session, "read", f"case {number}")
        for message in messages:
            who = {"in": "→", "out": "bot", "staff": "👤"}[message.direction]
            file = f"[{message.kind}, bot staff file {message.id} NAME] " if message.file_id else ""
            console.print(f"{message.created_at:%d.%m. %H:%M} {who} {file}{plain(message.text)}", markup=False)


@app.command("file")
def file(
    number: Annotated[int, typer.Argument(help="Number of the message, from `bot staff show`.")],
    target: Annotated[Path, typer.Argument(help="File to write.")],
) -> None:
    """Fetch the voice message, picture or file that somebody sent. The audit says who fetched it."""
    with _database().write() as session:
        message = session.get(Message, number)
        file_id = message.file_id if message else None
        if file_id is not None:
            did(session, "read", f"file of message {number}")
    if file_id is None:
        raise typer.BadParameter(f"message {number} has no file")
    data = asyncio.run(_fetched(file_id))
    with open(target, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:  # somebody's voice
        file.write(data)
    typer.echo(f"Written: {target}. Delete it when you have heard or seen it.")


async def _fetched(file_id: str) -> bytes:
    api = TelegramApi.from_settings(settings())
    await api.start()
    try:
        return await api.fetch(file_id, LARGEST_FILE)
    except ChannelError as error:
        raise typer.BadParameter(f"Telegram does not give this file: {error.reason}") from error
    finally:
        await api.close()


@app.command("reply")
def reply(number: Number, text: Annotated[str, typer.Argument(help="What to say.")], staff: Name = "hotline") -> None:
    """Write to the person as a human being."""
    with _database().write() as session:
        cases.reply(session, number, staff, text, utc_now())
        did(session, "reply", f"case {number}", staff)
    typer.echo("Queued; the running bot sends it.")


@app.command("close")
def close(number: Number, staff: Name = "hotline") -> None:
    """End the talk."""
    with _database().write() as session:
        cases.close(session, number, staff, utc_now())
        did(session, "close", f"case {number}", staff)
    typer.echo("Closed.")
