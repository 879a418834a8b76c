"""The learning loop with the real Rasa on few questions: train, gate, swap under load, roll-back, kill -9.

SCREENSHOTS=folder keeps pictures of the pages.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.nlu.supervisor import NLU_PYTHON
from bot.services.models import registry
from bot.settings import ROOT
from bot.storage.db import Database
from bot.storage.models import Model, ModelState, Role
from nlu.questions import EVAL, Row, training_rows, write_training_file
from tests.e2e.conftest import Bot
from tests.e2e.test_console import CHROMIUM, Desk, console, desk, look
from tests.emulator import Emulator
from tests.support.processes import Process, bot_environment, clean_environment, free_port, wait_for_port

__all__ = ["console", "desk"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.rasa,
    pytest.mark.timeout(420),
    pytest.mark.skipif(not CHROMIUM.exists() or not NLU_PYTHON.exists(), reason="no chromium or no Rasa"),
]
TOPICS = {"greet", "passport", "unpaid_wages", "urgent_trapped", "urgent_violence", "out_of_scope"}
FORMS = ("lao", "thai", "english")
QUESTION = "ເຮັດພາສປອດຢູ່ໃສ"
PHONE = {"width": 360, "height": 740}


def write_questions(folder: Path, most: int, urgent: int) -> None:
    """The first questions of each topic and form; `urgent`: how many of the topics of danger."""
    seen: dict[tuple[str, str], int] = {}
    files: dict[str, list[Row]] = {}
    for row in training_rows():
        if row.intent in TOPICS and row.form in FORMS:
            key = row.intent, row.form
            seen[key] = seen.get(key, 0) + 1
            if seen[key] <= (urgent if row.intent.startswith("urgent") else most):
                files.setdefault(row.where, []).append(row)
    for name, rows in files.items():
        write_training_file(folder / name, rows)


def write_held_out(folder: Path) -> None:
    folder.mkdir()
    for form in FORMS:
        head, *lines = (EVAL / f"{form}.tsv").read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if line.split("\t")[2] in TOPICS]
        (folder / f"{form}.tsv").write_text("\n".join([head, *kept]) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Few questions, held-out ones, and a poor model that came with the program."""
    home = tmp_path_factory.mktemp("models")
    write_questions(home / "poor", 10, 5)
    write_questions(home / "data", 30, 30)
    write_held_out(home / "eval")
    (home / "models").mkdir()
    subprocess.run(
        [
            NLU_PYTHON, "-m", "nlu.tools.train",
            "--into", home / "models" / "nlu-poor.tar.gz", "--data", home / "poor",
        ],
        cwd=ROOT, check=True, capture_output=True, env=clean_environment(), timeout=150,
    )  # fmt: skip
    return home


@pytest.fixture
def bot(emulator: Emulator, home: Path, tmp_path: Path) -> Iterator[Bot]:
    """A bot with its own Rasa process."""
    port = free_port()
    environment = bot_environment(
        emulator.base_url, f"sqlite:///{tmp_path / 'bot.sqlite3'}", "", port,
        NLU_PORT="0", MODEL_DIR=str(home / "models"), QUESTIONS_DIR=str(home / "data"),
        HELD_OUT_DIR=str(home / "eval"), TRAINING_DIR=str(tmp_path / "training"),
        GATE_FORM_MARGIN="8", GATE_FALSE_CARD_MARGIN="4",  # of so few questions one is a point or more
    )  # fmt: skip
    log = tmp_path / "bot.log"
    started = Bot(Process("-m", "bot", "run", log=log, **environment), environment, log, port)
    try:
        wait_for_port(port, 60)
        yield started
    finally:
        if started.process.alive:
            started.process.kill()
        print(log.read_text(encoding="utf-8")[-4000:])


async def until(test: Callable[[], object], seconds: float = 60) -> None:
    for _ in range(int(seconds / 0.2)):
        if test():
            return
        await asyncio.sleep(0.2)
    raise TimeoutError


def said(bot: Bot, words: str) -> bool:
    return words in bot.log.read_text(encoding="utf-8")


