"""`bot demo`: a made-up month in a database of its own, and the console on it, for training and pictures."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot import logs
from bot.cli.console import check_address, console_on
from bot.progress import slow
from bot.services import demo as service
from bot.services.content import ContentStore
from bot.services.conversations import utc_now
from bot.services.demo import Filler
from bot.settings import ROOT, load_settings
from bot.storage.db import Database
from bot.storage.migrate import upgrade


def demo(
    file: Annotated[Path, typer.Option("--database", help="SQLite file of the demonstration.")] = ROOT
    / "var"
    / "demo.sqlite3",
    port: Annotated[int, typer.Option(help="Port of the console.")] = 8083,
    people: Annotated[int, typer.Option(help="How many people wrote.", min=1, max=5000)] = service.PEOPLE,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Delete the demonstration that is there and begin again.")
    ] = False,
    only_fill: Annotated[
        bool, typer.Option("--only-fill", help="Fill the database, do not serve the console.")
    ] = False,
) -> None:
    """Fill a throw-away database with a made-up month and serve the console on it."""
    chosen = load_settings(database_url=f"sqlite:///{file.resolve()}", console_port=port)
    check_address(chosen)
    logs.set_up(chosen.log_level, chosen.log_format)
    upgrade(chosen.database_url)
    database = Database(chosen.database_url)
    with database.read() as session:
        service.refuse_real(session)
    if fresh:
        database.close()
        for end in ("", "-wal", "-shm"):
            Path(f"{file.resolve()}{end}").unlink(missing_ok=True)
        upgrade(chosen.database_url)
        database = Database(chosen.database_url)
    now = utc_now()
    with database.write() as session:
        passwords = service.accounts(session, now)
    typer.echo("Writing a made-up month ...")
    with slow("Still writing"):
        asyncio.run(Filler(chosen, database, ContentStore(chosen.content_dir), now).fill(people))
    database.close()
    typer.echo(f"Demonstration in {file}. Nobody in it is real; nothing is sent.")
    typer.echo("First passwords (at the first sign-in a new one and the second factor are set up, as in earnest):")
    for name, password in passwords.items():
        typer.echo(f"  {name:18} {password}")
    if not only_fill:
        console_on(chosen)
