"""The program that is told of urgent chats."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bot.services import staff_command


async def test_it_gets_the_words_and_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", "1:secret")
    script, out = tmp_path / "tell.py", tmp_path / "out"
    script.write_text(
        f"import os, sys, pathlib; pathlib.Path({str(out)!r}).write_text(sys.stdin.read() + repr(dict(os.environ)))"
    )
    assert await staff_command.tell(f"{sys.executable} {script} 'two words'", ["new: Calm Bird", "still: Jade Rain"])
    said = out.read_text()
    assert said.startswith("new: Calm Bird\nstill: Jade Rain\n")
    assert "secret" not in said


@pytest.mark.parametrize("command", ["/no/such/program", "false", "'open quote"])
async def test_its_trouble_is_not_ours(command: str) -> None:
    assert not await staff_command.tell(command, ["new"])


async def test_it_may_not_take_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staff_command, "LONGEST", 0.2)
    assert not await staff_command.tell("sleep 60", ["new"])
    assert await staff_command.tell("", ["new"])
    assert await staff_command.tell("false", [])
