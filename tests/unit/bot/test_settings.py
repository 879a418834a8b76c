"""Settings: a wrong one stops the start and names itself; the example file is what the settings say."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli.settings_example import render
from bot.settings import ROOT, SettingsError, load_settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("telegram_token", "no-colon"),
        ("database_url", "mysql://x"),
        ("nlu_timeout", 0),
        ("log_level", "LOUD"),
        ("default_language", "fr"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: object) -> None:
    with pytest.raises(SettingsError, match=name.upper()):
        load_settings(_env_file=None, **{name: value})


def test_a_secret_may_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text("12345:abc\n", encoding="utf-8")
    monkeypatch.setenv("TELEGRAM_TOKEN_FILE", str(tmp_path / "token"))
    token = load_settings(_env_file=None).telegram_token
    assert token is not None
    assert token.get_secret_value() == "12345:abc"
    assert "abc" not in repr(load_settings(_env_file=None))


def test_a_missing_secret_file_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN_FILE", "/nowhere/token")
    with pytest.raises(SettingsError, match="/nowhere/token"):
        load_settings(_env_file=None)


def test_the_example_file_is_fresh() -> None:
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == render(), "run: bot env-example > .env.example"
