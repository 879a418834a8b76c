"""A plan as a PDF for the phone and for the printer, with fonts that show Lao and Thai right.

The outbox holds the plan's words (`document_of`); the file is drawn only when it is sent (`draw`). The fonts lie in
`fonts/` (SIL Open Font License); HarfBuzz sets vowels and tones in their places.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from bot.i18n import translator
from bot.knowledge.markup import TAG
from bot.knowledge.pathways import Plan, sections

if TYPE_CHECKING:
    from fpdf import FPDF

FONTS = Path(__file__).parent / "fonts"
FAMILIES = {"lo": "NotoSansLao", "th": "NotoSansThai", "en": "NotoSansLatin"}
FILE_NAME = "plan.pdf"

A5 = (148.0, 210.0)
MARGIN, INDENT, BOX = 12.0, 7.0, 4.0
LEADING = 0.58
"""Height of a line in millimetres for each point of letter size: Lao and Thai stack signs high."""
FULL_ENOUGH = 0.7
"""Share of a line that must be filled for it to be broken at a blank rather than between syllables."""
GREY, BLUE, TINT = (95, 95, 95), (20, 80, 140), (232, 241, 250)

# Lao and Thai have no blanks between words. A line may break where a syllable surely begins or ends: before a vowel
# that is written first, and after one that closes its syllable. A sign over or under a letter never leaves it.
BREAKS = re.compile(
    "(?<= )|(?<=[\u0e81-\u0ec6\u0e01-\u0e46])(?=[\u0ec0-\u0ec4\u0e40-\u0e44])"
    "|(?<=[\u0eb0\u0eb3\u0ec6\u0e30\u0e33\u0e46])(?=\\w)"
)
LETTERS = re.compile(".[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd]*")


class DocumentError(Exception):
    """The file cannot be drawn; the text says what is missing."""


def document_of(plan: Plan, done: frozenset[int]) -> dict[str, Any]:
    """What `draw` needs, as JSON: plain words in the person's language."""
    t = translator(plan.language)
    return {
        "language": plan.language,
        "title": plain(plan.title),
        "steps": [[plain(step), n in done] for n, step in enumerate(plan.steps)],
        "sections": [[heading, plain(text)] for _, heading, text in sections(plan, t)],
        "foot": plain(plan.source or "").replace("🔎 ", ""),
    }


def plain(text: str) -> str:
    """Telegram's HTML as plain words; a text font has no glyph for an emoji."""
    return html.unescape(TAG.sub("", text)).replace("🆘", "SOS")


def draw(document: dict[str, Any]) -> bytes:
    """The PDF. Raises DocumentError when a font is missing."""
    language = document["language"]
    page = new_page(language)
    page.set_fill_color(*TINT)
    paragraph(page, document["title"], size=17, bold=True, fill=True)
    page.ln(3)
    for number, (step, done) in enumerate(document["steps"], 1):
        _step(page, f"{number}. {step}", done)
    for heading, text in document["sections"]:
        page.ln(2.5)
        page.set_text_color(*BLUE)
        paragraph(page, heading, size=12, bold=True, keep=True)
        page.set_text_color(0, 0, 0)
        for line in text.splitlines():
            paragraph(page, line, size=11.5)
    if document["foot"]:
        page.ln(3)
        page.set_text_color(*GREY)
        paragraph(page, document["foot"], size=8.5)
    return bytes(page.output())


def new_page(language: str, size: tuple[float, float] = A5) -> FPDF:
    """An empty page with the fonts of all three languages. Raises DocumentError when one is missing."""
    try:
        from fpdf import FPDF
    except ImportError as error:
        raise DocumentError("fpdf2 is not installed: run `make install`") from error
    page = FPDF(format=size)
    page.set_margin(MARGIN)
    page.set_auto_page_break(True, MARGIN)
    page.set_lang(language)
    for family in FAMILIES.values():
        for style, weight in (("", "Regular"), ("B", "Bold")):
            path = FONTS / f"{family}-{weight}.ttf"
            if not path.exists():
                raise DocumentError(f"{path} is missing: take it from Debian's fonts-noto-core")
            page.add_font(family, style, path)
    own = FAMILIES[language]
    page.set_fallback_fonts([family for family in FAMILIES.values() if family != own], exact_match=True)
    page.set_text_shaping(True)
    page.add_page()
    page.set_font(own)
    return page


def paragraph(
    page: FPDF,
    text: str,
    *,
    size: float,
    bold: bool = False,
    fill: bool = False,
    keep: bool = False,
    align: Literal["L", "C"] = "L",
) -> None:
    """Lines of text from the left margin; `keep` leaves room for more lines under it on the same page."""
    page.set_font(style="B" if bold else "", size=size)
    height = size * LEADING
    if keep and page.will_page_break(3 * height):
        page.add_page()
    for line in _lines(page, text, page.epw - 2 * page.c_margin):
        page.current_font_is_set_on_page = False  # else fpdf2 forgets after a line that it must name the font again
        page.cell(0, height, line, align=align, fill=fill, new_x="LMARGIN", new_y="NEXT")


def _lines(page: FPDF, text: str, width: float) -> Iterator[str]:
    """The text in lines that fit. Our own, since fpdf2 breaks at blanks only."""
    line = ""
    for word in BREAKS.split(text):
        for piece in [word] if page.get_string_width(word) <= width else LETTERS.findall(word):
            if line and page.get_string_width((line + piece).rstrip()) > width:
                head, tail = _at_blank(page, line, width)
                yield head
                line = tail
            line += piece
    yield line.rstrip()


def _at_blank(page: FPDF, line: str, width: float) -> tuple[str, str]:
    """A full line and what goes to the next one: cut at the last blank, unless that would leave it too short."""
    head, blank, tail = line.rstrip().rpartition(" ")
    if blank and not line.endswith(" ") and page.get_string_width(head) > FULL_ENOUGH * width:
        return head.rstrip(), tail
    return line.rstrip(), ""


def _step(page: FPDF, text: str, done: bool) -> None:
    """A box, ticked or empty, and the words beside it."""
    size = 12.0
    if page.will_page_break(3 * size * LEADING):
        page.add_page()
    top = page.get_y() + 1.3
    page.set_draw_color(*BLUE)
    page.set_line_width(0.4)
    page.rect(MARGIN, top, BOX, BOX)
    if done:
        page.set_line_width(0.8)
        page.polyline([(MARGIN + 0.8, top + 2.1), (MARGIN + 1.7, top + 3.1), (MARGIN + 3.3, top + 0.8)])
    page.set_left_margin(MARGIN + INDENT)
    page.set_x(MARGIN + INDENT)
    paragraph(page, text, size=size)
    page.set_left_margin(MARGIN)
    page.set_x(MARGIN)
    page.ln(0.8)
