"""What may lead to a person is not shown: numbers, names, places, accounts.

A number of six digits or more in any writing (Latin, Lao, Thai, full width, emoji, as words), also with blanks, dots,
dashes, brackets, `x` or invisible characters between them; names after words that tell one; places that are named by
house, room, village, lane; accounts and links to profiles. Too much is masked rather than too little; money, dates,
times, ages, laws and the public numbers of content/contacts.yml stay.

Every pattern reads a text once: each of its repetitions is bounded or cannot begin where another one may go on.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from bot import masking_kin
from bot.masking_words import (
    CURRENCY,
    DIGITS_LATIN,
    DIGITS_LOCAL,
    NAME_ENDS,
    NO_NAME,
    NO_NAME_LATIN,
    THAI_NAME_BEGINS,
    any_of,
)
from bot.settings import settings

MASK = "••••••"
SHORT_NUMBER = 4
"""Digits of the longest emergency numbers."""


@dataclass(frozen=True, order=True)
class Hidden:
    """A part of a text that is not shown, and what it seems to be."""

    start: int
    end: int
    kind: str


def mask(text: str) -> str:
    """The text without what may lead to a person."""
    parts, at = [], 0
    for hidden in found(text):
        parts += [text[at : hidden.start], MASK]
        at = hidden.end
    return "".join([*parts, text[at:]])


def is_masked(text: str) -> bool:
    """True when something in the text is hidden."""
    return bool(found(text))


def found(text: str) -> list[Hidden]:
    """The parts to hide, in order; none touches another."""
    if _PLACE.match(text):
        return [Hidden(0, len(text), "place")]
    flat = _flat(text)
    result: list[Hidden] = []
    for hidden in sorted(_all(flat)):
        if result and hidden.start < result[-1].end:
            last = result.pop()
            result.append(Hidden(last.start, max(last.end, hidden.end), last.kind))
        else:
            result.append(hidden)
    return result


def _all(flat: str) -> Iterator[Hidden]:
    for kind, pattern in _EXACT:
        yield from (Hidden(*m.span(), kind) for m in pattern.finditer(flat))
    yield from _numbers(flat)
    yield from _accounts(flat)
    yield from _names(flat)
    yield from _places(flat)


def _flat(text: str) -> str:
    """The text with plain digits and letters, character by character, so that places in both are the same."""
    plain = text.translate(_PLAIN)
    return _LIKE_ONE.sub("1", _LIKE_ZERO.sub("0", plain))


_PLACE = re.compile(r"^-?\d+\.\d+, -?\d+\.\d+$")
_PLAIN = {
    code: str(unicodedata.digit(chr(code)))
    for code in range(0x80, 0x1FBFA)
    if unicodedata.digit(chr(code), None) is not None  # of any alphabet, full width, circled, raised
} | {0xFF21 + n: chr(65 + n) for n in range(26)} | {0xFF41 + n: chr(97 + n) for n in range(26)}  # fmt: skip
_PLAIN |= {0xFF20: "@", 0xFF0E: ".", 0xFF0B: "+", 0xFF0D: "-", 0xFE0F: "\u200b", 0x20E3: "\u200b", 0x200D: "\u200b"}
_LIKE_ZERO = re.compile(r"(?<![A-Za-z])[oO](?=\d)|(?<=\d)[oO](?=[\d -])")
_LIKE_ONE = re.compile(r"(?<=\d)[lI|](?=[\d -])")

# ------------------------------------------------------------------ numbers

_BETWEEN = r"[\s.\-–—_/()*xX,\u00a0\u200b-\u200f\u2060\ufeff]{0,4}"
_THIN = r"[\s.\-–—_/()*xX\u00a0\u200b-\u200f\u2060\ufeff]{0,4}"
_DIGIT = rf"(?:\d|{DIGITS_LOCAL}|(?<![A-Za-z])(?i:{DIGITS_LATIN})(?![A-Za-z]))"
_NUMBER = re.compile(
    rf"(?P<letters>(?<![A-Za-z])(?:[A-Z]{{1,2}}|p[a-c]?){_THIN})?\(?(?:\+{_THIN})?(?<!\d)\(?\d(?:{_THIN}\d){{5,}}\u200b{{0,2}}"
)
_SPOKEN = re.compile(rf"\(?{_DIGIT}(?:{_BETWEEN}{_DIGIT}){{5,}}\u200b{{0,2}}")
_AMOUNT = r"[1-9]\d{0,2}(?:[ ,.]\d{3}){1,3}|[1-9]\d{0,8}"
_HARMLESS = re.compile(
    rf"(?<![\d+])(?<!\d[ .\-/])(?:"
    rf"(?:{_AMOUNT})(?:\s?[-–]\s?(?:{_AMOUNT}))?\s?(?i:{CURRENCY})"
    rf"|[$฿₭]\s?(?:{_AMOUNT})"
    r"|[1-9]\d{0,2}(?:,\d{3}){1,3}(?:\s?[-–]\s?[1-9]\d{0,2}(?:,\d{3}){1,3})?|[1-9]\d{0,3}000"
    r"|(?:0?[1-9]|[12]\d|3[01])(?P<s>[./-])(?:0?[1-9]|1[0-2])(?P=s)(?:19|20|25)\d\d"
    r"|(?:19|20|25)\d\d(?P<t>[./-])(?:0?[1-9]|1[0-2])(?P=t)(?:0?[1-9]|[12]\d|3[01])"
    r"|(?:[01]?\d|2[0-4])[.:][0-5]\d\s?[-–]\s?(?:[01]?\d|2[0-4])[.:][0-5]\d"
    r"|(?:19|20|25)\d\d\s?[-–]\s?(?:19|20|25)\d\d"
    r")(?!\d|[ .\-/]\d)"
)
_LETTERS_BEFORE = re.compile(rf"(?<![A-Za-z])(?:[A-Z]{{1,2}}|p[a-c]?){_THIN}\Z")
"""As they stand before the number of a passport: "PA 3850000" is no amount."""
_PASSPORT = re.compile(r"(?i:passport|paspo|ພາສປອດ|ພາດສະປອດ|ຜ່ານແດນ|พาสปอร์ต|หนังสือเดินทาง|ผ่านแดน)")
_IDENTITY = re.compile(r"(?i:id card|\bid\b|pink card|permit|ບັດ|ສຳມະໂນ|ສໍາມະໂນ|บัตร|13 หลัก|ใบอนุญาต|ທະບຽນ|ทะเบียน)")
_BANK = re.compile(r"(?i:bank|account|acc no|bcel|kbank|ban si|ບັນຊີ|ທະນາຄານ|บัญชี|บช|พร้อมเพย์|ธ\.|ไทยพาณิชย์|ธนาคาร)")
_SHORT_ID = re.compile(
    rf"(?:{any_of('ບັດປະຈຳຕົວ ບັດປະຈໍາຕົວ ສຳມະໂນຄົວ ສໍາມະໂນຄົວ บัตรประชาชน ทะเบียนบ้าน')}|\b(?i:id card))"
    r"(?:\s|:|ເລກ(?:ທີ)?|เลข(?:ที่)?|no\.?|number){0,4}(?P<hide>\d[\d\- ]{2,20}\d)"
)


def _numbers(flat: str) -> Iterator[Hidden]:
    open_text = _HARMLESS.sub(
        lambda m: m[0] if _LETTERS_BEFORE.search(flat, max(0, m.start() - 8), m.start()) else "\0" * len(m[0]), flat
    )
    for pattern in (_NUMBER, _SPOKEN):
        for match in pattern.finditer(open_text):
            digits = "".join(c for c in match[0] if c.isdigit())
            if _national(digits) in _public():
                continue
            yield Hidden(*match.span(), _kind(flat, match, digits))
    for match in _SHORT_ID.finditer(open_text):
        yield Hidden(*match.span("hide"), "id")


def _kind(flat: str, match: re.Match[str], digits: str) -> str:
    before, after = flat[max(0, match.start() - 30) : match.start()], flat[match.end() : match.end() + 12]
    told = [
        (max((m.end() for m in words.finditer(before)), default=0), kind)
        for kind, words in (("passport", _PASSPORT), ("id", _IDENTITY), ("bank", _BANK))
    ]
    nearest = max(told)
    if nearest[0]:
        return nearest[1]
    if match.groupdict().get("letters"):
        return "passport"
    if _BANK.search(after):
        return "bank"
    return "id" if len(digits) == 13 and not digits.startswith("856") else "phone"


def _national(digits: str) -> str:
    for code in ("00856", "0066", "856", "66", "0"):
        if digits.startswith(code):
            return digits.removeprefix(code)
    return digits


@lru_cache(maxsize=1)
def _public() -> frozenset[str]:
    """The numbers that everybody may see: the hotlines'."""
    try:
        contacts = (settings().content_dir / "contacts.yml").read_text(encoding="utf-8")
    except OSError:
        return frozenset()
    return frozenset(_national(re.sub(r"\D", "", n)) for n in re.findall(r'number: "([+\d ]+)"', contacts))


