"""`bot run` serves the console too, and no trouble of the console is the bot's."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.conftest import Bot
from tests.support.processes import Process, bot_environment, free_port, http


async def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        await asyncio.sleep(0.1)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def children(bot: Bot) -> list[int]:
    pid = bot.process.popen.pid
    return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


async def test_the_bot_serves_the_console_and_outlives_it(bot: Bot) -> None:
    port = free_port()
    bot.process.stop()
    bot.environment["CONSOLE_PORT"] = str(port)
    bot.start()
    await until(lambda: listens(port))
    # It listens a moment before it says so.
    await until(lambda: "uv run bot staff add NAME --role supervisor" in bot.log.read_text(encoding="utf-8"))
    assert f"Console: http://127.0.0.1:{port}/" in bot.log.read_text(encoding="utf-8")
    assert http(f"http://127.0.0.1:{port}/sign-in")[0] == 200
    (console,) = children(bot)
    os.kill(console, signal.SIGKILL)
    await until(lambda: children(bot) not in ([], [console]) and listens(port))
    assert bot.process.alive
    bot.process.kill()
    await until(lambda: not listens(port), 6)


async def test_a_taken_port_is_said_and_the_bot_goes_on(bot: Bot) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        bot.process.stop()
        bot.environment["CONSOLE_PORT"] = str(other.getsockname()[1])
        bot.start()
        await until(lambda: "The bot goes on without it" in bot.log.read_text(encoding="utf-8"))
        assert "set CONSOLE_PORT to a free port" in bot.log.read_text(encoding="utf-8")
        assert http(f"http://127.0.0.1:{bot.health_port}/healthz")[0] == 200
    port = int(bot.environment["CONSOLE_PORT"])
    await until(lambda: listens(port), 25)  # free again: served by itself


@pytest.mark.parametrize("port", [0, 1], ids=["off", "on"])
def test_without_a_token_the_terminal_chat_opens_and_the_console_beside(
    fake_nlu: str, tmp_path: Path, port: int
) -> None:
    log, chosen = tmp_path / "chat.log", free_port() if port else 0
    environment = bot_environment("http://127.0.0.1:1", f"sqlite:///{tmp_path / 'chat.sqlite3'}", fake_nlu)
    del environment["TELEGRAM_TOKEN"]
    process = Process("-m", "bot", "run", log=log, **environment | {"CONSOLE_PORT": str(chosen)})
    assert process.popen.wait(40) == 0
    said = log.read_text(encoding="utf-8")
    assert "Terminal chat" in said
    assert (f"Console: http://127.0.0.1:{chosen}/" in said) is bool(port)
    assert ("bot staff add NAME" in said) is bool(port)


def test_bot_console_alone_says_that_its_port_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        log = tmp_path / "console.log"
        environment = {
            "DATABASE_URL": f"sqlite:///{tmp_path / 'x.sqlite3'}", "CONSOLE_PORT": str(other.getsockname()[1])
        }  # fmt: skip
        process = Process("-m", "bot", "console", log=log, **environment)
        assert process.popen.wait(30) == 1
        assert "set CONSOLE_PORT to a free port" in log.read_text(encoding="utf-8")
