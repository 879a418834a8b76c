"""A month's money as a picture for the phone: a bar for each part of the wage, and the debt month by month.

The outbox holds the words and figures (`budget.picture_of`); the picture is drawn only when it is sent. Pillow sets Lao
and Thai through Raqm and HarfBuzz, with the fonts of the plan.
"""

from __future__ import annotations

import io
import re
from functools import lru_cache
from itertools import pairwise
from typing import Any

from PIL import Image, ImageDraw, ImageFont, features

from bot.knowledge.plan_document import FAMILIES, FONTS, DocumentError

WIDTH, MARGIN, LINE = 800, 40, 62
BAR = 30
CURVE_HEIGHT = 190
INK, GREY, PAPER, RED, GREEN = "#1d2733", "#5f6b76", "#ffffff", "#c62828", "#1b7f3b"
COLOURS = {"deduct": "#b26a00", "living": "#146391", "sent": "#6a3d9a", "left": GREEN}
RUNS = re.compile("[\u0e80-\u0eff]+(?:[ \u0e80-\u0eff]*[\u0e80-\u0eff])?|[\u0e00-\u0e7f]+|[^\u0e00-\u0eff]+")
FILE_NAME = "money.png"


def draw(picture: dict[str, Any]) -> bytes:
    """The picture as PNG. Raises DocumentError when a font, or the library that sets Lao and Thai, is missing."""
    if not features.check("raqm"):
        raise DocumentError("Pillow is built without Raqm: it cannot set Lao and Thai")
    rows = picture["parts"]
    curve = CURVE_HEIGHT + 2 * LINE if picture["rests"] else 0
    height = MARGIN + 2 * LINE + len(rows) * (LINE + BAR) + curve + LINE + 20
    image = Image.new("RGB", (WIDTH, height), PAPER)
    pen = ImageDraw.Draw(image)
    y = MARGIN
    _write(pen, (MARGIN, y), picture["title"], 38, bold=True)
    y += LINE
    _write(pen, (MARGIN, y), picture["wage"], 30)
    y += LINE
    most = max(1, *(value for _, _, value in rows), sum(value for _, _, value in rows))
    for kind, label, value in rows:
        _write(pen, (MARGIN, y), label, 27)
        wide = (WIDTH - 2 * MARGIN) * value / most
        pen.rectangle((MARGIN, y + 44, WIDTH - MARGIN, y + 44 + BAR), fill="#eef1f4")
        if wide >= 1:
            pen.rectangle((MARGIN, y + 44, MARGIN + wide, y + 44 + BAR), fill=COLOURS[kind])
        y += LINE + BAR
    if picture["rests"]:
        y = _curve(pen, y, picture)
    _wrapped(pen, y + 8, picture["verdict"], RED if picture["bad"] else GREEN)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _curve(pen: ImageDraw.ImageDraw, y: int, picture: dict[str, Any]) -> int:
    """The debt as a line from today on; returns where the next thing may stand."""
    rests: list[float] = picture["rests"]
    _write(pen, (MARGIN, y), picture["debt"], 27)
    bottom = y + 52 + CURVE_HEIGHT
    left, right = MARGIN, WIDTH - MARGIN
    most = max(*rests, 1)
    steps = max(1, len(rests) - 1)
    points = [(left + (right - left) * n / steps, bottom - CURVE_HEIGHT * rest / most) for n, rest in enumerate(rests)]
    colour = RED if rests[-1] > 0 and rests[-1] >= rests[0] else GREEN
    pen.polygon([(left, bottom), *points, (points[-1][0], bottom)], fill="#f6dede" if colour == RED else "#dff1e4")
    for one, other in pairwise(points):
        pen.line([one, other], fill=colour, width=5)
    pen.line([(left, bottom), (right, bottom)], fill=GREY, width=2)
    _write(pen, (left, bottom + 8), picture["first"], 22, colour=GREY)
    end = picture["last"]
    _write(pen, (right - _width(end, 22, bold=False), bottom + 8), end, 22, colour=GREY)
    return bottom + 46


def _wrapped(pen: ImageDraw.ImageDraw, y: int, text: str, colour: str) -> None:
    """One or two lines that fit the width; long ones get smaller letters."""
    size = 32
    while size > 18 and _width(text, size, bold=True) > WIDTH - 2 * MARGIN:
        size -= 1
    _write(pen, (MARGIN, y), text, size, bold=True, colour=colour)


def _write(
    pen: ImageDraw.ImageDraw, at: tuple[float, float], text: str, size: int, *, bold: bool = False, colour: str = INK
) -> None:
    """Text in runs, each in the font of its writing, all on one base line."""
    x, y = at
    for run, font in _runs(text, size, bold=bold):
        pen.text((x, y + size), run, font=font, fill=colour, anchor="ls")
        x += font.getlength(run)


def _width(text: str, size: int, *, bold: bool) -> float:
    return sum(font.getlength(run) for run, font in _runs(text, size, bold=bold))


def _runs(text: str, size: int, *, bold: bool) -> list[tuple[str, ImageFont.FreeTypeFont]]:
    return [(run, _font(_writing(run), size, bold)) for run in RUNS.findall(text)]


def _writing(run: str) -> str:
    return next(("lo" if c >= "\u0e80" else "th" for c in run if "\u0e00" <= c <= "\u0eff"), "en")


@lru_cache(maxsize=64)
def _font(writing: str, size: int, bold: bool) -> ImageFont.FreeTypeFont:
    path = FONTS / f"{FAMILIES[writing]}-{'Bold' if bold else 'Regular'}.ttf"
    if not path.exists():
        raise DocumentError(f"{path} is missing: take it from Debian's fonts-noto-core")
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.RAQM)
