"""The words that masking listens to: what tells a name, a place or an account, and what is no name after them."""

from __future__ import annotations

import re


def any_of(words: str) -> str:
    """A pattern of words that are written with blanks between them, the longest first."""
    return (
        "(?:" + "|".join(re.escape(w).replace("_", r"\s?") for w in sorted(words.split(), key=len, reverse=True)) + ")"
    )


DIGITS_LOCAL = any_of(
    "ສູນ ໜຶ່ງ ນຶ່ງ ຫນຶ່ງ ສອງ ຊາວ ສາມ ສີ່ ຫ້າ ຫົກ ເຈັດ ແປດ ເກົ້າ ศูนย์ ศูน หนึ่ง นึง สอง ซาว สาม สี่ ห้า หก เจ็ด เจด แปด เก้า โท "
)
DIGITS_LATIN = any_of(
    "zero oh one two three four five six seven eight nine soon soun neung nueng song "
    "sao saam sam sii si haa ha hok jet chet paet pet kao gao double "
)
CURRENCY = any_of(
    "ກີບ ບາດ ໂດລາ ພັນ ໝື່ນ ແສນ ລ້ານ บาท กีบ ดอลลาร์ พัน หมื่น แสน ล้าน baht bath kip lak usd thb dollars dollar ฿ ₭ $ "
)

