"""The bot as a real process between a Bot API emulator and a stand-in for the NLU."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.emulator import Emulator
from tests.support.processes import TOKEN, Process, bot_environment, free_port, running, wait_for_port


@dataclass
class Bot:
    """A bot under test, and how to start it again."""

    process: Process
    environment: dict[str, str]
    log: Path
    health_port: int

    def restart(self, *, kill: bool = False) -> None:
        """End it (by SIGKILL if asked) and start it again on the same database."""
        if kill:
            self.process.kill()
        else:
            self.process.stop()
        self.start()

    def start(self) -> None:
        """Start it on the same database."""
        self.process = Process("-m", "bot", "run", log=self.log, **self.environment)
        wait_for_port(self.health_port)


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    """A Bot API emulator in this process."""
    async with Emulator(token=TOKEN) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def fake_nlu(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a stand-in for the NLU."""
    port = free_port()
    log = tmp_path_factory.mktemp("nlu") / "nlu.log"
    with running("-m", "tests.support.fake_nlu", "--port", str(port), log=log, port=port):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def bot(emulator: Emulator, fake_nlu: str, tmp_path: Path) -> Iterator[Bot]:
    """A running bot on SQLite; its log is shown when the test fails."""
    port = free_port()
    database = f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    environment = bot_environment(emulator.base_url, database, fake_nlu, port)
    log = tmp_path / "bot.log"
    process = Process("-m", "bot", "run", log=log, **environment)
    started = Bot(process, environment, log, port)
    try:
        wait_for_port(port)
        yield started
    finally:
        if started.process.alive:
            started.process.kill()
        print(log.read_text(encoding="utf-8")[-4000:])
