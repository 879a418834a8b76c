"""R11: a clean end under load, and migrations that survive being killed.

`python -m tests.chaos.drain [--part all] --ends 3 --rows 300`; full: `--ends 20 --updates 3000 --rows 20000`.
Parts: term (SIGTERM under load), slow (the same while NLU and Telegram are slow), upgrade (from every earlier schema,
with rows in every table), killed (kill -9 after each statement of each migration).
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.settings import ROOT
from bot.storage.migrate import alembic_config
from bot.storage.models import Base
from tests.chaos.harness import FIRST_USER, Checks, World, arguments, count, wait_until_quiet, world
from tests.chaos.nlu import _set as set_nlu
from tests.support.postgres import fresh_database
from tests.support.processes import clean_environment

CHATS = 50
ENDS_WITHIN = 10.0
MOST_STATEMENTS = 300

UPGRADE = """
import os, signal, sys
from sqlalchemy import Engine, event
from bot.storage.migrate import upgrade
left = int(sys.argv[2])

@event.listens_for(Engine, "after_cursor_execute")
def _count(*_):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

upgrade(sys.argv[1])
"""
"""Migrates, and dies after so many statements; 0 = never."""


def main() -> int:
    """Run and judge."""
    chosen = arguments(__doc__ or "", part="all", ends=3, updates=300, rate=60.0, rows=300)
    parts = {"term": _term, "slow": _slow, "upgrade": _upgrade, "killed": _killed}
    checks = Checks("drain")
    checks.figures = vars(chosen) | {"parts": {}}
    for name, part in parts.items():
        if chosen.part in ("all", name):
            checks.figures["parts"][name] = part(checks, chosen)
    return checks.finish()


# ------------------------------------------------------------------ SIGTERM


def _term(checks: Checks, chosen: Any) -> dict[str, Any]:
    chance = random.Random(chosen.seed)
    with world(chosen.db, seed=chosen.seed) as here:
        here.emulator.feed(count=chosen.updates, chats=CHATS, rate=chosen.rate, first_user_id=FIRST_USER)
        ends, codes = [], set()
        for _ in range(chosen.ends):
            process = here.start_bot()
            time.sleep(chance.uniform(0.3, 1.5))
            seconds, code = _end(process)
            ends.append(seconds)
            codes.add(code)
        process = here.start_bot()
        while not here.emulator.feed_state()["done"]:
            time.sleep(0.1)
        wait_until_quiet(here, process, 120)
        ends.append(_end(process)[0])
        found = count(here, chosen.updates, CHATS)
        trace = "Traceback" in here.log
    checks.check(f"term: each of {len(ends)} ends <= {ENDS_WITHIN:g} s ({max(ends):.1f} s)", max(ends) <= ENDS_WITHIN)
    checks.check("term: exit code 0, no trace", codes <= {0} and not trace)
    checks.check(f"term: 0 of {chosen.updates} lost", found.lost == 0)
    checks.check(f"term: 0 texts twice ({found.duplicates})", found.duplicates == 0)
    checks.check("term: 0 effects done twice, order kept", found.double_effects + found.disordered_chats == 0)
    return {"longest_s": round(max(ends), 2), **asdict(found)}


def _slow(checks: Checks, chosen: Any) -> dict[str, Any]:
    """The NLU hangs and Telegram takes eight seconds for a message."""
    with world(chosen.db, seed=chosen.seed) as here:
        process = here.start_bot()
        set_nlu(here, "slow")
        here.emulator.fault(kind="latency", probability=1.0, methods=["send*"], seconds=8.0)
        here.emulator.feed(count=100, chats=CHATS, rate=0, first_user_id=FIRST_USER)
        time.sleep(1.5)
        seconds, code = _end(process)
        here.emulator.clear_faults()
        set_nlu(here, "none")
        process = here.start_bot()
        lost = _until_none_lost(here)
        process.stop()
        found = count(here, 100, CHATS)
    checks.check(
        f"slow: ends <= {ENDS_WITHIN:g} s ({seconds:.1f} s), code {code}", seconds <= ENDS_WITHIN and code == 0
    )
    checks.check(f"slow: 0 of 100 lost ({lost})", lost == 0)
    checks.check(f"slow: texts twice at most those under way ({found.duplicates})", found.duplicates <= 32)
    return {"seconds": round(seconds, 2), "duplicates": found.duplicates}


def _until_none_lost(here: World) -> int:
    """Questions answered "later" are answered twice, so here only those without any answer of the model count."""
    lost = 100
    until = time.monotonic() + 40
    while time.monotonic() < until and lost:
        lost = 0
        for chat in range(FIRST_USER, FIRST_USER + CHATS):
            messages = here.emulator.view(chat_id=chat)["messages"]
            asked = sum(not m["from_bot"] for m in messages)
            lost += max(0, asked - sum(m["from_bot"] and "topic=" in m["text"] for m in messages))
        time.sleep(0.2)
    return lost


def _end(process: Any) -> tuple[float, int]:
    started = time.monotonic()
    try:
        code = process.stop(20)
    except subprocess.TimeoutExpired:
        process.kill()
        return float("inf"), -9
    return time.monotonic() - started, code


# ------------------------------------------------------------------ migrations


def _upgrade(checks: Checks, chosen: Any) -> dict[str, Any]:
    versions = revisions()
    seconds = {}
    for version in versions[:-1]:
        with _database(chosen.db) as url:
            before = _old_copy(url, version, chosen.rows)
            started = time.monotonic()
            code = _migrate(url)
            seconds[version] = round(time.monotonic() - started, 2)
            kept, differs = _rows(url), _differences(url)
        same = all(kept.get(table) == rows for table, rows in before.items())
        rows = sum(before.values())
        checks.check(f"upgrade: {version} -> {versions[-1]} with {rows} rows, none lost", code == 0 and same)
        checks.check(f"upgrade: {version} gives the schema of the models ({differs} differences)", differs == 0)
    checks.check("upgrade: there are earlier versions", len(versions) > 1)
    return {"versions": versions, "seconds": seconds}


def _killed(checks: Checks, chosen: Any) -> dict[str, Any]:
    """The first migration on an empty database, and all later ones on a full copy: killed after each statement."""
    versions, kills = revisions(), 0
    wrong: list[str] = []
    for version in ["base", versions[0]]:
        for statement in _steps(chosen.ends):
            with _database(chosen.db) as url:
                before = {} if version == "base" else _old_copy(url, version, 50)
                code = _migrate(url, statement)
                if code == 0:
                    break  # fewer statements than that
                kills += 1
                again = _migrate(url)
                kept = _rows(url)
                if again or _differences(url) or any(kept.get(t) != n for t, n in before.items()):
                    wrong.append(f"{version} statement {statement}: exit {again}")
    checks.check(
        f"killed: {kills} kills in the middle, each mended by the next start {wrong[:3]}", kills > 0 and not wrong
    )
    return {"kills": kills, "wrong": len(wrong)}


def _steps(ends: int) -> Iterator[int]:
    """After which statement to die: each one in the full form, some of them in the short one."""
    yield from range(1, MOST_STATEMENTS, 1 if ends >= 20 else 9)


def revisions() -> list[str]:
    """All schema versions, oldest first."""
    script = ScriptDirectory.from_config(alembic_config("sqlite://"))
    return [revision.revision for revision in reversed(list(script.walk_revisions()))]


@contextlib.contextmanager
def _database(kind: str) -> Iterator[str]:
    if kind == "pg":
        with fresh_database() as url:
            yield url
        return
    with tempfile.TemporaryDirectory(prefix="chaos-drain-") as folder:
        yield f"sqlite:///{Path(folder) / 'bot.sqlite3'}"


def _migrate(url: str, die_after: int = 0) -> int:
    done = subprocess.run(
        [sys.executable, "-c", UPGRADE, url, str(die_after)],
        cwd=ROOT,
        env=clean_environment(),
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode not in (0, -signal.SIGKILL):
        print(done.stderr[-1500:])
    return done.returncode


def _old_copy(url: str, version: str, rows: int) -> dict[str, int]:
    """A database of an earlier version with rows in every table; how many, by table."""
    command.upgrade(alembic_config(url), version)
    engine = sa.create_engine(url, hide_parameters=True)
    tables = sa.MetaData()
    tables.reflect(engine)
    with engine.begin() as connection:
        for table in tables.sorted_tables:
            # The word index fills itself by triggers; made-up keys would open nothing.
            made = ("alembic_version", "sealing_key", "sqlite", "message_words")
            if not table.name.startswith(made):
                connection.execute(table.insert(), [_row(table, number) for number in range(1, rows + 1)])
    engine.dispose()
    return _rows(url)


def _row(table: sa.Table, number: int) -> dict[str, Any]:
    return {column.name: _value(column, number) for column in table.columns}


def _value(column: sa.Column[Any], number: int) -> Any:
    if column.foreign_keys or (column.primary_key and isinstance(column.type, sa.Integer)):
        return number
    if isinstance(column.type, sa.Boolean):
        return number % 2 == 0
    if isinstance(column.type, (sa.Integer, sa.Numeric, sa.Float)):
        return number
    if isinstance(column.type, sa.DateTime):
        return datetime.now(UTC)
    if isinstance(column.type, sa.Date):
        return datetime.now(UTC).date()
    if isinstance(column.type, sa.JSON):
        return {"text": f"m{number} ກ"}
    if isinstance(column.type, sa.LargeBinary):
        return b"x" * 16
    return ("new" if column.name == "state" else f"{number}-{column.name}")[
        : getattr(column.type, "length", None) or 40
    ]


def _rows(url: str) -> dict[str, int]:
    engine = sa.create_engine(url, hide_parameters=True)
    tables = sa.MetaData()
    with engine.connect() as connection:
        tables.reflect(connection)
        found = {
            t.name: connection.scalar(sa.select(sa.func.count()).select_from(t)) or 0
            for t in tables.sorted_tables
            if t.name in Base.metadata.tables
        }
    engine.dispose()
    return found


def _differences(url: str) -> int:
    """Between the schema that is there and the models."""
    engine = sa.create_engine(url, hide_parameters=True)
    with engine.connect() as connection:
        known = MigrationContext.configure(connection, opts={"include_object": _ours})
        found = compare_metadata(known, Base.metadata)
    engine.dispose()
    return len(found)


def _ours(_object: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    """Leave out tables that a migration makes beside the models, such as a search index."""
    return kind != "table" or name in Base.metadata.tables


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    raise SystemExit(main())
