"""The sound space: scripts meet, and the guard keeps apart what only sounds alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.text.skeleton import BORDER_PASS, PASSPORT, skeleton


@pytest.mark.parametrize(
    "spellings",
    [
        ("ນາຍຈ້າງບໍ່ຈ່າຍເງິນເດືອນ", "nai chang bor chai ngoen deuan", "นายจ้างบ่จ่ายเงินเดือน"),
        ("ຄົນ", "khon", "คน"),
        ("ຊ່ວຍແດ່", "suay dae", "ซ่วยแด่"),
        ("ເຮັດວຽກ", "het wiak", "het viak", "เฮ็ดเวียก"),
        ("ຕຳຫຼວດ", "tamluat", "ตำหลวด", "ตำรวจ"),
        ("ຂ້ອຍຢາກໄປໄທ", "khoy yak pai thai", "ข้อยอยากไปไทย"),
        ("ໃບອະນຸຍາດ", "bai anuyat", "ใบอนุญาต"),
        ("ເງິນ", "ngern", "ngeun", "เงิน"),
        ("ແລ້ວ", "laew", "leo", "แล้ว"),
        ("ບໍ່", "bor", "bo", "baw", "boh", "บ่"),
        ("ຫຼາຍ", "ຫລາຍ", "lai", "หลาย"),
        ("ຄອບຄົວ", "khopkhua", "ครอบครัว"),
        ("ສະຖານທູດ", "sathanthut", "สถานทูต"),
        ("ກົດໝາຍ", "ກົດຫມາຍ", "kotmai", "กฎหมาย"),
        ("ປະກັນສັງຄົມ", "pakan sangkhom", "ประกันสังคม"),
    ],
    ids=lambda spellings: spellings[0],
)
def test_one_word_has_one_sound(spellings: tuple[str, ...]) -> None:
    assert {skeleton(s) for s in spellings} == {skeleton(spellings[0])}


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("ໜັງສືຜ່ານແດນເຮັດຢູ່ໃສ", PASSPORT),
        ("ຫນັງສືຜ່ານແດນ", PASSPORT),
        ("ປຶ້ມຜ່ານແດນຫາຍ", PASSPORT),
        ("ปื้มผ่านแดนเฮ็ดอยู่ใส", PASSPORT),
        ("หนังสือผ่านแดนเฮ็ดยู่ใส", PASSPORT),
        ("หนังสือผ่านแดนทำที่ไหน", BORDER_PASS),
        ("บัตรผ่านแดนอยู่ได้กี่วัน", BORDER_PASS),
        ("ບັດຜ່ານແດນຢູ່ໄດ້ຈັກມື້", BORDER_PASS),
    ],
)
def test_guard_tells_passport_from_border_pass(text: str, sign: str) -> None:
    other = BORDER_PASS if sign == PASSPORT else PASSPORT
    assert sign in skeleton(text) and other not in skeleton(text)


def test_empty_text_has_no_sound() -> None:
    assert skeleton("") == skeleton("😭 ?!") == ""


@given(st.text(alphabet=st.characters(min_codepoint=0x0E00, max_codepoint=0x0EFF), max_size=40))
def test_sound_of_any_lao_and_thai_is_latin(text: str) -> None:
    assert skeleton(text).isascii()
