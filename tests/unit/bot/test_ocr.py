"""Words of a screenshot, with a stand-in for the program; tests/integration has the real one."""

from __future__ import annotations

import asyncio
import io
import stat
from pathlib import Path

import pytest
from PIL import Image

from bot.services.ocr import ABSENT, UNREADABLE, installed, read_picture

STAND_IN = """#!/bin/sh
if [ "$1" = --list-langs ]; then echo 'List of available languages (2):'; {langs}; exit 0; fi
cat >{keeps}
{say}
"""


def drawn(mode: str = "PNG", **more: object) -> bytes:
    """A small empty picture."""
    held = io.BytesIO()
    Image.new("RGB", (40, 20), "white").save(held, mode, **more)  # type: ignore[arg-type]
    return held.getvalue()


PICTURE = drawn()


@pytest.fixture
def program(tmp_path: Path) -> Path:
    return tmp_path / "tesseract"


def stand_in(program: Path, say: str, langs: str = "echo lao; echo eng", keeps: str = "/dev/null") -> str:
    program.write_text(STAND_IN.format(say=say, langs=langs, keeps=keeps), encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return str(program)


async def test_without_the_program_it_says_so() -> None:
    assert (await read_picture(PICTURE, "no-such-program")).problem == ABSENT


async def test_without_data_for_any_language_it_says_so(program: Path) -> None:
    assert (await read_picture(PICTURE, stand_in(program, "echo x", langs="true"))).problem == ABSENT


async def test_the_words_and_the_languages(program: Path) -> None:
    read = await read_picture(PICTURE, stand_in(program, 'echo "$@"'))
    assert read.problem is None
    assert "-l lao+eng" in read.text


async def test_each_script_reads_alone(program: Path) -> None:
    read = await read_picture(PICTURE, stand_in(program, 'echo "$@"', langs="echo lao; echo tha; echo eng"))
    assert [line.split()[3] for line in read.text.splitlines()] == ["lao+eng", "tha+eng"]


@pytest.mark.parametrize("say", ["exit 1", "true"])
async def test_a_picture_without_words(program: Path, say: str) -> None:
    assert (await read_picture(PICTURE, stand_in(program, say))).problem == UNREADABLE


async def test_what_is_no_picture_or_fills_the_memory_is_not_given_to_the_program(program: Path) -> None:
    there = stand_in(program, "echo words")
    assert (await read_picture(b"GIF89a nonsense", there)).problem == UNREADABLE
    held = io.BytesIO()
    Image.new("1", (9000, 9000)).save(held, "PNG")
    assert (await read_picture(held.getvalue(), there)).problem == UNREADABLE


async def test_the_place_that_a_camera_wrote_into_the_file_does_not_reach_the_program(program: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "CANARYPLACE"
    exif.get_ifd(0x8825)[2] = (17.0, 58.0, 1.0)
    there = stand_in(program, "true", keeps=f"{program}.seen")
    sent = drawn("JPEG", exif=exif)
    assert b"CANARYPLACE" in sent
    await read_picture(sent, there)
    seen = await asyncio.to_thread(Path(f"{program}.seen").read_bytes)
    assert seen.startswith(b"\x89PNG")
    assert b"CANARYPLACE" not in seen
    assert b"eXIf" not in seen


def test_installed_says_whether_the_program_is_there(program: Path) -> None:
    assert installed(stand_in(program, "true"))
    assert not installed("no-such-program")
