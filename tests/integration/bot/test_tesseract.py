"""The real tesseract with its Lao and Thai data: needed, and installed by .ci/run."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image, ImageDraw, ImageFont

from bot.knowledge.load import load_published
from bot.knowledge.offer import examine
from bot.services.ocr import WANTED, found, read_picture
from bot.settings import ROOT

FONTS = ROOT / "bot" / "knowledge" / "fonts"
RUNS = re.compile("(?P<Lao>[\\u0e80-\\u0eff]+)|(?P<Thai>[\\u0e00-\\u0e7f]+)|(?P<Latin>[^\\u0e00-\\u0eff]+)")


def screenshot(lines: list[str]) -> bytes:
    """Lines as a telephone shows them: each letter in the font that has it (the Lao one has no digits)."""
    picture = Image.new("RGB", (1080, 90 + 80 * len(lines)), "white")
    drawing = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        across = 30.0
        for run in RUNS.finditer(line):
            font = ImageFont.truetype(str(FONTS / f"NotoSans{run.lastgroup}-Regular.ttf"), 40)
            drawing.text((across, 40 + 80 * number), run[0], font=font, fill="black")
            across += drawing.textlength(run[0], font=font)
    held = io.BytesIO()
    picture.save(held, "JPEG", quality=80)
    return held.getvalue()


async def test_the_program_and_its_languages_are_there() -> None:
    assert await found() == WANTED, "apt-get install tesseract-ocr tesseract-ocr-lao tesseract-ocr-tha"


@pytest.mark.parametrize(
    ("lines", "flags", "numbers"),
    [
        (
            ["ຮັບສະໝັກດ່ວນ ສາມຫຼ່ຽມຄຳ", "ບໍ່ຕ້ອງມີປະສົບການ", "ເງິນເດືອນ 30,000 ບາດ ອາຍຸ 16-35", "ໂທ 020 5551 2345"],
            {"scam_centre_place", "no_experience_any_age", "under_18_ok"},
            ["30,000", "16-35", "020 5551 2345"],
        ),
        (
            ["รับสมัครด่วน", "วีซ่าท่องเที่ยว เข้าไปทำงานได้เลย", "นายจ้างเก็บพาสปอร์ตไว้ให้", "โทร 081 555 0123"],
            {"tourist_visa"},
            ["081 555 0123"],
        ),
        (["Urgent! Work on a tourist visa", "No contract needed"], {"tourist_visa"}, []),
    ],
)
async def test_a_screenshot_raises_the_flags_of_its_words(
    lines: list[str], flags: set[str], numbers: list[str]
) -> None:
    published = load_published(ROOT / "content")
    read = await read_picture(screenshot(lines))
    assert read.problem is None
    assert [number for number in numbers if number not in read.text] == [], read.text
    assert published.offer_flags is not None
    report = examine(read.text, published.offer_flags, published.facts)
    assert flags <= {found.id for found in report.flags}, read.text
