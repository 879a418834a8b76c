"""Words of three languages that mean the same lie near each other; a new word still counts."""

from __future__ import annotations

from collections import Counter

import pytest

np = pytest.importorskip("numpy")

from nlu.components.features import MeaningVectoriser, Reading, bag_of  # noqa: E402
from nlu.components.meaning import meanings  # noqa: E402


def _near(a: str, b: str) -> float:
    return float(meanings().of(a) @ meanings().of(b))


@pytest.mark.parametrize(
    ("word", "same", "other"),
    [("ຕຳຫຼວດ", "police", "rice"), ("นายจ้าง", "boss", "rain"), ("ຕຳຫຼວດ", "ตำรวจ", "ข้าว"), ("salary", "wages", "mother")],
)
def test_a_meaning_is_near_its_translation(word: str, same: str, other: str) -> None:
    assert _near(word, same) > 0.4
    assert _near(word, same) > _near(word, other) + 0.3


def test_a_word_in_no_table_has_no_meaning() -> None:
    assert meanings().of("qqxqq") is None
    assert not meanings().known("qqxqq")


def test_romanised_lao_is_not_read_as_english() -> None:
    assert Reading("khoy yak pai het viak yu thai").meant == []
    assert "salary" in Reading("my boss does not pay my salary").meant


def test_a_word_that_training_never_saw_counts_too() -> None:
    vectoriser = MeaningVectoriser.fit("meaning", [Counter({"boss": 1}), Counter({"salary": 1})], 1)
    columns, values = vectoriser.row(bag_of("meaning", Reading("they withheld the wages of the workers")))
    assert len(columns) == meanings().size
    assert float(values @ values) == pytest.approx(1.0, abs=1e-4)
    assert vectoriser.row(Counter({"qqxqq": 1})) == ([], pytest.approx(np.zeros(0)))
