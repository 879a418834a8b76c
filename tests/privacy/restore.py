"""R13: a backup of many messages, restored on an empty machine: how long, what is equal, what is noticed.

`python -m tests.privacy.restore [--messages 100000] [--db pg]`: fill a database, back it up, take the keyring and the
data key to an empty place, restore, compare every table row by row and the audit's chain; a flipped bit and a cut file
must be noticed, and whoever was erased after the backup must not come back. `bot backup-drill` does the same with the
data of the settings.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, func, select, update

from benchmarks.million import fill
from bot import logs
from bot.services import audit, audit_chain, backup, drill, erasure, keyring, staff
from bot.storage.db import Database
from bot.storage.migrate import upgrade
from bot.storage.models import Base, Message, Person, Role
from tests.chaos.harness import Checks, arguments
from tests.support.postgres import fresh_database

LIMIT = 15 * 60
ENTRIES, ERASED = 1000, 50


def main() -> int:
    """Run and judge."""
    chosen = arguments(__doc__ or "", messages=100_000)
    os.environ.setdefault("DATA_KEY", "D" * 43 + "=")
    logs.set_up("WARNING", "json")
    checks = Checks("restore")
    with tempfile.TemporaryDirectory(prefix="restore-") as name, contextlib.ExitStack() as stack:
        places = [Path(name) / part for part in ("machine", "empty", "later")]
        for place in places:
            place.mkdir()
        urls = [
            stack.enter_context(fresh_database()) if chosen.db == "pg" else f"sqlite:///{place / 'bot.sqlite3'}"
            for place in places
        ]
        checks.figures = vars(chosen) | _run(checks, urls, places, chosen.messages)
    return checks.finish()


def _run(checks: Checks, urls: list[str], places: list[Path], messages: int) -> dict[str, Any]:
    machine, empty, later = urls
    copy, ring = places[0] / "backup", places[0] / "keyring"
    _fill(machine, messages)
    backed, rows = _timed(lambda: backup.back_up(machine, copy, ring))
    before = backup.fingerprint(machine)
    took, done = _timed(lambda: backup.restore(empty, copy, ring))
    after = backup.fingerprint(empty)
    checks.check(f"restored in {took:.0f} s (<= {LIMIT})", took <= LIMIT)
    unequal = [table for table in before if after.get(table) != before[table]]
    checks.check(f"{len(before)} tables with {done.rows} rows, none differs {unequal}", not unequal)
    checks.check("the audit's chain is whole and has the same end", _audit(empty) == _audit(machine) != ([], None))
    checks.check("a flipped bit is noticed", drill.flipped(copy, places[0] / "flipped"))
    checks.check("a cut backup is noticed", drill.cut(copy, places[0] / "cut"))
    gone = _erase(machine, ring)
    again = backup.restore(later, copy, ring)
    back = _there(later, gone)
    checks.check(f"{len(gone)} people who were erased since: {back} come back", again.erased > 0 and back == 0)
    return {"rows": rows, "backup_s": round(backed, 1), "restore_s": round(took, 1), "mb": copy.stat().st_size // 10**6}


def _fill(url: str, messages: int) -> None:
    upgrade(url)
    database, now = Database(url), datetime.now(UTC)
    with database.write() as session:
        for name in ("dao", "noy", "boun"):
            staff.add(session, name, Role.REVIEWER, now)
    fill(database, messages, now, [1, 2, 3])
    _seal(database, now)
    for number in range(ENTRIES):
        with database.write() as session:
            audit.note(session, "dao", "read", now + timedelta(seconds=number), object=f"case {number}")
    with database.read() as session:
        assert (session.scalar(select(func.count()).select_from(Message)) or 0) >= messages * 0.9
    database.close()


def _seal(database: Database, now: datetime) -> None:
    """Rows written in bulk have no keys: give everybody one, and seal by it what they said."""
    with database.write() as session:
        connection, vault = session.connection(), database.vault
        keys = {n: vault.new_person_key(connection, now) for n in session.scalars(select(Person.id)).all()}
        people, table = Base.metadata.tables["person"], Base.metadata.tables["message"]
        connection.execute(
            update(people).where(people.c.id == bindparam("n")).values(key_id=bindparam("k")),
            [{"n": number, "k": key} for number, key in keys.items()],
        )
        said = connection.execute(select(Message.id, Message.person_id, Message.text)).all()
        connection.execute(
            update(table).where(table.c.id == bindparam("n")).values(sealed=bindparam("s")),
            [{"n": n, "s": vault.person(connection, keys[p]).seal(t.encode(), b"words")} for n, p, t in said],
        )


def _timed(work: Any) -> tuple[float, Any]:
    started = time.monotonic()
    result = work()
    return time.monotonic() - started, result


def _audit(url: str) -> tuple[list[str], object]:
    database = Database(url)
    with database.read() as session:
        found = audit_chain.verify(session, None)
    database.close()
    return found.problems, found.head


def _erase(url: str, ring: Path) -> list[str]:
    database = Database(url)
    with database.write() as session:
        people = session.scalars(select(Person).order_by(Person.id).limit(ERASED)).all()
        names = [person.pseudonym for person in people]
        for person in people:
            erasure.erase(session, person, "restore", datetime.now(UTC))
    keyring.write(database, ring)
    database.close()
    return names


def _there(url: str, names: list[str]) -> int:
    database = Database(url)
    with database.read() as session:
        back = session.scalar(select(func.count()).where(Person.pseudonym.in_(names))) or 0
    database.close()
    return back


if __name__ == "__main__":
    raise SystemExit(main())
