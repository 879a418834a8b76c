"""The console beside the bot: a process of its own, so that nothing that happens in it can take the bot down.

It ends when the bot ends, even by SIGKILL: it reads a pipe that only the bot holds open.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import typer

from bot.progress import slow
from bot.settings import ROOT, Settings, SettingsError

BACK_OFF = (1, 2, 5, 15)
FIRST_LINE = 20.0
"""Seconds that the terminal chat waits for the console's address before it opens."""
END = 3.0


@contextlib.asynccontextmanager
async def console_beside(
    chosen: Settings, opened: Callable[[], Awaitable[object]] | None = None, *, quiet: bool = False
) -> AsyncIterator[None]:
    """Serve the console for the time of the block; whatever is wrong with it is said, and the block goes on.

    `opened` is waited for first: the database must have its schema. `quiet`: wait for the address, then log nothing.
    """
    if not chosen.console_port:
        yield
        return
    from bot.cli.console import check_address

    try:
        check_address(chosen)
    except SettingsError as error:
        typer.echo(f"The console is not served: {error}", err=True)
        yield
        return
    task = asyncio.create_task(_supervise(chosen, opened, quiet=quiet), name="console")
    if quiet:
        await _listening(chosen, task)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _supervise(chosen: Settings, opened: Callable[[], Awaitable[object]] | None, *, quiet: bool) -> None:
    if opened is not None:
        await opened()
    failures, said = 0, False
    while True:
        if reason := in_use(chosen.console_host, chosen.console_port):
            if not said:
                typer.echo(f"The console is not served: {reason} The bot goes on without it.", err=True)
            said = True
            await asyncio.sleep(BACK_OFF[-1])
            continue
        said, started = False, time.monotonic()
        code = await _run_once(quiet=quiet)
        failures = 0 if time.monotonic() - started > 60 else failures + 1
        if not quiet or failures == 1:
            seconds = BACK_OFF[min(failures, len(BACK_OFF) - 1)]
            typer.echo(f"The console ended (code {code}); it starts again in {seconds} s.", err=True)
        await asyncio.sleep(BACK_OFF[min(failures, len(BACK_OFF) - 1)])


async def _run_once(*, quiet: bool) -> int:
    """One life of the process. It is ended when this task is."""
    environment = os.environ | ({"LOG_LEVEL": "ERROR"} if quiet else {})
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "console", "--beside",
        cwd=ROOT, env=environment, stdin=asyncio.subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    try:
        return await process.wait()
    finally:
        if process.returncode is None:
            if process.stdin is not None:
                process.stdin.close()
            try:
                await asyncio.wait_for(process.wait(), END)
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()


async def _listening(chosen: Settings, task: asyncio.Task[None]) -> None:
    """Wait until the address is printed, or until it is clear that it will not be."""
    until = time.monotonic() + FIRST_LINE
    with slow("Starting the console"):
        while not task.done() and time.monotonic() < until:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(chosen.console_host, chosen.console_port)
                writer.close()
                return
            await asyncio.sleep(0.1)


def in_use(host: str, port: int) -> str:
    """Why nobody can listen there, with what to do; empty when somebody can."""
    try:
        bound(host, port).close()
    except OSError as error:
        return (
            f"Nobody can listen on {host} port {port} ({error.strerror}). Stop the other program (perhaps another "
            "console), or set CONSOLE_PORT to a free port."
        )
    return ""


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=128)
