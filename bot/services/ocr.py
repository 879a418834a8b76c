"""The words in a screenshot, by the program tesseract when it is installed (Debian: tesseract-ocr, -lao, -tha).

An extra: without the program, or without its Lao and Thai data, `read_picture` says so and reads nothing. The picture
goes through a pipe and is never written to disk.
"""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import time
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageOps

from bot.i18n import N_

PROGRAM = "tesseract"
WANTED = ("lao", "tha", "eng")
SECONDS = 20.0
MAX_PIXELS = 40_000_000
SMALL, LARGE = 1300, 2600
"""Longest sides, in pixels: a smaller picture is read better at twice its size, a larger one costs time for nothing."""
LOOK_AGAIN = 60.0
ABSENT = N_("This computer cannot read pictures: the program tesseract is not installed.")
UNREADABLE = N_("I found no words in this picture. Please type them.")


@dataclass(frozen=True)
class PictureText:
    """What was read, one reading a script, or why there is nothing (a message for the person, to be translated)."""

    text: str = ""
    problem: str | None = None


@lru_cache(maxsize=4)
def _installed(program: str, _minute: int) -> bool:
    return shutil.which(program) is not None


def installed(program: str = PROGRAM) -> bool:
    """Whether the program is there; looked up once a minute, since every message asks."""
    return _installed(program, int(time.monotonic() // LOOK_AGAIN))


async def found(program: str = PROGRAM) -> tuple[str, ...]:
    """Those of Lao, Thai and English that the program can read; nothing when it is absent."""
    path = shutil.which(program)
    return await _languages(path) if path else ()


def _prepared(picture: bytes) -> bytes:
    """Grey, upright, as large as the program likes it, and without the place and time that cameras write into files.

    Raises ValueError for what is no picture, or is one that would fill the memory.
    """
    try:
        with Image.open(io.BytesIO(picture), formats=("PNG", "JPEG", "WEBP")) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise ValueError("too many pixels")
            grey = ImageOps.exif_transpose(opened).convert("L")
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError("no picture") from error
    longest = max(grey.size)
    scale = 2 if longest < SMALL else min(1.0, LARGE / longest)
    if scale != 1:
        grey = grey.resize((max(1, int(grey.width * scale)), max(1, int(grey.height * scale))))
    held = io.BytesIO()
    grey.save(held, "PNG")
    return held.getvalue()


async def read_picture(picture: bytes, program: str = PROGRAM) -> PictureText:
    """The words in a picture (PNG or JPEG). Never raises: what is wrong is in `problem`."""
    path = shutil.which(program)
    languages = await _languages(path) if path else ()
    if path is None or not languages:
        return PictureText(problem=ABSENT)
    try:
        picture = await asyncio.to_thread(_prepared, picture)
    except ValueError:
        return PictureText(problem=UNREADABLE)
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
            *command,
            stdin=pipe,
            stdout=pipe,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},  # one core for a picture, the others for people
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
