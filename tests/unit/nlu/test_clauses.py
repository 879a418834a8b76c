"""Cutting messages into clauses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.text.clauses import LONGEST, split_clauses


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", 0),
        ("😭", 0),
        ("passport", 1),
        ("ຄ່າແຮງຂັ້ນຕ່ຳເທົ່າໃດ? ແລະ ເຮັດໜັງສືຜ່ານແດນຢູ່ໃສ?", 2),
        ("boss not pay me 3 month. where is the lao embassy", 2),
        ("ນາຍຈ້າງບໍ່ຈ່າຍເງິນ\nຢາກກັບບ້ານເຮັດແນວໃດ", 2),
        ("I pay 1.500 baht to the broker", 1),
        ("นายจ้างยึดพาสปอร์ต แต่อยากกลับบ้าน ทำยังไง", 2),
    ],
)
def test_number_of_clauses(text: str, number: int) -> None:
    assert len(split_clauses(text)) == number


@given(st.text(max_size=200))
def test_never_too_many_and_none_empty(text: str) -> None:
    clauses = split_clauses(text)
    assert len(clauses) <= LONGEST and all(clauses)
