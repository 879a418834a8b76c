"""A bot, an emulator and a stand-in NLU as processes; kills; and the count of what was lost, doubled or out of order.

Every fed update says "m<number>"; the stand-in NLU answers it with topic <number>, and an answer names its topic.
So the order of a chat's answers can be compared with the order of its questions.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import func, select

from bot.settings import ROOT
from bot.storage.db import Database
from bot.storage.models import InboxState, InboxUpdate, Message, OutboxMessage, OutboxState
from tests.emulator import EmulatorClient
from tests.support.fake_nlu import topic_of
from tests.support.postgres import fresh_database
from tests.support.processes import TOKEN, Process, bot_environment, free_port, http, running, wait_for_port

FIRST_USER = 1000
FAST = {"SEND_RATE": "100000", "SEND_RATE_CHAT": "100000", "NLU_TIMEOUT": "4"}
"""No sending limits of our own: the emulator's are off too, and a test of loss need not wait for them. Patience with
the stand-in for the NLU: on a busy machine an answer "later" would be a second answer to one question."""


@dataclass
class Checks:
    """Named checks of one command and the figures beside them."""

    name: str
    figures: dict[str, Any] = field(default_factory=dict)
    results: list[tuple[str, bool]] = field(default_factory=list)

    def check(self, what: str, ok: bool) -> None:
        """One check."""
        self.results.append((what, ok))
        print(f"  {'ok  ' if ok else 'FAIL'} {what}", flush=True)

    def finish(self) -> int:
        """Print the figures and the closing line; the exit code."""
        failed = sum(not ok for _, ok in self.results)
        print(json.dumps({"command": self.name, **self.figures}, ensure_ascii=False), flush=True)
        print(f"{len(self.results) - failed} passed, {failed} failed", flush=True)
        return 1 if failed else 0


@dataclass
class World:
    """The processes of a run."""

    emulator: EmulatorClient
    emulator_url: str
    database_url: str
    nlu_url: str
    folder: Path
    mode: str
    webhook_port: int
    health_port: int
    content: Path
    nlu: Process
    nlu_port: int
    settings: dict[str, str] = field(default_factory=dict)
    """Settings of every bot of this world, over the usual ones."""
    bots: list[Process] = field(default_factory=list)

    def environment(self, **more: str) -> dict[str, str]:
        """Settings of a bot in this world."""
        settings = bot_environment(self.emulator_url, self.database_url, self.nlu_url, self.health_port)
        settings |= {"LOG_LEVEL": "WARNING", "CONTENT_DIR": str(self.content), **FAST}
        if self.mode == "webhook":
            settings |= {
                "TELEGRAM_WEBHOOK_URL": f"http://127.0.0.1:{self.webhook_port}",
                "TELEGRAM_WEBHOOK_SECRET": "a-secret-for-the-chaos-tests",
                "TELEGRAM_WEBHOOK_PORT": str(self.webhook_port),
            }
        return settings | self.settings | more

    def start_bot(self, *, wait: bool = True, **more: str) -> Process:
        """Start the bot; waits until it says that it is ready."""
        command = ["-m", "bot", "run", *(["--webhook"] if self.mode == "webhook" else [])]
        environment = self.environment(**more)
        process = Process(*command, log=self.folder / "bot.log", **environment)
        self.bots.append(process)
        if wait:
            until = time.monotonic() + 30
            while self.health(int(environment["HEALTH_PORT"]), "readyz") != 200:
                if time.monotonic() > until or not process.alive:
                    raise RuntimeError(f"the bot does not become ready; its log ends:\n{self.log[-3000:]}")
                time.sleep(0.03)
        return process

    def start_nlu(self) -> None:
        """Start the stand-in for the NLU again."""
        self.nlu = Process("-m", "tests.support.fake_nlu", "--port", str(self.nlu_port), log=self.folder / "nlu.log")

    @property
    def log(self) -> str:
        """What the bots have logged so far."""
        return (self.folder / "bot.log").read_text(encoding="utf-8", errors="replace")

    def health(self, port: int = 0, page: str = "healthz") -> int:
        """Status of a health page; 0 when nobody answers."""
        try:
            return http(f"http://127.0.0.1:{port or self.health_port}/{page}", 3)[0]
        except OSError:
            return 0

    def ask(self, chats: int, first: int = FIRST_USER, text: str = "m{n}") -> dict[int, float]:
        """One message of each of `chats` people; when each was made, by chat."""
        asked = {}
        for number in range(chats):
            chat = first + number
            made = self.emulator.send_text(user_id=chat, text=text.format(n=number + 1))
            asked[chat] = self.emulator.update_record(update_id=made["update_id"])["made_at"]
        return asked

    def first_sends(self, contains: str, since: float = 0.0) -> dict[int, float]:
        """When the first message with these words went to each chat."""
        times: dict[int, float] = {}
        for call in self.emulator.requests(method="sendMessage"):
            if call["status"] == 200 and call["time"] >= since and contains in str(call["args"].get("text")):
                times.setdefault(int(call["args"]["chat_id"]), call["time"])
        return times

    def wait_answered(self, chats: dict[int, float], seconds: float, contains: str = "topic=") -> float:
        """Wait until everybody has an answer with these words; how long it took, inf when it was too long."""
        started, since = time.monotonic(), min(chats.values(), default=0.0)
        while time.monotonic() - started < seconds:
            if chats.keys() <= self.first_sends(contains, since).keys():
                return time.monotonic() - started
            time.sleep(0.1)
        return float("inf")


@contextlib.contextmanager
def world(
    database: str, mode: str = "polling", seed: int = 1, *, url: str = "", flood: bool = False, **settings: str
) -> Iterator[World]:
    """All processes but the bot, for the time of the block; bots that still run at its end are killed.

    `url` is a database address in the place of a new database; `flood` switches Telegram's sending limits on;
    `settings` are those of every bot.
    """
    with tempfile.TemporaryDirectory(prefix="chaos-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        emulator_port, nlu_port = free_port(), free_port()
        options = ["--webhook-scale", "0.05", "--seed", str(seed), *(["--flood"] if flood else [])]
        stack.enter_context(
            running(
                "-m",
                "tests.emulator",
                "--port",
                str(emulator_port),
                "--token",
                TOKEN,
                *options,
                log=folder / "emulator.log",
                port=emulator_port,
            )
        )
        if not url:
            url = f"sqlite:///{folder / 'bot.sqlite3'}"
            if database in ("pg", "postgres"):
                url = stack.enter_context(fresh_database())
        emulator_url = f"http://127.0.0.1:{emulator_port}"
        here = World(
            EmulatorClient(emulator_url),
            emulator_url,
            url,
            f"http://127.0.0.1:{nlu_port}",
            folder,
            mode,
            free_port(),
            free_port(),
            small_content(folder),
            Process("-m", "tests.support.fake_nlu", "--port", str(nlu_port), log=folder / "nlu.log"),
            nlu_port,
            settings,
        )
        try:
            wait_for_port(nlu_port)
            yield here
        finally:
            for process in (here.nlu, *here.bots):
                if process.alive:
                    process.kill()


def small_content(folder: Path) -> Path:
    """Content whose every answer is one line that names its topic; facts and contacts are the real ones."""
    content = folder / "content"
    (content / "faq").mkdir(parents=True)
    for name in ("topics.yml", "facts.yml", "contacts.yml"):
        (content / name).write_bytes((ROOT / "content" / name).read_bytes())
    groups = yaml.safe_load((content / "topics.yml").read_text(encoding="utf-8"))["groups"]
    for group, topics in groups.items():
        for topic in topics:
            entry: dict[str, Any] = {
                "topic": topic,
                "status": dict.fromkeys(("lo", "th", "en"), "draft"),
                "title": dict.fromkeys(("lo", "th", "en"), topic),
                "answers": {code: {"answer": f"topic={topic};"} for code in ("lo", "th", "en")},
            }
            if group == "urgent":
                entry["card"] = {"th": ["th_191"], "la": ["la_1191"]}
            (content / "faq" / f"{topic}.yml").write_text(yaml.safe_dump(entry), encoding="utf-8")
    return content


# ------------------------------------------------------------------ counting


@dataclass
class Count:
    """What became of the fed updates."""

    asked: int = 0
    lost: int = 0
    duplicates: int = 0
    most_duplicates_of_a_chat: int = 0
    disordered_chats: int = 0
    double_effects: int = 0
    unfinished: int = 0


def count(world: World, updates: int, chats: int, first: int = FIRST_USER) -> Count:
    """Compare what each person asked with what they see, and the database with both."""
    result = Count()
    for chat in range(first, first + chats):
        messages = world.emulator.view(chat_id=chat)["messages"]
        asked = [topic_of(m["text"]) for m in messages if not m["from_bot"]]
        answered = [
            m["text"].split("topic=")[1].split(";")[0] for m in messages if m["from_bot"] and "topic=" in m["text"]
        ]
        once = _without_repeats(answered, asked)
        result.asked += len(asked)
        result.lost += max(0, len(asked) - len(once))
        result.duplicates += len(answered) - len(once)
        result.most_duplicates_of_a_chat = max(result.most_duplicates_of_a_chat, len(answered) - len(once))
        result.disordered_chats += once != asked[: len(once)]
    result.lost += max(0, updates - result.asked)
    database = Database(world.database_url)
    with database.read() as session:
        for column, where in ((Message.update_id, Message.direction == "in"), (OutboxMessage.update_id, True)):
            doubled = select(column).where(where, column.is_not(None)).group_by(column).having(func.count() > 1)  # type: ignore[arg-type]
            result.double_effects += session.scalar(select(func.count()).select_from(doubled.subquery())) or 0
        open_rows = select(func.count()).select_from(InboxUpdate).where(InboxUpdate.state == InboxState.NEW)
        result.unfinished = session.scalar(open_rows) or 0
        queued = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.state == OutboxState.QUEUED)
        result.unfinished += session.scalar(queued) or 0
    database.close()
    return result


def percentile(values: list[float], part: float) -> float:
    """The value that `part` of the values do not exceed; inf when there is none."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * part))], 3) if ordered else float("inf")


