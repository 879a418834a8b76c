"""Starts and watches the Rasa process: own environment, loopback, a token, no secrets, restarted with back-off."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import time
from pathlib import Path

import httpx
import structlog

from bot.settings import ROOT

log = structlog.get_logger(__name__)

NLU_PYTHON = ROOT / "nlu" / ".venv" / "bin" / "python"
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
"""Variables that the Rasa process may see; everything else, secrets above all, stays here."""
BACK_OFF = (0.5, 1, 2, 5, 10, 30)
START_LIMIT = 180.0
"""Seconds a start may take before the process is killed and started again."""
PROBE_EVERY = 1.0
HUNG_AFTER = 10.0
"""Seconds without an answer to a probe after which a running process counts as hung."""
MEMORY_LIMIT_MB = 2500


class NluMissingError(Exception):
    """The NLU environment or a trained model is missing; the text says what to run."""


def newest_model(folder: Path) -> Path:
    """The newest model file of a folder, or the file itself. Raises NluMissingError when there is none."""
    if folder.is_file():
        return folder
    models = sorted(folder.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if not models:
        raise NluMissingError(f"No trained model in {folder}: run `make train`.")
    return models[-1]


def free_port() -> int:
    """A loopback port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class RasaProcess:
    """One supervised Rasa server. `ready` tells whether it answers at this moment.

    `model`: a file, or a folder whose newest file is served.
    """

    def __init__(self, model: Path, port: int, token: str | None = None, log_file: Path | None = None) -> None:
        self._model = model
        self.port = port or free_port()
        self.token = token or secrets.token_urlsafe(24)
        self._log_file = log_file or ROOT / "var" / "rasa.log"
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self.ready = asyncio.Event()
        self.restarts = 0

    @property
    def url(self) -> str:
        """Where the server listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """Process id of the running server."""
        return self._process.pid if self._process and self._process.returncode is None else None

    def start(self) -> None:
        """Begin to supervise. Raises NluMissingError when there is nothing to start."""
        if not NLU_PYTHON.exists():
            raise NluMissingError("The NLU environment is missing: run `make install`.")
        newest_model(self._model)
        if _in_use(self.port):
            raise NluMissingError(
                f"Port {self.port} is taken by another program. Stop it, or set NLU_PORT to a free port (0 takes any)."
            )
        self._task = asyncio.create_task(self._supervise(), name="rasa-supervisor")

    async def stop(self) -> None:
        """Stop the server and the supervision."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._kill()

    async def _supervise(self) -> None:
        failures = 0
        while True:
            started = time.monotonic()
            try:
                await self._run_once()
            except (OSError, NluMissingError) as error:
                log.error("rasa_cannot_start", reason=str(error))
            self.ready.clear()
            await self._kill()
            failures = 0 if time.monotonic() - started > 60 else failures + 1
            self.restarts += 1
            delay = BACK_OFF[min(failures, len(BACK_OFF) - 1)]
            log.warning("rasa_restarts", seconds=delay)
            await asyncio.sleep(delay)

    async def _run_once(self) -> None:
        """Start the server, watch it, and come back when it must be started again."""
        self._log_file.parent.mkdir(parents=True, exist_ok=True)
        with self._log_file.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                str(NLU_PYTHON),
                "-m",
                "nlu.serve",
                "--model",
                str(newest_model(self._model)),
                "--port",
                str(self.port),
                "--beside",
                cwd=ROOT,
                env=clean_environment() | {"NLU_TOKEN": self.token},
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        started = answered = time.monotonic()
        async with httpx.AsyncClient(base_url=self.url, timeout=2.0, trust_env=False) as http:
            while self._process.returncode is None:
                if await self._probe(http):
                    if not self.ready.is_set():
                        log.info("rasa_ready", seconds=round(time.monotonic() - started, 1), pid=self._process.pid)
                    self.ready.set()
                    answered = time.monotonic()
                elif self.ready.is_set() and time.monotonic() - answered > HUNG_AFTER:
                    log.warning("rasa_hung")
                    return
                elif not self.ready.is_set() and time.monotonic() - started > START_LIMIT:
                    log.error("rasa_start_too_slow", seconds=START_LIMIT)
                    return
                if _resident_mb(self._process.pid) > MEMORY_LIMIT_MB:
                    log.warning("rasa_memory", limit_mb=MEMORY_LIMIT_MB)
                    return
                await asyncio.sleep(PROBE_EVERY if self.ready.is_set() else 0.25)

    async def _probe(self, http: httpx.AsyncClient) -> bool:
        """True when a known sentence comes back with a ranking: Rasa can load a model that was never trained."""
        with contextlib.suppress(httpx.HTTPError, ValueError, KeyError):
            answer = await http.post("/model/parse", params={"token": self.token}, json={"text": "ສະບາຍດີ"})
            return bool(answer.json()["intent_ranking"])
        return False

    async def _kill(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), 3)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


def clean_environment() -> dict[str, str]:
    """What a process of the NLU may see: no secret, one thread."""
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return passed | {
        "RASA_TELEMETRY_ENABLED": "false",
        "LOG_LEVEL": "ERROR",
        "PYTHONPATH": str(ROOT),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def _in_use(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _resident_mb(pid: int) -> float:
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * 4096 / 1e6
    return 0.0
