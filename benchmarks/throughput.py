"""Messages a second and latency, side by side in one run, on the same real questions (nlu/eval).

`uv run --no-sync python -m benchmarks.throughput [--messages 2000] [--seconds 60] [--out result.json]`

Ours on SQLite and on PostgreSQL and the plain python-telegram-bot bot ask the same Rasa server and get their load from
the Bot API emulator; stock Rasa (own tracker, rules, responses) is asked over its REST channel, sparing it Telegram.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import platform
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
from rich.console import Console
from rich.table import Table

from benchmarks.peers import stock_rasa
from bot.cli.evaluate import HELD_OUT
from bot.nlu.supervisor import RasaProcess
from bot.services.judging import read_questions
from bot.settings import ROOT
from tests.emulator import EmulatorClient
from tests.support.postgres import fresh_database
from tests.support.processes import (
    TOKEN,
    Process,
    bot_environment,
    clean_environment,
    free_port,
    running,
    wait_for_port,
)

RATE = 30
CONCURRENCY = 16
CHATS = 200
FIRST = 700_000
GREETER = 690_000
"""Whoever writes first; a filled database has people with smaller numbers."""


def questions() -> list[str]:
    """Real questions; not the urgent ones (two messages), nor those after which a human being answers the chat."""
    rows = [row for path in sorted(HELD_OUT.glob("*.tsv")) for row in read_questions(path)]
    return [row.text for row in rows if not row.urgent and row.intent != "talk_to_person"]


def cpu_seconds(pid: int) -> float:
    """CPU time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    """Resident memory of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextlib.contextmanager
def emulator(folder: Path, name: str) -> Iterator[EmulatorClient]:
    """A fresh emulator process."""
    port = free_port()
    command = ("-m", "tests.emulator", "--port", str(port), "--token", TOKEN)
    with running(*command, log=folder / f"emulator-{name}.log", port=port):
        yield EmulatorClient(f"http://127.0.0.1:{port}")


def answering(client: EmulatorClient, command: list[str], log: Path, settings: dict[str, str]) -> Process:
    """A bot that has given its first answer."""
    process = Process(*command, log=log, **settings)
    client.call("add_user", user_id=GREETER, first_name="A")
    client.call("send_text", user_id=GREETER, text="ສະບາຍດີ")
    client.call("wait", chat_id=GREETER, messages=1, timeout=60)
    return process


def at_ceiling(client: EmulatorClient, process: Process, seconds: int) -> tuple[dict[str, float], float]:
    """Latency in milliseconds, and the share of a core, at Telegram's own ceiling for so many seconds."""
    cpu = cpu_seconds(process.popen.pid)
    client.call("feed", count=RATE * seconds, chats=CHATS, rate=RATE, texts=questions(), first_user_id=FIRST)
    time.sleep(seconds)
    client.call("drained", timeout=60)
    share = (cpu_seconds(process.popen.pid) - cpu) / seconds
    latency = client.call("latency")
    return {part: round(1000 * latency[part], 1) for part in ("p50", "p95", "p99")}, round(share, 3)


def measure_bot(
    folder: Path, name: str, command: list[str], environment: dict[str, str], options: Any
) -> dict[str, Any]:
    """Latency at Telegram's own ceiling, CPU and memory there, then the most that goes through."""
    with emulator(folder, name) as client:
        settings = environment | {"TELEGRAM_API_URL": client.base_url}
        started = time.monotonic()
        process = answering(client, command, folder / f"{name}.log", settings)
        first_answer = time.monotonic() - started
        latency, share = at_ceiling(client, process, options.seconds)
        memory = resident_mb(process.popen.pid)
        begun = time.monotonic()
        more = FIRST + 10_000
        client.call("feed", count=options.messages, chats=CHATS, rate=0, texts=questions(), first_user_id=more)
        client.call("drained", timeout=300, quiet=5)
        seconds = time.monotonic() - begun
        lost = len(client.call("lost"))
        process.stop()
    return {
        "name": name,
        "per_second": round(options.messages / seconds, 1),
        **{f"{part}_ms": latency[part] for part in ("p50", "p95", "p99")},
        "core_at_30": share,
        "memory_mb": round(memory),
        "first_answer_s": round(first_answer, 1),
        "lost": lost,
    }


