"""The program that the operator names for urgent chats: an e-mail, a webhook, a lamp. Its trouble is never ours."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex

import structlog

log = structlog.get_logger(__name__)

LONGEST = 10.0
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
"""It gets none of our settings, and no secret."""


async def tell(command: str, told: list[str]) -> bool:
    """Run `command` without a shell, the sentences on its standard input; False when it failed. Nothing is raised."""
    if not command or not told:
        return True
    try:
        process = await asyncio.create_subprocess_exec(
            *shlex.split(command),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env={name: os.environ[name] for name in PASSED_ON if name in os.environ},
        )
    except (OSError, ValueError) as error:
        log.error("staff_alert_command", reason=type(error).__name__)
        return False
    try:
        await asyncio.wait_for(process.communicate("\n".join(told).encode() + b"\n"), LONGEST)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        log.error("staff_alert_command", reason="timeout", seconds=LONGEST)
        return False
    if process.returncode:
        log.error("staff_alert_command", code=process.returncode)
    return process.returncode == 0
