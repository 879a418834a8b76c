"""`bot telegram ...`: what Telegram shows of the bot."""

from __future__ import annotations

import asyncio

import typer
from telegram.error import TelegramError

from bot.settings import SettingsError, settings
from bot.telegram.api import TelegramApi
from bot.telegram.setup import set_up

app = typer.Typer(no_args_is_help=True)


@app.callback()
def group() -> None:
    """Telegram itself."""


@app.command("setup")
def setup() -> None:
    """Set commands and descriptions in Lao, Thai and English."""
    if settings().telegram_token is None:
        raise SettingsError("TELEGRAM_TOKEN is not set (environment or .env).")
    try:
        done = asyncio.run(_run())
    except TelegramError as error:
        raise SettingsError(f"Telegram refused: {error}. Is the token right?") from error
    typer.echo(f"Set in {', '.join(done)}.")


async def _run() -> list[str]:
    api = TelegramApi.from_settings(settings())
    await api.start()
    try:
        return await set_up(api)
    finally:
        await api.close()
