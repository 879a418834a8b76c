"""R8: the database is locked, read-only, full or gone, while the bot runs and while it starts.

`python -m tests.chaos.db [--db pg] [--fault all] --seconds 3`; full: `--seconds 30`.
Faults, SQLite: lock (BEGIN EXCLUSIVE from another process), enospc (a full tmpfs as root, else RLIMIT_FSIZE), and at
the start lock and readonly. PostgreSQL: stop (immediate), lock (ACCESS EXCLUSIVE), readonly, and at the start stop.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import psycopg

from tests.chaos.harness import Checks, World, arguments, count, world
from tests.support.postgres import OwnServer, own_server
from tests.support.processes import Process, free_port

SQLITE = "lock,enospc,start+lock,start+readonly"
POSTGRES = "stop,lock,readonly,start+stop"
PEOPLE = 15
RATIONS = 4
"""Messages of each person: one before, two during, one after the fault."""
STARTS_WITHIN = 8.0
LOCK = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
connection.execute("BEGIN EXCLUSIVE")
print(1, flush=True)
time.sleep(600)
"""
"""What the other process does that holds SQLite's lock."""


def main() -> int:
    """Run and judge."""
    chosen = arguments(__doc__ or "", fault="all", seconds=3.0, enospc="auto")
    faults = (SQLITE if chosen.db == "sqlite" else POSTGRES) if chosen.fault == "all" else chosen.fault
    checks = Checks("db")
    checks.figures = vars(chosen) | {"faults": {}}
    for number, fault in enumerate(faults.split(",")):
        with (
            _place(chosen.db, chosen.enospc) as place,
            world(chosen.db, seed=chosen.seed + number, url=place.url) as here,
        ):
            place.here = here
            found = _one(here, place, fault, chosen.seconds)
        checks.figures["faults"][fault] = found
        starts = fault.startswith("start+")
        limit = STARTS_WITHIN if starts else 1.0
        checks.check(
            f"{fault}: hotline text <= {limit:g} s ({found['hotline_max_s']} s)", found["hotline_max_s"] <= limit
        )
        checks.check(f"{fault}: nothing acknowledged meanwhile", found["acknowledged_meanwhile"] == 0)
        checks.check(f"{fault}: all processed <= 10 s after the return ({found['back_s']} s)", found["back_s"] <= 10)
        checks.check(f"{fault}: 0 lost, 0 effects done twice, order kept", found["wrong"] == 0)
        checks.check(f"{fault}: readyz was red, healthz green", found["pages"] == [200, 503])
        checks.check(f"{fault}: the bot lives, without a trace in its log", found["well"])
    return checks.finish()


def _one(here: World, place: _Place, fault: str, seconds: float) -> dict[str, Any]:
    first = 1000
    process = here.start_bot()
    here.wait_answered(here.ask(PEOPLE, first), 20)
    time.sleep(1.0)  # the offset has moved past these
    name = fault.removeprefix("start+")
    if fault.startswith("start+"):
        process.stop()
    before = here.emulator.stats()["acknowledged"]
    place.bot = process
    undo = place.begin(name)
    since = time.time()
    asked = here.ask(PEOPLE, first)
    if fault.startswith("start+"):
        process = here.start_bot(wait=False)
    began = time.monotonic()
    here.wait_answered({c: since for c in asked}, STARTS_WITHIN, contains="191")
    hotlines = here.first_sends("191", since)
    here.ask(PEOPLE, first, "m{n}9")
    time.sleep(max(3.0, seconds - (time.monotonic() - began)))
    pages = [here.health(page="healthz"), here.health(page="readyz")]
    acknowledged = here.emulator.stats()["acknowledged"] - before
    undo()
    back = _until_processed(here, first, PEOPLE * (RATIONS - 1))
    here.ask(PEOPLE, first, "m{n}8")
    _until_processed(here, first, PEOPLE * RATIONS)
    alive, code = process.alive, process.stop()
    if back == float("inf"):
        print(here.log[-3000:])
    found = count(here, PEOPLE * RATIONS, PEOPLE, first)
    return {
        "hotline_max_s": round(max(hotlines.get(c, float("inf")) - made for c, made in asked.items()), 2),
        "acknowledged_meanwhile": acknowledged,
        "back_s": round(back, 2),
        "wrong": found.lost + found.double_effects + found.disordered_chats + found.unfinished,
        "pages": pages,
        "well": alive and code == 0 and "Traceback" not in here.log,
        "count": asdict(found),
    }


