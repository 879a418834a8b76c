"""`bot staff add` and the address that `bot console` listens on."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from bot.cli import app, console, data, keys
from bot.cli import staff as staff_command
from bot.services import staff
from bot.settings import Settings, SettingsError
from bot.storage.db import Database
from bot.storage.models import AuditEntry
from tests.integration.console.conftest import Chat


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    chosen = Settings(_env_file=None, database_url=database_url)  # type: ignore[call-arg]
    for module in (console, data, keys, staff_command):
        monkeypatch.setattr(module, "settings", lambda: chosen)
    return lambda *words: CliRunner().invoke(app, list(words))


def test_accounts_are_made_reset_and_closed(run, database_url: str) -> None:
    assert "First password of dao: " in run("staff", "add", "Dao", "--role", "counsellor").output
    assert "has not signed in yet" in run("staff", "list").output
    assert "First password" in run("staff", "reset", "dao").output
    assert "Closed" in run("staff", "disable", "dao").output
    assert run("staff", "add", "noy", "--role", "king").exit_code == 2
    assert isinstance(run("staff", "add", "dao", "--role", "admin").exception, staff.StaffError)
    with Database(database_url).read() as session:
        assert staff.everybody(session) == [("dao", "counsellor", False, True)]


def test_what_is_read_and_done_on_the_command_line_is_in_the_audit(run, chat: Chat, database_url: str) -> None:
    assert "••••••" in run("staff", "show", str(chat.case)).output
    assert "••••••" in run("transcripts").output
    assert run("staff", "reply", str(chat.case), "hello", "--as", "noy").exit_code == 0
    assert run("staff", "close", str(chat.case), "--as", "noy").exit_code == 0
    why = "court, ask her at 020 5512 3456"
    assert run("staff", "keep", str(chat.case), "--reason", why, "--as", "noy").exit_code == 0
    with Database(database_url).read() as session:
        rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(row.action, row.object) for row in rows] == [
        ("read", f"case {chat.case}"), ("read", "transcripts"), ("reply", f"case {chat.case}"),
        ("close", f"case {chat.case}"), ("keep", f"case {chat.case}"),
    ]  # fmt: skip
    assert all(row.staff_name.startswith("(shell) ") for row in rows[:2])
    assert rows[-1].reason == "court, ask her at ••••••"


@pytest.mark.parametrize(
    ("host", "url", "fine"),
    [
        ("127.0.0.1", None, True),
        ("::1", None, True),
        ("localhost", None, True),
        ("0.0.0.0", None, False),
        ("0.0.0.0", "http://desk.example.org", False),
        ("0.0.0.0", "https://desk.example.org", True),
    ],
)
def test_no_transcript_goes_over_a_network_without_tls(host: str, url: str | None, fine: bool) -> None:
    chosen = Settings(_env_file=None, console_host=host, console_url=url)  # type: ignore[call-arg]
    if fine:
        console.check_address(chosen)
    else:
        with pytest.raises(SettingsError):
            console.check_address(chosen)