# ------------------------------------------------------------------ mail, links, accounts

_PROFILES = any_of(
    "facebook.com fb.com fb.me fb.watch m.me t.me telegram.me telegram.dog wa.me whatsapp.com line.me lin.ee "
    "instagram.com tiktok.com wechat.com youtube.com twitter.com x.com"
)
_AT = r"(?:@|\s?[(\[](?:at|AT)[)\]]\s?)"
_DOT = r"(?:\.|\s?[(\[](?:dot|DOT)[)\]]\s?)"
_WORD_AT, _WORD_DOT = r"\s?(?:\bat\b|แอท|แอด|ແອັດ)\s?", r"\s?(?:\bdot\b|ดอท|ดอต|จุด|ດັອດ|ຈຸດ|\.)\s?"
_LOCAL, _LABEL = r"[A-Za-z0-9._%+-]", r"[A-Za-z0-9-]{1,63}"
_EXACT = (
    ("mail", re.compile(rf"(?<!{_LOCAL}){_LOCAL}{{1,64}}{_AT}{_LABEL}(?:{_DOT}{_LABEL}){{1,5}}")),
    (
        "mail",
        re.compile(
            rf"(?<![A-Za-z0-9._%+-])(?i:(?:[a-z0-9_-]{{1,30}}\sdot\s)?[a-z0-9._%+-]{{1,64}}{_WORD_AT}"
            rf"(?:gmail|hotmail|yahoo|outlook|icloud|live|mail|proton)(?:{_WORD_DOT}(?:com|co|th|la|net|me|คอม|ຄອມ)){{1,2}})"
        ),
    ),
    (
        "link",
        re.compile(rf"(?<![A-Za-z0-9.])(?:(?i:https?)://)?(?:[A-Za-z0-9-]{{1,30}}\.){{0,3}}(?i:{_PROFILES})/[!-~]{{1,300}}"),
    ),
    ("passport", re.compile(r"(?<![A-Z0-9<])(?=[A-Z0-9]{1,40}<)[A-Z0-9<]{15,60}(?![A-Z0-9<])")),
    ("user", re.compile(r"(?<![A-Za-z0-9._%+@/-])@[A-Za-z0-9_.]{3,32}")),
)  # fmt: skip
_HANDLE = r"[A-Za-z0-9][A-Za-z0-9._-]{2,31}"
_TELLING_HANDLE = r"(?=[A-Za-z]{0,31}[0-9._])"
_APP_LOCAL = any_of(
    "ໄລນ໌ ໄລ ໄລນ ເຟສ ເຟສບຸກ ເຟຊ ເຟຊບຸກ ວອດແອັບ ວີແຊັດ ເທເລແກຣມ ไลน์ ไลน เฟส เฟสบุ๊ค เฟสบุ๊ก เฟซ เฟซบุ๊ก วอทแอป วีแชท เทเลแกรม"
)
_APP_LATIN = any_of("line whatsapp wechat facebook fb messenger telegram tiktok instagram ig imo viber zalo")
_ACCOUNT = re.compile(
    rf"(?:(?:{_APP_LOCAL}|(?:ไอดี|ໄອດີ)(?:ไลน์|ໄລນ໌|ໄລ)?)(?:\s?(?:ไอดี|ໄອດີ|ID|id|Id|ชื่อ|ຊື່|ມາ|มา|ແມ່ນ|คือ))?\s?[:=]?\s?"
    rf"(?P<a>{_HANDLE}(?:\s[A-Z][a-z]{{1,20}})?)"
    rf"|\b(?i:{_APP_LATIN})\s?(?:(?i:id|name|account)\s?(?:(?i:is|no)\s)?[:=]?|[:=])\s?(?P<b>{_HANDLE}(?:\s[A-Z][a-z]{{1,20}})?)"
    rf"|\b(?i:{_APP_LATIN})\s(?P<c>{_TELLING_HANDLE}{_HANDLE}|[A-Z][a-z]{{1,20}}(?:\s[A-Z][a-z]{{1,20}})?))"
)


