"""Flood limits and retry_after windows."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.emulator import Clock, Emulator, FloodLimits, Options

from .conftest import USER, Api


@pytest.fixture
async def emu() -> AsyncIterator[Emulator]:
    """The clock stands still, so that seconds pass only when a test says so."""
    options = Options(flood=FloodLimits(enabled=True))
    async with Emulator(options=options, clock=Clock(1_800_000_000)) as emulator:
        emulator.add_user(USER)
        yield emulator


async def test_429_says_when(emu: Emulator, api: Api) -> None:
    """Rule "flood": 429 with parameters.retry_after, and a header. Query.cpp 105-112, HttpConnection.cpp 71."""
    answers: list[httpx.Response] = [await api.raw("sendMessage", chat_id=USER, text="x") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3].json() == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 1",
        "parameters": {"retry_after": 1},
    }
    assert answers[3].headers["Retry-After"] == "1"


async def test_one_a_second_per_chat(emu: Emulator, api: Api) -> None:
    """Rule "send limits": ~1/s per chat (burst 3). PTB constants.FloodLimit.MESSAGES_PER_SECOND_PER_CHAT."""
    for _ in range(3):
        await api.say()
    for _ in range(3):
        emu.advance(1)
        await api.say()
    assert (await api.refused("sendMessage", chat_id=USER, text="x"))[0] == 429


async def test_thirty_a_second_overall(emu: Emulator, api: Api) -> None:
    """Rule "send limits": ~30/s overall. PTB constants.FloodLimit.MESSAGES_PER_SECOND."""
    for user in range(2000, 2031):
        emu.add_user(user)
    codes = [(await api.raw("sendMessage", chat_id=user, text="x")).status_code for user in range(2000, 2031)]
    assert codes == [200] * 30 + [429]
    assert (await api.refused("sendMessage", chat_id=USER, text="x"))[0] == 429
    emu.advance(1)
    await api.say()


async def test_twenty_a_minute_per_group(emu: Emulator, api: Api) -> None:
    """Rule "send limits": 20/min per group. PTB constants.FloodLimit.MESSAGES_PER_MINUTE_PER_GROUP."""
    emu.add_group(-100123, members=[USER])
    for _ in range(20):
        await api.say(chat_id=-100123)
    answer = await api.call("sendMessage", chat_id=-100123, text="x")
    assert answer["parameters"] == {"retry_after": 60}
    emu.advance(60)
    await api.say(chat_id=-100123)


async def test_sends_inside_a_window_are_on_record(emu: Emulator, api: Api) -> None:
    """Goal R6: 0 sends inside a retry_after window; the emulator counts them."""
    emu.flood_limits(enabled=False)
    emu.add_user(1002)
    emu.fault("429", next_n=1, retry_after=5)
    await api.refused("sendMessage", chat_id=USER, text="x")
    emu.advance(2)
    answer = await api.call("sendMessage", chat_id=USER, text="x")
    assert answer["parameters"] == {"retry_after": 3}
    await api.say(chat_id=1002)
    assert [(v["chat_id"], round(v["early"])) for v in emu.violations()] == [(USER, 3)]
    emu.advance(3)
    await api.say()
    assert emu.stats()["violations"] == 1


async def test_a_global_window_holds_for_all_chats(emu: Emulator, api: Api) -> None:
    emu.fault("429", next_n=1, retry_after=5, scope="global")
    await api.refused("sendMessage", chat_id=USER, text="x")
    emu.add_user(1002)
    emu.advance(1)
    assert (await api.refused("sendMessage", chat_id=1002, text="x"))[0] == 429
    assert emu.violations()[0]["scope"] == "global"


async def test_albums_count_each_item(emu: Emulator, api: Api) -> None:
    items = [{"type": "photo", "media": "https://x.la/a.jpg"}] * 3
    await api.ok("sendMediaGroup", chat_id=USER, media=items)
    assert (await api.refused("sendMessage", chat_id=USER, text="x"))[0] == 429


async def test_chat_actions_and_edits_are_free(emu: Emulator, api: Api) -> None:
    sent = await api.say()
    for number in range(5):
        await api.ok("sendChatAction", chat_id=USER, action="typing")
        await api.ok("editMessageText", chat_id=USER, message_id=sent, text=f"{number}")
