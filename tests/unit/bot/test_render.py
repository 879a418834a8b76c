"""From an answer to the text that a person reads."""

from __future__ import annotations

from datetime import date

from bot.knowledge import markup
from bot.knowledge.render import contact_line, day, fact_text, render_answer
from tests.factories.content import answer, contact, fact, published

TODAY = date(2026, 11, 24)


def with_text(**parts: object) -> str:
    entry = answer("passport", answers={"lo": {"answer": "ລາຄາ {fact:visa_fee}.", **parts}})
    return render_answer(published(passport=entry), "passport", "lo", TODAY).text


def test_facts_are_filled_in_with_source_and_day() -> None:
    text = with_text()
    assert "1,500 ບາດ" in text
    assert '<a href="https://example.org/gazette">Royal Gazette</a>' in text
    assert "24" in text
    assert "2026" in text


def test_parts_stand_in_their_order() -> None:
    text = with_text(steps=["ໜຶ່ງ", "ສອງ"], ordered=True, watch="ລະວັງນາຍໜ້າ", help="{contact:th_191}")
    order = [text.index(part) for part in ("1. ໜຶ່ງ", "2. ສອງ", "⚠️", "☎️", "🔎")]
    assert order == sorted(order)


def test_a_short_number_never_stands_without_its_country() -> None:
    assert contact_line(contact("1195", "la"), "en") == "Line 1195: <b>1195</b> (only in Laos)"
    assert "โทรได้เฉพาะในลาว" in contact_line(contact("1195", "la"), "th")


def test_an_expired_fact_says_so_or_falls_back() -> None:
    later = date(2028, 1, 1)
    assert "may have changed" in fact_text(fact(), "en", later)
    gone = fact(on_expiry="fallback", fallback={"lo": "ຖາມ", "th": "ถาม", "en": "ask the office"})
    assert fact_text(gone, "en", later) == "ask the office"
    assert fact_text(gone, "en", TODAY) == "1,500 baht"


def test_ranges_and_dates() -> None:
    ranged = fact(value=[337, 400], text={code: "{low}-{high}" for code in ("lo", "th", "en")})
    assert fact_text(ranged, "th", TODAY) == "337-400"
    assert day(date(2026, 12, 11), "en") == "11 Dec 2026"
    assert day(date(2026, 12, 11), "th") == "11 ธ.ค. 2026"


def test_a_missing_language_is_said_and_replaced() -> None:
    entry = answer("passport", answers={"lo": {"answer": "ລາວ"}})
    rendered = render_answer(published(passport=entry), "passport", "en", TODAY)
    assert rendered.language == "lo"
    assert "not translated yet" in rendered.text


def test_markup() -> None:
    assert list(markup.faults("<b>a</b> <a href='https://x.org'>b</a> &amp;")) == []
    assert markup.visible_length("<b>ab</b>&amp;😀") == 5
