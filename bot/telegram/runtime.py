"""The running bot: both doors, worker, sender, health pages, and a clean end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import time
from collections.abc import AsyncIterator, Callable, Coroutine

import structlog
from alembic.util import CommandError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.nlu.serving import NluServer
from bot.services import alert_queue, cases, erasure, inbox, keyring, lease, metrics, outbox, retention, staff_command
from bot.services.app import App
from bot.services.conversations import utc_now
from bot.services.later import answer_waiting
from bot.services.models.promotion import Follower
from bot.settings import SettingsError
from bot.storage.migrate import upgrade
from bot.telegram.api import ALLOWED, POLL_GRACE, TelegramApi
from bot.telegram.emergency import Emergency
from bot.telegram.health import health_app, web_server
from bot.telegram.intake import Intake
from bot.telegram.limits import SendLimits
from bot.telegram.pictures import PictureReader
from bot.telegram.poller import Poller
from bot.telegram.sender import Sender
from bot.telegram.updates import CHANNEL
from bot.telegram.webhook import PATH, webhook_app
from bot.telegram.worker import Worker

log = structlog.get_logger(__name__)

DRAIN_WORKER, DRAIN_SENDER = 2.5, 3.8
"""Seconds; with web server and NLU the whole end stays under ten."""
PURGE_FIRST, PURGE_SECONDS, CLEAN_SECONDS = 120, 6 * 3600, 10
"""What is too old goes some minutes after a start and four times a day; traces of erasures within seconds."""
LEASE_CHECK = 2.0
LEASE_UNKNOWN = 15.0
"""Seconds without a database after which a process that stood by begins to poll: somebody must tell the hotlines."""
DATABASE_RETRY = 1.0
FIRST_LOOK = 2.0
"""Seconds that the door waits at the start for the database, before it tells people that it is away."""
WELL = 5.0


class Runtime:
    """Everything that runs while the bot serves Telegram."""

    def __init__(self, app: App, process: NluServer | None) -> None:
        settings = app.settings
        self._app, self._process = app, process
        self._stuck = max(settings.health_stuck_seconds, settings.telegram_poll_seconds + 2 * POLL_GRACE)
        self._holder = f"{os.uname().nodename}-{os.getpid()}-{secrets.token_hex(3)}"[:64]
        self.api = TelegramApi.from_settings(settings)
        limits = SendLimits(time.monotonic, settings.send_rate, settings.send_rate_chat)
        lexicon = app.understanding.lexicon
        self.sender = Sender(app.database, self.api, limits)
        self.worker = Worker(app.database, app.conversations, self.api, self.sender, self._holder)
        emergency = Emergency(self.api, app.content, limits, lexicon)
        self._intake = Intake(app.database, lexicon, self.worker.wake, emergency)
        self._pictures = PictureReader(app, self.api, self.sender.wake, lambda: bool(self._leads.get("sender")))
        self._models = Follower(settings, app.database, app.nlu, process, app.conversations.use_thresholds)
        self.poller = self._new_poller()
        self._stop = asyncio.Event()
        self._looked = asyncio.Event()
        self._webhook = False
        self._leads: dict[str, bool] = {}
        """Leases by name: True = ours, False = another process has it; absent = not known yet."""

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

    async def database_open(self) -> None:
        """Wait until the database answers and has its newest schema."""
        await self._intake.open.wait()

    async def _serve(self) -> None:
        opening = asyncio.create_task(self._open_database(), name="database")
        tasks = {
            "database": opening,
            "door": asyncio.create_task(self._door(), name="door"),
            "worker": asyncio.create_task(self._when_open(self._work), name="worker"),
            "sender": asyncio.create_task(self._when_open(self._send), name="sender"),
            "keeper": asyncio.create_task(self._when_open(self._keep_house), name="keeper"),
            "pictures": asyncio.create_task(self._when_open(self._pictures.run), name="pictures"),
            "models": asyncio.create_task(self._when_open(self._models.run), name="models"),
        }
        opening.add_done_callback(lambda task: self._stop.set() if not task.cancelled() and task.exception() else None)
        stop = asyncio.create_task(self._stop.wait())
        log.info("bot_runs", door="webhook" if self._webhook else "polling")
        await asyncio.wait(
            [stop, *(t for t in tasks.values() if t is not opening)], return_when=asyncio.FIRST_COMPLETED
        )
        await self._drain(tasks)
        for name, task in tasks.items():
            if task.done() and not task.cancelled() and task.exception():
                log.error("part_failed", part=name, reason=type(task.exception()).__name__)
                raise task.exception() or RuntimeError(name)

    async def _drain(self, tasks: dict[str, asyncio.Task[None]]) -> None:
        """No new updates; what is claimed is finished; what is under way is sent; the rest waits in the database."""
        log.info("bot_drains")
        for name in ("database", "door", "keeper", "pictures", "models"):
            tasks[name].cancel()
        self.worker.stop()
        await asyncio.wait({tasks["worker"]}, timeout=DRAIN_WORKER if self._intake.open.is_set() else 0)
        self.sender.stop()
        await asyncio.wait({tasks["sender"]}, timeout=DRAIN_SENDER if self._intake.open.is_set() else 0)
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)

    async def _open_database(self) -> None:
        """Wait for the database, bring it to the newest schema, and only then let updates in."""
        while True:
            try:
                await asyncio.to_thread(upgrade, self._app.settings.database_url)
            except (SQLAlchemyError, OSError) as error:
                log.error("database_away", reason=type(error).__name__, seconds=DATABASE_RETRY)
                self._looked.set()
                await asyncio.sleep(DATABASE_RETRY)
            except CommandError as error:
                raise SettingsError(
                    f"This version of the bot does not know the database's schema ({error}). Start the version that "
                    "wrote it, or restore a backup."
                ) from error
            else:
                self._intake.open.set()
                self._looked.set()
                return

    async def _when_open(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        await self._intake.open.wait()
        await work()

    async def _work(self) -> None:
        """On SQLite one process works; on PostgreSQL as many as there are."""
        if self._app.database.is_sqlite:
            await self._lead("worker", self.worker.run)
        else:
            await self.worker.run()

    async def _send(self) -> None:
        """The limits are the bot's, so of several processes one sends."""
        try:
            await self._lead("sender", self.sender.run)
        finally:
            await asyncio.shield(self.sender.finish())

    # -------------------------------------------------------------- leases

    async def _lead(
        self, name: str, work: Callable[[], Coroutine[None, None, None]], *, without_database: bool = False
    ) -> None:
        """Do `work` while this process holds the lease; ends when the work has ended by itself.

        `without_database`: also work when nobody can tell who leads, unless we know that another process does.
        """
        task: asyncio.Task[None] | None = None
        known = time.monotonic()
        with lease.holder(self._app.database, name) as mine:
            try:
                while not self._stop.is_set() or task is not None:
                    ours = await self._ours(name, mine)
                    if ours is not None:
                        known = time.monotonic()
                        self._say_who_leads(name, ours)
                    elif without_database:
                        ours = self._leads.get(name, True) or time.monotonic() - known > LEASE_UNKNOWN
                    if not ours and task is not None:
                        await _cancel(task)
                        task = None
                    if ours and task is None and not self._stop.is_set():
                        task = asyncio.create_task(work(), name=name)
                    if task is not None:
                        await asyncio.wait({task}, timeout=LEASE_CHECK)
                        if task.done():
                            task.result()
                            return
                    else:
                        await asyncio.sleep(1)
            finally:
                if task is not None:
                    await _cancel(task)

    async def _ours(self, name: str, mine: lease.Lease) -> bool | None:
        """Do we hold the lease, getting it if it is free? None = the database cannot say."""
        try:
            if self._leads.get(name) and await asyncio.to_thread(mine.held):
                return True
            return await asyncio.to_thread(mine.acquire)
        except (SQLAlchemyError, OSError) as error:
            log.warning("lease_unknown", lease=name, reason=type(error).__name__)
            return None

    def _say_who_leads(self, name: str, ours: bool) -> None:
        before = self._leads.get(name)
        self._leads[name] = ours
        if ours and before is False:
            log.warning("takes_over", part=name)
        elif not ours and before is not False:
            log.warning("stands_by", part=name, reason="another process of this bot does it; we take over when it ends")

    # -------------------------------------------------------------- doors

    async def _door(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._looked.wait(), FIRST_LOOK)
        if self._webhook:
            await self._lead("webhook", self._announce_webhook, without_database=True)
        else:
            await self._lead("poller", self._poll, without_database=True)

    def _new_poller(self) -> Poller:
        seconds = self._app.settings.telegram_poll_seconds
        return Poller(self._app.database, self.api, self._intake, seconds, self.worker.behind)

    async def _poll(self) -> None:
        """Take down a left-over webhook (its updates stay with Telegram), then poll; a wedged poller is begun anew."""
        await self._until_called("deleteWebhook", lambda: self.api.bot.delete_webhook(drop_pending_updates=False))
        while True:
            # The red of the health page must outlive the new poller: only a success makes it green.
            success, self.poller = self.poller.last_success, self._new_poller()
            self.poller.last_success = success
            task = asyncio.create_task(self.poller.run())
            try:
                while time.monotonic() - self.poller.last_try < self._stuck:
                    await asyncio.wait({task}, timeout=5)
                    if task.done():
                        log.error("poller_ended", reason=type(task.exception()).__name__)
                        await asyncio.sleep(1)
                        break
                else:
                    log.error("poller_wedged", seconds=self._stuck)
            finally:
                await _cancel(task)

    async def _announce_webhook(self) -> None:
        """Tell Telegram where we are (one process for all that share the address); the web server does the rest."""
        settings = self._app.settings
        if settings.telegram_webhook_url is not None and settings.telegram_webhook_secret is not None:
            url = str(settings.telegram_webhook_url).rstrip("/") + PATH
            secret = settings.telegram_webhook_secret.get_secret_value()
            await self._until_called(
                "setWebhook",
                lambda: self.api.bot.set_webhook(
                    url,
                    secret_token=secret,
                    max_connections=40,
                    allowed_updates=ALLOWED,
                    drop_pending_updates=False,
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
            servers.append(
                web_server(
                    health_app(self._alive, self._ready, self._alarms), settings.health_host, settings.health_port
                )
            )
        if self._webhook:
            secret = settings.telegram_webhook_secret
            if secret is None:
                raise ValueError("set TELEGRAM_WEBHOOK_SECRET")
            app = webhook_app(self._intake, secret.get_secret_value())
            servers.append(web_server(app, settings.telegram_webhook_host, settings.telegram_webhook_port))
        tasks = [asyncio.create_task(server.serve()) for server in servers]
        try:
            yield
        finally:
            for server in servers:
                server.should_exit = True
            await asyncio.gather(*tasks, return_exceptions=True)

    # -------------------------------------------------------------- house-keeping

    async def _keep_house(self) -> None:
        """Waiting questions, figures, old rows."""
        rounds = 0
        while True:
            await asyncio.sleep(1)
            rounds += 1
            if not self._leads.get("sender"):
                continue  # one process keeps house
            try:
                await self._answer_waiting()
                if told := await self._app.database.run(self._alert_staff):
                    self.sender.wake()
                    await staff_command.tell(self._app.settings.staff_alert_command, told)
                await self._app.database.run(self._figures)
                if await self._app.database.run(self._queue_alerts):
                    self.sender.wake()
                if rounds % PURGE_SECONDS == PURGE_FIRST:
                    await self._app.database.run(self._purge)
                if rounds % CLEAN_SECONDS == 0:
                    copy = keyring.place(self._app.settings)
                    await asyncio.to_thread(erasure.clean_up, self._app.database, copy)
            except Exception as error:  # the edge of the loop
                log.warning("house_keeping", reason=type(error).__name__)

    async def _answer_waiting(self) -> None:
        if self._process is not None and not self._process.ready.is_set():
            metrics.NLU_READY.set(0)
            return
        metrics.NLU_READY.set(1)
        app = self._app
        if await answer_waiting(app.conversations, app.database, app.understanding, CHANNEL):
            self.sender.wake()

    def _queue_alerts(self, session: Session) -> int:
        settings, content = self._app.settings, self._app.content.published()
        return alert_queue.step(session, CHANNEL, content, settings, utc_now())

    def _purge(self, session: Session) -> None:
        went = retention.purge(session, self._app.settings, utc_now())
        log.info("purged", **{kind: rows for kind, rows in went.items() if rows})

    def _alert_staff(self, session: Session) -> list[str]:
        """Urgent cases that nobody has seen yet, or that wait too long, are announced."""
        settings = self._app.settings
        if not settings.staff_chat_id and not settings.staff_alert_command:
            return []
        return cases.alert(session, settings.staff_chat_id, CHANNEL, utc_now())

    def _figures(self, session: Session) -> None:
        metrics.INBOX_DEPTH.set(inbox.depth(session, CHANNEL))
        metrics.OUTBOX_DEPTH.set(outbox.depth(session, CHANNEL))
        metrics.URGENT_OPEN.set(cases.urgent_open(session))

    def _alive(self) -> dict[str, bool]:
        """What a restart of this process could mend. A part that stands by, or waits for the database, is well."""
        now = time.monotonic()
        parts = {}
        if self._intake.open.is_set():
            if self._leads.get("worker", True):
                parts["worker"] = now - self.worker.last_turn < self._stuck
            if self._leads.get("sender"):
                parts["sender"] = now - self.sender.last_turn < self._stuck
        if not self._webhook and self._leads.get("poller", True):
            parts["poller"] = self.poller.stands_by or now - self.poller.last_success < self._stuck
        return parts

    def _alarms(self) -> dict[str, bool]:
        """What somebody must look at: published content that is broken, so that older content is shown."""
        return {"content": self._app.content.trouble is None}

    def _ready(self) -> dict[str, bool]:
        """What keeps people from getting their answers now."""
        stands_by = self._leads.get("worker") is False
        well = self._intake.open.is_set() and not self._intake.trouble
        well = well and time.monotonic() - self.worker.last_success < WELL
        return {"database": stands_by or well, "nlu": self._process is None or self._process.ready.is_set()}


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
