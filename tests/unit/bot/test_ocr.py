"""Words of a screenshot: with a stand-in for the program everywhere, and with the real one where it is installed."""

from __future__ import annotations

import io
import shutil
import stat
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from bot.services.ocr import ABSENT, PROGRAM, UNREADABLE, read_picture
from bot.settings import ROOT

STAND_IN = """#!/bin/sh
if [ "$1" = --list-langs ]; then echo 'List of available languages (2):'; {langs}; exit 0; fi
cat >/dev/null
{say}
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    return tmp_path / "tesseract"


def stand_in(program: Path, say: str, langs: str = "echo lao; echo eng") -> str:
    program.write_text(STAND_IN.format(say=say, langs=langs), encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return str(program)


async def test_without_the_program_it_says_so() -> None:
    assert (await read_picture(b"png", "no-such-program")).problem == ABSENT


async def test_without_data_for_any_language_it_says_so(program: Path) -> None:
    assert (await read_picture(b"png", stand_in(program, "echo x", langs="true"))).problem == ABSENT


async def test_the_words_and_the_languages(program: Path) -> None:
    read = await read_picture(b"png", stand_in(program, 'echo "$@"'))
    assert read.problem is None
    assert "-l lao+eng" in read.text


async def test_each_script_reads_alone(program: Path) -> None:
    read = await read_picture(b"png", stand_in(program, 'echo "$@"', langs="echo lao; echo tha; echo eng"))
    assert [line.split()[3] for line in read.text.splitlines()] == ["lao+eng", "tha+eng"]


@pytest.mark.parametrize("say", ["exit 1", "true"])
async def test_a_picture_without_words(program: Path, say: str) -> None:
    assert (await read_picture(b"png", stand_in(program, say))).problem == UNREADABLE


def rendered(text: str) -> bytes:
    """A screenshot of a line of Lao."""
    picture = Image.new("L", (1100, 120), 255)
    font = ImageFont.truetype(str(ROOT / "bot" / "knowledge" / "fonts" / "NotoSansLao-Regular.ttf"), 44)
    ImageDraw.Draw(picture).text((20, 25), text, font=font, fill=0)
    held = io.BytesIO()
    picture.save(held, "PNG")
    return held.getvalue()


async def test_the_real_program_reads_a_rendered_picture_or_says_that_it_is_absent() -> None:
    read = await read_picture(rendered("ຮັບສະໝັກພະນັກງານ ສາມຫຼ່ຽມຄຳ"))
    if shutil.which(PROGRAM) and read.problem is None:
        # The data for Lao mistake single signs; whole words of the line must come through.
        assert "ສາມຫຼຽມ" in read.text or "ສາມຫຼ່ຽມ" in read.text
    else:
        assert read.problem == ABSENT
