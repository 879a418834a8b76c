"""The running bot: both doors, worker, sender, health pages, and a clean end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import structlog
import uvicorn
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.nlu.lexicon import SafetyLexicon
from bot.nlu.supervisor import RasaProcess
from bot.services import cases, inbox, lease, metrics, outbox
from bot.services.app import App
from bot.services.conversations import utc_now
from bot.services.later import answer_waiting
from bot.telegram.api import ChannelError, TelegramApi
from bot.telegram.emergency import Emergency
from bot.telegram.health import health_app
from bot.telegram.intake import Intake
from bot.telegram.limits import SendLimits
from bot.telegram.poller import Poller
from bot.telegram.sender import Sender
from bot.telegram.updates import CHANNEL
from bot.telegram.webhook import PATH, webhook_app
from bot.telegram.worker import Worker

log = structlog.get_logger(__name__)

DRAIN_SECONDS = 8.0
STUCK_AFTER = 45.0
"""Seconds without progress after which a part counts as wedged: the health page turns red, the watchdog acts."""
KEEP_DONE = timedelta(hours=48)


class Runtime:
    """Everything that runs while the bot serves Telegram."""

    def __init__(self, app: App, process: RasaProcess | None) -> None:
        settings = app.settings
        self._app, self._process = app, process
        self._holder = f"{os.uname().nodename}-{os.getpid()}-{secrets.token_hex(3)}"[:64]
        self.api = TelegramApi.from_settings(settings)
        limits = SendLimits(time.monotonic, settings.send_rate, settings.send_rate_chat)
        self.sender = Sender(app.database, self.api, limits)
        self.worker = Worker(app.database, app.conversations, self.api, self.sender, self._holder)
        self._emergency = Emergency(self.api, app.content.published())
        self._intake = Intake(app.database, SafetyLexicon(), self.worker.wake)
        self.poller = Poller(app.database, self.api, self._intake, self._emergency)
        self._stop = asyncio.Event()
        self._webhook = False
        self._sending = False

    async def run(self, *, webhook: bool) -> None:
        """Serve until SIGTERM or SIGINT, then drain within ten seconds."""
        self._webhook = webhook
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        await self.api.start()
        try:
            async with self._servers():
                await self._serve()
        finally:
            await self.api.close()

    async def _serve(self) -> None:
        door = self._announce_webhook() if self._webhook else self._poll()
        tasks = {
            "door": asyncio.create_task(door, name="door"),
            "worker": asyncio.create_task(self.worker.run(), name="worker"),
            "sender": asyncio.create_task(self._lead_sender(), name="sender"),
            "keeper": asyncio.create_task(self._keep_house(), name="keeper"),
        }
        stop = asyncio.create_task(self._stop.wait())
        log.info("bot_runs", door="webhook" if self._webhook else "polling")
        await asyncio.wait([stop, *tasks.values()], return_when=asyncio.FIRST_COMPLETED)
        await self._drain(tasks)
        for name, task in tasks.items():
            if task.done() and not task.cancelled() and task.exception():
                log.error("part_failed", part=name, reason=repr(task.exception())[:200])
                raise task.exception() or RuntimeError(name)

    async def _drain(self, tasks: dict[str, asyncio.Task[None]]) -> None:
        """No new updates; what is claimed is finished; what is under way is sent; the rest waits in the database."""
        log.info("bot_drains")
        for name in ("door", "keeper"):
            tasks[name].cancel()
        self.worker.stop()
        with contextlib.suppress(TimeoutError, Exception):
            await asyncio.wait_for(asyncio.shield(tasks["worker"]), DRAIN_SECONDS / 2)
        self.sender.stop()
        with contextlib.suppress(TimeoutError, Exception):
            await asyncio.wait_for(asyncio.shield(tasks["sender"]), DRAIN_SECONDS / 2)
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)

    # -------------------------------------------------------------- doors

    async def _poll(self) -> None:
        """Take down a left-over webhook (its updates stay with Telegram), then poll; a wedged poller is begun anew."""
        await self._until_called("deleteWebhook", lambda: self.api.bot.delete_webhook(drop_pending_updates=False))
        while True:
            poller = asyncio.create_task(self.poller.run())
            try:
                while not poller.done():
                    await asyncio.wait([poller], timeout=5)
                    if time.monotonic() - self.poller.last_success > STUCK_AFTER and not poller.done():
                        log.error("poller_wedged", seconds=round(time.monotonic() - self.poller.last_success))
                        self.poller.last_success = time.monotonic()
                        break
            finally:
                poller.cancel()
                await asyncio.gather(poller, return_exceptions=True)
            self.poller = Poller(self._app.database, self.api, self._intake, self._emergency)

    async def _announce_webhook(self) -> None:
        """Tell Telegram where we are; then the web server does the rest."""
        settings = self._app.settings
        if settings.telegram_webhook_url is not None and settings.telegram_webhook_secret is not None:
            url = str(settings.telegram_webhook_url).rstrip("/") + PATH
            secret = settings.telegram_webhook_secret.get_secret_value()
            await self._until_called(
                "setWebhook",
                lambda: self.api.bot.set_webhook(
                    url, secret_token=secret, max_connections=40, drop_pending_updates=False
                ),
            )
        await asyncio.Event().wait()

    async def _until_called(self, name: str, call: object) -> None:
        from telegram.error import TelegramError

        while True:
            try:
                await call()  # type: ignore[operator]
            except TelegramError as error:
                log.warning("call_failed", method=name, reason=type(error).__name__)
                await asyncio.sleep(1.5)
            else:
                return

    @contextlib.asynccontextmanager
    async def _servers(self) -> AsyncIterator[None]:
        """The health pages, and the webhook's web server when that is the door."""
        settings = self._app.settings
        servers = []
        if settings.health_port:
            servers.append(_server(health_app(self._alive, self._ready), settings.health_host, settings.health_port))
        if self._webhook:
            secret = settings.telegram_webhook_secret
            if secret is None:
                raise ValueError("set TELEGRAM_WEBHOOK_SECRET")
            app = webhook_app(self._intake, self._emergency, secret.get_secret_value())
            servers.append(_server(app, settings.telegram_webhook_host, settings.telegram_webhook_port))
        tasks = [asyncio.create_task(server.serve()) for server in servers]
        try:
            yield
        finally:
            for server in servers:
                server.should_exit = True
            await asyncio.gather(*tasks, return_exceptions=True)

    # -------------------------------------------------------------- the sender, once a bot

    async def _lead_sender(self) -> None:
        """Send while we hold the lease: the limits are the bot's, so of several processes one sends."""
        with lease.holder(self._app.database, "sender") as mine:
            while not await asyncio.to_thread(mine.acquire):
                if self._stop.is_set():
                    return
                await asyncio.sleep(1)
            self._sending = True
            await self.sender.run()

    # -------------------------------------------------------------- house-keeping

    async def _keep_house(self) -> None:
        """Waiting questions, figures, old rows."""
        rounds = 0
        while True:
            await asyncio.sleep(1)
            rounds += 1
            with contextlib.suppress(SQLAlchemyError, ChannelError):
                await self._answer_waiting()
                await self._app.database.run(self._figures)
                if rounds % 600 == 0:
                    await self._app.database.run(_forget_old)

    async def _answer_waiting(self) -> None:
        if self._process is not None and not self._process.ready.is_set():
            metrics.NLU_READY.set(0)
            return
        metrics.NLU_READY.set(1)
        app = self._app
        if await answer_waiting(app.conversations, app.database, app.understanding, CHANNEL):
            self.sender.wake()

    def _figures(self, session: Session) -> None:
        metrics.INBOX_DEPTH.set(inbox.depth(session, CHANNEL))
        metrics.URGENT_OPEN.set(cases.urgent_open(session))

    def _alive(self) -> dict[str, bool]:
        now = time.monotonic()
        parts = {"worker": now - self.worker.last_progress < STUCK_AFTER}
        if self._sending:
            parts["sender"] = now - self.sender.last_progress < STUCK_AFTER
        if not self._webhook:
            parts["poller"] = now - self.poller.last_success < STUCK_AFTER
        return parts

    def _ready(self) -> dict[str, bool]:
        return {"nlu": self._process is None or self._process.ready.is_set()}


def _forget_old(session: Session) -> None:
    now = utc_now()
    inbox.forget_old(session, CHANNEL, now - KEEP_DONE)
    outbox.forget_old(session, now - outbox.KEEP_FINISHED)


def _server(app: object, host: str, port: int) -> uvicorn.Server:
    config = uvicorn.Config(app, host=host, port=port, log_config=None, access_log=False, server_header=False)  # type: ignore[arg-type]
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    return server
