"""S10: somebody asks to be forgotten, and the process is killed at each step. Nothing of them may stay anywhere.

`python -m tests.privacy.forget_me [--kills all] [--db pg] [--seed 1]`; the backup is older than the erasure.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import select

from bot.dialogue.types import ButtonEvent
from bot.services import backup, erasure
from bot.services.conversations import Incoming
from bot.storage.db import Database
from bot.storage.migrate import upgrade
from bot.storage.models import Person
from tests.chaos.harness import Checks, arguments
from tests.privacy import canaries
from tests.support.postgres import fresh_database

STEPS = ("before", "in_transaction", "after_commit", "before_keyring", "after_keyring", "after_scrub", "none")
LIMIT = 60.0
OTHERS = 20


def main() -> int:
    """Run and judge."""
    if "--child" in sys.argv:
        return _child()
    chosen = arguments(__doc__ or "", kills="all")
    os.environ.setdefault("DATA_KEY", "D" * 43 + "=")
    checks = Checks("forget_me")
    for number, step in enumerate(STEPS if chosen.kills == "all" else chosen.kills.split(",")):
        with tempfile.TemporaryDirectory(prefix="forget-") as name, contextlib.ExitStack() as stack:
            folder = Path(name)
            url = f"sqlite:///{folder / 'bot.sqlite3'}"
            if chosen.db == "pg":
                url = stack.enter_context(fresh_database())
            _one(checks, folder, url, step, chosen.seed + number)
    checks.figures = vars(chosen)
    return checks.finish()


def _one(checks: Checks, folder: Path, url: str, step: str, seed: int) -> None:
    person, *others = canaries.make(1 + OTHERS, seed)
    upgrade(url)
    database = Database(url)
    asyncio.run(canaries.talk(database, [person, *others]))
    backup.back_up(url, folder / "old", folder / "keyring")
    database.close()
    started = time.monotonic()
    command = [
        sys.executable,
        "-m",
        "tests.privacy.forget_me",
        "--child",
        url,
        str(folder / "keyring"),
        step,
        person.chat,
    ]
    code = subprocess.run(command, check=False).returncode
    checks.check(f"{step}: the process was killed there", code == (0 if step == "none" else -signal.SIGKILL))
    # What the next process does: the update that was not done comes again, the ledger says what is due.
    again = subprocess.run([*command[:-2], "none", person.chat], check=False).returncode
    seconds = time.monotonic() - started
    checks.check(f"{step}: forgotten everywhere after {seconds:.1f} s (<= {LIMIT:g})", again == 0 and seconds <= LIMIT)
    restored = folder / "again.sqlite3"
    backup.restore(f"sqlite:///{restored}", folder / "old", folder / "keyring")
    copy = Database(f"sqlite:///{restored}")
    with copy.read() as session:
        keys = set(session.scalars(select(Person.channel_id)))
    copy.close()
    checks.check(
        f"{step}: the old backup brings everybody back but them",
        person.chat not in keys and len(keys) == OTHERS,
    )
    found = canaries.hits((f for f in folder.rglob("*") if f.is_file()), [*person.hard, *person.soft])
    checks.check(f"{step}: {sum(found.values())} canaries in {len(found)} files", not any(found.values()))


def _child() -> int:
    """The process that is killed at a step."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--child", nargs=4)
    url, ring, step, chat = parser.parse_args().child

    def die_at(name: str) -> None:
        if name == step:
            os.kill(os.getpid(), signal.SIGKILL)

    upgrade(url)
    database = Database(url)
    with database.read() as session:
        known = session.scalar(select(Person.id).where(Person.channel_key == chat)) is not None
    die_at("before")
    if known:
        service = canaries.service(database)
        with database.write() as session:
            service.store(session, Incoming("telegram", chat, ButtonEvent("forget:yes"), 9999, 9999), None)
            session.flush()
            die_at("in_transaction")
    die_at("after_commit")
    until = time.monotonic() + LIMIT
    while not erasure.clean_up(database, Path(ring), die_at):
        if time.monotonic() > until:
            return 1
    database.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
