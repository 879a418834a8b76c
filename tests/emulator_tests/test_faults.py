"""Faults at run time."""

from __future__ import annotations

import asyncio
import time

import httpx
import pytest

from tests.emulator import ControlError, Emulator

from .conftest import USER, Api


async def test_next_n(emu: Emulator, api: Api) -> None:
    emu.fault("5xx", next_n=2, status=502, methods=["send*"])
    codes = [(await api.raw("sendMessage", chat_id=USER, text="x")).status_code for _ in range(3)]
    assert codes == [502, 502, 200]
    assert (len(emu.view(USER).messages), emu.stats()["faults"]) == (1, {"5xx": 2})


async def test_5xx_has_an_html_body(emu: Emulator, api: Api) -> None:
    emu.fault("5xx", next_n=1, status=503)
    answer = await api.raw("getMe")
    assert (answer.status_code, answer.headers["content-type"].startswith("text/html")) == (503, True)
    assert "503 Service Unavailable" in answer.text


async def test_probability(emu: Emulator, api: Api) -> None:
    number = emu.fault("429", probability=0.3, retry_after=1, methods=["getMe"])
    codes = [(await api.raw("getMe")).status_code for _ in range(100)]
    assert 15 < codes.count(429) < 45
    emu.clear_faults(number)
    assert (await api.raw("getMe")).status_code == 200


async def test_only_one_chat(emu: Emulator, api: Api) -> None:
    emu.fault("5xx", probability=1, chat_id=USER)
    assert (await api.raw("sendMessage", chat_id=USER, text="x")).status_code == 502
    assert (await api.raw("sendMessage", chat_id=1002, text="x")).status_code == 200


@pytest.mark.parametrize(("kind", "accepted"), [("reset_before", 0), ("reset_after", 1)])
async def test_reset(emu: Emulator, api: Api, kind: str, accepted: int) -> None:
    """Cut before the call is accepted nothing is sent; after it, the message is there and the client cannot know."""
    emu.fault(kind, next_n=1)
    with pytest.raises(httpx.TransportError):
        await api.raw("sendMessage", chat_id=USER, text="x")
    assert len(emu.view(USER).bot_messages) == accepted


async def test_timeout_after_accept(emu: Emulator, api: Api) -> None:
    """Finding 2: accepted, but the client hears nothing."""
    emu.fault("timeout_after", next_n=1)
    with pytest.raises(httpx.ReadTimeout):
        await api.client.post(api.base + "sendMessage", json={"chat_id": USER, "text": "x"}, timeout=0.3)
    await api.say("x")
    assert len(emu.view(USER).bot_messages) == 2


async def test_duplicates_are_counted(emu: Emulator, api: Api) -> None:
    emu.send_text(USER, "m7")
    await api.ok("getUpdates")
    for _ in range(3):
        await api.say("re: m7")
    assert (emu.stats()["answered"], emu.stats()["duplicates"]) == (1, 2)
    assert list(emu.duplicated()) == [100_000_001]


async def test_latency(emu: Emulator, api: Api) -> None:
    emu.fault("latency", probability=1, seconds=0.2, methods=["getMe"])
    start = time.monotonic()
    await api.ok("getMe")
    assert 0.18 < time.monotonic() - start < 1


async def test_latency_and_another_fault_together(emu: Emulator, api: Api) -> None:
    emu.fault("latency", probability=1, seconds=0.05)
    emu.fault("5xx", next_n=1)
    assert (await api.raw("getMe")).status_code == 502


async def test_blackhole(emu: Emulator, api: Api) -> None:
    """Goal R9: connections open, no answer; when it ends the waiting ones are cut."""
    emu.blackhole()
    waiting = asyncio.create_task(api.raw("getMe"))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    emu.blackhole(False)
    with pytest.raises(httpx.TransportError):
        await waiting
    await api.ok("getMe")


async def test_poison(emu: Emulator, api: Api) -> None:
    for kind in ("callback", "no_date", "no_chat", "bad_type", "empty"):
        emu.poison(kind)
    updates = await api.ok("getUpdates")
    assert (len(updates), updates[4]) == (5, {"update_id": 100_000_005})
    assert emu.unanswered() == []
    with pytest.raises(ControlError):
        emu.poison("arsenic")


async def test_unknown_fault(emu: Emulator) -> None:
    with pytest.raises(ControlError):
        emu.fault("meteor")


async def test_export_shows_everything(emu: Emulator, api: Api) -> None:
    emu.fault("5xx", next_n=1)
    await api.raw("sendMessage", chat_id=USER, text="one")
    await api.say("two")
    await api.refused("sendMessage", chat_id=1, text="three")
    seen = emu.requests("sendMessage")
    assert [(entry["args"]["text"], entry["status"], entry.get("fault")) for entry in seen] == [
        ("one", 502, "5xx"),
        ("two", 200, None),
        ("three", 400, None),
    ]
    assert seen[2]["description"] == "Bad Request: chat not found"
