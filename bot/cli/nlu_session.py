"""What `bot run` and `bot chat` share: where the NLU is; started and trained by us when it is nowhere else."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.nlu.parse import load_thresholds
from bot.nlu.serving import NluServer
from bot.nlu.supervisor import NLU_PYTHON, NluMissingError
from bot.settings import ROOT, Settings
from nlu.text.zones import Thresholds


@dataclass(frozen=True)
class NluAddress:
    """Where to ask, and the process when it is our own."""

    url: str
    token: str | None
    process: NluServer | None

    @property
    def thresholds(self) -> Thresholds:
        """Those of the model that serves."""
        return self.process.thresholds if self.process else load_thresholds()

    async def wait_ready(self) -> None:
        """Wait until our own process answers; another's is taken as it is."""
        if self.process:
            await self.process.ready.wait()


@asynccontextmanager
async def nlu_session(settings: Settings, any_port: bool = False) -> AsyncIterator[NluAddress]:
    """The NLU for the time of the block. Raises NluMissingError when it cannot be had."""
    if settings.nlu_url:
        token = settings.nlu_token.get_secret_value() if settings.nlu_token else None
        yield NluAddress(str(settings.nlu_url), token, None)
        return
    train_if_needed(settings)
    process = NluServer(settings.model_dir, 0 if any_port else settings.nlu_port)
    process.start()
    try:
        yield NluAddress(process.url, process.token, process)
    finally:
        await process.stop()


def train_if_needed(settings: Settings) -> None:
    """Install the NLU environment when it is missing and train when there is no model at all.

    (`make run` also trains when the data are newer than the model.) Raises NluMissingError when either fails.
    """
    if not NLU_PYTHON.exists():
        sys.stderr.write("The NLU environment is missing; installing it (about a minute).\n")
        _run("make", "nlu/.venv/.ready", failed="Installing failed; its last lines above say why. Try `make install`.")
    if any(settings.model_dir.glob("*.tar.gz")):
        return
    sys.stderr.write("There is no trained model yet; training one (about two minutes).\n")
    _run(str(NLU_PYTHON), "-m", "nlu.tools.train", failed="Training failed; its last lines above say why.")


def _run(*command: str, failed: str) -> None:
    try:
        done = subprocess.run(command, cwd=ROOT, check=False, stdout=sys.stderr)  # noqa: S603
    except OSError as error:
        raise NluMissingError(f"{command[0]} cannot be run: {error.strerror}. Run `make install`.") from error
    if done.returncode:
        raise NluMissingError(failed)
