"""Webhook rules. C++ places are in tdlib/telegram-bot-api @01a3679, telegram-bot-api/."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from tests.emulator import Emulator

from .conftest import USER, Api

Answer = Callable[[dict[str, Any]], Awaitable[web.Response]]


@dataclass
class Receiver:
    """A bot's web server: what came, and what it answers."""

    url: str = ""
    came: list[dict[str, Any]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    headers: list[str | None] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    retry_after: str = ""
    pause: float = 0.0
    answer: dict[str, Any] | None = None
    active: int = 0
    most_active: int = 0

    async def handle(self, request: web.Request) -> web.Response:
        self.came.append(await request.json())
        self.times.append(time.monotonic())
        self.headers.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self.active += 1
        self.most_active = max(self.most_active, self.active)
        await asyncio.sleep(self.pause)
        self.active -= 1
        status = self.statuses.pop(0) if self.statuses else 200
        headers = {"Retry-After": self.retry_after} if self.retry_after and status != 200 else None
        if self.answer and status == 200:
            return web.json_response(self.answer)
        return web.Response(status=status, headers=headers)

    @property
    def texts(self) -> list[str]:
        return [update["message"]["text"] for update in self.came]


@pytest.fixture
async def hook() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield receiver
    await runner.cleanup()


async def _until(condition: Callable[[], bool], seconds: float = 3.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        await asyncio.sleep(0.01)


async def test_secret_token_header(emu: Emulator, api: Api, hook: Receiver) -> None:
    """Rule "secret_token": sent as X-Telegram-Bot-Api-Secret-Token. WebhookActor.cpp 561."""
    await api.ok("setWebhook", url=hook.url, secret_token="s3cret-Token_")
    emu.send_text(USER, "hi")
    await _until(lambda: emu.stats()["acknowledged"] == 1)
    assert (hook.headers, hook.texts) == (["s3cret-Token_"], ["hi"])


@pytest.mark.parametrize(
    ("token", "description"),
    [
        ("x" * 257, "Bad Request: secret token is too long"),
        ("a b", "Bad Request: secret token contains unallowed characters"),
    ],
)
async def test_secret_token_is_checked(api: Api, token: str, description: str) -> None:
    """Rule "secret_token": 1-256 base64url characters. Client.cpp 16018-16024."""
    assert await api.refused("setWebhook", url="http://127.0.0.1:9/", secret_token=token) == (400, description)


async def test_set_webhook_once_a_second(emu: Emulator, api: Api) -> None:
    """Rule "setWebhook": 1 per s, else 429 with retry_after 1. Client.cpp 15735."""
    await api.ok("setWebhook", url="http://127.0.0.1:9/")
    answer = await api.raw("setWebhook", url="http://127.0.0.1:9/")
    assert (answer.status_code, answer.json()["parameters"]) == (429, {"retry_after": 1})
    assert answer.headers["Retry-After"] == "1"
    emu.advance(1.1)
    assert (await api.call("setWebhook", url="http://127.0.0.1:9/"))["description"] == "Webhook is already set"


async def test_not_acknowledged_until_2xx(emu: Emulator, api: Api, hook: Receiver) -> None:
    """Rule "webhook retry": non-2xx is sent again and stays pending. WebhookActor.cpp on_update_error 493."""
    hook.statuses = [500, 302, 200]
    await api.ok("setWebhook", url=hook.url)
    emu.send_text(USER, "again")
    await _until(lambda: len(hook.came) >= 1)
    assert emu.stats()["pending"] == 1
    await _until(lambda: emu.stats()["pending"] == 0)
    assert hook.texts == ["again"] * 3
    info = await api.ok("getWebhookInfo")
    assert info["last_error_message"] == "Wrong response from the webhook: 302 Found"


async def test_back_off_doubles(emu: Emulator, api: Api, hook: Receiver) -> None:
    """Rule "webhook retry": at once, then 2, 4, 8 ... s (here times 0.01). WebhookActor.cpp 502-511."""
    hook.statuses = [500] * 5
    await api.ok("setWebhook", url=hook.url)
    emu.send_text(USER, "x")
    await _until(lambda: len(hook.came) == 6)
    gaps = [later - earlier for earlier, later in zip(hook.times, hook.times[1:], strict=False)]
    assert all(gap >= least for gap, least in zip(gaps, (0, 0.02, 0.04, 0.08, 0.16), strict=True))
    assert gaps[4] < 1


async def test_retry_after_is_honoured(emu: Emulator, api: Api, hook: Receiver) -> None:
    """Rule "webhook retry": honours Retry-After <= 3,600 s (here times 0.01). WebhookActor.cpp 502-505."""
    hook.statuses, hook.retry_after = [503], "30"
    await api.ok("setWebhook", url=hook.url)
    emu.send_text(USER, "x")
    await _until(lambda: len(hook.came) == 2)
    assert hook.times[1] - hook.times[0] >= 0.29


async def test_dropped_when_expired(emu: Emulator, api: Api, hook: Receiver) -> None:
    """Rule "webhook retry": dropped when the update expires. WebhookActor.cpp 511-515."""
    hook.statuses = [500] * 50
    await api.ok("setWebhook", url=hook.url)
    emu.send_text(USER, "x")
    await _until(lambda: len(hook.came) >= 2)
    emu.advance(86_401)
    await _until(lambda: emu.stats()["expired"] == 1)
    assert emu.stats()["pending"] == 0


async def test_one_queue_per_chat_in_order(emu: Emulator, api: Api, hook: Receiver) -> None:
    """Rule "webhook order": the next update of a chat only after 2xx. WebhookActor.cpp 395-425, drop_event."""
    hook.statuses = [500, 500]
    for number in range(5):
        emu.send_text(USER, f"t{number}")
    await api.ok("setWebhook", url=hook.url)
    await _until(lambda: emu.stats()["pending"] == 0)
    assert hook.texts == ["t0", "t0", "t0", "t1", "t2", "t3", "t4"]


async def test_chats_go_side_by_side(emu: Emulator, api: Api, hook: Receiver) -> None:
    """Rule "webhook order": other chats parallel, up to max_connections. WebhookActor.cpp create_new_connections."""
    hook.pause = 0.1
    emu.feed(12, chats=12)
    await api.ok("setWebhook", url=hook.url, max_connections=4)
    await _until(lambda: emu.stats()["pending"] == 0)
    assert hook.most_active == 4


async def test_callbacks_have_a_queue_of_their_own(emu: Emulator, api: Api, hook: Receiver) -> None:
    """Rule "webhook order": a press does not wait for the chat's messages. Client.cpp 17158 `user_id + (3 << 33)`."""
    await api.say("?", reply_markup={"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]})
    hook.pause = 0.2
    emu.send_text(USER, "slow")
    emu.press(USER, "Yes")
    await api.ok("setWebhook", url=hook.url)
    await _until(lambda: emu.stats()["pending"] == 0)
    assert hook.most_active == 2


@pytest.mark.parametrize(("given", "kept"), [(None, 40), (500, 100), (0, 1), (7, 7)])
async def test_max_connections(api: Api, given: int | None, kept: int) -> None:
    """Rule "webhook order": max_connections 1-100, default 40. telegram-bot-api.cpp 445, Client.cpp 15988."""
    await api.ok("setWebhook", url="http://127.0.0.1:9/", max_connections=given)
    assert (await api.ok("getWebhookInfo"))["max_connections"] == kept


async def test_answer_awaited_so_long(emu: Emulator, api: Api, hook: Receiver) -> None:
    """Rule "webhook retry": the answer is awaited <= 60 s, then sent again. WebhookActor.cpp 231."""
    emu.core.options.webhook_timeout = 0.1
    hook.pause = 0.5
    await api.ok("setWebhook", url=hook.url)
    emu.send_text(USER, "x")
    await _until(lambda: len(hook.came) >= 2)
    assert "Read timeout" in (await api.ok("getWebhookInfo"))["last_error_message"]


async def test_410_for_23_hours_closes_the_webhook(emu: Emulator, api: Api, hook: Receiver) -> None:
    """Rule "webhook retry": 410 for 23 h closes it. WebhookActor.cpp 637-646, WebhookActor.h 76."""
    hook.statuses = [410] * 50
    await api.ok("setWebhook", url=hook.url)
    emu.send_text(USER, "x")
    await _until(lambda: len(hook.came) >= 2)
    emu.advance(23 * 3600 + 1)
    await _until(lambda: not emu.core.webhook.url)
    assert (await api.ok("getWebhookInfo"))["url"] == ""
    assert emu.stats()["pending"] == 1


async def test_down_receiver_loses_nothing(emu: Emulator, api: Api, hook: Receiver) -> None:
    """A refused connection counts as non-2xx. WebhookActor.cpp on_socket_ready_async."""
    await api.ok("setWebhook", url="http://127.0.0.1:9/")
    emu.send_text(USER, "x")
    await _until(lambda: emu.stats()["webhook_failures"] >= 1)
    emu.advance(1.1)
    await api.ok("setWebhook", url=hook.url)
    await _until(lambda: emu.stats()["pending"] == 0)
    assert hook.texts == ["x"]


async def test_drop_pending_updates(emu: Emulator, api: Api, hook: Receiver) -> None:
    """do_set_webhook clear_tqueue: what waited is lost. Client.cpp 16007."""
    emu.feed(3, chats=1)
    await api.ok("setWebhook", url=hook.url, drop_pending_updates=True)
    emu.send_text(USER, "after")
    await _until(lambda: len(hook.came) == 1)
    assert (hook.texts, emu.stats()["dropped"]) == (["after"], 3)
    assert set(range(100_000_001, 100_000_004)) <= set(emu.lost())


async def test_delete_webhook_returns_to_polling(emu: Emulator, api: Api, hook: Receiver) -> None:
    """deleteWebhook keeps what waits. Client.cpp 16058."""
    hook.statuses = [500] * 99
    await api.ok("setWebhook", url=hook.url)
    emu.send_text(USER, "x")
    await _until(lambda: len(hook.came) >= 1)
    assert (await api.call("deleteWebhook"))["description"] == "Webhook was deleted"
    assert len(await api.ok("getUpdates")) == 1
    assert (await api.call("deleteWebhook"))["description"] == "Webhook is already deleted"


async def test_answer_may_carry_a_method(emu: Emulator, api: Api, hook: Receiver) -> None:
    """A method call in the answer to the POST is run. WebhookActor.cpp 619-633."""
    hook.answer = {"method": "sendMessage", "chat_id": USER, "text": "by answer"}
    await api.ok("setWebhook", url=hook.url)
    emu.send_text(USER, "x")
    assert (await emu.wait_text(USER, "by answer")).from_bot


@pytest.mark.parametrize("url", ["http://", "ftp://x/", "ht tp"])
async def test_wrong_url(api: Api, url: str) -> None:
    """parse_url. Client.cpp 16014-16016."""
    assert (await api.refused("setWebhook", url=url))[0] == 400


async def test_https_only(emu: Emulator, api: Api) -> None:
    """The public server wants https (WebhookActor.cpp 714); off here by default."""
    emu.core.options.https_only = True
    code, description = await api.refused("setWebhook", url="http://127.0.0.1:9/")
    assert (code, description) == (400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