def _accounts(flat: str) -> Iterator[Hidden]:
    for match in _ACCOUNT.finditer(flat):
        name = match.lastgroup or "a"
        hotline = match[name].isdigit() and len(match[name]) <= SHORT_NUMBER  # "Line 1300" is none of LINE
        if match[name].lower() not in NO_NAME_LATIN and not hotline:
            yield Hidden(*match.span(name), "social")


# ------------------------------------------------------------------ names

_LAO, _THAI = "\u0e80-\u0eff", "\u0e00-\u0e7f"
_LETTERS = {"lo": rf"[{_LAO}]{{2,28}}", "th": rf"[{_THAI}]{{2,28}}"}
_LATIN = r"[A-Za-z]{2,20}"
_NO_NAME, _NAME_ENDS = re.compile(NO_NAME), re.compile(NAME_ENDS)
_SCRIPT_NAME = rf"[{_LAO}]{{2,28}}(?:\s(?:(?!ຊື່)[{_LAO}]){{3,28}})?|[{_THAI}]{{2,28}}(?:\s(?:(?!ชื่อ)[{_THAI}]){{3,28}})?"
_FIELDS = (
    r"ຊື່\s?(?:ແລະ|/)?\s?ນາມສະກຸນ|ນາມສະກຸນ|ຊື່(?:ພໍ່|ແມ່|ບິດາ|ມານດາ|ບັນຊີ|ເຕັມ)"
    r"|ชื่อ\s?(?:และ|/|-|–|ตัวและชื่อ)?\s?(?:นาม)?สกุล|นามสกุล|ชื่อ(?:บิดา|มารดา|พ่อ|แม่|บัญชี|เต็ม)"
)
_TITLES = r"ທ້າວ|ນາງສາວ|ນາງ|ທ່ານ|[ທນ]\.|นางสาว|นาย|นาง|น\.ส\.|ด\.[ชญ]\."
_TELLS_LOCAL = re.compile(
    rf"(?:(?:{_FIELDS})[\s:=.…_]{{0,4}}(?:(?:{_TITLES})\s?)?"
    rf"|(?<!ເ)(?<!ລົງ)ຊື່(?!ອ)(?:ວ່າ|ຫຼິ້ນ|ຫລິ້ນ|ແທ້|ຈິງ)?(?:\s?(?:{_TITLES})(?=\s))?"
    r"|(?<![ກ-ໝ])(?:(?:ທ້າວ|ນາງ|ທ່ານ)(?:ສາວ)?\s|ທ້າວ|ນາງສາວ|[ທນ]\.)"
    r"|(?<!เ)(?<!ลง)(?<!ราย)(?:ชื่อ|ซื่อ(?!ม|ๆ))(?:ว่า|เล่น|จริง)?"
    rf"|(?<![ก-๎])(?:นางสาว|(?:นาย|นาง)(?=\s|{THAI_NAME_BEGINS}))|น\.ส\.|ด\.[ชญ]\.)"
    rf"\s?[:=]?\s?(?P<name>{_SCRIPT_NAME}|{_LATIN}(?:\s[A-Z][a-z]{{1,20}})?)"
)
_TELLS_LATIN = re.compile(
    r"\b(?:(?i:my name(?:'s| is)|(?:her|his|their) name(?:'s| is)|i am called|is called|named|name\s?[:=]|"
    r"(?:khoy|khoi|koi|kuay)\s(?:sue|seu|xue|xeu|su)|(?:phom|pom|chan|dichan|nu|nuu)\s(?:chue|cheu|chu))(?:\s|(?<=[:=]))(?P<any>[A-Za-z]{2,20})"
    r"|(?i:mr|mrs|ms|miss)\.?\s(?P<title>[A-Za-z]{2,20})"
    r"|(?i:call me|this is|name is|name|sue|xue|chue|thao|nang|tao|sister|brother|agent|boss)\s"
    r"(?P<capital>[A-Z][a-z]{1,20}))"
    r"(?P<more>\s[A-Z][a-z]{1,20}(?![A-Za-z]))?(?![A-Za-z])"
)
_FORM_LATIN = re.compile(
    r"\b(?i:(?:sur|last|family|first|given|full|account|middle)\s?names?)(?:\s?[/(][A-Za-z/]{2,12}\)?)?\s?[:=.]{0,3}\s?"
    r"(?P<name>[A-Z][A-Za-z]{1,20}(?:\s(?!GIVEN|FIRST|NAME|Given|First|Name)[A-Z][A-Za-z]{1,20})?)(?![A-Za-z])"
)
_LOCAL_AFTER_LATIN = re.compile(rf"\b(?i:name|my name is)\s?[:=]?\s?(?P<name>[{_LAO}]{{2,28}}|[{_THAI}]{{2,28}})")


