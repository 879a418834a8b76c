"""The HTTP server: /bot<token>/<method>, /file/bot<token>/<path>, /_emu/<verb>."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from . import editing, inline, methods, sending
from .args import Args, read_args
from .config import Clock, Options
from .control import Control, handle_control
from .core import Core, Webhook
from .errors import ApiError, Json, bad_request
from .faults import AFTER, Fault, error_page, reset
from .flood import GLOBAL
from .methods import Described
from .polling import RawList
from .webhooks import Deliverer

__all__ = ["Emulator"]
_REGISTERED = (editing, inline, sending)
BODY_LIMIT = 52 << 20


@dataclass(slots=True)
class _Outcome:
    """What a call came to."""

    status: int
    text: str
    description: str = ""
    retry_after: int | None = None

    def response(self) -> web.Response:
        headers = {"Retry-After": str(self.retry_after)} if self.retry_after else None
        return web.Response(
            status=self.status, body=self.text.encode(), content_type="application/json", headers=headers
        )


def _failed(error: ApiError) -> _Outcome:
    text = json.dumps(error.body(), ensure_ascii=False)
    return _Outcome(error.code, text, error.description, error.retry_after)


def _succeeded(result: Any) -> _Outcome:
    if isinstance(result, RawList):
        return _Outcome(200, f'{{"ok":true,"result":{result}}}')
    body: Json = {"ok": True, "result": result.result if isinstance(result, Described) else result}
    if isinstance(result, Described):
        body["description"] = result.description
    return _Outcome(200, json.dumps(body, ensure_ascii=False, separators=(",", ":")))


@dataclass(slots=True)
class _Call:
    """One request to a method."""

    name: str
    args: Args
    entry: Json = field(default_factory=dict)

    @property
    def chat_id(self) -> int | None:
        return self.args.integer("chat_id") if self.args.has("chat_id") else None


class Emulator(Control):
    """A Bot API server in memory: `async with Emulator() as emu:`, then emu.base_url and Control's verbs."""

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        options: Options | None = None,
        clock: Clock | None = None,
        token: str = "",
    ) -> None:
        """`port` 0 takes a free one; `token` overrides the one in `options`."""
        options = options or Options()
        if token:
            options.token = token
        super().__init__(options, clock or Clock())
        self.host, self.port = host, port
        self._runner: web.AppRunner | None = None
        self._deliverer: Deliverer | None = None
        self._closers: set[asyncio.Task[None]] = set()
        self.core.restart_webhook = self._restart_webhook

    # life ------------------------------------------------------------------------------------

    @property
    def token(self) -> str:
        """The one accepted token."""
        return self.core.options.token

    @property
    def base_url(self) -> str:
        """http://host:port"""
        return f"http://{self.host}:{self.port}"

    @property
    def bot_base_url(self) -> str:
        """For python-telegram-bot's `base_url`."""
        return f"{self.base_url}/bot"

    @property
    def file_base_url(self) -> str:
        """For python-telegram-bot's `base_file_url`."""
        return f"{self.base_url}/file/bot"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen."""
        app = web.Application(client_max_size=BODY_LIMIT)
        app.router.add_route("*", r"/bot{token:[^/]*}/{method:.*}", self._handle_bot)
        app.router.add_get(r"/file/bot{token:[^/]*}/{path:.*}", self._handle_file)
        app.router.add_route("*", "/_emu/{verb}", self._handle_control)
        app.router.add_route("*", "/{rest:.*}", self._handle_other)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.host, self.port, backlog=1024)
        await site.start()
        self.port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """End everything."""
        self.stop_feeds()
        self.core.faults.closing = True
        self.core.webhook = Webhook()
        await self._restart_webhook()
        self.core.poller.abort()
        if self._runner:
            await self._runner.cleanup()

    async def _restart_webhook(self) -> None:
        if self._deliverer:
            self.core.deliver = None
            await self._deliverer.stop()
            self._deliverer = None
        if self.core.webhook.url:
            self._deliverer = Deliverer(self.core, self._call_from_webhook, self._webhook_gone)
            self.core.deliver = self._deliverer.add

    def _webhook_gone(self) -> None:
        """410 for 23 hours closes the webhook; from a task of the deliverer, so stop it from another."""
        self.core.webhook = Webhook()
        task = asyncio.create_task(self._restart_webhook())
        self._closers.add(task)
        task.add_done_callback(self._closers.discard)

    async def _call_from_webhook(self, call: Json) -> None:
        """A method call in the answer to a POST; its result is told to nobody."""
        values = {name: value for name, value in call.items() if name != "method"}
        await self._execute(self._begin(str(call["method"]).lower(), Args(values)))

    # requests --------------------------------------------------------------------------------

    async def _handle_other(self, request: web.Request) -> web.Response:
        return _failed(ApiError(404, "Not Found")).response()

    async def _handle_control(self, request: web.Request) -> web.Response:
        return await handle_control(self, request)

    async def _handle_file(self, request: web.Request) -> web.Response:
        if self.core.faults.blackhole:
            await self.core.faults.hold(request, None)
        if request.match_info["token"] != self.token:
            return _failed(ApiError(401, "Unauthorized")).response()
        stored = self.core.world.paths.get(request.match_info["path"])
        if stored is None:
            return _failed(ApiError(404, "Not Found: file not found")).response()
        return web.Response(body=stored.data, content_type="application/octet-stream")

    def _check_token(self, token: str) -> None:
        """ClientManager.cpp 74-84: the shape first, then whether it is ours."""
        number, colon, _ = token.partition(":")
        if not colon or token.startswith("0") or len(token) > 80 or not number.isdigit():
            raise ApiError(401, "Unauthorized: invalid token specified")
        if token != self.token:
            raise ApiError(401, "Unauthorized")

    async def _handle_bot(self, request: web.Request) -> web.Response:
        faults = self.core.faults
        if faults.blackhole:
            self.core.methods["blackholed"] += 1
            await faults.hold(request, None)
            return web.Response(status=499)
        try:
            self._check_token(request.match_info["token"])
            args = await read_args(request)
        except ApiError as error:
            self.core.errors[str(error.code)] += 1
            return _failed(error).response()
        except web.HTTPRequestEntityTooLarge:
            return _failed(ApiError(413, "Request Entity Too Large")).response()
        call = self._begin(request.match_info["method"].lower(), args)
        delay, fault = faults.choose(call.name, call.chat_id)
        if delay:
            await asyncio.sleep(delay)
        if fault and fault.kind not in AFTER:
            return await self._strike(request, call, fault)
        outcome = await self._execute(call)
        if fault and outcome.status == 200:
            call.entry["fault"] = fault.kind
            if fault.kind == "timeout_after":
                await faults.hold(request, fault.seconds)
            else:
                reset(request)
        return outcome.response()

    def _begin(self, name: str, args: Args) -> _Call:
        entry: Json = {"time": self.core.clock.now(), "method": name, "args": args.seen(), "status": 0}
        self.core.requests.append(entry)
        self.core.methods[name] += 1
        return _Call(name, args, entry)

    async def _strike(self, request: web.Request, call: _Call, fault: Fault) -> web.Response:
        """A fault that comes before the call is accepted."""
        call.entry["fault"] = fault.kind
        if fault.kind == "429":
            scope = GLOBAL if fault.scope == GLOBAL or call.chat_id is None else str(call.chat_id)
            outcome = self._finish(call, _failed(self.core.flood.refuse(scope, fault.retry_after)))
            return outcome.response()
        if fault.kind == "5xx":
            self._finish(call, _Outcome(fault.status, ""))
            return error_page(fault.status)
        if fault.kind == "blackhole":
            await self.core.faults.hold(request, fault.seconds)
        else:
            reset(request)
        return web.Response(status=499)

    async def _execute(self, call: _Call) -> _Outcome:
        core: Core = self.core
        try:
            if messages := sending.message_count(call.name, call.args):
                core.flood.check(call.name, call.chat_id or 0, messages)
            outcome = _succeeded(await methods.call(core, call.name, call.args))
        except ApiError as error:
            outcome = _failed(error)
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            outcome = _failed(bad_request(f"wrong arguments ({type(error).__name__}: {error})"))
        return self._finish(call, outcome)

    def _finish(self, call: _Call, outcome: _Outcome) -> _Outcome:
        call.entry["status"] = outcome.status
        if outcome.description:
            call.entry["description"] = outcome.description
        if outcome.status != 200:
            self.core.errors[str(outcome.status)] += 1
        return outcome
