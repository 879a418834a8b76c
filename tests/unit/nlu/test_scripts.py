"""Which form, whose language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.text.scripts import FORMS, detect_form, form_probabilities, speaker_language

EXAMPLES = [
    ("ຂ້ອຍຢາກໄປເຮັດວຽກຢູ່ໄທ", "lao", "lo"),
    ("MOU ແມ່ນຫຍັງ", "lao", "lo"),
    ("ผมอยากไปทำงานที่ไทย ต้องทำยังไงครับ", "thai", "th"),
    ("ข้อยอยากไปเฮ็ดเวียกอยู่ไทย ต้องเฮ็ดแนวใด๋", "thaiscript", "lo"),
    ("khoy yak pai het viak yu thai tong het neo dai", "roman", "lo"),
    ("phom yak pai tham ngan thi thai tong tham yang ngai khrap", "karaoke", "th"),
    ("i want to go work in thailand what must i do", "english", "en"),
    ("boss ບໍ່ຈ່າຍ salary 3 ເດືອນແລ້ວ ทำไงดี", "mixed", "lo"),
]


@pytest.mark.parametrize(("text", "form", "language"), EXAMPLES)
def test_form_and_language(text: str, form: str, language: str) -> None:
    assert detect_form(text)[0] == form
    assert speaker_language(text) == language


@pytest.mark.parametrize("text", ["", "123", "😭", "?!"])
def test_without_letters_nothing_is_known(text: str) -> None:
    assert detect_form(text) == (None, 0.0)
    assert speaker_language(text) is None


@pytest.mark.parametrize("text", ["passport", "MOU", "visa ?", "ok"])
def test_a_borrowed_word_alone_tells_no_language(text: str) -> None:
    assert speaker_language(text) is None


@given(st.text(max_size=40))
def test_probabilities_are_probabilities(text: str) -> None:
    found = form_probabilities(text)
    assert not found or (set(found) == set(FORMS) and abs(sum(found.values()) - 1) < 1e-6)