def _names(flat: str) -> Iterator[Hidden]:
    for pattern in (_TELLS_LOCAL, _LOCAL_AFTER_LATIN):
        for match in pattern.finditer(flat):
            end = _name_end(match["name"])
            if end:
                yield Hidden(match.start("name"), match.start("name") + end, "name")
    yield from (Hidden(start, end, "name") for start, end in masking_kin.names(flat))
    for match in _FORM_LATIN.finditer(flat):
        if match["name"].lower() not in NO_NAME_LATIN:
            yield Hidden(*match.span("name"), "name")
    for match in _TELLS_LATIN.finditer(flat):
        name = next(n for n in ("any", "title", "capital") if match[n])
        if match[name].lower() not in NO_NAME_LATIN:
            yield Hidden(match.start(name), match.end("more") if match["more"] else match.end(name), "name")


def _name_end(words: str) -> int:
    """Where a name ends in what follows a telling word; 0 when it is none."""
    first, _, second = words.partition(" ")
    if first.isascii():
        return 0 if first.lower() in NO_NAME_LATIN else len(words)
    if _NO_NAME.match(first):
        return 0
    cut = _NAME_ENDS.search(first, 2)
    if cut:
        return cut.start()
    if not second or _NO_NAME.match(second) or _NAME_ENDS.match(second):
        return len(first)
    cut = _NAME_ENDS.search(second, 2)
    return len(first) + 1 + (cut.start() if cut else len(second))


