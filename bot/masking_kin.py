"""Names after words of kinship and politeness: พี่, ອ້າຍ, nong, Uncle.

These words also mean "I" and "you" ("พี่ไม่จ่าย") and stand in others ("น้องสาว"), and Lao and Thai are written without
blanks. So what follows is a name when it is a known nickname, or else when it does not begin with a word that goes on
with the sentence; it ends before the next such word. After words that are mostly something else (ຕາ "eye", หมอ
"doctor", อา) only known nicknames count. Checked against the training questions, in which nearly nobody is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.masking_words import NO_NAME_LATIN, any_of

LONGEST = 10
"""Letters that are hidden when no word after the name is known: two or three syllables."""
SHORT = 2

_NICKNAMES = any_of(
    # Thai
    "กบ กุ้ง ก้อย ก้อง กิ๊ก กิ๊บ แก้ว แก้ม เก่ง เก๋ เกด เกียว ไก่ กุ๊ก กล้วย กานต์ โก้ กอล์ฟ กวาง กู๋ ขวัญ ขิง "
    "เข้ม คิม คำ จอย จิต จิ๊บ จุ๊บ จุ๋ม จ๋า แจ๋ว แจง เจน เจมส์ จอม โจ โจ้ จ๊อด จัน ชมพู่ ชัย ชาติ ช้าง เชอรี่ "
    "ซัน ดา ดาว แดง ดำ เดช เดียร์ โด่ง ดุ๊ก ต้น ต้อม ตุ๊ก ตุ๊กตา ตุ้ย ตู่ ตูน เต้ เต๋า เตย แต้ว แตน โต้ง โต้ "
    "ต่าย ตี๋ ต๋อง ติ๊ก ตั้ม ต้อย ต๋อย ทอง ธง ธร นก นิด นุช นุ่น แนน แนท นัท นัด เนย น้อย น้ำฝน น้ำตาล นิดา บี "
    "บอย บอล บอม บิ๊ก บุ๋ม บาส เบล เบนซ์ ใบเตย ใบเฟิร์น บัว ปู ปุ้ย ปุ๊ก ปุ๋ย ปอ ป๊อบ ป๊อป เป้ เปิ้ล แป๊ด แป้ง "
    "ปาน เปรม ฝน ฟ้า ฟ้าใส แพร แพท แพง แพรว พลอย พิม พร เพชร เม เมย์ มด มิ้น มิ้นท์ มุก มายด์ มะปราง มะลิ มาลี "
    "มาร์ค มานี มานะ มานพ มาลัย สายฝน สายใจ สายทอง แมน แม็ก ไมค์ เม้ง ยุ้ย โย่ง เล็ก ลูกน้ำ ลูกปลา รุ่ง รัตน์ "
    "วิทย์ วิว วุฒิ วัน สมคิด ส้ม สอน ศักดิ์ ศรี หวาน หนุ่ม หนุ่ย หนึ่ง หมวย หมู หมี หล้า หลิน ฮง เฮง เอ เอก "
    "เอ็ม เอ๋ แอน แอม แอ๋ม แอ๊ด อ๊อด อ้อ อ้อย อ้อม อ๋อย อู๊ด อุ้ม อุ๋ย อ้วน อาร์ต โอ๋ โอ๊ต โอ๊ค โอม ออย อ๊อฟ "
    "อิ๋ว ไอซ์ "
    # Lao
    "ນ້ອຍ ໜ້ອຍ ຕຸ້ຍ ຕຸກຕາ ຕຸ໋ຍ ຕູ່ ຕິກ ຕົ່ງ ຕ້ອຍ ເຕົ່າ ແຕນ ໂຕ້ ຕີ໋ ດາ ດາວ ແດງ ດຳ ດໍາ ດວງ ຈັນ ຈັນທາ ຈອຍ ຈິດ "
    "ແຈັກ ໂຈ ແພງ ແພນ ພອນ ພັນ ພູ ພູວົງ ເພັດ ໄພ ພິມ ບົວ ບຸນ ບຸນມີ ບຸນທອມ ບີ ບອຍ ບອມ ເປັ້ຍ ປຸ້ຍ ປູ ປຸ໋ຍ ແປ້ງ ນົກ "
    "ນັດ ນິດ ນີ ນຸ້ຍ ໝອນ ໝູ ໝີ ໝວຍ ມິ້ນ ມິນ ມອນ ມົນ ມະນີ ມຸກ ມາລີ ມາລີ້ ເມັ້ງ ແມວ ວອນ ວັນ ວັນນາ ວຽງ ວົງ ວິໄລ "
    "ສອນ ສີ ສີດາ ສົມ ສົມພອນ ສຸກ ສຸດາ ສາຍ ແສງ ສັກ ໄຊ ຊ້າງ ຄຳ ຄໍາ ຄຳຫຼ້າ ຄູນ ແກ້ວ ກິ່ງ ໄກ່ ກຸ້ງ ກ້ອຍ ໂກ້ ກົບ "
    "ອ້ອຍ ອ້ອມ ອອນ ອຸດອນ ອຸ່ນ ອຸ້ຍ ອ້ວນ ແອັດ ແອນ ໂອເລ່ ອານົນ ຫຼ້າ ຫລ້າ ເລັກ ລີ ລັດ ລິນ ໂນ່ນ ທອງ ທອມ ທິບ ທຸມ "
    "ຮຸ່ງ ຝົນ ແຟງ ນາງ "
)
_SENTENCE = (
    # Thai: verbs, particles, relations, places and work
    "ๆ ก็ กว่า กวัก กลับ กลัว กลุ่ม กลาง กะ กัน กับ กำ กิน เก็บ เก่า เกิด เกิน แก แก่ โกง กอด กู ขน ของ ขอ ขับ "
    "ขา ขาย ข้าง ข้าม ข้อย ข่อย ขึ้น ขู่ เข้า เข็น เขย เขา เขียน แข็ง ไข้ ครับ คับ คะ ค่ะ ครู ครอบ ค้า ค่า คง "
    "คน คลอด ควร คอย คิด คืน คือ คุม คุย เค้า เคย แค่ งง งาน เงินเดือน เงียบ จน จบ จด จะ จัก จับ จาก จ่าย จ้าง "
    "จึง จัด จอง เจ็บ เจอ เจ้า แจ้ง ใจ ฉัน ฉาย ชวน ช่วย ชอบ ชาย ชาว ช่าง ชื่อ เช่า เช็ก เชื่อ ใช่ ใช้ ซื้อ "
    "เซ็น ดอง ด้วย ด่า ด่าน ดี ดีใจ ดู ได้ เดิน เดียว เดือน แด่ โดน ตก ต้อง ตอน ตอบ ตบ ตรง ตรวจ ตรา ต่อ ตัว "
    "ตัด ตาม ตาย ตี ติด ตื่น เต็ม แต่ แต่ง โต ใต้ ไต้ ถาม ถึง ถูก ถือ ถืก ท่า ทาง ทาน ทำ ทาสี ที่ ทุก ท้อง "
    "เท่า แท้ โทร โท ไทย ไท นอน นอก นั่ง นั้น นะ นัด นาย นา นำ นี้ นี่ ใน แนะ แน่น น้อง บอก บอท บ่ บอ บาง บ้าน "
    "บาด บ้า บาท บัตร บัญ บ่าว บวก บน บริ ประจำ ประเทศ ปวด ปิด เปิด เป็น แปล ไป ปูน ป่วย ผม ผัว ผิด ผู้ ผ่าน "
    "ฝรั่ง ฝัน ฝาก ฝึก พา พ่อ พวก พอ พัก พบ พาสปอร์ต พิการ พี่ พูด เพิ่ง เพราะ เพื่อน เพิ่น แพ้ ฟ้อง ภาพ ภรรยา "
    "มอบ มา มี มือ มัน มั้ย เมีย เมา แม่ แม้ ไม้ ไม่ ไหม ยัง ยึด ยืน ยืม ยอม ย่า ยาย ย้าย เย็บ แยก แย่ง รถ "
    "ร้อง ร้าน รับ รู้ รอ รอบ รวม ระวัง รัก รำ เรา เรียก เรียน แรก โรงงาน ลง ลอง ลวน ลด ล่ะ ละ ลาว ลา ลูก เลย "
    "เล่า เลี้ยง เล่น และ แล้ว ไล่ ว่า วัย วิ่ง เวลา เว้า วิน ส่ง สงสัย สอง สาม สอบ สั่ง สัก สัญ สนใจ สบาย สาว "
    "สามี สาย สิ สี่ สื่อ เสีย เสียง แสดง ใส่ ใส ใหญ่ ให้ ไหน ไหว หา หาย หลอก หลัง หลาน หลาย หมด หมอ หนี หนู "
    "หน่อย หนัก หัก ห้าม หุ้น หิว เห็น เหมือน เหลือ เหนื่อย แห่ง ห้อง หรือ อยู่ อยาก อย่า อย่าง อด ออก อ่าน "
    "อาจ อายุ อาหาร อีก อื่น เอง เอา แอบ แอร์ อะไร อ้าย เอื้อย ฮัก ฮู้ เฮ็ด เฮา ฮอด เด้อ เด แน แหน่ เขียว "
    "สะใภ้ ใภ้ กระซิบ ตลาด โรง ที เรื่อง จำ มหา หู เผื่อ ยาม ตา ฟัง พิกา ปัญญา หน้า ลืม เลือก เลือด เชียง เฝ้า "
    "หลุด พึ่ง เบิ่ง ฮ้อง โบก ฆ่า เซื่อง ปั้ม ซึ่ง น้ำ ก่อน ประตู เจ๊ เฮีย ซาย ไว้ ลุง ป้า น้า ใบ ใจดี ใหม่ "
    "ล็อก หลับ รุ่น เคาะ ถ่าย จ้ำ ช้ำ เล็กๆ โอน ไฟ ขุด คาย คณะ เคส ภาษา ลักษณะ สมบัติ สมัคร สวัสดี สวย ขาว ใด "
    "ทั้ง ทุกวัน ไร เท่าไหร่ เขยพา ฝั่ง จบแล้ว จีน พม่า เขมร เวียด หัวหน้า ทูต พยาบาล ตำรวจ ทหาร ทนาย "
    # Lao
    "ໆ ກໍ ກໍ່ ກະ ກັບ ກັນ ກິນ ກ່າວ ກ່ຽວ ກວ່າ ກຳ ເກີດ ເກັບ ເກົ່າ ແກ່ ໂກງ ຂອງ ຂໍ ຂັບ ຂັງ ຂາຍ ຂ້າງ ຂ້າມ ຂ້ອຍ ຂີ່ "
    "ຂຶ້ນ ຂູ່ ເຂົ້າ ເຂົາ ເຂີຍ ເຂິຍ ໃຂ່ ໄຂ້ ຄົນ ຄິດ ຄືນ ຄື ຄວນ ຄ່າ ຄັບ ຄູ ເຄີຍ ແຄ່ ງານ ງາມ ຈະ ຈົບ ຈັກ ຈັບ ຈາກ "
    "ຈ່າຍ ຈ້າງ ຈຶ່ງ ຈີນ ເຈັບ ເຈົ້າ ໃຈ ຊວນ ຊ່ວຍ ຊາຍ ຊ່າງ ຊື້ ຊື່ ຊິ ເຊັນ ເຊື່ອ ໃຊ້ ດີ ດ້ວຍ ດຽວ ດູ ໄດ້ ເດີນ "
    "ເດືອນ ເດີ ເດ້ ເດ ແດ່ ໂດນ ຕ້ອງ ຕອນ ຕອບ ຕົກ ຕົວ ຕັດ ຕາຍ ຕາມ ຕໍ່ ຕີ ຕິດ ຕົບ ແຕ່ ຖາມ ຖືກ ຖື ຖ້າ ເຖິງ ໃຖ ທີ່ "
    "ທຸກ ທັງ ທາງ ທຳ ໂທ ແທ້ ໄທ ເທົ່າ ທ້ອງ ນອນ ນັ່ງ ນັ້ນ ນີ້ ນີ່ ນາຍ ນຳ ນ້ອງ ແນະ ໃນ ໃດ ບອກ ບໍ່ ບໍ ບ້ານ ບາງ ບ່າວ "
    "ບັດ ປວດ ປ່ວຍ ປິດ ເປີດ ເປັນ ໄປ ປະເທດ ຜົວ ຜິດ ຜູ້ ຜ່ານ ຝາກ ຝັ່ງ ພາ ພໍ່ ພໍ ພວກ ພັກ ພົບ ພຸ້ນ ພີ່ ເພິ່ນ ເພາະ "
    "ເພື່ອນ ໃພ້ ໄພ້ ຟ້ອງ ມາ ມີ ມື ມັນ ເມຍ ເມົາ ແມ່ ຢາກ ຢູ່ ຢ່າ ຢ້ານ ຢຶດ ຢືມ ແຢ້ ຍັງ ຍອມ ຍິງ ຍຶດ ຍົກ ຍ້າຍ ຮ້ອງ "
    "ຮ້ານ ຮັບ ຮູ້ ຮອດ ຮຽກ ຮຽນ ຮັກ ເຮັດ ເຮົາ ເຮືອນ ເຮືອ ລົງ ລອງ ລາ ລາວ ລະ ລູກ ລົດ ເລີຍ ເລົ່າ ເລີກ ແລະ ແລ້ວ ໄລ່ "
    "ວ່າ ວຽກ ເວົ້າ ເວລາ ສອງ ສົ່ງ ສາວ ສາມ ສັ່ງ ສະໝັກ ສະບາຍ ສິ ສວຍ ສູງ ສົນ ເສຍ ໃສ່ ໃສ ຫາ ຫາຍ ຫາກໍ ຫຼອກ ຫລອກ ຫຼັງ "
    "ຫລັງ ຫຼານ ຫລານ ຫຼາຍ ຫລາຍ ຫຼື ຫລື ໝົດ ຫມົດ ໝໍ ໜີ ຫນີ ຫັກ ຫ້າມ ຫ້ອງ ຫິວ ຫ່າ ຫຍັງ ເຫັນ ເຫຼືອ ໃຫ້ ໃຫຍ່ ໃໝ່ "
    "ໄຫຼ ອອກ ອ່ານ ອາດ ອາຍຸ ອີກ ອື່ນ ອັນ ເອງ ເອົາ ເອີ້ນ ແອບ ອ້າຍ ເອື້ອຍ ໂອນ ໄຮ່ ສວນ ລ້ຽງ ແນວ ເບິ່ງ ສະ ໄວ້ ພະນັກ "
    "ບ່ອນ ບັນຊີ ຕັ້ງ ກອດ ຈື່ ລືມ ແນ່ ຖ່າຍ ຫົວ ຫູ ໜ້າ ຫນ້າ ນ້ຳ ນ້ໍາ ປະຕູ ກ່ອນ ເລື່ອງ ພິການ ເຝົ້າ ທູດ ທູຕ ຫົວໜ້າ "
    "ຫົວຫນ້າ ແບບ ໂບກ ຫຼ້າ_ຍັງ ຫວັງ_ວ່າ ທາດ ທະ ຕຳຫຼວດ ຕໍາຫຼວດ ຮ້າຍ ຝຶກ ລຸງ ປ້າ ຍົ້ວະ ນະ ຝັນ "
)
_GOES_ON = any_of(_SENTENCE)
_LAO, _THAI = "\u0e80-\u0eff", "\u0e00-\u0e7f"
_OPEN = (
    "(?:ອ້າຍ|ເອື້ອຍ|ນ້ອງ(?:ສາວ|ຊາຍ|ຫຼ້າ|ຫລ້າ)?|ລຸງ|ປ້າ(?!ຍ)|(?<![ໜຫ])ນ້າ(?:ສາວ|ບ່າວ)?|ອາວ(?=\\s)|(?<!ເ)ພີ່(?:ຊາຍ|ສາວ)?|ທ້າວ|ທ່ານ|(?<![ກ-ໝ])ນາຍ(?=ສົມ|ບຸນ|ຄຳ|ວິໄລ|ພູ|ທອງ|ໄຊ|ຈັນ|ອຸ|ແສງ|ພອນ|ພົມ)|(?<![ແເ])ບັກ|ເຮຍ|ເຖົ້າແກ່|"
    "พี่(?:ชาย|สาว)?|น้อง(?:ชาย|สาว)?|(?<!ค)ลุง|ป้า(?!ย)|(?<![หก])น้า(?:สาว)?|เจ๊|เฮีย(?!น)|เสี่ย(?!ง)|(?<![ก-๎])คุณ|อ้าย|เอื้อย|ท้าว)"
)  # fmt: skip
_CLOSED = (
    "(?:(?:(?<![ກ-ໝ])|(?<=ກັບ))(?:ຕາ(?!ແດງ)|ອີ່?|ນາຍ|ນາງ|ອາວ?|ເຈ(?![ົັ]))|ອາຈານ|ຈານ|ແອັດມິນ|ທ່ານໝໍ|"
    "(?<![ก-๎])(?:อา|อี|จ่า|ตา(?!แดง)|ยาย)|ไอ้|ช่าง|หัวหน้า|ครู|หมอ(?!นัด)|หมวด|ผู้กอง|ดาบ|แฟน|แอดมิน|เถ้าแก่)"
)
_LATIN = r"[A-Z][a-z]{1,20}"
_AFTER_OPEN = re.compile(rf"{_OPEN}\s?(?=(?P<rest>[{_THAI}]{{2,28}}|[{_LAO}]{{2,28}}|{_LATIN}(?![A-Za-z])))")
_AFTER_CLOSED = re.compile(rf"{_CLOSED}\s?(?=(?P<rest>[{_THAI}]{{2,28}}|[{_LAO}]{{2,28}}))")
_KNOWN = re.compile(rf"(?P<name>{_NICKNAMES})(?={_GOES_ON}|{_OPEN}|{_CLOSED}|[^{_LAO}{_THAI}]|$)")
_STOP = re.compile(_GOES_ON)
_SHORT_ENDS = frozenset(("ไป", "พา", "มา", "มี", "ตี", "ใน", "ໄປ", "ພາ", "ມາ", "ມີ", "ຕີ", "ບໍ", "ໃນ"))
"""Other words of two letters stand within names."""
_ENDS = re.compile(
    f"(?:{any_of(' '.join(w for w in _SENTENCE.split() if len(w) > SHORT or w in _SHORT_ENDS))}|{_OPEN})"
)
_NEW_SYLLABLE = re.compile(r"[ก-ฮเแโใไກ-ໝເແໂໃໄ]")

_NICKNAMES_LATIN = (
    "tui noy noi noii nok nat nut mai mint da dao dam deng daeng chan chanh kham khamla phone phet phaeng "
    "pheng oudone souda somsak somchai somphone bounmy boun bua oy oi oh koy keo kai ning nid nit tou toui toon "
    "tik tee lek lin lee mali mone mon muk mek bee boy ball bank jack joe joy jim jan ice ann aon oon pu pui "
    "vanna vieng vone sak seng sy sit suk phou pong pom thip noum num fah"
)
_KIN_LATIN = (
    r"(?:(?:[PN]|[pn])['’]\s?|\b(?i:ai|aai|euay|euai|ueai|ueay|eui|nong|nuang|lung|loung|pa|paa|thao|tao|nang|phi|pi|bak|"
    r"khun|hia|hea|je|jay|jae|uncle|aunt|aunty|auntie|sister|brother|husband|wife|cousin|broker|boss|agent|driver|friend)\s)"
)
_LATIN_NAME = re.compile(
    rf"{_KIN_LATIN}(?:(?P<capital>{_LATIN}(?:\s{_LATIN})?)|(?P<small>{any_of(_NICKNAMES_LATIN)}))(?![A-Za-z'’])"
)
_SHORT_KIN = re.compile(r"[PNpn]['’]\s?(?P<any>[a-z]{2,12})(?![A-Za-z'’])")
_WORDS_LATIN = (
    "khai kai bua bualamphu phi and who what are do does did will can could would say said says tell told need "
    "want go went come came take took get give gave live lives work works pay paid owe hit hurt lock locked "
    "got had have has be been all any both one two three monday tuesday wednesday thursday friday saturday "
    "sunday january english chinese burmese vietnamese cambodian khmer isaan isan bangkok vientiane korea "
    "malaysia facebook line whatsapp telegram mou passport visa police khong sao xai suay dae yu kap bo het mi "
    "hai pen su sue day "
)
_NOT_AFTER_KIN = NO_NAME_LATIN | frozenset(_WORDS_LATIN.split())
_NAMES_LIKE_WORDS = frozenset({"Chan", "Kham", "Sue"})
"""Names when they are written with a capital."""


def names(flat: str) -> Iterator[tuple[int, int]]:
    """Where names stand after words of kinship and politeness, as (start, end)."""
    for match in _AFTER_OPEN.finditer(flat):
        start, rest = match.start("rest"), match["rest"]
        if end := _open_end(rest):
            yield start, start + end
    for match in _AFTER_CLOSED.finditer(flat):
        if known := _KNOWN.match(match["rest"]):
            yield match.start("rest"), match.start("rest") + known.end()
    for match in _LATIN_NAME.finditer(flat):
        kind = "capital" if match["capital"] else "small"
        first, _, second = match[kind].partition(" ")
        if first.lower() not in _NOT_AFTER_KIN or first in _NAMES_LIKE_WORDS:
            start = match.start(kind)
            more = second and second.lower() not in _NOT_AFTER_KIN
            yield start, match.end(kind) if more else start + len(first)
    for match in _SHORT_KIN.finditer(flat):
        if match["any"] not in _NOT_AFTER_KIN:
            yield match.span("any")


def _open_end(rest: str) -> int:
    """Where the name ends that `rest` begins with; 0 when it begins with none."""
    if rest.isascii():
        return 0 if rest.lower() in _NOT_AFTER_KIN else len(rest)
    if known := _KNOWN.match(rest):
        return known.end()
    if _STOP.match(rest):
        return 0
    for ends in _ENDS.finditer(rest, 2):
        return ends.start()
    if len(rest) <= LONGEST:
        return len(rest)
    return next((n for n in range(LONGEST, 1, -1) if _NEW_SYLLABLE.match(rest, n)), LONGEST)
