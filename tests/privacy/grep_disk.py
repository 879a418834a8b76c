"""S8: personal data at rest. Conversations of people who do not exist, then a search in every byte that was written.

`python -m tests.privacy.grep_disk [--db pg] [--conversations 1000] [--seed 1]`
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot import logs
from bot.services import backup, erasure, inbox, keyring
from bot.services.inbox import NewUpdate
from bot.storage.db import Database
from bot.storage.migrate import upgrade
from bot.storage.models import Person
from tests.chaos.harness import Checks, arguments
from tests.privacy import canaries
from tests.support.postgres import fresh_database

CLUSTER = "bot-pg-"
"""In the path of PostgreSQL's own files."""


def main() -> int:
    """Run and judge."""
    chosen = arguments(__doc__ or "", conversations=1000)
    os.environ.setdefault("DATA_KEY", "D" * 43 + "=")
    checks = Checks("grep_disk")
    with tempfile.TemporaryDirectory(prefix="grep-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        tempfile.tempdir = str(folder)
        url = f"sqlite:///{folder / 'bot.sqlite3'}"
        if chosen.db == "pg":
            url = stack.enter_context(fresh_database())
        checks.figures = vars(chosen) | _run(checks, url, folder, chosen)
    return checks.finish()


def _run(checks: Checks, url: str, folder: Path, chosen: Any) -> dict[str, Any]:
    log = folder / "bot.log"
    with log.open("w") as out, contextlib.redirect_stderr(out), contextlib.redirect_stdout(out):
        logs.set_up("DEBUG", "json")
        upgrade(url)
        database = Database(url)
        people = canaries.make(chosen.conversations, chosen.seed)
        started = time.process_time()
        said = asyncio.run(canaries.talk(database, people))
        spent = time.process_time() - started
        with database.write() as session:
            rows = [NewUpdate(n, p.chat, {"message": {"text": p.words, "chat": {"id": int(p.chat)}}})
                    for n, p in enumerate(people)]  # fmt: skip
            inbox.add(session, "telegram", rows, canaries.service(database).now())
        backup.back_up(url, folder / "backup", folder / "keyring")
    files = _files(folder, url, chosen.db)
    hard = [text for person in people for text in person.hard]
    hard += [name for person in people for name in person.soft if name not in canaries.visible(person)]
    soft = [name for person in people for name in canaries.visible(person)]
    what = f"of {len(hard)} ids, numbers, passports, places and originals in plain"
    found = canaries.hits([file for file in files if CLUSTER not in str(file)], hard)
    found["PostgreSQL's own files"] = sum(canaries.hits([f for f in files if CLUSTER in str(f)], hard).values())
    for file, count in found.items():
        checks.check(f"{file}: {count} {what}", count == 0)
    named = canaries.hits(files, soft)
    for file, count in named.items():
        if file in ("bot.log", "backup", "keyring"):
            checks.check(f"{file}: {count} of {len(soft)} names that masking does not see", count == 0)
    _erase_all(checks, database, folder, hard + soft)
    database.close()
    return {
        "messages": said,
        "cpu_ms_a_message": round(1000 * spent / said, 2),
        "names_not_seen_by_masking": len(soft),
        "of_names": 2 * len(people),
        "of_these_in_the_masked_copy": {f: c for f, c in named.items() if c},
    }


def _erase_all(checks: Checks, database: Database, folder: Path, everything: list[str]) -> None:
    with database.write() as session:
        for person in session.scalars(select(Person)).all():
            erasure.erase(session, person, "grep_disk", canaries.service(database).now())
        for row in inbox.claim(session, "telegram", "me", 10**6, canaries.service(database).now())[0]:
            inbox.done(session, row, canaries.service(database).now())
    checks.check("after the erasure of all: everything cleaned up", erasure.clean_up(database, folder / "keyring"))
    files = _files(folder, database.url, "sqlite" if database.is_sqlite else "pg")
    # What PostgreSQL keeps of old pages and in its log is the disk encryption's affair: docs/security.md.
    found = canaries.hits([file for file in files if CLUSTER not in str(file)], everything)
    for file, count in found.items():
        checks.check(f"after the erasure of all, {file}: {count} of {len(everything)}", count == 0)
    checks.check("the keyring's copy holds nobody", not keyring.read(folder / "keyring").keys)


def _files(folder: Path, url: str, database: str) -> list[Path]:
    if database == "pg":
        dump(url, folder / "dump.sql")
    return [file for file in sorted(folder.rglob("*")) if file.is_file()]


def dump(url: str, target: Path) -> Path:
    """What pg_dump writes of a database."""
    import pgserver._commands as commands

    local = Path(commands.__file__).parent / "pginstall" / "bin" / "pg_dump"
    program = str(local) if local.exists() else shutil.which("pg_dump") or "pg_dump"
    subprocess.run([program, f"--file={target}", url.replace("+psycopg", "")], check=True)
    return target


if __name__ == "__main__":
    raise SystemExit(main())
