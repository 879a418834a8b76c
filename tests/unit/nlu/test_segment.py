"""Lao and Thai words, and their places in the text as sent."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.components.segment import spans, words


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("ຢາກໄປໄທ", ["ຢາກ", "ໄປ", "ໄທ"]),
        ("นายจ้างบ่จ่าย", ["นายจ้าง", "บ่", "จ่าย"]),
        ("ໄປແບບ MOU ok?", ["ໄປ", "ແບບ", "mou", "ok", "?"]),
        ("", []),
    ],
)
def test_words(text: str, wanted: list[str]) -> None:
    assert words(text) == wanted


@given(st.text(alphabet=st.sampled_from("ກຂຄງຈເແາິ່້ຽนายจ้าง ab1😭\u200b"), max_size=60))
def test_spans_lie_in_order_inside_the_text(text: str) -> None:
    found = spans(text)
    assert all(0 <= a < b <= len(text) for a, b in found)
    assert all(end <= start for (_, end), (start, _) in pairwise(found))
