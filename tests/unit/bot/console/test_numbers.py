"""What protects people in figures and files, and how agreement is counted: no database."""

from __future__ import annotations

import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from bot.services.agreement import kappa
from bot.services.exports import csv_file, safe, xlsx_file
from bot.services.numbers import Numbers, Period, nine_of_ten
from bot.services.questions import clean
from bot.services.review import Twice, topic_named
from bot.services.suppression import SMALLEST, hide_small, rate, sum_of


def test_kappa_of_cohen_1960() -> None:
    # Two raters, 50 grants: 20 both yes, 15 both no, 5 and 10 differ; 0.4 is the textbook's answer.
    pairs = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    assert kappa(pairs) == pytest.approx(0.4)
    assert kappa([("a", "a"), ("b", "b")]) == 1
    assert kappa([("a", "b"), ("b", "a")]) == -1
    assert kappa([]) is None
    assert kappa([("a", "a")] * 9) is None  # chance alone would do it


def test_a_single_hidden_cell_takes_another_along() -> None:
    assert hide_small([[3, 40, 9]], column_sums=False) == [[None, 40, None]]
    assert hide_small([[0, 40, 9]], column_sums=False) == [[0, 40, 9]]
    assert hide_small([[1, 2, 40, 9]], column_sums=False) == [[None, None, 40, None]]  # 1 + 2 is a small group too


def test_the_figure_of_a_week_gives_no_day_away() -> None:
    starts = Period.DAY.newest(date(2026, 11, 8), 8)  # a Sunday, the week from Monday, and one of October
    values = [9, 9, 6, 2, 9, 12, 10, 9]
    numbers = Numbers(Period.DAY, starts, {})
    assert sorted(map(len, numbers.summed_elsewhere())) == [1, 7, 8]
    shown = hide_small(
        [[value] for value in values], row_sums=False, column_sums=False, groups=numbers.summed_elsewhere()
    )
    assert [cell for (cell,) in shown] == [9, 9, None, None, 9, 12, 10, 9]
    assert Numbers(Period.WEEK, starts, {}).summed_elsewhere() == []


@given(st.lists(st.lists(st.integers(0, 30), min_size=3, max_size=3), min_size=1, max_size=6))
def test_no_sum_gives_a_cell_away(table: list[list[int]]) -> None:
    shown = hide_small(table)
    lines = [(row, seen) for row, seen in zip(table, shown, strict=True)]
    lines += [([r[j] for r in table], [s[j] for s in shown]) for j in range(3)]
    for values, seen in lines:
        assert all(s is None or s == 0 or s >= SMALLEST for s in seen)
        hidden = [v for v, s in zip(values, seen, strict=True) if s is None]
        if sum_of(values, seen) is not None and hidden:
            assert len(hidden) > 1
            assert sum(hidden) >= SMALLEST


def test_a_rate_of_few_is_hidden() -> None:
    assert rate(10, 40) == 0.25
    assert rate(0, 40) == 0
    assert [rate(1, 4), rate(3, 40), rate(38, 40)] == [None, None, None]


@pytest.mark.parametrize(
    "text", ["=1+1", "+8562099", "-2", "@cmd", "\t=1", " =HYPERLINK(1)", "＝1", "\u200b=1", "|x", "%0A"]
)
def test_no_cell_becomes_a_formula(text: str) -> None:
    assert str(safe(text)).startswith("'")
    assert b"\n'" in b"\n" + b"".join(csv_file([[text]])).replace(b"\xef\xbb\xbf", b"").replace(b'"', b"")
    book = load_workbook(io.BytesIO(b"".join(xlsx_file([("a", [[text, 5, None]])]))))
    cell, number = book.active["A1"], book.active["B1"]  # type: ignore[index]
    assert (cell.data_type, number.value) == ("s", 5)


def test_cells_keep_what_is_harmless() -> None:
    assert safe("ຢາກໄປໄທ") == "ຢາກໄປໄທ"
    assert safe("a\x00b\x0bc") == "abc"
    assert safe(-5) == -5


def test_periods_meet() -> None:
    today = date(2026, 3, 1)  # a Sunday
    assert Period.WEEK.newest(today, 2) == [date(2026, 2, 16), date(2026, 2, 23)]
    assert Period.MONTH.newest(today, 3) == [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
    for period in Period:
        starts = period.newest(today, 12)
        assert [period.after(start) for start in starts[:-1]] == starts[1:]
    assert nine_of_ten([7]) == 7


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("ຂ້ອຍຊື່ສົມໄຊ ໂທ 020 5551 2345", "ຂ້ອຍຊື່•••••• ໂທ ••••••"),
        ("My name is Somchai Keo, help", "My name is ••••••, help"),
        ("ผมชื่อสมชาย อยู่ระยอง", "ผมชื่อ•••••• อยู่ระยอง"),
        ("khoi sue Bounmy yak pai thai", "khoi sue •••••• yak pai thai"),
        ("ບໍລິສັດຊື່ຫຍັງ", "ບໍລິສັດຊື່ຫຍັງ"),
        ("ນາຍໜ້າເກັບເງິນ", "ນາຍໜ້າເກັບເງິນ"),
    ],
)
def test_names_after_telling_words_are_left_out(said: str, kept: str) -> None:
    assert clean(said) == kept


def test_two_reviewers_where_set() -> None:
    twice = Twice.read("5 urgent=100")
    assert [twice.of(pile) for pile in ("urgent", "sample")] == [100, 5]  # type: ignore[arg-type]
    assert Twice.read("").of("urgent") == 0  # type: ignore[arg-type]


def test_a_topic_is_found_by_its_name_in_any_language() -> None:
    from bot.services.errors import DeskError

    titles = {"passport": ("ໜັງສືຜ່ານແດນ", "พาสปอร์ต", "Passport"), "visa": ("ວີຊາ", "วีซ่า", "Visa")}
    topics = set(titles)
    for typed in ("passport", "ໜັງສືຜ່ານ", "พาส", "PASS"):
        assert topic_named(typed, titles, topics) == "passport"
    for wrong in ("s", "", "nothing"):
        with pytest.raises(DeskError):
            topic_named(wrong, titles, topics)
