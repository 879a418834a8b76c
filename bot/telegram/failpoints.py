"""Places at which the crash tests kill the process. Off unless BOT_FAILPOINT names one.

`BOT_FAILPOINT=after_send:7` kills the process with SIGKILL when it passes `after_send` for the seventh time.
"""

from __future__ import annotations

import os
import signal

NAMES = ("after_fetch", "after_inbox", "mid_handler", "after_nlu", "after_outbox", "after_send", "after_mark")

_name, _, _count = os.environ.get("BOT_FAILPOINT", "").partition(":")
_left = int(_count or 1)


def failpoint(name: str) -> None:
    """Die here when the crash tests ask for it."""
    global _left  # noqa: PLW0603
    if name != _name:
        return
    _left -= 1
    if _left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
