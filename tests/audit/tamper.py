"""S12: somebody with the database in their hands changes the audit; `bot audit verify` must find each change.

`python -m tests.audit.tamper [--db pg] [--n 10000] [--seed 1]`: of every kind of change, each in a transaction that is
rolled back: edits of every column, entries put in (also with a hash that was right elsewhere), taken out, swapped,
renumbered, the end cut off, everything deleted, all hashes cleared.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from bot import logs
from bot.services import audit, audit_chain
from bot.services.audit_chain import Head
from bot.storage.db import Database
from bot.storage.migrate import upgrade
from tests.chaos.harness import Checks
from tests.support.postgres import fresh_database

ENTRIES = 120
START = datetime(2026, 11, 24, tzinfo=UTC)
WHO, WHAT = ("dao", "noy", "kham"), ("read", "reveal", "export", "reply", "sign_in")
Tamper = Callable[[Session, random.Random, list[int]], None]


def main() -> int:
    """Run and judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--db", choices=("sqlite", "pg"), default="sqlite")
    chosen = parser.parse_args()
    os.environ.setdefault("DATA_KEY", "D" * 43 + "=")
    logs.set_up("WARNING")
    checks = Checks("tamper")
    with _database(chosen.db) as database:
        head = _fill(database)
        with database.read() as session:
            clean = audit_chain.verify(session, head)
        checks.check(f"{clean.entries} entries of 8 writers at once: no problem found", clean.problems == [])
        done, missed = _tamper(database, head, chosen.n, random.Random(chosen.seed))
        for kind, number in sorted(done.items()):
            checks.check(f"{kind}: {number - missed[kind]} of {number} found", missed[kind] == 0)
        with database.read() as session:
            checks.check("after all of that the chain is whole", audit_chain.verify(session, head).problems == [])
    checks.figures = vars(chosen) | {"found": sum(done.values()) - sum(missed.values()), "of": sum(done.values())}
    return checks.finish()


@contextlib.contextmanager
def _database(kind: str) -> Iterator[Database]:
    with tempfile.TemporaryDirectory(prefix="tamper-") as folder, contextlib.ExitStack() as stack:
        url = f"sqlite:///{Path(folder) / 'bot.sqlite3'}"
        if kind == "pg":
            url = stack.enter_context(fresh_database())
        upgrade(url)
        database = Database(url)
        try:
            yield database
        finally:
            database.close()


def _fill(database: Database) -> Head:
    """Entries of several writers at once; returns the head."""

    def write(number: int) -> None:
        at = START + timedelta(seconds=number)
        with database.write() as session:
            audit.note(session, WHO[number % 3], WHAT[number % 5], at, object=f"case {number}", reason="because")
            if number % 7 == 0:  # two entries of one transaction
                audit.note(session, WHO[number % 3], "search", at)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(ENTRIES)))
    with database.read() as session:
        found = audit_chain.verify(session, None).head
    if found is None:
        raise RuntimeError("nothing was written")
    return found


def _tamper(database: Database, head: Head, number: int, draw: random.Random) -> tuple[Counter[str], Counter[str]]:
    done: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    with database.read() as session:
        ids = list(session.scalars(text("SELECT id FROM audit ORDER BY id")))
    kinds = list(KINDS.items())
    for turn in range(number):
        name, change = kinds[turn % len(kinds)]
        with database.read() as session:
            change(session, draw, ids)
            done[name] += 1
            missed[name] += not audit_chain.verify(session, head).problems
            session.rollback()
    return done, missed


# ------------------------------------------------------------------ what is done to it


def _set(session: Session, number: int, column: str, value: object) -> None:
    session.execute(text(f"UPDATE audit SET {column} = :v WHERE id = :i"), {"v": value, "i": number})


