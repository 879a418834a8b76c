"""The emulator as a process of its own, driven over HTTP; and its speed."""

from __future__ import annotations

import asyncio
import base64
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest

from tests.emulator import ControlError, Emulator, EmulatorClient

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def remote() -> Iterator[EmulatorClient]:
    """`python -m tests.emulator --port 0 --token 5:T`, ended by SIGTERM."""
    command = [sys.executable, "-m", "tests.emulator", "--port", "0", "--token", "5:T"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().split()[3]
        yield EmulatorClient(url, timeout=10)
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0


def test_a_dialogue_over_http(remote: EmulatorClient) -> None:
    remote.add_user(user_id=7, first_name="Noy", language_code="lo")
    remote.send_text(user_id=7, text="hello m1")
    keyboard = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
    with httpx.Client(base_url=f"{remote.base_url}/bot5:T/") as bot:
        assert len(bot.post("getUpdates").json()["result"]) == 1
        bot.post("sendMessage", json={"chat_id": 7, "text": "hi m1", "reply_markup": keyboard})
    screen = remote.wait(chat_id=7, contains="hi", button="Yes", messages=1)
    assert (screen["last"]["text"], screen["notifications"]) == ("hi m1", 1)
    assert remote.press(user_id=7, text="Yes")["callback_query"]["data"] == "y"
    stats = remote.stats()
    assert (stats["made"], stats["answered"], stats["methods"]["sendmessage"]) == (2, 1, 1)


def test_files_over_http_are_base64(remote: EmulatorClient) -> None:
    sent = remote.send_media(user_id=7, kind="voice", data_base64=base64.b64encode(b"sound").decode())
    assert base64.b64decode(remote.file(file_id=sent["message"]["voice"]["file_id"])) == b"sound"


def test_faults_and_clock_over_http(remote: EmulatorClient) -> None:
    before = remote.now()
    assert remote.advance(seconds=100) - before > 99
    number = remote.fault(kind="5xx", probability=1, methods=["getme"])
    assert httpx.get(f"{remote.base_url}/bot5:T/getMe").status_code == 502
    remote.clear_faults(fault_id=number)
    assert httpx.get(f"{remote.base_url}/bot5:T/getMe").status_code == 200


def test_refusals_over_http(remote: EmulatorClient) -> None:
    with pytest.raises(ControlError, match="no chat"):
        remote.view(chat_id=1)
    with pytest.raises(ControlError, match="no verb"):
        remote.fly()
    with pytest.raises(ControlError):
        remote.send_text(nonsense=1)
    with pytest.raises(TimeoutError):
        remote.wait(chat_id=7, contains="never said", timeout=0.05)


def test_numbers_in_the_query_string(remote: EmulatorClient) -> None:
    answer = httpx.get(f"{remote.base_url}/_emu/view", params={"chat_id": 7})
    assert answer.json()["result"]["chat_id"] == 7


async def test_speed(emu: Emulator) -> None:
    """At least 500 updates and 500 sends a second on one core, the client's share included."""
    count, got, offset = 2000, 0, 0
    emu.feed(count, chats=300)
    start = time.process_time()
    async with aiohttp.ClientSession(f"{emu.bot_base_url}{emu.token}/") as client:

        async def call(method: str, **params: object) -> Any:
            async with client.post(method, json=params) as answer:
                return (await answer.json())["result"]

        async def send(updates: list[dict[str, Any]]) -> None:
            for update in updates:
                message = update["message"]
                await call("sendMessage", chat_id=message["chat"]["id"], text=message["text"])

        while got < count:
            updates = await call("getUpdates", offset=offset)
            got += len(updates)
            offset = updates[-1]["update_id"] + 1
            await asyncio.gather(*(send(updates[part::10]) for part in range(10)))
    rate = count / (time.process_time() - start)
    print(f"{rate:.0f} updates answered a second of processor time")
    assert emu.stats()["answered"] == count
    assert rate >= 500


async def test_speed_of_the_core(emu: Emulator) -> None:
    """20,000 updates in, confirmed in steps: no step grows with what is waiting."""
    start = time.process_time()
    emu.feed(20_000, chats=500)
    first = emu.core.queue.next_id - 20_000
    for offset in range(first, first + 20_001, 100):
        assert emu.core.poller._take(offset, 100) or offset == first + 20_000
    seconds = time.process_time() - start
    print(f"{20_000 / seconds:.0f} updates a second")
    assert seconds < 20
