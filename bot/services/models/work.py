"""The process that makes a model: export the accepted questions, train, measure beside the present model, ask the gate.

It is started by the console or the terminal, lives on when they end, gives way to those who answer people (nice, and
the first to go when memory is short), and stops within seconds when its row in the registry is no longer wanted.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.nlu.parse import load_thresholds
from bot.nlu.serving import Served, SwitchError, file_hash
from bot.nlu.supervisor import NLU_PYTHON, NluMissingError, clean_environment, newest_model
from bot.services import questions
from bot.services.content import ContentStore
from bot.services.conversations import utc_now
from bot.services.judging import QuestionsError, summary
from bot.services.models import registry
from bot.services.models.gate import Margins, Reason, refusals
from bot.services.models.measure import MeasureError, changes, held_out, measure
from bot.services.models.registry import Progress
from bot.settings import ROOT, Settings
from bot.storage.db import Database
from bot.storage.models import Model
from nlu.questions import code_hash
from nlu.text.zones import Thresholds

log = structlog.get_logger(__name__)
NICE = 15
USUAL_SECONDS = 150.0
FOLDER = "registry"
"""Candidates lie apart, so that no start ever takes one for the newest model."""
TOLD_EVERY = 2.0
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
EXPECTED = (
    MeasureError,
    NluMissingError,
    SwitchError,
    QuestionsError,
    OSError,
    SQLAlchemyError,
    subprocess.SubprocessError,
)


class UnwantedError(Exception):
    """The training was cancelled."""


def margins(settings: Settings) -> Margins:
    """The gate's margins as set."""
    return Margins(settings.gate_form_margin, settings.gate_false_card_margin)


def log_file(settings: Settings, number: int) -> Path:
    """Where the process of a model writes."""
    return settings.training_dir / str(number) / "log.txt"


def log_tail(settings: Settings, number: int, lines: int = 30) -> list[str]:
    """The last lines of the log; nothing while there is none."""
    with contextlib.suppress(OSError), log_file(settings, number).open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 16_000))
        return _readable(file.read().decode("utf-8", "replace").splitlines())[-lines:]
    return []


def _readable(lines: list[str]) -> list[str]:
    """Without colours and without the warnings of libraries (the line of code below each of them, too)."""
    kept, skips = [], False
    for line in lines:
        warns = "Warning" in line or " WARNING " in line
        if not warns and not (skips and line.startswith(" ")):
            kept.append(COLOUR.sub("", line))
        skips = warns
    return kept


def can_train() -> bool:
    """Is the NLU's environment on this machine?"""
    return NLU_PYTHON.exists()


def start(settings: Settings, number: int) -> None:
    """Start the process for a row of the registry. Raises NluMissingError where the NLU cannot be trained."""
    if not can_train():
        raise NluMissingError("The NLU environment is missing on this machine: run `make install`.")
    path = log_file(settings, number)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "bot", "models", "work", str(number)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    threading.Thread(target=process.wait, daemon=True).start()  # so that no zombie stays


def work(settings: Settings, database: Database, number: int) -> None:
    """All of it, for the row with this number."""
    _give_way()
    worker = Worker(settings, database, number)
    try:
        worker.run()
    except UnwantedError:
        worker.say_log("Cancelled.")
    except EXPECTED as error:
        worker.say_log(f"{type(error).__name__}: {error}")
        worker.failed()
    except BaseException as error:
        worker.say_log(type(error).__name__)
        worker.failed()
        raise


