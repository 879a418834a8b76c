"""S9: a month and a day later. `bot purge` with the clock moved on, then a search in rows and in every byte.

`python -m tests.privacy.retention [--db pg] [--conversations 60] [--days 31] [--seed 1]`: people with cases, notes,
tags, verdicts, opinions, open and quarantined updates, sent and waiting answers. With the settings as they come, all
of it must be gone, write-ahead log included, but for the person whose case is held for a reason and the one whose case
is open; and one day before the limit nothing may be gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import time_machine
from sqlalchemy import select, text
from typer.testing import CliRunner

from bot import logs
from bot import settings as settings_module
from bot.cli import app as commands
from bot.services import cases, casework, inbox, questions
from bot.services.inbox import NewUpdate
from bot.settings import load_settings
from bot.storage.db import Database
from bot.storage.migrate import upgrade
from bot.storage.models import AuditEntry, Base, Case, CaseState, Correction, Feedback, Message, Person, Role, Staff
from tests.chaos.harness import Checks, arguments
from tests.privacy import canaries
from tests.privacy.canaries import Canary
from tests.privacy.grep_disk import dump
from tests.support.postgres import fresh_database

OF_PEOPLE = (
    "person", "person_key", "conversation", "message", "feedback", "correction", "case_file", "case_note", "case_tag",
    "inbox", "outbox", "training_question",
)  # fmt: skip
"""Tables that hold something of somebody."""
MOST = {"message": 2 * 8, "training_question": 0}
"""Rows of the two that stay, where it is not one each."""
REASON = "the court of Savannakhet asks for it"


def main() -> int:
    """Run and judge."""
    chosen = arguments(__doc__ or "", conversations=60, days=31)
    os.environ.setdefault("DATA_KEY", "D" * 43 + "=")
    checks = Checks("retention")
    with tempfile.TemporaryDirectory(prefix="retention-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        url = f"sqlite:///{folder / 'bot.sqlite3'}"
        if chosen.db == "pg":
            url = stack.enter_context(fresh_database())
        os.environ |= {"DATABASE_URL": url, "KEYRING_COPY": str(folder / "keyring"),
                       "AUDIT_HEAD_FILE": str(folder / "audit.head"), "HOME": str(folder)}  # fmt: skip
        settings_module.settings.cache_clear()
        checks.figures = vars(chosen) | _run(checks, url, folder, chosen)
    return checks.finish()


def _run(checks: Checks, url: str, folder: Path, chosen: Any) -> dict[str, Any]:
    log, now = folder / "bot.log", datetime.now(UTC)
    people = canaries.make(chosen.conversations, chosen.seed)
    with log.open("w") as out, contextlib.redirect_stderr(out), contextlib.redirect_stdout(out):
        logs.set_up("DEBUG", "json")
        upgrade(url)
        database = Database(url)
        asyncio.run(canaries.talk(database, people))
        held, open_one = _fill(database, people, now)
    logs.set_up("CRITICAL")
    before = _rows(database)
    full = {table: before[table] for table in OF_PEOPLE if not before[table]}
    checks.check(f"{sum(before[t] for t in OF_PEOPLE)} rows of people before, in every table {full}", not full)
    days = load_settings().keep_messages_days
    checks.check(f"messages are kept {days} days, closed cases {load_settings().keep_cases_days}", days <= 30)
    database.close()
    _purge(now + timedelta(days=days - 1), log)
    early = _rows(database)
    checks.check(f"a day before, {before['message'] - early['message']} messages are gone", early["message"] ==
                 before["message"] and early["person"] == before["person"])  # fmt: skip
    said = _purge(now + timedelta(days=chosen.days), log)
    checks.check(f"`bot purge`: {said[:160]}", "deleted" in said and "Traces" not in said)
    after = _rows(database)
    _left(checks, database, after, {held, open_one})
    gone = [p for p in people if p.chat not in (held, open_one)]
    wanted = [words for p in gone for words in (*p.hard, *p.soft)]
    for file, count in canaries.hits(_written(folder, url, chosen.db), wanted).items():
        checks.check(f"{file}: {count} of {len(wanted)} canaries", count == 0)
    with database.write() as session:
        for row in session.scalars(select(Case)).all():
            row.state, row.closed_at = CaseState.CLOSED, now
    database.close()
    _purge(now + timedelta(days=500), log)
    last = _rows(database)
    left = {table: last[table] for table in OF_PEOPLE if last[table]}
    checks.check(f"when the reason has ended, nothing of anybody is left {left}", not left)
    every = [words for p in people for words in (*p.hard, *p.soft)]
    found = sum(canaries.hits(_written(folder, url, chosen.db), every).values())
    checks.check(f"{found} of {len(every)} canaries in all files", found == 0)
    database.close()
    return {"rows_before": before, "rows_after": after, "kept_days": days}


def _written(folder: Path, url: str, database: str) -> list[Path]:
    """All files; of PostgreSQL a dump, since its old pages are the affair of the disk's encryption."""
    if database == "pg":
        dump(url, folder / "dump.sql")
    return [file for file in sorted(folder.rglob("*")) if file.is_file()]


