"""Normalising: every trap of Lao and Thai typing, once each."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.text.normalise import normalise

LETTERS = st.text(
    alphabet=st.one_of(
        st.characters(min_codepoint=0x0E81, max_codepoint=0x0EDF),
        st.characters(min_codepoint=0x0E01, max_codepoint=0x0E5B),
        st.sampled_from("abcABC 0123456789?!.\n\u200b😭"),
    ),
    max_size=40,
)


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        pytest.param("ກ\u0ecd\u0ec8\u0eb2", "ກ\u0ec8\u0eb3", id="niggahita, tone, aa is am"),
        pytest.param("ນ\u0ecd\u0eb2", "ນ\u0eb3", id="niggahita and aa are am"),
        pytest.param("น\u0e4d\u0e49\u0e32", "น\u0e49\u0e33", id="Thai sara am typed apart"),
        pytest.param("ນ\u0eb3\u0ec9", "ນ\u0ec9\u0eb3", id="tone behind am"),
        pytest.param("ຫນ້າ", "ໜ້າ", id="h and n"),
        pytest.param("ຫມາ", "ໝາ", id="h and m"),
        pytest.param("ຫລາຍ", "ຫຼາຍ", id="h and l"),
        pytest.param("ຫຣາຍ", "ຫຼາຍ", id="h and r"),
        pytest.param("ເເມ່", "ແມ່", id="two Lao e are ae"),
        pytest.param("เเม่", "แม่", id="two Thai e are ae"),
        pytest.param("ກ\u0ec8\u0eb4", "ກ\u0eb4\u0ec8", id="tone before vowel"),
        pytest.param("ບ\u0ecd\u0ec8\u0ecd\u0ec8", "ບ\u0ecd\u0ec8", id="marks twice"),
        pytest.param("ຄ\u0eb2\u0ec8", "ຄ\u0ec8\u0eb2", id="tone behind aa"),
        pytest.param("มากกกกก", "มาก", id="letters for emphasis"),
        pytest.param("pleaseeee", "pleasee", id="Latin letters at most twice"),
        pytest.param("ຊ່ວຍແດ່ແດ່ແດ່ແດ່", "ຊ່ວຍແດ່ແດ່", id="words at most twice"),
        pytest.param("5555555", "555", id="Thai laughter"),
        pytest.param("50000", "50000", id="no laughter in a sum"),
        pytest.param("ຕ່າງໆ", "ຕ່າງ", id="Lao repeat sign"),
        pytest.param("ต่าง ๆ", "ต่าง", id="Thai repeat sign"),
        pytest.param("😭ๆ0", "😭 0", id="a repeat sign behind an emoji"),
        pytest.param("໒໐ ๓๐", "20 30", id="digits"),
        pytest.param("ຄ\u200bາ\ufeff", "ຄາ", id="zero width"),
        pytest.param("🙏🏽🙏🙏", "🙏", id="emoji once, any skin"),
        pytest.param("ＨＥＬＬＯ", "hello", id="full width"),
        pytest.param("  a\n\tb ", "a b", id="blanks"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_trap(typed: str, wanted: str) -> None:
    assert normalise(typed) == wanted


@settings(max_examples=400)
@given(LETTERS)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(st.text(max_size=60))
def test_any_text_can_be_normalised(text: str) -> None:
    assert "\n" not in normalise(text)