_NO_NAME = (
    # Lao
    "ຫຍັງ ຫັຍງ ຫຽັງ ອີ່ຫຍັງ ວ່າຫຍັງ ໃຜ ໃດ ບໍລິສັດ ສັດ ສຽງ ສະຖານທີ່ ຂອງ ຢູ່ ມີ ບໍ່ ບໍ "
    "ແມ່ນ ແບບ ສາວ ເອກ ຟ້າ ໄດ້ ແລະ ກັບ ທີ່ ຈະ ຕ້ອງ ຢາກ ຖືກ ໄປ ມາ ເຮັດ ເອົາ ໃຫ້ ວ່າ ຫຼື "
    "ຫລື ເມືອງ ແຂວງ ເຮົາ ຂ້ອຍ ລາວ ເຂົາ ເຈົ້າ ພວກ ແລ້ວ ນີ້ ນັ້ນ ເລີຍ ເດີ ແດ່ ອາຍຸ ເບີ "
    "ໂທ ບ່ອນ ຄົນ ນາຍ ຈັກ ເລກ ຫຼັງ ຫລັງ ໃກ້ ໄກ ເກົ່າ ໃໝ່ ພັກ ຊ່ວຍ ຖາມ ພາ ຫາ ຈ່າຍ ຕີ ນຳ "
    "ຈາກ ໃນ ແຕ່ ຄື ຍັງ ກໍ ຕອນ ເພາະ ປະເທດ ຈ້າງ ເຊັນ ເປັນ ເວລາ ຫາຍ ເອກະສານ ເລກທີ "
    "ເຈົ້າໜ້າທີ່ ຮຽກ ເຂົ້າ ອອກ ທູດ ອັນ ຜູ້ ໂກງ ຫຼອກ ຫລອກ ໜີ ດຽວ ຮູ້ ເຄິ່ງ ແນວ ກະ ຂ່ອຍ "
    "ຊິ ລູກ ແມ່ ພໍ່ ເມຍ ຜົວ ພີ່ ນ້ອງ ສອງ ສາມ ໜຶ່ງ ຈົດ ລົງ ປອມ ທຸກ ທາງ ໝົດ ແທ້ ຕາມ "
    "ເພິ່ນ ບ້ານ ຜິດ ຖ້າ ສົ່ງ ສິ ໂລດ ເພື່ອ ຄືນ ຈຶ່ງ ຮອດ ເອງ ນຳກັນ ພ້ອມ ໆ ດຽວກັນ "
    # Thai
    "อะไร ใคร ไหน ไร บริษัท สถานที่ เสียง ของ อยู่ มี ไม่ ไหม มั้ย แบบ สาว เอก ฟ้า "
    "ได้ และ กับ ที่ จะ ต้อง อยาก ถูก ไป มา ทำ เอา ให้ ว่า หรือ เมือง จังหวัด เรา ฉัน "
    "ผม หนู เขา คุณ พวก แล้ว นี้ นั้น เลย อายุ เบอร์ โทร คน นาย จ้าง หน้า กี่ ทุน "
    "ตำรวจ พราน ช่วย ถาม พา หา จ่าย ตี จาก ใน แต่ คือ ยัง ก็ ตอน เพราะ ประเทศ เป็น "
    "เวลา หาย เลขที่ เดิม ใหม่ เก่า พัก นอก ใกล้ ไกล น้ำ เช่า โดน ไว้ คณะ เข้า ออก "
    "เก็บ โกง หลอก หนี พูด รู้ บอก ทูต เอกสาร นะ ครับ ค่ะ คะ ข้อย ข่อย เฮา เพิ่น เจ้า "
    "บ่ หยัง ใส ซื่อ นำ ผ่าน ปกติ พร้อม ทุก ลูก แม่ยาย เมีย ผัว สอง สาม กะ แนว สิ "
    "เด้อ แลก ถ้า ส่ง ทาง เอง ตาม หมด ปลอม หลัง คืน ลง เด็ก นัก หญิง ชาย แพทย์ ชู ฮู้ "
    "เฮ็ด มื้อ ฮอด เบิ่ง โลด มัน เฉย ไม้ จั่ง ร้าน บอ บริ โฮงงาน เดียว คล้าย เบิ๊ด "
    "เฟส ผิด สัก ขอ ต่อ ย้อน ถอน ดี แรก เดือน ติด แค่ ต่าง จีน ไทย ลาว ก่อน เดียวกัน "
)
_NEVER_BEGIN = (
    "ໃຜ ໃດ ບໍ່ ບໍ ຢູ່ ທີ່ ຈະ ໄດ້ ກັບ ໃຫ້ ວ່າ ຖືກ ແລະ ຂອງ ນີ້ ເຂົາ ແຕ່ ໃນ ກະ ຊິ ສັດ ສຽງ ຄົນ ນາຍ ເຮົາ ເບີ ຮູ້ ລູກ ແມ່ ພໍ່ ເມຍ ຜົວ "
    "ใคร ไหน ไร ไม่ ไหม มั้ย ที่ ของ ได้ กับ ถูก ให้ ว่า นี้ เรา ฉัน ผม หนู เขา จะ บ่ เฮา ใส คน นาย ลูก เจ้า ผิด ใน แต่ สาว ลง"
)
LONG = 4
NO_NAME = (
    any_of(_NEVER_BEGIN + " " + " ".join(w for w in _NO_NAME.split() if len(w) >= LONG))
    + "|"
    + any_of(" ".join(w for w in _NO_NAME.split() if len(w) < LONG))
    + r"(?:\s|$)"
)
"""What is no name: words that begin so, and short ones that stand alone."""
NAME_ENDS = any_of(
    "ຢູ່ ອາຍຸ ຖືກ ຊ່ວຍ ເບີ ໂທ ແມ່ນ ຢາກ ບໍ່ ເປັນ ຈາກ ເຮັດ ໄດ້ ເມືອງ ແຂວງ ແລ້ວ ເດີ ແດ່ "
    "ຫາຍ ຂັງ ครับ คับ ค่ะ นะคะ อยู่ อายุ ถูก ช่วย เบอร์ โทร อยาก ไม่ เป็น จาก โดน "
    "แล้ว เมือง จังหวัด หาย ขัง ที่ กับ "
)
"""Where a name ends that is written without a blank after it."""
_LATIN_WORDS = (
    "a about again am an and anytime arai are arrai at auntie back bad bo bor call chan company correct "
    "dai danger der different emergency fair for from good hao he help her het his how if in is it ka kap "
    "khoi khon khoy krap laeo lao laos later list mai me mi missing my no not now nyang of ok on or our "
    "pai phom please right sak same secret she so soon spelled thai thailand that the their they thi this "
    "ti to today tomorrow tonight true tu unknown urgent very viak was we what when where who why with "
    "written broker wrong yak yang you your yu "
)
NO_NAME_LATIN = frozenset(_LATIN_WORDS.split())

THAI_NAME_BEGINS = any_of(
    "สม บุญ บุน วัน ประ วิ ศรี สี ชัย พร ดวง อำ มา ปรา พิ สุ นัน จัน กาน ณั ธน ภา รัต ลำ แก้ว ทอง คำ อรุ เพ็ญ ไพ สาย อุ "
    "เกรียง กิตติ เกษม จักร เจริญ เฉลิม ณรงค์ ทวี ธวัช นพ นิพ ปิย พงษ์ พงศ์ พัช ยุทธ วรร สุร อนุ อภิ โสภ "
)
"""Thai names often begin so: "นาย" before them is a title and not "boss". """