async def measure_stock(folder: Path, options: Any) -> dict[str, Any]:
    """Stock Rasa over its REST channel, with as many askers at once as ours has workers."""
    project = folder / "stock"
    stock_rasa.make_project(project, options.epochs, options.questions)
    environment = clean_environment() | {"RASA_TELEMETRY_ENABLED": "false", "LOG_LEVEL": "ERROR"}
    stock_rasa.train(project, environment)
    port = free_port()
    started = time.monotonic()
    with (folder / "stock.log").open("wb") as log:
        command = [str(stock_rasa.RASA), "run", "--enable-api", "-i", "127.0.0.1", "-p", str(port)]
        process = _start(command, project, environment, log)
    try:
        await asyncio.to_thread(wait_for_port, port, 180)
        url = f"http://127.0.0.1:{port}/webhooks/rest/webhook"
        async with aiohttp.ClientSession(trust_env=False) as http:
            first = await _first_answer(http, url, started)
            cpu, begun = cpu_seconds(process.pid), time.monotonic()
            times = await _ask_all(http, url, options.messages // 4)
            seconds = time.monotonic() - begun
            paced = await _ask_at_rate(http, url, RATE, options.seconds // 2)
        share = (cpu_seconds(process.pid) - cpu) / seconds
        memory = resident_mb(process.pid)
    finally:
        process.terminate()
        process.wait(20)
    quantiles = statistics.quantiles(paced, n=100)
    return {
        "name": "stock Rasa (REST)",
        "per_second": round(len(times) / seconds, 1),
        "p50_ms": round(1000 * quantiles[49], 1),
        "p95_ms": round(1000 * quantiles[94], 1),
        "p99_ms": round(1000 * quantiles[98], 1),
        "core_at_30": round(share, 3),
        "memory_mb": round(memory),
        "first_answer_s": round(first, 1),
        "lost": 0,
    }


def _start(command: list[str], folder: Path, environment: dict[str, str], log: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)


async def _first_answer(http: aiohttp.ClientSession, url: str, started: float) -> float:
    while True:
        with contextlib.suppress(aiohttp.ClientError, KeyError, IndexError, ValueError):
            async with http.post(url, json={"sender": "first", "message": "ສະບາຍດີ"}) as response:
                if (await response.json())[0]["text"]:
                    return time.monotonic() - started
        await asyncio.sleep(0.2)


async def _ask(http: aiohttp.ClientSession, url: str, number: int, text: str) -> float:
    begun = time.monotonic()
    async with http.post(url, json={"sender": str(number % CHATS), "message": text}) as response:
        await response.read()
    return time.monotonic() - begun


async def _ask_all(http: aiohttp.ClientSession, url: str, messages: int) -> list[float]:
    texts, room = questions(), asyncio.Semaphore(CONCURRENCY)

    async def one(number: int) -> float:
        async with room:
            return await _ask(http, url, number, texts[number % len(texts)])

    return list(await asyncio.gather(*(one(n) for n in range(messages))))


async def _ask_at_rate(http: aiohttp.ClientSession, url: str, rate: int, seconds: int) -> list[float]:
    texts, tasks = questions(), []
    for number in range(rate * seconds):
        tasks.append(asyncio.create_task(_ask(http, url, number, texts[number % len(texts)])))
        await asyncio.sleep(1 / rate)
    return list(await asyncio.gather(*tasks))


# ------------------------------------------------------------------ the run


async def run(options: Any) -> list[dict[str, Any]]:
    """All systems, one after the other."""
    results = []
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        rasa = RasaProcess(ROOT / "models", 0, log_file=folder / "rasa.log")
        rasa.start()
        await rasa.ready.wait()
        try:
            fast = {"SEND_RATE": "100000", "SEND_RATE_CHAT": "100000", "LOG_LEVEL": "ERROR", "NLU_TOKEN": rasa.token}
            fast["NLU_TIMEOUT"] = "10"
            for label, database in _databases(folder):
                with database as url:
                    environment = bot_environment("", url, rasa.url) | fast
                    result = await asyncio.to_thread(
                        measure_bot, folder, label, ["-m", "bot", "run"], environment, options
                    )
                    results.append(result | {"nlu_memory_mb": round(resident_mb(rasa.pid or 0))})
            environment = {"TELEGRAM_TOKEN": TOKEN, "NLU_URL": rasa.url, "NLU_TOKEN": rasa.token}
            command = ["-m", "benchmarks.peers.plain_ptb"]
            plain = await asyncio.to_thread(
                measure_bot, folder, "plain PTB (stores nothing)", command, environment, options
            )
            results.append(plain)
        finally:
            await rasa.stop()
        if not options.no_stock:
            results.append(await measure_stock(folder, options))
    return results


def _databases(folder: Path) -> Iterator[tuple[str, contextlib.AbstractContextManager[str]]]:
    yield "ours, SQLite", contextlib.nullcontext(f"sqlite:///{folder / 'bench.sqlite3'}")
    yield "ours, PostgreSQL", fresh_database()


def main() -> None:
    """Run, print a table, write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--epochs", type=int, default=5, help="of stock Rasa's DIET; speed does not depend on it")
    parser.add_argument("--questions", type=int, default=20, help="training questions an intent for stock Rasa")
    parser.add_argument("--no-stock", action="store_true")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    results = asyncio.run(run(options))
    table = Table(*results[0], title=f"{platform.machine()}, {os.cpu_count()} cores, {time.strftime('%Y-%m-%d')}")
    for row in results:
        table.add_row(*(str(row.get(key, "")) for key in results[0]))
    Console(width=180).print(table)
    if options.out:
        options.out.write_text(json.dumps(results, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
