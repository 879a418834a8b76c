"""Which model is served, and changing it without a gap: a second process answers before the first one ends.

`serves.json` in the folder of the models remembers the promoted model, so that a start needs no database. It is
replaced whole. Without it, or when its model cannot be served by this code, the newest model of the folder counts.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import structlog

from bot.nlu.client import NluClient, NluUnavailableError
from bot.nlu.parse import load_thresholds
from bot.nlu.supervisor import RasaProcess, newest_model
from nlu.questions import code_hash, hash_of
from nlu.text.zones import Danger, Thresholds

log = structlog.get_logger(__name__)
POINTER = "serves.json"
START_SECONDS, PROBE_SECONDS = 120.0, 5.0
GRACE = 2.0
"""Seconds that the old process goes on for calls that were under way; longer than the bot's time-out."""
CRIES = (
    "ຊ່ວຍແດ່ ນາຍຈ້າງຂັງຂ້ອຍໄວ້ໃນຫ້ອງ ອອກໄປບໍ່ໄດ້",
    "ช่วยด้วย นายจ้างขังฉันไว้ในห้อง ออกไปไม่ได้",
    "help me, my boss locked me in the room and I cannot get out",
)
"""Known sentences: a model that does not hear these is never switched to."""


class SwitchError(Exception):
    """A model cannot be served. `reason` is a word for logs and the registry."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Served:
    """A promoted model: the number in the registry (0: the newest file), its file, its code and its thresholds."""

    number: int
    file: str
    """Within the folder of the models."""
    code: str
    content: str
    """Hash of the file, so that half of one is never served."""
    thresholds: Mapping[str, float]

    def path(self, folder: Path) -> Path:
        """The file, checked. Raises SwitchError."""
        path = folder / self.file
        if not path.is_file():
            raise SwitchError("file_missing")
        if self.code != code_hash():
            raise SwitchError("other_code")
        if file_hash(path) != self.content:
            raise SwitchError("file_broken")
        return path


def file_hash(path: Path) -> str:
    """The hash of a model file."""
    return hash_of(path, root=path.parent)


def remembered(folder: Path) -> Served | None:
    """The promoted model, if there is one that can be served."""
    try:
        served = Served(**json.loads((folder / POINTER).read_text(encoding="utf-8")))
        served.path(folder)
        Thresholds.from_mapping(served.thresholds)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, SwitchError) as error:
        log.warning("promoted_model_not_served", reason=getattr(error, "reason", type(error).__name__))
        return None
    return served


def remember(folder: Path, served: Served) -> None:
    """Write the pointer; a crash leaves the old one or the new one."""
    path = folder / POINTER
    part = path.with_name(f"{POINTER}.{os.getpid()}.part")
    with part.open("w", encoding="utf-8") as file:
        json.dump(asdict(served), file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


class NluServer:
    """The running Rasa process and its successor. Looks like one RasaProcess to the rest of the bot."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.served = remembered(folder)
        self.process = RasaProcess(self.served.path(folder) if self.served else folder, port)
        self._ends: set[asyncio.Task[None]] = set()

    @property
    def file(self) -> str:
        """The present model's file, within the folder of the models."""
        return self.served.file if self.served else newest_model(self.folder).name

    @property
    def url(self) -> str:
        """Where the present process listens."""
        return self.process.url

    @property
    def token(self) -> str:
        """The token, the same for every process."""
        return self.process.token

    @property
    def ready(self) -> asyncio.Event:
        """Set while the present process answers."""
        return self.process.ready

    @property
    def thresholds(self) -> Thresholds:
        """Those that belong to the present model."""
        return Thresholds.from_mapping(self.served.thresholds) if self.served else load_thresholds()

    def start(self) -> None:
        """Begin. Raises NluMissingError."""
        self.process.start()

    async def stop(self) -> None:
        """End everything."""
        await self.process.stop()
        await asyncio.gather(*self._ends, return_exceptions=True)

    async def prepare(self, served: Served) -> RasaProcess:
        """A second process with another model that has answered the known sentences. Raises SwitchError."""
        path = await asyncio.to_thread(served.path, self.folder)
        process = RasaProcess(path, 0, token=self.token)
        process.start()
        try:
            await asyncio.wait_for(process.ready.wait(), START_SECONDS)
            await probe(process.url, self.token, Thresholds.from_mapping(served.thresholds))
        except TimeoutError as error:
            await process.stop()
            raise SwitchError("did_not_start") from error
        except BaseException:
            await process.stop()
            raise
        return process

    def take(self, process: RasaProcess, served: Served) -> None:
        """The second process is the present one from now on; the first ends when its calls have ended."""
        old, self.process, self.served = self.process, process, served
        end = asyncio.create_task(_end(old), name="old-model")
        self._ends.add(end)
        end.add_done_callback(self._ends.discard)


async def probe(url: str, token: str | None, thresholds: Thresholds) -> None:
    """Does the model at this address hear the known cries for help? Raises SwitchError."""
    client = NluClient(url, token, PROBE_SECONDS)
    try:
        for text in CRIES:
            parse = await client.parse(text)
            if parse.danger(thresholds) is Danger.NONE:
                raise SwitchError("deaf_to_a_cry")
    except NluUnavailableError as error:
        raise SwitchError("no_answer") from error
    finally:
        await client.close()


async def _end(process: RasaProcess) -> None:
    await asyncio.sleep(GRACE)
    await process.stop()
