"""`bot poster`: a printable page with a QR code; `bot arrivals`: how many people came by which."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select
from telegram.error import TelegramError

from bot.dialogue import deeplink
from bot.knowledge import poster as drawing
from bot.knowledge.load import load_published
from bot.knowledge.plan_document import DocumentError
from bot.settings import LANGUAGES, Settings, SettingsError, settings
from bot.storage.db import Database
from bot.storage.migrate import upgrade
from bot.storage.models import Arrival
from bot.telegram.api import TelegramApi


def poster(
    out: Annotated[Path, typer.Option(help="The PDF to write.")],
    lang: Annotated[list[str] | None, typer.Option(help="lo, th or en; may be given again: a page each.")] = None,
    source: Annotated[str, typer.Option(help="Where it hangs, for `bot arrivals`: office_vientiane.")] = "",
    topic: Annotated[str, typer.Option(help="A topic that opens at once: passport.")] = "",
    username: Annotated[str, typer.Option("--bot", help="The bot's name without @; else Telegram is asked.")] = "",
) -> None:
    """Make a poster to print: short text, QR code and hotlines."""
    chosen = settings()
    languages = tuple(lang or ("lo",))
    if unknown := sorted(set(languages) - set(LANGUAGES)):
        raise SettingsError(f"--lang {unknown[0]} is not known: take {', '.join(LANGUAGES)}.")
    published = load_published(chosen.content_dir)
    if topic and topic not in published.answers:
        raise SettingsError(f"--topic {topic} is not known: the ids stand in content/topics.yml.")
    try:
        payload = deeplink.write(source or None, topic or None, lang=languages[0] if len(languages) == 1 else None)
    except deeplink.PayloadError as error:
        raise SettingsError(str(error)) from error
    link = deeplink.link(username.lstrip("@") or asyncio.run(_username(chosen)), payload)
    try:
        pdf = drawing.draw(published, languages, link, chosen.organisation)
        out.write_bytes(pdf)
    except (DocumentError, OSError) as error:
        raise SettingsError(f"The poster was not written: {error}") from error
    typer.echo(f"{out}: {len(languages)} page(s), {link}")


async def _username(chosen: Settings) -> str:
    if chosen.telegram_token is None:
        raise SettingsError("TELEGRAM_TOKEN is not set, so say the bot's name: --bot NAME.")
    api = TelegramApi.from_settings(chosen)
    await api.start()
    try:
        return (await api.bot.get_me()).username or ""
    except TelegramError as error:
        raise SettingsError(f"Telegram did not tell the bot's name ({error}): give it with --bot NAME.") from error
    finally:
        await api.close()


def arrivals() -> None:
    """How many people came by each link or poster."""
    upgrade(settings().database_url)
    database = Database(settings().database_url)
    try:
        with database.read() as session:
            count = func.count(Arrival.id).label("people")
            query = select(Arrival.source, count, func.max(Arrival.created_at)).group_by(Arrival.source)
            rows = session.execute(query.order_by(count.desc(), Arrival.source)).all()
    finally:
        database.close()
    table = Table("source", "people", "last")
    for source, people, last in rows:
        table.add_row(source, str(people), last.strftime("%Y-%m-%d"))
    Console().print(table if rows else "Nobody has come by a link yet.")
