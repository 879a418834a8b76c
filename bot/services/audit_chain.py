"""The chain of the audit: how entries are linked, where its head is kept, and what was tampered with.

Whoever owns the machine or its backups can change the database. So every hash is keyed, and the head of the chain
leaves the database: as a log line (`audit_head`), and in a file (AUDIT_HEAD_FILE) that lies elsewhere.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import event, make_url, select, text
from sqlalchemy.orm import Session

from bot.sealing import key_folder
from bot.settings import Settings, settings
from bot.storage.models import AuditEntry
from bot.storage.vault import Vault, vault_of

log = structlog.get_logger(__name__)

WAITING, HEAD = "audit_waiting", "audit_head"
"""Keys of Session.info: entries that the commit writes, and the head that it made."""
LOCK = 7_241_001
PURGE = "purge"
"""The entry that says where the chain begins since older ones went by age."""
MARK = re.compile(r"last (\d+) ([0-9a-f]{64})")
COLUMNS = (
    AuditEntry.id, AuditEntry.at, AuditEntry.staff_name, AuditEntry.action, AuditEntry.object, AuditEntry.reason,
    AuditEntry.hash,
)  # fmt: skip


@dataclass(frozen=True)
class Head:
    """The newest entry of the chain, as somebody outside of the database knows it."""

    id: int
    hash: str

    def __str__(self) -> str:
        return f"{self.id}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> Head:
        """Of `id:hash`, also in a log line. Raises ValueError."""
        found = re.search(r"\b(\d+):([0-9a-f]{64})\b", text)
        if found is None:
            raise ValueError("a head looks like 17:9f86d0...")
        return cls(int(found[1]), found[2])


@dataclass
class Report:
    """What `verify` found."""

    entries: int = 0
    problems: list[str] = field(default_factory=list)
    head: Head | None = None
    """Of the chain as it is."""


# ------------------------------------------------------------------ writing


def link(vault: Vault, before: str, entry: Any) -> str:
    """The hash of an entry (or of its row) after the hash before it."""
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    parts = [before, entry.id, at, entry.staff_name, entry.action, entry.object, entry.reason]
    return vault.sign(json.dumps(parts, ensure_ascii=False).encode(), b"audit")


@event.listens_for(Session, "before_commit")
def _append(session: Session) -> None:
    waiting = session.info.pop(WAITING, None)
    if not waiting:
        return
    session.flush()  # so that our lock is the last one that this transaction takes: nobody waits for it in a circle
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": LOCK})
    vault = vault_of(connection.dialect)
    last = session.execute(select(AuditEntry.id, AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)).first()
    before = "" if last is None else last.hash or _adopt(session, vault)
    for entry in waiting:
        session.add(entry)
        session.flush()
        entry.hash = before = link(vault, before, entry)
    session.flush()
    session.info[HEAD] = Head(waiting[-1].id, before)


def _adopt(session: Session, vault: Vault) -> str:
    """Link the entries of versions that had no chain; returns the hash of the last."""
    before = ""
    for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.id)):
        entry.hash = before = link(vault, before, entry)
    session.flush()
    return before


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(WAITING, None)
    session.info.pop(HEAD, None)


@event.listens_for(Session, "after_commit")
def _publish(session: Session) -> None:
    head = session.info.pop(HEAD, None)
    if head is None:
        return
    log.info("audit_head", head=str(head))
    if session.get_bind().engine.url != make_url(settings().database_url):
        return  # another database than this installation's: a copy, a drill, a test
    try:
        write_head(place(settings()), head)
    except OSError as error:
        log.error("audit_head_not_written", reason=type(error).__name__)


# ------------------------------------------------------------------ the head outside


def place(chosen: Settings) -> Path:
    """The file of the head; without a setting one for each database, in the user's configuration folder."""
    if chosen.audit_head_file is not None:
        return chosen.audit_head_file.expanduser()
    return key_folder() / f"audit-{hashlib.sha256(chosen.database_url.encode()).hexdigest()[:8]}.head"


def write_head(path: Path, head: Head, *, force: bool = False) -> None:
    """Put a head into the file; an older one than it holds is left out unless forced. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # the bot, the console and commands write it
        known = _parsed(file.read())
        if known is not None and known.id >= head.id and not force:
            return
        file.seek(0)
        file.write(f"{head} {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}\n")
        file.truncate()
        file.flush()
        os.fsync(file.fileno())


def read_head(path: Path) -> Head | None:
    """The head of the file; None when there is none, or it cannot be read."""
    try:
        return _parsed(path.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError):
        return None


def _parsed(text: str) -> Head | None:
    try:
        return Head.parse(text)
    except ValueError:
        return None


# ------------------------------------------------------------------ verifying


def verify(session: Session, head: Head | None, witness: Head | None = None) -> Report:
    """Read the chain from its begin to its end and compare it with its head.

    `head` is what the file says; `witness` an older head, of a log line, that must be in the chain still.
    """
    vault = vault_of(session.connection().dialect)
    rows = session.execute(select(*COLUMNS).order_by(AuditEntry.id)).all()
    report = Report(len(rows))
    report.problems += _broken(vault, rows)
    if rows:
        report.head = Head(rows[-1].id, rows[-1].hash)
    report.problems += _beside_head(report.head, head)
    if witness is not None and (witness.id, witness.hash) not in {(row.id, row.hash) for row in rows}:
        report.problems.append(f"entry {witness.id} with the hash that you named is not there")
    return report


def _broken(vault: Vault, rows: Any) -> Iterator[str]:
    if not rows:
        return
    if not any(row.hash for row in rows):
        yield "no entry has a hash: the next entry links those of older versions"
        return
    marks = [found[2] for row in rows if row.action == PURGE and (found := MARK.search(row.reason))]
    before = marks[-1] if marks else ""
    for row in rows:
        if row.hash != link(vault, before, row):
            yield f"entry {row.id}: it was changed, or what stood before it was changed, taken out or put in"
        before = row.hash


def _beside_head(last: Head | None, head: Head | None) -> Iterator[str]:
    if head is None:
        if last is not None:
            yield "the head outside of the database is missing: whether the end was cut off cannot be seen"
    elif last is None or last.id < head.id:
        yield f"the end was cut off: the head outside is entry {head.id}, the last one here {last.id if last else 0}"
    elif last.id > head.id:
        yield f"entries after {head.id}, the head outside, came by another way"
    elif last.hash != head.hash:
        yield f"entry {head.id} is not the one that the head outside knows"
