"""Every flow in Lao and Thai with a kill -9 in its middle, with the model there and with the model away.

All people of all flows walk at once before one bot, and one kill catches them all half-way: each case below asks only
how its own journey ended.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.e2e.conftest import Bot
from tests.e2e.journeys import JOURNEYS, Walker
from tests.emulator import Emulator
from tests.support.processes import TOKEN, Process, bot_environment, free_port, wait_for_port

LANGUAGES = ("lo", "th")
NOBODY = "http://127.0.0.1:9"
Outcome = dict[tuple[str, str], BaseException | None]


async def walk(nlu: str, folder: Path) -> Outcome:
    """Make all journeys, killing the bot half-way; how each ended."""
    ended: Outcome = {}
    async with Emulator(token=TOKEN) as emulator:
        port, log = free_port(), folder / "bot.log"
        environment = bot_environment(emulator.base_url, f"sqlite:///{folder / 'bot.sqlite3'}", nlu, port)
        bot = Bot(Process("-m", "bot", "run", log=log, **environment), environment, log, port)
        try:
            await asyncio.to_thread(wait_for_port, port)
            named = [((j.__name__, code), j) for code in LANGUAGES for j in JOURNEYS]
            walks = {
                name: journey(Walker(emulator, environment, number, name[1], log))
                for number, (name, journey) in enumerate(named, 1001)
            }
            halves = await asyncio.gather(*(anext(w) for w in walks.values()), return_exceptions=True)
            ended |= dict(zip(walks, halves, strict=True))
            await asyncio.to_thread(bot.restart, kill=True)
            going = [name for name, trouble in ended.items() if trouble is None]
            rest = await asyncio.gather(*(anext(walks[name], None) for name in going), return_exceptions=True)
            ended |= dict(zip(going, rest, strict=True))
        finally:
            bot.process.kill()
    return ended


@pytest.fixture(scope="module", params=["model", "alone"])
def ended(request: pytest.FixtureRequest, fake_nlu: str, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """How every journey ended before this bot."""
    return asyncio.run(walk(fake_nlu if request.param == "model" else NOBODY, tmp_path_factory.mktemp("journeys")))


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("journey", [journey.__name__ for journey in JOURNEYS])
def test_the_kill_half_way_is_not_noticed(ended: Outcome, journey: str, code: str) -> None:
    if trouble := ended[journey, code]:
        raise trouble
