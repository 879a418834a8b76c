"""A poster to print on A4: what the bot does, the QR code that opens it, and the hotlines of both countries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import segno

from bot.i18n import translator
from bot.knowledge.model import Published, pick
from bot.knowledge.plan_document import BLUE, GREY, TINT, new_page, paragraph

if TYPE_CHECKING:
    from fpdf import FPDF

A4 = (210.0, 297.0)
QR = 92.0
"""Side of the code in millimetres: read from two metres away."""
MOST_LINES = 5
HELP_TOPIC = "urgent_trapped"


def draw(published: Published, languages: tuple[str, ...], link: str, organisation: str = "") -> bytes:
    """The PDF, one page a language. Raises DocumentError when a font is missing."""
    document: FPDF | None = None
    for language in languages:
        if document is None:
            document = new_page(language, A4)
        else:
            document.add_page()
        _page(document, published, language, link, organisation)
    if document is None:
        raise ValueError("a poster needs a language")
    return bytes(document.output())


def _page(page: FPDF, published: Published, language: str, link: str, organisation: str) -> None:
    from bot.knowledge.plan_document import FAMILIES

    t = translator(language)
    own = FAMILIES[language]
    page.set_font(own)
    page.set_fallback_fonts([family for family in FAMILIES.values() if family != own], exact_match=True)
    page.set_text_color(*BLUE)
    page.ln(4)
    paragraph(page, t("Going abroad to work? Ask first."), size=34, bold=True, align="C")
    page.set_text_color(0, 0, 0)
    page.ln(3)
    paragraph(page, t("Legal ways, costs, your rights, and who helps."), size=19, align="C")
    paragraph(page, t("Free of charge. You need not say your name."), size=19, align="C")
    page.ln(5)
    _code(page, link)
    page.ln(3)
    paragraph(page, t("Scan with the phone camera, or open in Telegram:"), size=16, align="C")
    page.set_font(FAMILIES["en"], style="B", size=14)
    page.cell(0, 8, link.split("?", maxsplit=1)[0].removeprefix("https://"), align="C", new_x="LMARGIN", new_y="NEXT")
    page.set_font(own)
    page.ln(4)
    _hotlines(page, published, language)
    page.set_text_color(*GREY)
    foot = [organisation] if organisation else []
    page.ln(2)
    paragraph(
        page, " · ".join([*foot, t("In danger? Call first. The bot does not replace the police.")]), size=12, align="C"
    )


def _code(page: FPDF, link: str) -> None:
    """The QR code as vector squares, so that any printer keeps it sharp."""
    rows = [list(row) for row in segno.make(link, error="q", micro=False).matrix_iter(border=4)]
    side = QR / len(rows)
    left, top = (A4[0] - QR) / 2, page.get_y()
    page.set_fill_color(255, 255, 255)
    page.rect(left, top, QR, QR, style="F")
    page.set_fill_color(0, 0, 0)
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            wide = 0
            while x + wide < len(row) and row[x + wide]:
                wide += 1
            if wide:
                page.rect(left + x * side, top + y * side, wide * side, side + 0.01, style="F")
            x += wide + 1
    page.set_y(top + QR)


def _hotlines(page: FPDF, published: Published, language: str) -> None:
    """The numbers of the help card, each country's under its name."""
    t = translator(language)
    page.set_fill_color(*TINT)
    names = {"th": t("In Thailand, call:"), "la": t("In Laos, call:")}
    card = published.answers[HELP_TOPIC].card or {}
    for country in ("la", "th"):
        contacts = [published.contacts[c] for c in card.get(country, ()) if c in published.contacts]
        page.set_text_color(*BLUE)
        paragraph(page, names[country], size=16, bold=True, fill=True)
        page.set_text_color(0, 0, 0)
        for contact in [c for c in contacts if c.phones and c.country == country][:MOST_LINES]:
            paragraph(page, f"{contact.phones[0].number} – {pick(contact.name, language)[0]}", size=15)
        page.ln(2)
