"""Sums of money as people write them: ໝື່ນ, ล้าน, 30k, 2.500.000, $900, in words; with currency and period."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Period = Literal["hour", "day", "week", "month", "year"]

# Rough rates, only good enough to tell a wage from a lure, or to set a debt in kip beside a wage in baht. A sum that
# was turned into baht with them is always shown with the words "about, ask a bank for the rate".
BAHT_FOR: Mapping[str, float] = {
    "thb": 1.0, "lak": 1 / 650, "usd": 33.0, "krw": 0.024, "cny": 4.6, "jpy": 0.22, "myr": 7.6, "twd": 1.05,
    "aud": 21.0, "eur": 37.0, "sgd": 25.0, "aed": 9.0, "cad": 24.0, "nzd": 20.0,
    "hkd": 4.2, "mop": 4.1, "vnd": 1 / 760,
}  # fmt: skip
_CURRENCIES = {
    "thb": "บาท|บ\\.|ບາດ|฿|thb|bahts?|bath|bht",
    "lak": "ກີບ|กีบ|₭|lak|kips?|kib|kiip",
    "usd": "ໂດລາ|ໂດລ່າ|ໂດນລາ|ດອນລາ|ດອນ|ดอลลาร์|ดอลล่า|เหรียญสหรัฐ|ดอล|\\$|usdt?|us\\$|dollars?|dola|don la|bucks",
    "krw": "ວອນ|วอน|won|krw|₩",
    "cny": "ຢວນ|หยวน|yuan|rmb|cny",
    "jpy": "ເຢັນ|ເຢນ|เยน|yen|jpy|¥",
    "myr": "ຣິງກິດ|ริงกิต|ringgit|myr|rm",
    "twd": "twd|nt\\$|ดอลลาร์ไต้หวัน|เหรียญไต้หวัน",
    "aud": "aud|a\\$",
    "eur": "ເອີໂຣ|ຢູໂຣ|ยูโร|euros?|eur|€",
    "sgd": "sgd|s\\$",
    "aed": "aed|dirhams?|เดอแรม",
    "cad": "cad|c\\$",
    "nzd": "nzd|nz\\$",
    "hkd": "hkd|hk\\$",
    "mop": "mop|patacas?",
    "vnd": "vnd|ດົ່ງ|dong",
}
_TIMES = {
    1_000: "k|ພັນ|พัน|phan|pan|thousand",
    10_000: "ໝື່ນ|หมื่น|muen|meun|mun|meuan|muean",
    100_000: "ແສນ|แสน|saen|sen(?= lak| kip)",
    1_000_000: "ລ້ານ|ล้าน|ລານ|lan|laan|million|mil|m",
}
_NUMBER_WORDS = {
    "ໜຶ່ງ": 1, "ສອງ": 2, "ສາມ": 3, "ສີ່": 4, "ຫ້າ": 5, "ຫົກ": 6, "ເຈັດ": 7, "ແປດ": 8, "ເກົ້າ": 9, "ສິບ": 10, "ຊາວ": 20,
    "ສາມສິບ": 30, "ສີ່ສິບ": 40, "ຫ້າສິບ": 50, "ສິບຫ້າ": 15, "ຊາວຫ້າ": 25,
    "หนึ่ง": 1, "สอง": 2, "สาม": 3, "สี่": 4, "ห้า": 5, "หก": 6, "เจ็ด": 7, "แปด": 8, "เก้า": 9, "สิบ": 10, "สิบห้า": 15,
    "ยี่สิบ": 20, "ยี่สิบห้า": 25, "สามสิบ": 30, "สี่สิบ": 40, "ห้าสิบ": 50,
    "neung": 1, "nueng": 1, "song": 2, "sam": 3, "saam": 3, "si": 4, "sii": 4, "ha": 5, "haa": 5, "hok": 6, "jet": 7,
    "chet": 7, "paet": 8, "kao": 9, "sip": 10, "sao": 20, "xao": 20, "yisip": 20, "sam sip": 30, "samsip": 30,
    "hasip": 50, "ha sip": 50,
}  # fmt: skip


def _alternatives(values: Mapping[int, str] | Mapping[str, str]) -> str:
    return "|".join(values.values())


_FIGURE = r"\d{1,3}(?:[.,]\d{3})+(?!\d)|\d+(?:[.,]\d{1,2}(?!\d))?"
_SPELLED = "|".join(sorted(_NUMBER_WORDS, key=len, reverse=True))
_TIMES_END = "(?![a-z])"
_AMOUNT = (
    rf"(?:(?P<{{0}}>{_FIGURE})\s?(?:(?P<{{0}}x>{_alternatives(_TIMES)}){_TIMES_END})?"
    rf"|(?<![a-z])(?P<{{0}}w>{_SPELLED})\s?(?P<{{0}}wx>{_alternatives(_TIMES)}){_TIMES_END})"
)
_BEFORE = r"(?:(?P<before>\$|฿|₭|€|¥|₩|us\$|usd|thb|lak|krw|rm|nt\$|a\$|aud|s\$|sgd|c\$|cad|nz\$|nzd|hk\$|hkd|mop)\s?)?"
_CURRENCY = f"(?P<after>{_alternatives(_CURRENCIES)})"
_SUM = re.compile(
    rf"(?<![\d.,a-z:@+#/]){_BEFORE}{_AMOUNT.replace('{0}', 'a')}"
    rf"(?:\s?(?:-|~|ถึง|ຫາ|ເຖິງ|to|theung|thueng|ha)\s?\$?{_AMOUNT.replace('{0}', 'b')})?"
    rf"(?:\s?\+|\s?up|\s?ขึ้นไป|\s?ຂຶ້ນໄປ|\s?กว่า|\s?ກວ່າ)?\s?(?:{_CURRENCY}(?![a-z]))?(?![\dx])"
)
_PER = "(?:ຕໍ່|/|ต่อ|ต่|per|an?|toh?)\\s?"
# period: what stands before the sum ("มื้อละ 300"), what stands behind it ("300 a day").
_PERIODS: tuple[tuple[Period, str, str], ...] = (
    (
        "hour",
        "ຊົ່ວໂມງລະ|ชั่วโมงละ|ชม\\.?ละ|sua mong la",
        f"{_PER}(?:ຊົ່ວໂມງ|ຊມ|ชั่วโมง|ชม|hour|hr|h\\b|sua mong)",
    ),
    (
        "day",
        "ວັນລະ|ມື້ລະ|ຄືນລະ|คืนละ|วันละ|มื้อละ|khuen la|wan la|meu la|mue la|daily",
        f"{_PER}(?:ວັນ|ມື້|ຄືນ|คืน|วัน|มื้อ|day|night|khuen|wan\\b|meu|mue)|daily|/d\\b|\\s(?:to )?(?:wan|meu)\\b",
    ),
    ("week", "ອາທິດລະ|สัปดาห์ละ|อาทิตย์ละ|weekly", f"{_PER}(?:ອາທິດ|สัปดาห์|อาทิตย์|week|wk)|weekly"),
    ("year", "ປີລະ|ปีละ|pi la", f"{_PER}(?:ປີ|ปี|year|yr)"),
    (
        "month",
        "ເດືອນລະ|เดือนละ|(?:duean|deuan|duan|dean|deun) la|monthly",
        f"(?:{_PER})?(?:ເດືອນ|เดือน|ด\\.|month|mth|mo\\b|duean|deuan|duan|deun)|monthly",
    ),
)
_PERIOD_RULES = [
    (name, re.compile(f"(?:{b})\\W{{0,3}}$"), re.compile(f"^\\W{{0,2}}(?:{a})")) for name, b, a in _PERIODS
]
_DAYS, _HOURS = 26, 8
_MONTHLY: Mapping[Period, float] = {"hour": _DAYS * _HOURS, "day": _DAYS, "week": 4.3, "month": 1.0, "year": 1 / 12}
SMALLEST = 100.0
"""Baht; smaller sums without a currency are no money."""


@dataclass(frozen=True)
class Money:
    """A sum or a range, where it stands in the normalised text, and per what."""

    low: float
    high: float
    currency: str
    stated: bool
    period: Period | None
    start: int
    end: int

    @property
    def baht(self) -> float:
        """The middle of the range in baht, roughly."""
        return (self.low + self.high) / 2 * BAHT_FOR[self.currency]

    @property
    def baht_a_month(self) -> float:
        """The same for a month's work; a small sum without a period is a day's."""
        period = self.period or ("day" if self.baht < 1_500 else "month")
        return self.baht * _MONTHLY[period]


@dataclass(frozen=True)
class Amount:
    """One sum in one currency, without a period."""

    value: float
    currency: str

    @property
    def baht(self) -> float:
        """The sum in baht, roughly."""
        return self.value * BAHT_FOR[self.currency]


MOST = 1e10
KIP_FROM = 200_000
"""A bare number from here on is kip: nobody is asked for so many baht."""
_GAPS = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")
_NO_SUM = re.compile(
    r"\d\s?%|\d\s?(?:percent|เปอร์เซ็นต์|ເປີເຊັນ|ສ່ວນຮ້ອຍ)|\de\d"
    r"|(?<![\d.,])\d{1,2}\s?(?:ມື້|ວັນ|ຄົນ|วัน|คน|คืน|(?:meu|mue|wan|khon|days?|people)\b)"
)
_PLUS = re.compile(r"\S\s?\+\s?[\d$฿₭]")
_NUMBERS = re.compile(r"\d[\d.,]*")
_THAI = re.compile("[\u0e01-\u0e46]")
"""Three "saen" of a Thai writer are baht, of a Lao one kip."""
_BARE = re.compile(r"(?<![\d.,])(\d{1,10})(?:[.,]00)?(?![\d.,])")


def amount_in(norm: str) -> Amount | None:
    """The sum in a normalised answer to "how much?", where a bare number is money too; None when there is none.

    What is no sum is asked for again, since a verdict on a fee hangs on it: percent ("3%" is not 3 baht), powers, and
    two currencies at once, "2 days". "5000 + 3000 baht" is 8000.
    """
    norm = _GAPS.sub("", norm)
    if _NO_SUM.search(norm):
        return None
    every = list(sums(norm))
    if len({money.currency for money in every if money.stated}) > 1:
        return None
    found = every[0] if every else None
    if _PLUS.search(norm):
        if found is None or len(every) < len(_NUMBERS.findall(norm)):
            return None
        currency = next((money.currency for money in every if money.stated), found.currency)
        total = sum(money.high for money in every)
        return Amount(total, currency) if total < MOST else None
    if found is not None and found.high < MOST:
        kip = not found.stated and found.high >= KIP_FROM and not _THAI.search(norm)
        return Amount(found.high, "lak" if kip else found.currency)
    bare = _BARE.search(norm)
    if bare is None or not 0 < int(bare.group(1)) < MOST:
        return None
    value = float(bare.group(1))
    return Amount(value, "lak" if value >= KIP_FROM else "thb")


def sums(norm: str) -> Iterator[Money]:
    """All sums of money in a normalised text; telephone numbers, ages and years are none."""
    for match in _SUM.finditer(norm):
        found = _money(norm, match)
        if found is not None:
            yield found


def _money(norm: str, match: re.Match[str]) -> Money | None:
    low, low_times = _amount(match, "a")
    high, high_times = _amount(match, "b")
    if low is None:
        return None
    if high is not None and high_times and not low_times and low < high:
        low *= high_times  # 25-40k
    if low_times:
        low *= low_times
    if high is not None and high_times:
        high *= high_times
    elif high is not None and low_times and high * low_times > low:
        high *= low_times
    currency = _currency(match.group("before")) or _currency(match.group("after"))
    period = _period(norm, match.start(), match.end())
    value = high if high is not None and high >= low else low
    guessed = currency or _guess(value, bool(low_times or high_times), match.group(), period)
    if guessed is None or value <= 0:
        return None
    return Money(low, value, guessed, currency is not None, period, match.start(), match.end())


def _amount(match: re.Match[str], name: str) -> tuple[float | None, int]:
    figure, word = match.group(name), match.group(f"{name}w")
    if word:
        return float(_NUMBER_WORDS[word]), _times(match.group(f"{name}wx"))
    if not figure:
        return None, 0
    if figure.startswith("0") and len(figure) > 1 and figure[1] not in ".,":
        return None, 0
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", figure):
        return float(re.sub("[.,]", "", figure)), _times(match.group(f"{name}x"))
    return float(figure.replace(",", ".")), _times(match.group(f"{name}x"))


def _times(word: str | None) -> int:
    if not word:
        return 0
    return next((n for n, pattern in _TIMES.items() if re.fullmatch(pattern.replace("(?= lak| kip)", ""), word)), 0)


def _currency(word: str | None) -> str | None:
    if not word:
        return None
    return next((code for code, pattern in _CURRENCIES.items() if re.fullmatch(pattern, word)), None)


def _guess(value: float, multiplied: bool, written: str, period: Period | None) -> str | None:
    """The currency of a sum that names none: millions are kip, thousands baht; a bare small number is no money."""
    if value >= 1_000_000:
        return "lak" if value < 1_000_000_000 else None
    bare = written.strip()
    if re.fullmatch(r"\d{6,}", bare) or re.fullmatch(r"(?:19|20|25)\d\d", bare):
        return None
    if multiplied or value >= 1_000 or (period is not None and value >= SMALLEST):
        return "thb"
    return None


def _period(norm: str, start: int, end: int) -> Period | None:
    before, after = norm[max(0, start - 24) : start], norm[end : end + 16]
    for name, _, pattern in _PERIOD_RULES:
        if pattern.search(after):
            return name
    for name, pattern, _ in _PERIOD_RULES:
        if pattern.search(before):
            return name
    return None
