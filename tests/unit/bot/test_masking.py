"""Numbers of people are hidden, other numbers stay."""

from __future__ import annotations

import time

import pytest

from bot.console.presence import Presence
from bot.masking import MASK, is_masked, mask

HIDDEN = [
    "020 5551 2345",
    "+856 20 5551 2345",
    "(020) 555-12345",
    "02055512345",
    "໐໒໐໕໕໕໑໒໓໔໕",
    "໐໒໐ ໕໕໕ ໑໒໓໔໕",
    "๐๘๑-๒๓๔-๕๖๗๘",
    "0\u200b8\u200b1\u200b2\u200b3\u200b4\u200b5\u200b6",
    "P1234567",
    "PA 0123456",
    "1-2345-67890-12-3",
    "someone@example.org",
    "０８１２３４５６７８",
    "17.96310, 102.61330",
]
SHOWN = ["191", "1300", "10,000 ບາດ", "500 ບາດ", "12 ເດືອນ", "ໝວດ 64", "ປີ 2026", "M1", "24 ຊົ່ວໂມງ"]


@pytest.mark.parametrize("number", HIDDEN)
def test_a_personal_number_is_hidden(number: str) -> None:
    assert mask(number) == MASK


@pytest.mark.parametrize("number", HIDDEN[:-1])
def test_it_is_hidden_inside_unspaced_text(number: str) -> None:
    assert mask(f"ໂທຫາຂ້ອຍ{number}ແດ່") == f"ໂທຫາຂ້ອຍ{MASK}ແດ່"


@pytest.mark.parametrize("text", SHOWN)
def test_other_numbers_stay(text: str) -> None:
    assert not is_masked(text)


@pytest.mark.parametrize(
    "text", ["a" * 4000, "ກ" * 4000, "1 a" * 1300, "a@" * 2000, "+" * 4000, "P " * 2000, "@a." * 1300]
)
def test_no_text_takes_long(text: str) -> None:
    started = time.perf_counter()
    mask(text)
    assert time.perf_counter() - started < 0.5


def test_presence_fades() -> None:
    now = [0.0]
    presence = Presence(lambda: now[0])
    presence.looks(1, "dao")
    presence.looks(1, "noy")
    presence.types(1, "noy")
    assert presence.others(1, "dao") == (["noy"], ["noy"])
    now[0] = 7
    assert presence.others(1, "dao") == (["noy"], [])
    now[0] = 11
    assert presence.others(1, "dao") == ([], [])
