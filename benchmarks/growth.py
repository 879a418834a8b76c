"""Does an answer take longer when much is stored? Latency at 30 messages a second on databases of growing size.

`uv run --no-sync python -m benchmarks.growth [--messages 0 10000 100000 1000000] [--db sqlite|pg]`

Each size is a database of its own, filled by benchmarks/million.py (a person for every 17 messages, so a million
messages are some 59,000 people), then 200 new people write to the running bot through the emulator.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import platform
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from benchmarks.console_million import prepare
from benchmarks.throughput import answering, at_ceiling, emulator
from bot.nlu.supervisor import RasaProcess
from bot.settings import ROOT
from bot.storage.db import Database
from bot.storage.migrate import upgrade
from bot.storage.models import Message, Person
from tests.support.postgres import fresh_database
from tests.support.processes import bot_environment


def filled(url: str, messages: int) -> tuple[int, int]:
    """A database with so many messages; how many messages and people are in it."""
    if messages:
        prepare(url, messages)
    else:
        upgrade(url)
    database = Database(url)
    with database.read() as session:
        counts = [session.scalar(select(func.count()).select_from(table)) or 0 for table in (Message, Person)]
    database.close()
    return counts[0], counts[1]


def measure(folder: Path, name: str, environment: dict[str, str], seconds: int) -> dict[str, Any]:
    """Latency and CPU at Telegram's own ceiling."""
    with emulator(folder, name) as client:
        settings = environment | {"TELEGRAM_API_URL": client.base_url}
        process = answering(client, ["-m", "bot", "run"], folder / f"{name}.log", settings)
        latency, share = at_ceiling(client, process, seconds)
        process.stop()
    return latency | {"core": share}


async def run(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Every size, one after the other."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="growth-") as name:
        folder = Path(name)
        rasa = RasaProcess(ROOT / "models", 0, log_file=folder / "rasa.log")
        rasa.start()
        await rasa.ready.wait()
        try:
            for size in options.messages:
                own = contextlib.nullcontext(f"sqlite:///{folder / f'{size}.sqlite3'}")
                with fresh_database() if options.db == "pg" else own as url:
                    messages, people = await asyncio.to_thread(filled, url, size)
                    fast = {"SEND_RATE": "100000", "SEND_RATE_CHAT": "100000", "LOG_LEVEL": "ERROR"}
                    environment = bot_environment("", url, rasa.url) | fast | {"NLU_TOKEN": rasa.token}
                    result = await asyncio.to_thread(measure, folder, str(size), environment, options.seconds)
                rows.append({"messages": messages, "people": people} | result)
        finally:
            await rasa.stop()
    return rows


def main() -> None:
    """Run and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, nargs="+", default=[0, 10_000, 100_000, 1_000_000])
    parser.add_argument("--db", choices=["sqlite", "pg"], default="sqlite")
    parser.add_argument("--seconds", type=int, default=30)
    rows = asyncio.run(run(options := parser.parse_args()))
    table = Table(*rows[0], title=f"{options.db}, {platform.machine()}, {os.cpu_count()} cores, {time.strftime('%F')}")
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
