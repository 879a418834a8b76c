"""`bot doctor`, `bot backup`, `bot restore`, `bot backup-drill`, `bot quarantine`."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import select, text

from bot.knowledge.check import check_content
from bot.nlu.supervisor import NLU_PYTHON, NluMissingError, newest_model
from bot.progress import slow
from bot.sealing import key_file, master_keys, where
from bot.services import audio, drill, inbox, keyring, ocr
from bot.services import backup as copies
from bot.services.conversations import utc_now
from bot.settings import ROOT, Settings, settings
from bot.storage.db import Database
from bot.storage.migrate import upgrade
from bot.storage.models import InboxState, InboxUpdate

quarantine_app = typer.Typer(no_args_is_help=True)

Check = tuple[str, Callable[[Settings], str]]
NEEDED_MB = 500


class Sick(Exception):
    """A check failed; the text says what to do."""


class Missing(Exception):
    """Something is not there, and the bot works without it; the text says what works, and what to do."""


class Mark(StrEnum):
    """How a check ended, as shown. Only SICK makes the exit code 1."""

    WELL = "✓"
    MISSING = "!"
    SICK = "✗"


def doctor() -> None:
    """Check token, database, model, content, clock, ports and disk; say what to do. Exit code 1 = something broken."""
    table, marks = Table("", "what", "finding"), list[Mark]()
    for name, finding, mark in examine(settings()):
        marks.append(mark)
        table.add_row(mark, name, finding)
    Console().print(table)
    if Mark.SICK in marks:
        raise typer.Exit(1)


def examine(chosen: Settings) -> Iterator[tuple[str, str, Mark]]:
    """Each check: its name, what it found, and whether that is well."""
    for name, check in CHECKS:
        try:
            with slow(f"Looking at: {name}"):
                found = check(chosen), Mark.WELL
        except Missing as error:
            found = str(error), Mark.MISSING
        except (Sick, NluMissingError) as error:
            found = str(error), Mark.SICK
        except Exception as error:  # whatever goes wrong is a finding
            found = f"{type(error).__name__}: {str(error)[:200]}", Mark.SICK
        yield name, *found


def _token(chosen: Settings) -> str:
    if chosen.telegram_token is None:
        raise Missing(
            "TELEGRAM_TOKEN is not set: `bot run` opens a chat in this terminal. For Telegram, make a bot with "
            "@BotFather and put its token into .env"
        )
    from bot.telegram.api import TelegramApi

    async def ask() -> tuple[str, str]:
        api = TelegramApi.from_settings(chosen)
        await api.start()
        try:
            me = await api.bot.get_me()
            hook = await api.bot.get_webhook_info()
            return me.username or "?", hook.url or "no webhook"
        finally:
            await api.close()

    name, hook = asyncio.run(ask())
    return f"@{name}, {hook}"


def _database(chosen: Settings) -> str:
    upgrade(chosen.database_url)
    database = Database(chosen.database_url)
    try:
        with database.write() as session:
            session.execute(text("SELECT 1"))
        with database.read() as session:
            stuck = session.scalars(select(InboxUpdate.id).where(InboxUpdate.state == InboxState.QUARANTINED)).all()
    finally:
        database.close()
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    return f"{kind}, schema up to date, {len(stuck)} updates in quarantine"


def _data_key(chosen: Settings) -> str:
    master_keys(chosen)
    path = key_file(chosen)
    if path is not None and path.stat().st_mode & 0o077:
        raise Sick(f"others can read {path}: chmod 600 {path}")
    data = chosen.database_url.removeprefix("sqlite:///")
    if path is not None and path.resolve().parent == Path(data).resolve().parent:
        raise Sick(f"{path} lies beside the data: whoever takes one takes both. Move it and set DATA_KEY_FILE")
    return f"{where(chosen)}; keep a copy of it elsewhere"


def _model(chosen: Settings) -> str:
    if chosen.nlu_url:
        return f"served at {chosen.nlu_url}"
    if not NLU_PYTHON.exists():
        raise Sick("the NLU environment is missing: run `make install`")
    return newest_model(chosen.model_dir).name


def _content(chosen: Settings) -> str:
    found = check_content(chosen.content_dir, utc_now().date())
    errors = [p for p in found if p.level == "error"]
    if errors:
        raise Sick(f"{len(errors)} errors: run `bot content check`")
    return f"no errors, {len(found)} warnings"


def _clock(_chosen: Settings) -> str:
    now = datetime.now(UTC)
    newest = max((p.stat().st_mtime for p in (ROOT / "content").glob("*.yml")), default=0.0)
    if now.timestamp() < newest - 3600:
        raise Sick("the clock is behind the content files: set the time (timedatectl set-ntp true)")
    return f"{now:%Y-%m-%d %H:%M} UTC"


def _ports(chosen: Settings) -> str:
    wanted = {"HEALTH_PORT": chosen.health_port} | ({} if chosen.nlu_url else {"NLU_PORT": chosen.nlu_port})
    taken = [f"{name}={port}" for name, port in wanted.items() if port and _listens(port)]
    if taken:
        raise Sick(f"in use: {', '.join(taken)}. Is the bot running already? Else choose other ports")
    return ", ".join(f"{name}={port} free" for name, port in wanted.items())


def _disk(_chosen: Settings) -> str:
    free = shutil.disk_usage(ROOT).free // 1_000_000
    if free < NEEDED_MB:
        raise Sick(f"only {free} MB free: make room")
    return f"{free} MB free"


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _pictures(chosen: Settings) -> str:
    """An extra: without it pictures are not read, and people are told so."""
    languages = asyncio.run(ocr.found(chosen.ocr_program))
    if missing := [name for name in ocr.WANTED if name not in languages]:
        packages = "tesseract-ocr tesseract-ocr-lao tesseract-ocr-tha"
        raise Missing(f"not read ({', '.join(missing)} missing): apt-get install {packages}")
    return f"read by {chosen.ocr_program}: {', '.join(languages)}"


def _sound(chosen: Settings) -> str:
    """An extra: without it editors must upload OGG/Opus."""
    if not audio.installed(chosen.ffmpeg_program):
        raise Missing("not converted (ffmpeg missing), only OGG/Opus is taken: apt-get install ffmpeg")
    return f"converted by {chosen.ffmpeg_program}"


CHECKS: tuple[Check, ...] = (
    ("Telegram", _token),
    ("database", _database),
    ("data key", _data_key),
    ("model", _model),
    ("content", _content),
    ("clock", _clock),
    ("ports", _ports),
    ("disk", _disk),
    ("pictures", _pictures),
    ("sound", _sound),
)


# ------------------------------------------------------------------ backup


def backup(target: Annotated[Path, typer.Argument(help="File to write.")]) -> None:
    """Write a backup of the database to a file; the bot may run meanwhile."""
    ring = keyring.place(settings())
    rows = copies.back_up(settings().database_url, target, ring)
    typer.echo(
        f"Written: {target} ({rows} rows, {target.stat().st_size // 1024} kB). Keep it where the database is not."
    )
    typer.echo(f"The persons' keys: {ring}. Keep one copy of it elsewhere, the newest only, never in versions.")


def restore(source: Annotated[Path, typer.Argument(help="Backup file.")]) -> None:
    """Restore a backup into the (empty) database of the settings."""
    done = copies.restore(settings().database_url, source, keyring.place(settings()))
    typer.echo(f"Restored: {done.rows} rows. {done.erased} rows of erased persons were left out.")


def backup_drill() -> None:
    """Back up, restore into a new place, and prove: equal, a flipped bit is noticed, the erased stay erased."""
    results = drill.run(settings().database_url)
    for what, ok in results:
        typer.echo(f"{'ok  ' if ok else 'FAIL'} {what}")
    failed = sum(not ok for _, ok in results)
    typer.echo(f"{len(results) - failed} passed, {failed} failed")
    if failed:
        raise typer.Exit(1)


# ------------------------------------------------------------------ quarantine


@quarantine_app.command("list")
def quarantine_list() -> None:
    """List updates that could not be processed: number, when, why."""
    database = Database(settings().database_url)
    with database.read() as session:
        rows = session.scalars(select(InboxUpdate).where(InboxUpdate.state == InboxState.QUARANTINED)).all()
        for row in rows:
            typer.echo(f"{row.id}  {row.received_at:%Y-%m-%d %H:%M}  {row.error}")
    typer.echo(f"{len(rows)} in quarantine.")


@quarantine_app.command("replay")
def quarantine_replay(number: Annotated[int, typer.Argument(help="Number from the list.")]) -> None:
    """Process an update of the quarantine again."""
    database = Database(settings().database_url)
    with database.write() as session:
        if not inbox.replay(session, number):
            typer.echo(f"There is no update {number} in quarantine.", err=True)
            raise typer.Exit(1)
    typer.echo("It will be processed again.")
