"""`bot doctor`: broken, merely missing, or well; and a word on the terminal when a step takes long."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app, operate
from bot.cli.operate import CHECKS, Mark, Sick, examine
from bot.progress import slow
from bot.settings import Settings


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, telegram_token=None, database_url=f"sqlite:///{tmp_path / 'd.sqlite3'}")  # type: ignore[call-arg]


def only(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    monkeypatch.setattr(operate, "CHECKS", tuple(check for check in CHECKS if check[0] in names))


def run(chosen: Settings, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    monkeypatch.setattr(operate, "settings", lambda: chosen)
    done = CliRunner().invoke(app, ["doctor"], env={"COLUMNS": "200"})
    return done.exit_code, done.output


def test_the_terminal_chat_needs_no_token(chosen: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, "Telegram", "database")
    code, said = run(chosen, monkeypatch)
    assert code == 0
    assert "! │ Telegram" in said
    assert "chat in this terminal" in said
    assert "@BotFather" in said


def test_extras_that_are_missing_are_named_and_are_no_illness(
    chosen: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, "pictures", "sound")
    bare = chosen.model_copy(update={"ocr_program": "no-such-program", "ffmpeg_program": "no-such-program"})
    code, said = run(bare, monkeypatch)
    assert code == 0
    assert said.count("apt-get install") == 2
    assert said.count("! │") == 2


def raising(error: Exception) -> Callable[[Settings], str]:
    def check(_chosen: Settings) -> str:
        raise error

    return check


@pytest.mark.parametrize("error", [Sick("do this"), ValueError("do this")], ids=["sick", "unforeseen"])
def test_what_is_broken_fails(error: Exception, chosen: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operate, "CHECKS", (("thing", raising(error)), ("other", lambda _: "fine")))
    assert [mark for _, _, mark in examine(chosen)] == [Mark.SICK, Mark.WELL]
    code, said = run(chosen, monkeypatch)
    assert code == 1
    assert "do this" in said
    assert "fine" in said


def test_a_slow_step_says_so_again_and_again_and_a_quick_one_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with slow("Reading", soon=0.01, again=0.01):
        time.sleep(0.2)
    assert capsys.readouterr().err.count("Reading ... (0 s)") >= 2
    with slow("Reading"):
        pass
    with slow("Reading", quiet=True, soon=0.01):
        time.sleep(0.05)
    assert capsys.readouterr().err == ""