def _until_processed(here: World, first: int, updates: int) -> float:
    """Seconds until every question has its answer."""
    started = time.monotonic()
    while time.monotonic() - started < 30:
        chats = [here.emulator.view(chat_id=chat)["messages"] for chat in range(first, first + PEOPLE)]
        if sum("topic=" in m["text"] for messages in chats for m in messages if m["from_bot"]) >= updates:
            return time.monotonic() - started
        time.sleep(0.1)
    return float("inf")


# ------------------------------------------------------------------ the faults


class _Place:
    """Where the database is, and what can be done to it. `begin` returns what ends the fault."""

    def __init__(self, url: str, folder: Path | None, server: OwnServer | None, mounted: bool) -> None:
        self.url, self.folder, self.server, self.mounted = url, folder, server, mounted
        self.here: World | None = None
        self.bot: Process | None = None

    def begin(self, fault: str) -> Callable[[], None]:
        """Begin a fault by its name."""
        return getattr(self, f"_{'pg' if self.server else 'sqlite'}_{fault}")()  # type: ignore[no-any-return]

    @property
    def file(self) -> str:
        return self.url.removeprefix("sqlite:///")

    def _sqlite_lock(self) -> Callable[[], None]:
        other = subprocess.Popen([sys.executable, "-c", LOCK, self.file], stdout=subprocess.PIPE)
        if other.stdout is None or not other.stdout.readline():
            raise RuntimeError("the other process did not get the lock")

        def undo() -> None:
            other.kill()
            other.wait()

        return undo

    def _sqlite_enospc(self) -> Callable[[], None]:
        if not self.mounted:
            return self._limit_size()
        filler = Path(self.file).with_name("filler")
        with filler.open("wb", buffering=0) as out, contextlib.suppress(OSError):
            while True:
                out.write(b"x" * 4096)
        return filler.unlink

    def _limit_size(self) -> Callable[[], None]:
        """No file of the bot may grow any more; its log may, a little."""
        if self.bot is None or self.here is None:
            raise RuntimeError("no bot to limit")
        pid, small = self.bot.popen.pid, len(self.here.log) + 50_000
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (small, resource.RLIM_INFINITY))
        return lambda: resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)

    def _sqlite_readonly(self) -> Callable[[], None]:
        """Only at a start: files that are open for writing stay so."""
        folder = Path(self.file).parent
        if not self.mounted and os.geteuid() == 0:
            raise RuntimeError("root writes to read-only files: leave --enospc at auto for this fault")
        if self.mounted:
            subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
            return lambda: subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)
        for path in (*folder.glob("bot.sqlite3*"), folder):
            path.chmod(0o555)

        def undo() -> None:
            for path in (folder, *folder.glob("bot.sqlite3*")):
                path.chmod(0o755)

        return undo

    def _pg_stop(self) -> Callable[[], None]:
        assert self.server
        self.server.stop("immediate")
        return self.server.start

    def _pg_lock(self) -> Callable[[], None]:
        connection = psycopg.connect(self.url.replace("+psycopg", ""))
        connection.execute("LOCK TABLE inbox, outbox, message IN ACCESS EXCLUSIVE MODE")
        return connection.close

    def _pg_readonly(self) -> Callable[[], None]:
        self._alter("SET default_transaction_read_only = on")
        return lambda: self._alter("RESET default_transaction_read_only")

    def _alter(self, what: str) -> None:
        with psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("SET default_transaction_read_only = off")
            connection.execute(f"ALTER SYSTEM {what}")  # type: ignore[arg-type]
            connection.execute("SELECT pg_reload_conf()")


@contextlib.contextmanager
def _place(database: str, enospc: str) -> Iterator[_Place]:
    if database == "pg":
        with own_server(free_port()) as server:
            yield _Place(server.url, None, server, mounted=False)
        return
    folder = Path(mkdtemp(prefix="chaos-db-"))
    as_root = os.geteuid() == 0 and enospc != "rlimit"
    mounted = (
        as_root
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)], check=False, stderr=subprocess.DEVNULL
        ).returncode
    )
    try:
        yield _Place(f"sqlite:///{folder / 'bot.sqlite3'}", folder, None, mounted)
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=False)


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    raise SystemExit(main())
