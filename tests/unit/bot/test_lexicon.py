"""The safety lexicon: cries for help in every way of writing are sure; their calm neighbours are not."""

from __future__ import annotations

import pytest

from bot.nlu.lexicon import SafetyLexicon

# Own sentences, none of them from nlu/data or nlu/eval.
CRIES = [
    ("urgent_trapped", "ຊ່ວຍຂ້ອຍແດ່ ເຂົາລັອກປະຕູໄວ້ ຂ້ອຍອອກບໍ່ໄດ້ມາອາທິດໜຶ່ງແລ້ວ"),
    ("urgent_trapped", "ນາຍຈ້າງບໍ່ຍອມໃຫ້ຂ້ອຍອອກຈາກໂຮງງານເລີຍ"),
    ("urgent_trapped", "นายจ้างไม่ยอมให้ออกจากบ้านเลยค่ะ เก็บมือถือด้วย"),
    ("urgent_trapped", "ซ่อยแด่ ข่อยถืกขังอยู่ในห้อง ออกบ่ได้"),
    ("urgent_trapped", "nai jang bo hai khoy ok pai sai loei"),
    ("urgent_trapped", "noo don khang yu nai hong chuay duay"),
    ("urgent_trapped", "they will not let us leave the factory and there are guards with guns"),
    ("urgent_trapped", "help ຂ້ອຍຖືກຂັງ in the room"),
    ("urgent_violence", "ຜົວຂ້ອຍຕີຂ້ອຍຈົນເລືອດອອກ"),
    ("urgent_violence", "ລາວຂູ່ວ່າຈະຂ້າຂ້ອຍຖ້າບອກຕຳຫຼວດ"),
    ("urgent_violence", "แฟนจะฆ่าหนู เขาถือมีดอยู่หน้าบ้าน"),
    ("urgent_violence", "khao si kha khoy, khoy li yu hong nam"),
    ("urgent_violence", "my husband is beating me right now"),
    ("urgent_medical", "ໝູ່ຂ້ອຍຕົກຈາກຕຶກ ຫົວແຕກ ບໍ່ຮູ້ສຶກຕົວແລ້ວ"),
    ("urgent_medical", "เมียเจ็บท้องจะคลอดแล้ว อยู่ในไร่ ไม่มีรถ"),
    ("urgent_medical", "mu khoy tok teuk sa lop leuat lai"),
    ("urgent_medical", "my friend fell from the building and is not breathing"),
    ("urgent_suicide", "ຄິດຢາກຂ້າຕົວຕາຍທຸກຄືນ"),
    ("urgent_suicide", "ผมจะกระโดดสะพานคืนนี้"),
    ("urgent_suicide", "ข่อยบ่อยากอยู่แล้วเด้อ อยากตาย"),
    ("urgent_suicide", "khoy bo yak mi sivit yu leo"),
    ("urgent_suicide", "i don't want to be alive anymore"),
    ("urgent_missing", "ລູກສາວຂ້ອຍໄປເຮັດວຽກຢູ່ໄທ ຂາດການຕິດຕໍ່ມາສາມເດືອນແລ້ວ"),
    ("urgent_missing", "เขาจับพี่ชายไปเรียกค่าไถ่สองแสน"),
    ("urgent_missing", "tit to luk sao bo dai 2 deuan leo"),
    ("urgent_missing", "my brother disappeared in myawaddy"),
    ("urgent_child", "ລູກຂ້ອຍອາຍຸ 12 ປີ ຖືກນາຍໜ້າພາໄປຂາຍ"),
    ("urgent_child", "เขาเอาหนูมาขายตัว หนูอายุ 15"),
    ("urgent_child", "my 13 year old daughter was taken to thailand by a broker"),
]

CALM = [
    "ຄ້າມະນຸດແມ່ນຫຍັງ",
    "ຖ້າຖືກນາຍຈ້າງຕີຕ້ອງແຈ້ງໃຜ",
    "ບໍ່ມີໃຜຕີຂ້ອຍ ຂ້ອຍພຽງແຕ່ຢາກປ່ຽນວຽກ",
    "ຖືກ ຕມ ຈັບແລ້ວ ຊິຖືກຂັງດົນປານໃດ",
    "ພາສປອດຫາຍ ເຮັດໃໝ່ຢູ່ໃສ",
    "ถ้าโดนข่มขืนต้องทำยังไง",
    "ท้องอยู่ จะคลอดเดือนหน้า ลาคลอดได้กี่วัน",
    "นายจ้างยึดพาสปอร์ตผิดกฎหมายไหม",
    "โทรหาสถานทูตไม่ติด มีเบอร์อื่นไหม",
    "บัตรชมพูหายทำยังไง",
    "nai jang bo jai ngern deuan",
    "yak pai het viak thai tong het nyang dae",
    "what do i do if my boss hits me",
    "nobody beats me, i just want to change job",
    "is it true that they lock people in scam centres",
]


@pytest.fixture(scope="module")
def lexicon() -> SafetyLexicon:
    return SafetyLexicon()


@pytest.mark.parametrize(("topic", "text"), CRIES)
def test_a_cry_for_help_is_sure_and_its_topic_is_seen(lexicon: SafetyLexicon, topic: str, text: str) -> None:
    assert topic in lexicon.look(text).sure


@pytest.mark.parametrize("text", CALM)
def test_a_calm_question_is_not_sure(lexicon: SafetyLexicon, text: str) -> None:
    assert lexicon.look(text).sure == ()


def test_a_calm_phrase_leaves_the_danger_possible(lexicon: SafetyLexicon) -> None:
    seen = lexicon.look("what if my boss beats me")
    assert seen.sure == ()
    assert "urgent_violence" in seen.possible