def _without_repeats(answered: list[str], asked: list[str]) -> list[str]:
    """The answers without those that only repeat the one before; two equal questions in a row are two answers."""
    kept: list[str] = []
    for topic in answered:
        expected = asked[len(kept)] if len(kept) < len(asked) else None
        if topic != expected and kept and topic == kept[-1]:
            continue
        kept.append(topic)
    return kept


def wait_until_quiet(world: World, process: Process, seconds: float, quiet: float = 3.0) -> None:
    """Wait until nothing is fed, fetched or sent any more."""
    until, last, since = time.monotonic() + seconds, None, time.monotonic()
    while time.monotonic() < until:
        stats = world.emulator.stats()
        seen = (stats["made"], stats["pending"], stats["methods"].get("sendmessage", 0))
        if seen != last:
            last, since = seen, time.monotonic()
        elif (
            time.monotonic() - since > quiet
            and stats["pending"] == 0
            and world.emulator.stats()["made"] == stats["made"]
        ):
            return
        if not process.alive:
            raise RuntimeError(f"the bot ended by itself; see {world.folder / 'bot.log'}: {_tail(world)}")
        time.sleep(0.25)


def _tail(world: World) -> str:
    return (world.folder / "bot.log").read_text(encoding="utf-8")[-2000:]


def arguments(description: str, **defaults: Any) -> argparse.Namespace:
    """The command line of a chaos command: `--db`, `--seed`, and one option a default."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--db", choices=["sqlite", "pg"], default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    for name, value in defaults.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    chosen = parser.parse_args()
    random.seed(chosen.seed)
    print(f"{Path(sys.argv[0]).stem} {vars(chosen)}", flush=True)
    return chosen
