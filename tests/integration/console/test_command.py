"""`bot staff add` and the address that `bot console` listens on."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from bot.cli import app, console
from bot.services import staff
from bot.settings import Settings, SettingsError
from bot.storage.db import Database


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    chosen = Settings(_env_file=None, database_url=database_url)  # type: ignore[call-arg]
    monkeypatch.setattr(console, "settings", lambda: chosen)
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
