"""Numbers of people are hidden, other numbers stay."""

from __future__ import annotations

import time

import pytest

from benchmarks.masking import FLOORS, SETS, count, lines
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
    "PA3850000",
    "PA 3850000",
    "1-2345-67890-12-3",
    "someone@example.org",
    "０８１２３４５６７８",
    "17.96310, 102.61330",
]
SHOWN = ["191", "1300", "10,000 ບາດ", "500 ບາດ", "12 ເດືອນ", "ໝວດ 64", "Line 1300", "ປີ 2026", "M1", "24 ຊົ່ວໂມງ"]


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
    "text",
    ["ຊື່" * 1365, "ຊື່ " * 1024, "ชื่อ " * 800, "นาย" * 1300, "สอง" * 1365,
     "one " * 1024, "ບ້ານ " * 800, "line " * 800, "ศูนย์แปด" * 500, "my name is " * 370,
     "1-" * 2048, "0 " * 2048, "1,000 " * 680, "at gmail dot " * 300, "t.me/" * 800,
     "noy dot " * 512, "12/12/" * 680, "room " * 800, "ไลน์ไอดี" * 500, "Rama 9 " * 580,
     "\u200b" * 4096, "(" * 4096, "1.1." * 1024, "a.b@" * 1024, "P" * 4096,
     "พี่" * 1365, "พี่ก" * 1024, "ນ້ອງ ກ" * 680, "nong Noy " * 455, "P'" * 2048, "A<" * 2048, "ชื่อ-สกุล " * 400,
     "x1" * 2048, "บ้านสม" * 680, "Ab " * 1365, "-" * 4096, "5555" * 1024],
)  # fmt: skip
def test_time_grows_with_the_text_alone(text: str) -> None:
    """4,096 characters are the longest message; on an idle machine each takes 20 ms at most."""

    def seconds(words: str) -> float:
        started = time.process_time()
        mask(words)
        return time.process_time() - started

    mask("warm")
    whole, part = min(seconds(text) for _ in range(2)), min(seconds(text[: len(text) // 4]) for _ in range(2))
    assert whole < 0.25
    assert whole < 12 * max(part, 0.002)


@pytest.mark.parametrize("name", SETS)
def test_the_labelled_sets_are_masked(name: str) -> None:
    """The figures are in docs/security.md; these are the floors."""
    figures = count(lines(name)).figures()
    assert all(figures[key] >= floor for key, floor in FLOORS.items()), figures


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("พี่ปาล์มพาไป", f"พี่{MASK}พาไป"),
        ("พี่ช่วยด้วยหนูโดนขัง", "พี่ช่วยด้วยหนูโดนขัง"),
        ("น้องสาวโดนตบ", "น้องสาวโดนตบ"),
        ("ป้ายห้ามเข้า", "ป้ายห้ามเข้า"),
        ("ນ້ອງພຸດທະສອນຫາຍໄປ", f"ນ້ອງ{MASK}ຫາຍໄປ"),
        ("ອ້າຍຂ້ອຍຖືກຈັບ", "ອ້າຍຂ້ອຍຖືກຈັບ"),
        ("ພໍ່ຕາຍແລ້ວ", "ພໍ່ຕາຍແລ້ວ"),
        ("ເພີ່ມເງິນໄດ້ບໍ", "ເພີ່ມເງິນໄດ້ບໍ"),
        ("P'Oat took it", f"P'{MASK} took it"),
        ("nong Khai to Vientiane", "nong Khai to Vientiane"),
        ("⓪⑧⑨ ⑧⑦⑥ ⑤④③②", MASK),
    ],
)
def test_names_after_words_of_kinship(text: str, shown: str) -> None:
    assert mask(text) == shown


def test_words_of_danger_after_a_name_stay_readable() -> None:
    assert mask("ผมชื่อสมชายถูกขังช่วยด้วย") == f"ผมชื่อ{MASK}ถูกขังช่วยด้วย"
    assert mask("ຂ້ອຍຊື່ສົມພອນຖືກຂັງຢູ່") == f"ຂ້ອຍຊື່{MASK}ຖືກຂັງຢູ່"


@pytest.mark.parametrize(
    "name", ["มาลี", "ชูชัย", "สิริพร", "กิตติ", "นารี", "ดวงดี", "สายใจ", "ມາລີ", "ນາລີ", "ສີດາ", "ພາວັນ", "ຈັນສຸກ", "ກິດ"]
)
def test_names_that_begin_like_short_words_are_names(name: str) -> None:
    telling = "ชื่อ" if name < "\u0e80" else "ຂ້ອຍຊື່"
    assert mask(f"{telling} {name}") == f"{telling} {MASK}"


def test_hotlines_stay_however_they_are_written() -> None:
    for number in ("02-246-8994", "+66 2 246 8994", "+6622468994", "๐๒-๒๔๖-๘๙๙๔", "191", "1300"):
        assert mask(f"โทร {number}") == f"โทร {number}"


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
