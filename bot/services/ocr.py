"""The words in a screenshot, by the program tesseract when it is installed (Debian: tesseract-ocr, -lao, -tha).

An extra: without the program, or without its Lao and Thai data, `read_picture` says so and reads nothing. The picture
goes through a pipe and is never written to disk.
"""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass

from bot.i18n import N_

PROGRAM = "tesseract"
WANTED = ("lao", "tha", "eng")
SECONDS = 20.0
ABSENT = N_("This computer cannot read pictures: the program tesseract is not installed.")
UNREADABLE = N_("I found no words in this picture. Please type them.")


@dataclass(frozen=True)
class PictureText:
    """What was read, one reading a script, or why there is nothing (a message for the person, to be translated)."""

    text: str = ""
    problem: str | None = None


async def read_picture(picture: bytes, program: str = PROGRAM) -> PictureText:
    """The words in a picture (PNG or JPEG). Never raises: what is wrong is in `problem`."""
    path = shutil.which(program)
    languages = await _languages(path) if path else ()
    if path is None or not languages:
        return PictureText(problem=ABSENT)
    # Lao and Thai data spoil each other in one run, and neither knows when it reads the other's script. So each reads
    # alone and all readings are returned: phrases are found only in the right one.
    runs = [name for name in languages if name != "eng"] or ["eng"]
    read = [await _read(picture, path, f"{name}+eng" if "eng" in languages else name) for name in runs]
    text = "\n".join(dict.fromkeys(reading for reading in read if reading))
    return PictureText(text) if text else PictureText(problem=UNREADABLE)


async def _read(picture: bytes, path: str, languages: str) -> str:
    output = await _run(picture, path, "stdin", "stdout", "-l", languages, "--psm", "6")
    return (output or b"").decode("utf-8", "replace").strip()


async def _languages(path: str) -> tuple[str, ...]:
    """Those of Lao, Thai and English that are installed."""
    listed = (await _run(b"", path, "--list-langs") or b"").decode("utf-8", "replace").split()
    return tuple(name for name in WANTED if name in listed)


async def _run(given: bytes, *command: str) -> bytes | None:
    """What a program writes; None when it fails or takes too long."""
    pipe = asyncio.subprocess.PIPE
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL
        )
    except OSError:
        return None
    try:
        output, _ = await asyncio.wait_for(process.communicate(given), SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
        return None
    return output if process.returncode == 0 else None