# ------------------------------------------------------------------ places

_HOUSE = r"\d{1,4}(?:[/-]\d{1,4}){0,2}[A-Za-z]?(?![\d])"
_NUMBERED = re.compile(
    r"(?:(?:ທີ່ຢູ່|ที่อยู่|ເຮືອນເລກທີ|ເລກເຮືອນ|ຫ້ອງ(?:ເລກທີ|ທີ)?|ໜ່ວຍ|ຫນ່ວຍ|ຮ່ອມ|ຊອຍ|บ้านเลขที่|ห้อง(?:เลขที่|ที่)?|หมู่(?:ที่)?|ซอย|ซ\.)"
    r"|\b(?i:address|house(?: no\.?| number)?|moo|unit|room|soi|hong|apartment|apt|flat))"
    rf"\s?[:#]?\s?(?P<place>{_HOUSE})"
)
_NAMED_LOCAL = re.compile(
    r"(?:(?:(?<=ຢູ່)|(?<![ກ-໎]))ບ້ານ|ຊອຍ|ຖະໜົນ|ຖະຫນົນ|ຮ່ອມ|ຫໍພັກ|ໂຮງແຮມ|ເຮືອນພັກ|"
    r"หมู่บ้าน|(?:(?<=อยู่)|(?<![ก-๎]))บ้าน(?!เลขที่)|ต\.|ตำบล|อ\.|อำเภอ|ซอย|ซ\.|ถนน|หอพัก|คอนโด|โรงแรม|อพาร์ทเม้นท์)"
    rf"(?:ຢູ່ປັດຈຸບັນ|ເກີດ|ปัจจุบัน)?\s?[:=]?\s?(?P<place>[{_LAO}]{{2,28}}|[{_THAI}]{{2,28}}|[A-Z][a-z]{{2,20}})(?P<number>\s\d{{1,4}}(?!\d))?"
)
_NAMED_LATIN = re.compile(
    r"\b(?i:ban|village|hotel|condo|soi|guesthouse)\s(?P<place>[A-Z][a-z]{2,20}(?:\s\d{1,4}(?!\d))?)"
    r"|\b\d{0,4}\s?(?P<road>(?:[A-Z][a-z]{1,20}\s(?:\d{1,3}\s)?){1,2}(?:Road|Rd|Street|St|Soi)\b)"
)


def _places(flat: str) -> Iterator[Hidden]:
    for match in _NUMBERED.finditer(flat):
        yield Hidden(*match.span("place"), "address")
    for match in _NAMED_LOCAL.finditer(flat):
        name = match["place"]
        if name.isascii() or not _NO_NAME.match(name):
            cut = None if name.isascii() else _NAME_ENDS.search(name, 2)
            end = match.start("place") + cut.start() if cut else match.end()
            yield Hidden(match.start("place"), end, "address")
    for match in _NAMED_LATIN.finditer(flat):
        yield Hidden(*match.span("place" if match["place"] else "road"), "address")