def _edit(column: str) -> Tamper:
    def change(session: Session, draw: random.Random, ids: list[int]) -> None:
        number = draw.choice(ids)
        old = session.execute(text(f"SELECT {column} FROM audit WHERE id = :i"), {"i": number}).scalar_one()
        if column == "at":
            when = START + timedelta(days=-draw.randrange(1, 900), microseconds=draw.randrange(10**6))
            value: object = when if session.get_bind().dialect.name == "postgresql" else f"{when:%Y-%m-%d %H:%M:%S.%f}"
        elif column == "hash":
            value = draw.choice(["", "0" * 64, f"{draw.randrange(16**64):064x}"])
        else:
            at = draw.randrange(len(old) + 1)
            value = draw.choice(["", "x", old[:at] + draw.choice("abc ") + old[at:], old[:-1]])
            value = value if value != old else old + "x"
        _set(session, number, column, value)

    return change


def _put_in(session: Session, draw: random.Random, ids: list[int]) -> None:
    """An entry between two others, behind the last or before the first, with a hash of its own or a copied one."""
    place = draw.choice([ids[0] - 1, ids[-1] + 1, draw.choice(ids)])
    if place in ids:
        for number in reversed([i for i in ids if i >= place]):
            _set(session, number, "id", number + 1)
    source = draw.choice(ids[:-2])
    copied = draw.choice(["hash", f"'{draw.randrange(16**64):064x}'", "''"])
    session.execute(
        text(
            "INSERT INTO audit (id, at, staff_name, action, object, reason, hash) "
            f"SELECT :i, at, :w, action, object, reason, {copied} FROM audit WHERE id = :s"
        ),
        {"i": place, "w": draw.choice(WHO), "s": source if source != place else source + 1},
    )


def _take_out(session: Session, draw: random.Random, ids: list[int]) -> None:
    first = draw.randrange(len(ids) - 1)
    for number in ids[first : min(len(ids) - 1, first + draw.choice([1, 1, 1, 2, 5, 30]))]:
        session.execute(text("DELETE FROM audit WHERE id = :i"), {"i": number})


def _swap(session: Session, draw: random.Random, ids: list[int]) -> None:
    one, other = draw.sample(ids, 2)
    for number, to in ((one, -1), (other, one), (-1, other)):
        _set(session, number, "id", to)


def _renumber(session: Session, draw: random.Random, ids: list[int]) -> None:
    by = draw.choice([1, 2, 100])
    for number in reversed(ids[draw.randrange(len(ids)) :]):
        _set(session, number, "id", number + by)


def _cut(session: Session, draw: random.Random, ids: list[int]) -> None:
    session.execute(text("DELETE FROM audit WHERE id > :i"), {"i": draw.choice(ids[:-1])})


def _empty(session: Session, _draw: random.Random, _ids: list[int]) -> None:
    session.execute(text("DELETE FROM audit"))


def _clear(session: Session, _draw: random.Random, _ids: list[int]) -> None:
    session.execute(text("UPDATE audit SET hash = ''"))


def _forge_age(session: Session, draw: random.Random, ids: list[int]) -> None:
    """Take the begin out and claim that it went by age."""
    until = draw.choice(ids[5:-5])
    kept: Any = session.execute(text("SELECT hash FROM audit WHERE id = :i"), {"i": until}).scalar_one()
    session.execute(text("DELETE FROM audit WHERE id <= :i"), {"i": until})
    if draw.random() < 0.5:
        victim = draw.choice([i for i in ids if i > until])
        session.execute(
            text("UPDATE audit SET action = 'purge', object = 'audit', reason = :r WHERE id = :i"),
            {"r": f"last {until} {kept}", "i": victim},
        )


KINDS: dict[str, Tamper] = {
    **{f"edit of {c}": _edit(c) for c in ("at", "staff_name", "action", "object", "reason", "hash")},
    "put in": _put_in,
    "taken out": _take_out,
    "two swapped": _swap,
    "renumbered": _renumber,
    "end cut off": _cut,
    "all deleted": _empty,
    "hashes cleared": _clear,
    "begin taken out as if by age": _forge_age,
}


if __name__ == "__main__":
    raise SystemExit(main())
