"""The plan as a PDF: every plan can be drawn, with a glyph for each letter and the tones where they belong."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import uharfbuzz as hb
from fontTools.ttLib import TTFont

from bot.knowledge import plan_document
from bot.knowledge.load import load_published
from bot.knowledge.pathways import render_plan
from bot.knowledge.plan_document import BREAKS, FONTS, LETTERS, DocumentError, document_of, draw
from bot.settings import LANGUAGES, ROOT

TODAY = date(2026, 11, 24)
PUBLISHED = load_published(ROOT / "content")


def document(leaf: str, language: str) -> dict[str, Any]:
    assert PUBLISHED.pathways is not None
    plan = render_plan(PUBLISHED, PUBLISHED.pathways.leaves[leaf], language, TODAY)
    return document_of(plan, frozenset({0}))


def words(value: Any) -> str:
    """All text inside a document."""
    if isinstance(value, list):
        return " ".join(words(part) for part in value)
    return value if isinstance(value, str) else ""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("leaf", ["mou_start", "th_no_papers"])
def test_a_plan_becomes_a_small_pdf(leaf: str, language: str) -> None:
    drawn = draw(document(leaf, language))
    assert drawn.startswith(b"%PDF")
    assert len(drawn) < 200_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_is_a_glyph_for_every_letter(language: str) -> None:
    assert PUBLISHED.pathways is not None
    known = {c for path in FONTS.glob("*-Regular.ttf") for c in TTFont(path).getBestCmap()}
    for leaf in PUBLISHED.pathways.leaves:
        missing = {c for c in words(list(document(leaf, language).values())) if ord(c) not in known and c != "\n"}
        assert missing == set(), leaf


@pytest.mark.parametrize(
    ("font", "text"),
    [
        ("NotoSansLao", "ທີ່"),
        ("NotoSansLao", "ເຈົ້າ"),
        ("NotoSansThai", "ที่"),
        ("NotoSansThai", "ผู้"),
        ("NotoSansThai", "ตั้ง"),
    ],
)
@pytest.mark.parametrize("weight", ["Regular", "Bold"])
def test_a_tone_stands_above_its_vowel(font: str, text: str, weight: str) -> None:
    """Debian's looped Noto fonts of 2020 draw one over the other; the fonts here must not."""
    path = FONTS / f"{font}-{weight}.ttf"
    glyphs, names = TTFont(path)["glyf"], TTFont(path)
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    hb.shape(hb.Font(hb.Face(hb.Blob.from_file_path(str(path)))), buffer)
    boxes = []
    for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        glyph = glyphs[names.getGlyphName(info.codepoint)]
        boxes.append((glyph.yMin + place.y_offset, glyph.yMax + place.y_offset, place.x_advance))
    marks = sorted(box for box in boxes if box[2] == 0)
    assert all(lower[1] <= upper[0] for lower, upper in pairwise(marks)), marks


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_line_never_breaks_before_a_sign_of_the_letter(language: str) -> None:
    signs = tuple("\u0e31\u0e34\u0e35\u0e36\u0e37\u0e38\u0e39\u0e47\u0e48\u0e49\u0e4a\u0e4b\u0e4c")
    signs += tuple("\u0eb1\u0eb4\u0eb5\u0eb6\u0eb7\u0eb8\u0eb9\u0ebb\u0ebc\u0ec8\u0ec9")
    text = words(list(document("mou_start", language).values())).replace("\n", " ")
    pieces = [*BREAKS.split(text), *LETTERS.findall(text)]
    assert not [piece for piece in pieces if piece.startswith(signs)]
    assert "".join(BREAKS.split(text)) == text == "".join(LETTERS.findall(text))


def test_a_missing_font_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(plan_document, "FONTS", tmp_path)
    with pytest.raises(DocumentError, match="fonts-noto-core"):
        draw(document("japan", "lo"))
