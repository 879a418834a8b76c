"""The audit is a chain, its head lies outside, and who leaves is out at once."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from bot.services import audit, audit_chain, cases, retention, staff
from bot.services.audit_chain import Head
from bot.settings import Settings
from bot.storage.db import Database
from bot.storage.models import AuditEntry, Case, CaseState, Role
from tests.integration.console.conftest import Chat
from tests.support.clock import START, Clock

DAY = timedelta(days=1)


def problems(database: Database, head: Head | None) -> list[str]:
    with database.read() as session:
        return audit_chain.verify(session, head).problems


def head_of(database: Database) -> Head:
    with database.read() as session:
        found = audit_chain.verify(session, None).head
    assert found is not None
    return found


def actions(database: Database) -> list[str]:
    with database.read() as session:
        return [row.action for row in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


def test_what_staff_do_is_one_whole_chain(database: Database, signed_in, chat: Chat) -> None:
    one = signed_in(Role.SUPERVISOR, "dao")
    one.get(f"/cases/{chat.case}")
    one.post(f"/messages/{chat.message}/reveal", reason="")
    one.post(f"/messages/{chat.message}/reveal", reason="the police asked")
    assert actions(database) == ["enrolled", "read", "reveal"]
    assert problems(database, head_of(database)) == []
    page = one.get("/audit").text
    assert "read" in page
    assert f"case {chat.case}" in page
    with database.write() as session:
        session.execute(text("UPDATE audit SET reason = 'dull' WHERE action = 'reveal'"))
    assert len(problems(database, head_of(database))) == 1


def test_a_failed_sign_in_stays_written_when_its_transaction_is_undone(database: Database, browser, clock) -> None:
    with database.write() as session:
        staff.add(session, "dao", Role.EDITOR, clock())
    one = browser()
    one.get("/sign-in")
    for _ in range(5):
        assert one.post("/sign-in", name="dao", password="guess").status_code == 401
    for _ in range(7):  # begin_try raises, which rolls its own transaction back
        assert one.post("/sign-in", name="dao", password="guess").status_code == 429
    assert actions(database) == ["sign_in_failed"] * 5 + ["sign_in_slowed"]
    with database.read() as session:
        assert "guess" not in repr([vars(row) for row in session.scalars(select(AuditEntry))])


def test_nothing_is_written_of_what_was_undone(database: Database) -> None:
    def work() -> None:
        with database.write() as session:
            audit.note(session, "dao", "export", START)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        work()
    assert actions(database) == []


def test_entries_of_older_versions_are_linked_by_the_first_new_one(database: Database) -> None:
    with database.write() as session:
        session.add_all(AuditEntry(at=START, staff_name="dao", action="read") for _ in range(3))
    assert problems(database, None)
    with database.write() as session:
        audit.note(session, "dao", "export", START)
    assert problems(database, head_of(database)) == []


def test_what_goes_by_age_leaves_a_chain_that_begins_later(database: Database, clock: Clock) -> None:
    for days in range(6):
        with database.write() as session:
            audit.note(session, "dao", "read", START + days * DAY)
    settings = Settings(_env_file=None, keep_audit_days=30)  # type: ignore[call-arg]
    with database.write() as session:
        retention.purge(session, settings, START + 33 * DAY)
    assert actions(database) == ["read"] * 3 + ["purge"]
    assert problems(database, head_of(database)) == []
    head = head_of(database)
    with database.write() as session:
        session.execute(text("DELETE FROM audit WHERE id = (SELECT min(id) FROM audit)"))
    assert len(problems(database, head)) == 1


def test_the_head_goes_to_a_file_and_never_back(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "elsewhere" / "head"
    chosen = Settings(_env_file=None, audit_head_file=path, database_url=database.url)  # type: ignore[call-arg]
    monkeypatch.setattr(audit_chain, "settings", lambda: chosen)
    for _ in range(3):
        with database.write() as session:
            audit.note(session, "dao", "read", START)
    head = head_of(database)
    assert audit_chain.read_head(path) == head
    audit_chain.write_head(path, Head(head.id - 1, "0" * 64))
    assert audit_chain.read_head(path) == head
    assert path.stat().st_mode & 0o077 == 0
    with database.write() as session:
        session.execute(text("DELETE FROM audit WHERE id = :i"), {"i": head.id})
    assert "cut off" in problems(database, audit_chain.read_head(path))[0]


def test_who_leaves_is_out_within_a_second_and_their_cases_wait_again(
    database: Database, signed_in, chat: Chat, clock: Clock
) -> None:
    one = signed_in(Role.COUNSELLOR, "dao")
    with database.write() as session:
        cases.claim(session, chat.case, "dao", clock())
    assert one.get(f"/cases/{chat.case}").status_code == 200
    started = time.monotonic()
    with database.write() as session:
        assert staff.disable(session, "dao", clock()) == [chat.case]
    assert one.get(f"/cases/{chat.case}").status_code == 303
    assert one.get(f"/cases/{chat.case}/messages", headers={"hx-request": "true"}).status_code == 401
    assert time.monotonic() - started < 1
    with database.read() as session:
        case = session.get_one(Case, chat.case)
        assert (case.state, case.claimed_by) == (CaseState.OPEN, None)
