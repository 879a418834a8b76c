"""`bot chat`: the same dialogue in the terminal, for people, and as JSON lines for programs."""

from __future__ import annotations

import asyncio
import contextlib
import html
import json
import re
import sys
from dataclasses import replace
from typing import Annotated, Any

import typer
from rich.console import Console

from bot.cli.console_beside import console_beside
from bot.cli.nlu_session import NluAddress, nlu_session
from bot.dialogue.engine import Context, decide
from bot.dialogue.types import Button, ButtonEvent, CommandEvent, Decision, Event, Reply, State, TextEvent
from bot.nlu.parse import Parse
from bot.progress import slow
from bot.services import app as application
from bot.services import hotline
from bot.services.content import ContentStore
from bot.services.conversations import Incoming, utc_now, words_of
from bot.services.later import answer_waiting
from bot.services.outbox import take_all
from bot.settings import Settings, settings
from bot.telegram.updates import command_in

CHANNEL, KEY = "terminal", "local"
TAG = re.compile(r"<[^>]+>")
JSON_TIMEOUT = 10.0
"""A program that reads JSON lines prefers a late answer to one without the model."""


def chat(
    as_json: Annotated[bool, typer.Option("--json", help="One message a line in, one JSON object a line out.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the model before the first message.")] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Every line is the first message of a new person (with --json).")
    ] = False,
) -> None:
    """Chat in the terminal."""
    chosen = settings()
    if as_json:
        asyncio.run(json_chat(chosen, wait=wait, fresh=fresh))
    else:
        asyncio.run(terminal_chat(chosen, wait=wait))


# ------------------------------------------------------------------ JSON lines


async def json_chat(chosen: Settings, *, wait: bool, fresh: bool) -> None:
    """Read messages from standard input, write one JSON object a line; nothing is stored."""
    async with nlu_session(chosen, any_port=True) as nlu:
        if wait:
            await nlu.wait_ready()
        patient = chosen.model_copy(update={"nlu_timeout": JSON_TIMEOUT if wait else chosen.nlu_timeout})
        published = ContentStore(chosen.content_dir).published()
        client, understanding = application.build_understanding(patient, lambda: published, nlu.url, nlu.token)
        thresholds, state = nlu.thresholds, State()
        try:
            async for line in _lines():
                event = _event(line, [])
                words = words_of(event) if isinstance(event, CommandEvent) else line.strip()
                parse = await understanding.understand(words) if words else None
                moment = replace(hotline.moment(chosen, utc_now()), answers_per_minute=0)  # a program may be fast
                context = Context(published, thresholds, moment, chosen.default_language)
                decision = decide(State() if fresh else state, event, parse, context)
                state = decision.state
                sys.stdout.write(json.dumps(as_object(line, parse, decision), ensure_ascii=False) + "\n")
                sys.stdout.flush()
        finally:
            await client.close()


def as_object(text: str, parse: Parse | None, decision: Decision) -> dict[str, Any]:
    """The JSON object of one message."""
    ranking = parse.ranking if parse else ()
    shown = [button for reply in decision.replies for row in reply.buttons for button in row]
    return {
        "text": text,
        "language": decision.state.language,
        "form": parse.form if parse else None,
        "intent": decision.topic if decision.urgent or not ranking else ranking[0].intent,
        "confidence": round(ranking[0].confidence, 4) if ranking else 0.0,
        "alternatives": [{"intent": r.intent, "confidence": round(r.confidence, 4)} for r in ranking],
        "urgent": decision.urgent,
        "danger_check": decision.danger_check,
        "action": str(decision.action),
        "reply": "\n\n".join(plain(reply.text) for reply in decision.replies),
        "buttons": [{"label": b.label, "data": b.data or b.url} for b in shown],
    }


# ------------------------------------------------------------------ for people


async def terminal_chat(chosen: Settings, *, wait: bool, console: bool = False) -> None:
    """A chat like the one on the phone: buttons are numbers. `console`: the hotline's console is served beside it."""
    async with nlu_session(chosen) as nlu:
        with slow("Opening the database and reading the answers"):
            app = application.build(chosen, nlu.url, nlu.token, thresholds=nlu.thresholds)
        async with console_beside(chosen, quiet=True) if console else contextlib.nullcontext():
            await _terminal(app, nlu, wait=wait)


async def _terminal(app: application.App, nlu: NluAddress, *, wait: bool) -> None:
    console = Console(highlight=False, soft_wrap=True)
    later = asyncio.create_task(_answer_later(app, nlu, console))
    try:
        if wait:
            await nlu.wait_ready()
        console.print(
            "[dim]Terminal chat. Type a question, the number of a button, /start, /help, /language; Ctrl-D ends.[/]"
        )
        if nlu.process and not nlu.process.ready.is_set():
            console.print("[dim]The model is loading; menu, hotlines and urgent help work already.[/]")
        offered = await _say(app, CommandEvent("start"), console)
        async for line in _lines(prompt="› "):
            if line.strip():
                offered = await _say(app, _event(line, offered), console)
        if nlu.process and _waiting(app):
            await asyncio.wait_for(nlu.wait_ready(), 120)
            await _answer_once(app, console)
    finally:
        later.cancel()
        await app.close()


async def _say(app: application.App, event: Event, console: Console) -> list[Button]:
    await app.conversations.handle(Incoming(CHANNEL, KEY, event))
    return show(take_all(app.database, CHANNEL, utc_now()), console)


async def _answer_later(app: application.App, nlu: NluAddress, console: Console) -> None:
    await nlu.wait_ready()
    await _answer_once(app, console)


async def _answer_once(app: application.App, console: Console) -> None:
    if await answer_waiting(app.conversations, app.database, app.understanding, CHANNEL):
        show(take_all(app.database, CHANNEL, utc_now()), console)


def _waiting(app: application.App) -> bool:
    from bot.services.later import waiting

    with app.database.read() as session:
        return bool(waiting(session, CHANNEL, utc_now()))


def show(payloads: list[tuple[str, dict[str, Any]]], console: Console) -> list[Button]:
    """Print replies; returns the buttons that can be chosen by number."""
    numbered: list[Button] = []
    for method, payload in payloads:
        if method == "delete":
            console.print("[dim](the chat is deleted from the phone here)[/]")
            continue
        reply = Reply.from_json(payload)
        console.print()
        console.print(plain(reply.text), markup=False)
        for button in (b for row in reply.buttons for b in row):
            numbered.append(button)
            console.print(f"  [{len(numbered)}] {button.label}", markup=False)
    return numbered


def _event(line: str, offered: list[Button]) -> Event:
    text = line.strip()
    if (command := command_in(text)) is not None:
        return command
    if text.isdecimal() and len(text) < 4 and 1 <= int(text) <= len(offered):
        return ButtonEvent(offered[int(text) - 1].data)
    return TextEvent(text)


async def _lines(prompt: str = "") -> Any:
    loop = asyncio.get_running_loop()
    while True:
        if prompt and sys.stdin.isatty():
            sys.stdout.write(prompt)
            sys.stdout.flush()
        line = await loop.run_in_executor(None, sys.stdin.readline)
        if not line:
            return
        yield line.rstrip("\n")


def plain(text: str) -> str:
    """HTML as a person reads it."""
    return html.unescape(TAG.sub("", text))
