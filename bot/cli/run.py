"""`bot run`: serve Telegram, or say why not and open the terminal chat."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from bot import logs
from bot.cli.chat import terminal_chat
from bot.cli.console_beside import console_beside
from bot.cli.nlu_session import nlu_session
from bot.services import app as application
from bot.settings import Settings, SettingsError, settings
from bot.telegram.runtime import Runtime


def run(
    webhook: Annotated[bool, typer.Option("--webhook", help="Receive updates by webhook instead of polling.")] = False,
) -> None:
    """Start the bot with the console beside it: Telegram when TELEGRAM_TOKEN is set, else a chat in the terminal."""
    chosen = settings()
    if chosen.telegram_token is None:
        typer.echo("TELEGRAM_TOKEN is not set (environment or .env): opening a chat in the terminal instead.", err=True)
        asyncio.run(terminal_chat(chosen, wait=False, console=True))
        return
    if webhook and chosen.telegram_webhook_secret is None:
        raise SettingsError("`bot run --webhook` needs TELEGRAM_WEBHOOK_SECRET (16 characters or more).")
    logs.set_up(chosen.log_level, chosen.log_format)
    asyncio.run(serve(chosen, webhook=webhook))


async def serve(chosen: Settings, *, webhook: bool) -> None:
    """Serve Telegram until stopped. A database that is away at the start is waited for (the hotlines are told)."""
    async with nlu_session(chosen) as nlu:
        app = application.build(chosen, nlu.url, nlu.token, migrate=False, thresholds=nlu.thresholds)
        try:
            runtime = Runtime(app, nlu.process)
            async with console_beside(chosen, runtime.database_open):
                await runtime.run(webhook=webhook)
        finally:
            await app.close()