def _purge(when: datetime, log: Path) -> str:
    """`bot purge` on the day `when`, as from the command line."""
    with time_machine.travel(when, tick=True), log.open("a") as out, contextlib.redirect_stderr(out):
        done = CliRunner().invoke(commands, ["purge"])
    return done.output if done.exit_code == 0 else f"exit code {done.exit_code} {done.output} {done.exception}"


def _rows(database: Database) -> dict[str, int]:
    with database.read() as session:
        return {
            name: session.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()
            for name in Base.metadata.tables
            if not name.startswith("message_word")
        }


def _left(checks: Checks, database: Database, after: dict[str, int], kept: set[str]) -> None:
    with database.read() as session:
        people = set(session.scalars(select(Person.channel_id)))
        audited = session.execute(select(AuditEntry.action, AuditEntry.reason)).all()
    checks.check(f"{len(people)} people are left: the held case and the open one", people == kept)
    others = {t: after[t] for t in OF_PEOPLE if after[t] > (0 if t in ("inbox", "outbox") else MOST.get(t, len(kept)))}
    checks.check(f"nothing else is left {others}", not others)
    checks.check("why the one is held stands in the audit", ("keep", REASON) in audited)


def _fill(database: Database, people: list[Canary], now: datetime) -> tuple[str, str]:
    """Everything that may hang on a person; returns whose case is held, and whose is open."""
    with database.write() as session:
        staff = Staff(name="dao", role=Role.SUPERVISOR, password_hash="x", created_at=now)
        session.add(staff)
        session.flush()
        rows = session.scalars(select(Person).order_by(Person.id)).all()
        for number, (row, person) in enumerate(zip(rows, people, strict=True)):
            state = CaseState.OPEN if number == 1 else CaseState.CLOSED
            case = Case(person_id=row.id, urgent=True, opened_at=now, state=CaseState.OPEN)
            session.add(case)
            session.flush()
            casework.add_note(session, case.id, "dao", person.words, now)
            casework.add_tag(session, case.id, person.name[:20])
            cases.reply(session, case.id, "dao", person.words, now)
            case.state, case.closed_at = state, None if state == CaseState.OPEN else now
            line = session.scalars(select(Message).where(Message.person_id == row.id)).first()
            assert line is not None
            session.add(Feedback(person_id=row.id, topic="passport", language="lo", useful=True, created_at=now))
            session.add(Correction(message_id=line.id, staff_id=staff.id, verdict="wrong", created_at=now))
            questions.propose(session, f"{person.name} passport", "passport", "dao", now)
            if number == 0:
                held = case.id
        updates = [NewUpdate(n, p.chat, {"message": {"text": p.words, "chat": {"id": int(p.chat)}}})
                   for n, p in enumerate(people)]  # fmt: skip
        inbox.add(session, "telegram", updates, now)
        broken = NewUpdate(10**6, people[-1].chat, {})
        inbox.put_aside(session, "telegram", broken, people[-1].words, "unreadable", now)
    done = CliRunner().invoke(commands, ["staff", "keep", str(held), "--reason", REASON, "--days", "365"])
    assert done.exit_code == 0, done.output
    with database.write() as session:
        for row in inbox.claim(session, "telegram", "me", 10**6, now)[0]:
            inbox.done(session, row, now)
        session.execute(text("UPDATE outbox SET state = 'delivered'"))
    return people[0].chat, people[1].chat


if __name__ == "__main__":
    raise SystemExit(main())
