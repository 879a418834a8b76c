"""Every command of README.md is run here as it stands there, or by what ELSEWHERE names; a new one must be added."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.settings import ROOT
from tests.support.processes import bot_environment, clean_environment, free_port, http, wait_for_port

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(
    r"^(?: {4}|```[a-z]*\n)((?:make|uv|bot|python3?|bash|git|docker|sudo|curl) .*?)(?: +#.*)?$", re.MULTILINE
)
INLINE = re.compile(r"`((?:make|uv|bot|python3?|bash|git|docker|sudo|curl) [^`]+)`")

ELSEWHERE = {
    "make test": ".ci/run",
    "make eval": ".ci/run",
}
"""Commands that take minutes and need Rasa: CI runs the very line."""


def commands() -> list[str]:
    return list(dict.fromkeys([*BLOCK.findall(README), *INLINE.findall(README)]))


class Shell:
    """Runs command lines of the README without network, on a database of their own."""

    def __init__(self, folder: Path, nlu: str) -> None:
        self.port, self.folder = free_port(), folder
        self.environment = clean_environment() | bot_environment(
            "http://127.0.0.1:1", f"sqlite:///{folder / 'bot.sqlite3'}", nlu, CONSOLE_PORT=str(self.port)
        )
        del self.environment["TELEGRAM_TOKEN"]
        self.environment |= {"UV_NO_SYNC": "1", "UV_OFFLINE": "1", "PATH": f"{ROOT / '.venv/bin'}:{os.environ['PATH']}"}

    def run(self, line: str, typed: str = "") -> str:
        done = subprocess.run(
            ["bash", "-c", line], cwd=ROOT, env=self.environment, check=False,
            input=typed, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def serve(self, line: str, port: int) -> str:
        """What a command that serves has said once its port listens and its first page is there."""
        log = self.folder / "served.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                ["bash", "-c", line], cwd=ROOT, env=self.environment,
                stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
            try:
                wait_for_port(port, 120)
                assert http(f"http://127.0.0.1:{port}/sign-in", 30)[0] == 200
            finally:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(30)
        return log.read_text(encoding="utf-8")


def make_run(shell: Shell, line: str) -> None:
    """Installing and training are done already (`-o`); then the very recipe, with somebody who types."""
    said = shell.run(line.replace("make ", "make -o install -o train ", 1), typed="/help\n")
    assert "TELEGRAM_TOKEN is not set" in said
    assert "Terminal chat" in said
    assert f"Console: http://127.0.0.1:{shell.port}/" in said


def bot_demo(shell: Shell, line: str) -> None:
    port = free_port()
    said = shell.serve(f"{line} --people 5 --port {port} --database {shell.folder / 'demo.sqlite3'}", port)
    assert "Nobody in it is real" in said
    assert f"Console: http://127.0.0.1:{port}/" in said


def bot_doctor(shell: Shell, line: str) -> None:
    assert "@BotFather" in shell.run(line)


def make_help(shell: Shell, line: str) -> None:
    assert "make run" in shell.run(line)


HERE: dict[str, Callable[[Shell, str], None]] = {
    "make run": make_run,
    "make help": make_help,
    "bot doctor": bot_doctor,
    "uv run bot demo": bot_demo,
}


@pytest.fixture
def shell(fake_nlu: str, tmp_path: Path) -> Shell:
    return Shell(tmp_path, fake_nlu)


@pytest.mark.parametrize("line", [line for line in commands() if line in HERE])
def test_a_command_of_the_readme_works(line: str, shell: Shell) -> None:
    HERE[line](shell, line)


def test_no_command_of_the_readme_is_left_out_and_none_is_listed_in_vain() -> None:
    assert set(commands()) == HERE.keys() | ELSEWHERE.keys()


@pytest.mark.parametrize(("line", "place"), ELSEWHERE.items())
def test_what_is_run_elsewhere_is_a_line_there_and_a_target(line: str, place: str) -> None:
    assert line in (ROOT / place).read_text(encoding="utf-8").splitlines()
    planned = subprocess.run(
        ["make", "-n", *line.split()[1:]], cwd=ROOT, check=False, capture_output=True, text=True, timeout=60
    )
    assert planned.returncode == 0, planned.stderr


def test_every_file_that_the_readme_names_is_there() -> None:
    named = re.findall(r"(?:^|[\s(\"])((?:docs|benchmarks|deploy|tests)/[\w./-]*\w|[A-Z]+\.md)", README)
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []
