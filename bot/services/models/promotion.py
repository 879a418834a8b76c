"""Promoting and rolling back, and following the registry: every process that serves changes its model by itself."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.i18n import N_
from bot.nlu.client import NluClient
from bot.nlu.serving import NluServer, Served, SwitchError, probe, remember
from bot.nlu.supervisor import NluMissingError, newest_model
from bot.services.conversations import utc_now
from bot.services.errors import DeskError
from bot.services.models import registry
from bot.services.models.work import margins
from bot.settings import ROOT, Settings
from bot.storage.db import Database
from bot.storage.models import Model
from nlu.text.zones import Thresholds

log = structlog.get_logger(__name__)
LOOK_EVERY = 1.5
PUT_SECONDS = 60.0
CANNOT = N_("It cannot be served on this machine ({reason}).")


def served_of(row: Model) -> Served:
    """What must be known to serve a model of the registry. Raises DeskError when it was never measured."""
    try:
        return Served(**{**(row.figures or {})["serve"], "number": row.id})
    except (KeyError, TypeError) as error:
        raise DeskError(registry.NOT_READY) from error


def promote(settings: Settings, database: Database, number: int, who: str) -> Model:
    """Let a model count, if the gate lets it. Raises DeskError; the row comes back refused when the gate says no."""
    with database.read() as session:
        row = registry.one(session, number)
        if row.state not in registry.PROMOTABLE:
            raise DeskError(registry.NOT_READY)
        served = served_of(row)
        first = registry.promoted(session) is None
        against = ((row.figures or {}).get("against") or {}).get("file")
    with contextlib.suppress(NluMissingError):
        if first and against not in (None, newest_model(settings.model_dir).name):
            raise DeskError(registry.OTHER)
    try:
        served.path(settings.model_dir)
    except SwitchError as error:
        raise DeskError(CANNOT, reason=error.reason) from error
    with database.write() as session:
        return registry.promote(session, number, who, utc_now(), margins(settings))


class Follower:
    """Keeps the model of this process the one that counts in the registry."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        client: NluClient,
        server: NluServer | None,
        use: Callable[[Thresholds], None],
    ) -> None:
        self._settings, self._database, self._client, self._server, self._use = settings, database, client, server, use
        self._folder = settings.model_dir
        self._present = server.served if server else None
        self._unfit: set[tuple[int, str]] = set()
        """Models that this process could not serve, with the reason; said once."""

    async def run(self) -> None:
        """Look again and again."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                await self.look()
            except (SQLAlchemyError, OSError) as error:
                log.warning("models_not_looked_at", reason=type(error).__name__)

    async def look(self) -> bool:
        """Follow the registry now; True when the model changed. A model that cannot be served gives way."""
        wanted = await asyncio.to_thread(self._wanted)
        if wanted is None or (self._present is not None and wanted.number == self._present.number):
            return False
        if self._server is not None and self._present is None and wanted.file == self._server.file:
            self._settled(wanted)  # the model that came with the program, promoted again
            return False
        try:
            await (self._put(wanted) if self._server is None else self._switch(self._server, wanted))
        except (SwitchError, NluMissingError) as error:
            await self._gives_way(wanted, getattr(error, "reason", "nlu_missing"))
            return False
        self._settled(wanted)
        log.info("model_serves", number=wanted.number, file=wanted.file)
        return True

    def _wanted(self) -> Served | None:
        with self._database.read() as session:
            row = registry.promoted(session)
        with contextlib.suppress(DeskError):
            return served_of(row) if row is not None else None
        return None

    def _settled(self, served: Served) -> None:
        self._present = served
        self._use(Thresholds.from_mapping(served.thresholds))
        with contextlib.suppress(OSError):  # a folder that cannot be written: the next start follows the registry
            remember(self._folder, served)

    async def _gives_way(self, wanted: Served, reason: str) -> None:
        if (wanted.number, reason) in self._unfit:
            return
        self._unfit.add((wanted.number, reason))
        log.error("model_not_served", number=wanted.number, reason=reason)
        if reason != "other_code":  # after an update of the program its own model serves, until a new one is made
            still = self._present.number if self._present else 0
            await self._database.run(
                lambda session: registry.fell_back(session, wanted.number, still, reason, utc_now())
            )

    async def _switch(self, server: NluServer, wanted: Served) -> None:
        """A second process first; then, in one step of the loop, the address and the thresholds."""
        process = await server.prepare(wanted)
        self._client.retarget(process.url)
        server.take(process, wanted)

    async def _put(self, wanted: Served) -> None:
        """A Rasa server elsewhere loads the file itself; it must see the same folder. Raises SwitchError."""
        path = await asyncio.to_thread(wanted.path, self._folder)
        url = str(self._settings.nlu_url).rstrip("/")
        token = self._settings.nlu_token.get_secret_value() if self._settings.nlu_token else None
        before = await _call("GET", url, "status", token)
        await _call("PUT", url, "model", token, {"model_file": _shown(path)})
        try:
            await probe(url, token, Thresholds.from_mapping(wanted.thresholds))
        except SwitchError:
            if name := (before or {}).get("model_file"):
                old = next((p for p in self._folder.rglob("*.tar.gz") if p.name == Path(str(name)).name), None)
                if old is not None:
                    await _call("PUT", url, "model", token, {"model_file": _shown(old)})
            raise


def _shown(path: Path) -> str:
    """The path as a server that runs in the same root knows it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


async def _call(method: str, url: str, what: str, token: str | None, body: dict[str, str] | None = None) -> Any:
    """One call of Rasa's API. Raises SwitchError; its text never holds the address, which has the token in it."""
    timeout = aiohttp.ClientTimeout(total=PUT_SECONDS)
    params = {"token": token} if token else {}
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=False) as http,
            http.request(method, f"{url}/{what}", params=params, json=body) as response,
        ):
            if response.status >= 400:
                raise SwitchError(f"refused_{response.status}")
            return await response.json() if response.status == 200 else None
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise SwitchError("no_answer") from error
