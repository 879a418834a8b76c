"""The real tesseract with its Lao and Thai data: needed, and installed by .ci/run."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw, ImageFont

from bot.knowledge.load import load_published
from bot.knowledge.offer import examine
from bot.services.ocr import WANTED, found, read_picture
from bot.settings import ROOT

FONTS = ROOT / "bot" / "knowledge" / "fonts"


def screenshot(lines: list[str], font: str) -> bytes:
    """Lines as a telephone shows them."""
    picture = Image.new("RGB", (1080, 90 + 80 * len(lines)), "white")
    drawing = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        drawing.text((30, 40 + 80 * number), line, font=ImageFont.truetype(str(FONTS / font), 40), fill="black")
    held = io.BytesIO()
    picture.save(held, "JPEG", quality=80)
    return held.getvalue()


async def test_the_program_and_its_languages_are_there() -> None:
    assert await found() == WANTED, "apt-get install tesseract-ocr tesseract-ocr-lao tesseract-ocr-tha"


@pytest.mark.parametrize(
    ("lines", "font", "flag"),
    [
        (["ຮັບສະໝັກດ່ວນ ສາມຫຼ່ຽມຄຳ", "ບໍ່ຕ້ອງມີປະສົບການ"], "NotoSansLao-Regular.ttf", "scam_centre_place"),
        (
            ["รับสมัครด่วน", "วีซ่าท่องเที่ยว เข้าไปทำงานได้เลย", "นายจ้างเก็บพาสปอร์ตไว้ให้"],
            "NotoSansThai-Regular.ttf",
            "tourist_visa",
        ),
        (["Urgent! Work on a tourist visa", "No contract needed"], "NotoSansLatin-Regular.ttf", "tourist_visa"),
    ],
)
async def test_a_screenshot_raises_the_flags_of_its_words(lines: list[str], font: str, flag: str) -> None:
    published = load_published(ROOT / "content")
    read = await read_picture(screenshot(lines, font))
    assert read.problem is None
    assert published.offer_flags is not None
    report = examine(read.text, published.offer_flags, published.facts)
    assert flag in [found.id for found in report.flags], read.text