def terminal(bot: Bot, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", "models", *words],
        cwd=ROOT, env=clean_environment() | bot.environment, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


async def finished(page: Page, address: str, number: int, database: Database) -> str:
    """Wait on the page until a model is made; it loads anew by itself."""
    await page.goto(f"{address}/models")
    await expect(page.locator("#training")).to_contain_text("%", timeout=30_000)
    await expect(page.locator("main button:text-is('Train')")).to_be_visible(timeout=150_000)
    with database.read() as session:
        return registry.one(session, number).state


class Load:
    """People who ask all the time; each must get an answer."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator, self.asked = emulator, 0
        self._stop = asyncio.Event()

    async def run(self) -> None:
        while not self._stop.is_set():
            user = 5000 + self.asked
            self.emulator.add_user(user, "Noy")
            self.emulator.send_text(user, QUESTION)
            self.asked += 1
            await asyncio.sleep(0.25)

    async def end(self) -> int:
        """Stop; returns how many got no answer."""
        self._stop.set()
        lost = 0
        for user in range(5000, 5000 + self.asked):
            try:
                await self.emulator.wait_for(user, lambda s: any(m.from_bot for m in s.messages), 20)
            except TimeoutError:
                lost += 1
        return lost


async def test_train_gate_swap_and_back(emulator: Emulator, bot: Bot, desk: Desk, home: Path) -> None:
    page = await desk.page()
    await desk.sign_in(page, "noy", Role.EDITOR)
    await until(lambda: said(bot, "rasa_ready"), 120)
    # A better model: trained on the page, let through, promoted while people ask.
    await page.goto(f"{desk.address}/models")
    await page.click("main button:text-is('Train')")
    assert await finished(page, desk.address, 1, desk.database) == ModelState.CANDIDATE
    await page.click("a:text-is('Model 1')")
    await expect(page.locator("table")).to_contain_text("Cries for help noticed")
    await look(page, "model-candidate")
    load = Load(emulator)
    asking = asyncio.create_task(load.run())
    await page.click("button[value=promote]")
    await expect(page.locator(".mark").first).to_have_text("serves now")
    await until(lambda: said(bot, "model_serves"), 90)
    await asyncio.sleep(4)
    lost = await load.end()
    await asking
    assert (lost, load.asked > 20, said(bot, "nlu_unavailable")) == (0, True, False), f"{lost} of {load.asked} lost"
    assert json.loads((home / "models" / "serves.json").read_text(encoding="utf-8"))["number"] == 1
    # The poor one, measured beside it, is refused; nobody gets it past the gate.
    with desk.database.read() as session:
        poor = session.query(Model).filter_by(file="nlu-poor.tar.gz").one().id
    await page.goto(f"{desk.address}/models/{poor}")
    await page.click("button[value=measure]")
    assert await finished(page, desk.address, poor, desk.database) == ModelState.REFUSED
    await page.goto(f"{desk.address}/models/{poor}")
    await expect(page.locator(".error")).to_contain_text("before,")
    assert await page.locator("button", has_text="Promote").count() == 0
    await look(page, "model-refused")
    refused = terminal(bot, "promote", str(poor))
    assert refused.returncode == 1 and "let through" in refused.stderr
    # Back in one click, and killed in the middle of it: one whole version serves after the start.
    await page.goto(f"{desk.address}/models/1")
    await page.click("button[value=roll_back]")
    await asyncio.sleep(3)
    bot.restart(kill=True)
    await until(lambda: said(bot, "nlu-poor.tar.gz"), 120)
    assert json.loads((home / "models" / "serves.json").read_text(encoding="utf-8"))["number"] == poor
    with desk.database.read() as session:
        assert session.query(Model).filter_by(state=ModelState.PROMOTED).one().id == poor
    emulator.add_user(4000, "Dao")
    emulator.send_text(4000, QUESTION)
    await emulator.wait_for(4000, lambda s: any(m.from_bot for m in s.messages), 30)
    assert desk.trouble == []
