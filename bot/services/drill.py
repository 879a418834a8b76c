"""The restore drill: a copy of the database is backed up, restored and compared; nothing of the original changes."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from bot.services import backup, erasure, keyring
from bot.services.backup import BackupError
from bot.storage.db import Database
from bot.storage.models import Person

WORKING = ("lease", "heartbeat")
"""Tables that the running bot writes every second."""


def run(url: str) -> list[tuple[str, bool]]:
    """What was checked, and whether it held."""
    with tempfile.TemporaryDirectory(prefix="drill-") as name:
        folder = Path(name)
        copy, ring = folder / "backup", folder / "keyring"
        first, again = f"sqlite:///{folder}/first.sqlite3", f"sqlite:///{folder}/again.sqlite3"
        backup.back_up(url, copy, ring)
        before = backup.fingerprint(url)
        backup.restore(first, copy, ring)
        after = backup.fingerprint(first)
        results = [
            (f"{table}: {rows} rows, equal", after.get(table) == (rows, digest))
            for table, (rows, digest) in before.items()
            if table not in WORKING
        ]
        results.append(("a flipped bit is noticed", flipped(copy, folder / "flipped")))
        results.append(("a cut backup is noticed", cut(copy, folder / "cut")))
        if pseudonym := _erase_somebody(first, ring):
            done = backup.restore(again, copy, ring)
            results.append(("who was erased stays erased", done.erased > 0 and not _knows(again, pseudonym)))
        return results


def flipped(copy: Path, target: Path) -> bool:
    """True when a backup with one other bit is refused."""
    data = bytearray(copy.read_bytes())
    data[len(data) // 2] ^= 1
    target.write_bytes(data)
    return _damaged(target)


def cut(copy: Path, target: Path) -> bool:
    """True when a backup without its end is refused."""
    target.write_bytes(copy.read_bytes()[:-40])
    return _damaged(target)


def _damaged(target: Path) -> bool:
    try:
        backup.check(target)
    except BackupError:
        return True
    return False


def _erase_somebody(url: str, ring: Path) -> str | None:
    database = Database(url)
    try:
        with database.write() as session:
            person = session.scalar(select(Person).order_by(Person.id).limit(1))
            if person is None:
                return None
            pseudonym = person.pseudonym
            erasure.erase(session, person, "drill", datetime.now(UTC))
        keyring.write(database, ring)
    finally:
        database.close()
    return pseudonym


def _knows(url: str, pseudonym: str) -> bool:
    database = Database(url)
    try:
        with database.read() as session:
            return session.scalar(select(Person.id).where(Person.pseudonym == pseudonym)) is not None
    finally:
        database.close()
