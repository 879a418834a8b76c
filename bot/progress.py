"""A word on the terminal when a step takes long. It imports nothing heavy: loading the program can be such a step."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

SOON, AGAIN = 2.0, 5.0
"""Seconds of silence before the first word, and between the words after it."""


@contextmanager
def slow(what: str, *, quiet: bool = False, soon: float = SOON, again: float = AGAIN) -> Iterator[None]:
    """Say on stderr what the block does once it takes longer than `soon`; a quick or `quiet` one says nothing."""
    done, begun = threading.Event(), time.monotonic()

    def tell() -> None:
        pause = soon
        while not done.wait(pause):
            sys.stderr.write(f"{what} ... ({time.monotonic() - begun:.0f} s)\n")
            pause = again

    thread = threading.Thread(target=tell, name="progress", daemon=True)
    if not quiet:
        thread.start()
    try:
        yield
    finally:
        done.set()
        if not quiet:
            thread.join()