class Worker:
    """One training."""

    def __init__(self, settings: Settings, database: Database, number: int) -> None:
        self._settings, self._database, self._number = settings, database, number
        self._told = 0.0

    def run(self) -> None:
        """Train unless the file is there, then measure."""
        with self._database.read() as session:
            row = registry.one(session, self._number)
        place = ContentStore(self._settings.content_dir, self._database)
        try:
            published = place.published()
        finally:
            place.close()
        served = self._old(row) if row.file else self._train(published.topics)
        rows, key = held_out(self._settings)
        folder, now = self._settings.model_dir, utc_now()
        present, against = self._present()
        both = []
        for step, file, limits in (
            ("measure", served.path(folder), Thresholds.from_mapping(served.thresholds)),
            ("compare", folder / against.file, Thresholds.from_mapping(against.thresholds)),
        ):
            self.say_log(f"{step}: {file.name}, {len(rows)} questions")
            seen = self._counter(step, len(rows))
            both.append(asyncio.run(measure(self._settings, published, file, limits, rows, now, seen)))
        own, before = summary(both[0]), summary(both[1])
        reasons = refusals(own, before, margins(self._settings))
        figures = {
            "own": own,
            "present": before,
            "changed": changes(both[1], both[0]),
            "key": key,
            "against": {"number": present, "file": against.file, "serve": asdict(against)},
            "serve": asdict(served),
        }
        with self._database.write() as session:
            state = registry.judged(session, self._number, figures, reasons, utc_now())
        self.say_log(f"Done: {state or 'not wanted any more'}")

    def failed(self) -> None:
        """Say in the registry that it broke off."""
        with contextlib.suppress(SQLAlchemyError), self._database.write() as session:
            registry.fail(session, self._number, utc_now(), Reason(registry.BROKE_OFF))

    def say_log(self, words: str) -> None:
        """A line of the log."""
        sys.stdout.write(f"{utc_now():%H:%M:%S} {words}\n")
        sys.stdout.flush()

    # -------------------------------------------------------------- training

    def _train(self, topics: Any) -> Served:
        home = log_file(self._settings, self._number).parent
        extra = home / "data"
        home.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(extra, ignore_errors=True)
        with self._database.read() as session:
            accepted = [row for row in questions.accepted(session) if row.intent in topics]
        questions.export(accepted, extra, {name: topic.group for name, topic in topics.items()})
        self.say_log(f"{len(accepted)} accepted questions beside those of {self._settings.questions_dir.name}/")
        target = home / f"nlu-{self._number}.tar.gz"
        command = [str(NLU_PYTHON), "-m", "nlu.tools.train", "--into", str(target)]
        command += ["--data", str(self._settings.questions_dir), "--extra", str(extra)]
        self._child(command)
        record = json.loads(Path(f"{target}.json").read_text(encoding="utf-8"))
        folder = self._settings.model_dir
        name = f"{FOLDER}/nlu-{self._number}-{record['hash'][:8]}.tar.gz"
        (folder / FOLDER).mkdir(parents=True, exist_ok=True)
        part = folder / f"{name}.part"
        shutil.move(target, part)
        part.replace(folder / name)
        with self._database.write() as session:
            if not registry.made(session, self._number, name, record["hash"]):
                raise UnwantedError
        return _served(self._number, folder / name, folder, load_thresholds(), record["code"])

    def _old(self, row: Model) -> Served:
        """What is known of a file that is measured once more."""
        return Served(**(row.figures or {})["serve"])

    def _present(self) -> tuple[int, Served]:
        """Number in the registry (0: none) and the model that serves now: after an update, the program's own."""
        folder = self._settings.model_dir
        with self._database.read() as session:
            row = registry.promoted(session)
        if row is not None:
            served = self._old(row)
            try:
                served.path(folder)
            except SwitchError as error:
                self.say_log(f"the promoted model is not served here ({error.reason}); compared with the newest file")
            else:
                return row.id, served
        number = row.id if row else 0
        return number, _served(number, newest_model(folder), folder, load_thresholds(), code_hash())

    def _child(self, command: list[str]) -> None:
        """Train in a child, look after it, and end it when nobody wants it. Raises SubprocessError."""
        begun = time.monotonic()
        process = subprocess.Popen(  # noqa: S603
            command,
            cwd=ROOT,
            env=clean_environment() | {"PYTHONWARNINGS": "ignore", "LOG_LEVEL": "INFO"},
            start_new_session=True,
        )
        try:
            while process.poll() is None:
                time.sleep(0.5)
                self._tell("train", min(99, int(100 * (time.monotonic() - begun) / USUAL_SECONDS)))
        finally:
            if process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if process.returncode:
            raise subprocess.SubprocessError(f"training ended with code {process.returncode}")

    def _counter(self, step: str, of: int) -> Callable[[int], None]:
        return lambda done: self._tell(step, 100 * done // of)

    def _tell(self, step: str, share: int) -> None:
        """Write the progress down now and then. Raises UnwantedError."""
        if time.monotonic() - self._told < TOLD_EVERY:
            return
        self._told = time.monotonic()
        with self._database.write() as session:
            if not registry.say(session, self._number, Progress(step, share, utc_now())):
                raise UnwantedError


def _served(number: int, path: Path, folder: Path, thresholds: Thresholds, code: str) -> Served:
    return Served(number, str(path.relative_to(folder)), code, file_hash(path), asdict(thresholds))


def _give_way() -> None:
    os.nice(NICE)
    with contextlib.suppress(OSError):  # not Linux, or not allowed
        Path("/proc/self/oom_score_adj").write_text("800", encoding="ascii")
