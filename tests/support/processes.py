"""The bot and its neighbours as real processes, for tests that kill them."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from bot.settings import ROOT

TOKEN = "123456:TEST-token-for-the-emulator-only-xx"


def free_port() -> int:
    """A loopback port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, seconds: float = 45.0) -> None:
    """Wait until something listens on a loopback port. Raises TimeoutError."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.03)
    raise TimeoutError(f"nothing listens on port {port} after {seconds} s")


class Process:
    """A child process of the tests; its output goes to a file."""

    def __init__(self, *command: str, log: Path, **environment: str) -> None:
        self.log = log
        with log.open("ab") as output:
            self.popen = subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env=clean_environment() | environment,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
            )

    def kill(self) -> None:
        """SIGKILL, at once."""
        self.popen.kill()
        self.popen.wait(10)

    def stop(self, seconds: float = 12.0) -> int:
        """SIGTERM; returns the exit code. Raises subprocess.TimeoutExpired when it does not end."""
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
        return self.popen.wait(seconds)

    @property
    def alive(self) -> bool:
        """True while it runs."""
        return self.popen.poll() is None


def clean_environment() -> dict[str, str]:
    """The environment without settings of the bot that the developer may have."""
    kept = (
        "PATH",
        "HOME",
        "LANG",
        "VIRTUAL_ENV",
        "TMPDIR",
        "OPENBLAS_CORETYPE",
        "OPENBLAS_L2_SIZE",
        "DATA_KEY",
        "XDG_CONFIG_HOME",
    )
    return {k: v for k, v in os.environ.items() if k in kept} | {"PYTHONUNBUFFERED": "1"}


def bot_environment(emulator: str, database: str, nlu: str, health_port: int = 0, **more: str) -> dict[str, str]:
    """Settings of a bot under test."""
    return {
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_API_URL": emulator,
        "DATABASE_URL": database,
        "AUDIT_HEAD_FILE": str(Path(tempfile.gettempdir()) / f"audit-{abs(hash(database))}.head"),
        "NLU_URL": nlu,
        "HEALTH_PORT": str(health_port),
        "CONSOLE_PORT": "0",
        "LOG_LEVEL": "INFO",
        "ANSWERS_PER_MINUTE": "0",  # load tests let one person say what thousands would
        "OCR_PROGRAM": "no-such-program",
        **({"CONTENT_DIR": os.environ["TEST_CONTENT_DIR"]} if "TEST_CONTENT_DIR" in os.environ else {}),
        **more,
    }


@contextlib.contextmanager
def running(*command: str, log: Path, port: int = 0, **environment: str) -> Iterator[Process]:
    """A process for the time of the block; waits for its port, kills it at the end."""
    process = Process(*command, log=log, **environment)
    try:
        if port:
            wait_for_port(port)
        yield process
    finally:
        if process.alive:
            process.kill()


def http(url: str, timeout: float = 5.0) -> tuple[int, str]:
    """Status and body of a GET."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
