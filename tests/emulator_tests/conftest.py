"""An emulator, a raw client and python-telegram-bot's Bot for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from telegram import Bot

from tests.emulator import Clock, Emulator, Options

Json = dict[str, Any]
USER = 1001


class Api:
    """A raw Bot API client: `await api.sendMessage(chat_id=1, text="x")` -> the answer's JSON."""

    def __init__(self, emulator: Emulator, client: httpx.AsyncClient) -> None:
        self.base = f"{emulator.bot_base_url}{emulator.token}/"
        self.client = client

    async def raw(self, method: str, **params: Any) -> httpx.Response:
        return await self.client.post(self.base + method, json=params)

    async def call(self, method: str, **params: Any) -> Json:
        answer: Json = (await self.raw(method, **params)).json()
        return answer

    async def ok(self, method: str, **params: Any) -> Any:
        """The result; fails the test when the call was refused."""
        answer = await self.call(method, **params)
        assert answer["ok"], answer
        return answer["result"]

    async def refused(self, method: str, **params: Any) -> tuple[int, str]:
        """Error code and description; fails the test when the call was accepted."""
        answer = await self.call(method, **params)
        assert not answer["ok"], answer
        return answer["error_code"], answer["description"]

    async def say(self, text: str = "hello", chat_id: int = USER, **params: Any) -> int:
        """Send a text; returns its message_id."""
        return int((await self.ok("sendMessage", chat_id=chat_id, text=text, **params))["message_id"])


@pytest.fixture
def options() -> Options:
    return Options(webhook_scale=0.01)


@pytest.fixture
async def emu(options: Options) -> AsyncIterator[Emulator]:
    """An emulator with one person and noise: another person who also wrote something, long ago answered."""
    async with Emulator(options=options, clock=Clock()) as emulator:
        emulator.add_user(USER, "Noy", username="noy", language_code="lo")
        emulator.add_user(1002, "Somchai", language_code="th")
        yield emulator


@pytest.fixture
async def api(emu: Emulator) -> AsyncIterator[Api]:
    async with httpx.AsyncClient(timeout=15) as client:
        yield Api(emu, client)


@pytest.fixture
async def bot(emu: Emulator) -> AsyncIterator[Bot]:
    async with Bot(emu.token, base_url=emu.bot_base_url, base_file_url=emu.file_base_url) as ptb:
        yield ptb
