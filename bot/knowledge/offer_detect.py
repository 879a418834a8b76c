"""Signs in an advertisement that need more than a phrase: sums, ages, what is said together, and what is not said."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Literal

from bot.knowledge.money import BAHT_FOR, Money, sums
from bot.knowledge.offer_context import Context, denied
from bot.knowledge.offer_text import Phrases, Piece, Span, pieces

Role = Literal["wage", "fee", "other"]

WORD_LISTS = (
    "wage", "fee", "other_money", "employer_pays", "deducted", "pay_before", "skilled", "high_wage_country",
    "scam_area",
    "area_unless", "scam_job", "no_experience", "chat", "phone", "company", "office", "licence", "contract", "hours",
    "place", "job", "recruit", "benefit", "company_unless",
    "easy_work", "lay_out", "warning", "quit", "any_charge", "spend",
)  # fmt: skip
"""Lists that the detectors below need, by their names in content/offer_flags.yml."""

TOO_HIGH = 2.0
"""Times the highest minimum wage in Thailand (30 days): factory pay with much overtime stays below."""
TOO_HIGH_ABROAD = 1.35
"""Times what legal work in Korea pays, for the countries that pay like it."""
SKILLED_MAY = 1.6
_LEFT, _RIGHT = 45, 26
_RICH_CURRENCIES = frozenset({"krw", "jpy", "twd", "aud", "eur", "sgd", "cad", "nzd", "hkd", "mop"})
_PHONE = re.compile(
    r"(?<![\d@.,a-z])(?:\+\s?\d{2,3}|00\d{2,3}|0[1-9x][\dx]?)[\s.\-]*[\dx]{2,4}[\s.\-]*[\dx]{2,4}|\b0[\dx]{5,9}\b"
    r"|(?<![\d@.,a-z])020[\s.\-]?[\dx]{2,}"
)
_HANDLE = re.compile(r"@[a-z][\w.]{2,}|\bline\s?(?:id)?\s?[:=@]|\bid\s?:|\bt\.me\b|\bwa\.me\b")
_CHAT_APP = re.compile(r"whats\s?app|\bline\b|telegram|viber|wechat|ວັອດແອັບ|ວອດແອັບ|(?<!ออน)ไลน์|(?<!ອອນ)ໄລນ໌|เทเลแกรม")
_AGE_CUE = (
    "ອາຍຸ|ອາຍຸ|อายุ|\\bage[ds]?\\b|\\b(?:an|any|a)?yu\\b|years? old|\\byo\\b|girls?|boys?|brides?|wi(?:fe|ves)|wom[ae]n"
    "|lad(?:y|ies)|ສາວ|ເດັກ|สาว|เด็ก|ນ້ອງ|น้อง"
    "|\\bsao\\b|\\bdek\\b"
)
_YEARS = "(?:ປີ|ปี|pii?\\b|years?|yrs?|yo\\b)"
_AGES = re.compile(
    rf"(?<![\d.,/:])(1[2-7])\s?{_YEARS}?\s?(?:-|~|ຫາ|ຮອດ|ถึง|to|theung|hot|–)\s?(1[89]|[23]\d|4[0-5]|1[4-7](?=\s?{_YEARS}))(?![\d.,]\d|\s?:)"
    r"(?!\s?(?:ຄົນ|คน|khon|ວັນ|ມື້|วัน|day|ເດືອນ|เดือน|month|hour|ຊົ່ວ|ຊມ|ชม|ชั่ว|โมง|ໂມງ|min|ນາທີ|นาที|k\b|พัน|ພັນ|ໝື່ນ|หมื่น|ແສນ"
    r"|แสน|ລ້ານ|ล้าน|lan\b|%|ມີນາ|ເມສາ|ມັງກອນ|ກຸມພາ|ພຶດສະພາ|ມິຖຸນາ|ກໍລະກົດ|ສິງຫາ|ກັນຍາ|ຕຸລາ|ພະຈິກ|ທັນວາ"
    r"|ม\.ค|ก\.พ|มี\.ค|เม\.ย|พ\.ค|มิ\.ย|ก\.ค|ส\.ค|ก\.ย|ต\.ค|พ\.ย|ธ\.ค|มกรา|กุมภา|มีนา|เมษา|พฤษภา|มิถุนา|กรกฎา|สิงหา|กันยา"
    r"|ตุลา|พฤศจิ|ธันวา|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|people|person|worker|ບາດ|บาท|baht|ກີບ|kip|\$|usd|\d|/|am\b|pm\b|x))"
)
_FROM_AGE = re.compile(
    rf"(?<![\d.,/:])(1[2-7])\s?(?:\+|{_YEARS}?\s?(?:ຂຶ້ນໄປ|ຂື້ນໄປ|ขึ้นไป|ขื้นไป|kheun\s?pai|kuen\s?pai|khuen\s?pai|"
    r"and (?:up|above|over|older)|or (?:older|above|over)|up\b|ກໍໄດ້|ກໍ່ໄດ້|ก็ได้|ko dai|ก็รับ|ກໍຮັບ))"
)
_YEARS_NEAR_CUE = re.compile(rf"(?:{_AGE_CUE})\D{{0,20}}(1[2-7])(?!\d|[.,]\d)\s?(?:{_YEARS})?")
_MIN_AGE = re.compile(r"(?<!\d)(1[89]|[2-3]\d)\s?(?:ປີ|ปี|pi\b|years?)?\s?(?:-|~|ຫາ|ถึง|to|ຂຶ້ນໄປ|ขึ้นไป|kheun pai|and|up|\+)")
_NAME_AFTER = re.compile(
    r"(?:ບໍລິສັດ|ໂຮງງານ|ໂຮງແຮມ|ຮ້ານ(?:ອາຫານ)?|บริษัทฯ?|โรงงาน|โรงแรม|ร้าน(?:อาหาร|กาแฟ)?)[ \t]+[\"“']?[ກ-ໝก-ฮເ-ໄเ-ไA-Za-z]{2,}"
    r"|(?:บริษัท|ບໍລິສັດ|โรงแรม|ໂຮງແຮມ)[ \t]*[\"“']?[A-Z]\w+|โรงแรม(?:เดอะ|แกรนด์)"
    r"|(?:[A-Z][\w&'-]+ ){1,4}(?:Co\b|Company|Factory|Restaurant|Hotel|Group|Farm|Garment|Foods?|Resort|Shop|Manpower"
    r"|Employment|Services?|Recruitment)"
    r"|\b[Bb]o[rl]isat\s+[A-Z]\w+"
)
_MONEY_SIGN = re.compile(r"\s*(?:💰|💸|💵|💴|🤑)")
_ADDED = re.compile(r"\+[^\d+]{0,12}$")
"""What comes on top of a wage: "5,500 + food + ticket"."""
_SELF = re.compile(
    r"ຂ້ອຍ|ຂ່ອຍ|ข้อย|ข่อย|(?<![ก-ฮ])ผม(?!ร)|หนู|(?<![a-z])(?:khoy|i am|i'm|i was|me and"
    r"|my (?:boss|sister|brother|son|daughter|employer|passport|friend|wife|husband))(?![a-z])"
)
_ASKS = re.compile(r"(?:\?|ບໍ|ບໍ່|ไหม|มั้ย|รึเปล่า|หรือเปล่า|ຫຼືບໍ່|ແນວໃດ|ยังไง|อย่างไร)[\s.!?)]*$")


@dataclass(frozen=True)
class Limits:
    """Legal wages that a promise is compared with, from the facts."""

    thai_day: float
    korea_won: float
    korea_dollars: float

    @property
    def thai_month(self) -> float:
        """The most that an unskilled job in Thailand (or a neighbour) honestly promises, in baht a month."""
        return self.thai_day * 30 * TOO_HIGH

    @property
    def abroad_month(self) -> float:
        """The same for Korea, Japan and other countries with high wages."""
        return max(self.korea_won * BAHT_FOR["krw"], self.korea_dollars * BAHT_FOR["usd"]) * TOO_HIGH_ABROAD


class Advertisement:
    """A text with its pieces and the sums of each; `denied` are questions that are answered with no."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.all_pieces = pieces(text)
        self.denied = denied(self.all_pieces)
        self.pieces = [piece for piece in self.all_pieces if piece not in self.denied]
        self.sums = [_sums(piece) for piece in self.pieces]
        self.roles: list[tuple[Role, Money, Piece]] | None = None


def _sums(piece: Piece) -> list[Money]:
    """The sums of a piece without what belongs to a telephone number."""
    phones = [match.span() for match in _PHONE.finditer(piece.norm)]
    return [m for m in sums(piece.norm) if m.stated or not any(a <= m.start < b + 6 for a, b in phones)]


class Detectors:
    """What the word lists make possible; see the notes at each list in content/offer_flags.yml."""

    def __init__(self, words: Mapping[str, Phrases], unless: Mapping[str, Phrases]) -> None:
        self._words, self._unless = words, unless
        self.context = Context(words)

    def detect(self, ad: Advertisement, found: Mapping[str, str], limits: Limits) -> dict[str, str]:
        """Flags that the detectors raise, with their words; `found` are those of the phrases."""
        raised = {
            "wage_too_high": self._wage_too_high(ad, limits),
            "upfront_fee": self._upfront_fee(ad),
            "under_18_ok": self._under_18(ad),
            "scam_centre_place": self._scam_place(ad),
            "chat_only_contact": self._chat_only(ad),
        }
        seen = {name: words for name, words in raised.items() if words} | dict(found)
        lure = seen.keys() & {"wage_too_high", "scam_centre_place", "entertainment_hostess", "vague_job_or_place"}
        if lure and "no_experience_any_age" not in seen and (words := self._first("no_experience", ad)):
            seen["no_experience_any_age"] = words
        if "vague_job_or_place" not in seen and "marriage" not in seen and (words := self._vague(ad, seen.keys())):
            seen["vague_job_or_place"] = words
        if "marriage" in seen and "wage_too_high" not in found:
            seen.pop("wage_too_high", None)  # what the husband is said to give
        return seen

    def missing(self, ad: Advertisement, found: Mapping[str, str]) -> tuple[str, ...]:
        """What an honest offer says and this one does not."""
        said = {
            "company_name": self._company(ad),
            "licence": "no_agency_licence" not in found and self._first("licence", ad) is not None,
            "contract": "no_contract" not in found and self._first("contract", ad) is not None,
            "place": self._first("place", ad) is not None or self._first("scam_area", ad) is not None
            or "scam_centre_place" in found,
            "wage": any(role == "wage" for role, _, _ in self._roles(ad)),
            "working_hours": self._first("hours", ad) is not None,
            "contact": self._first("chat", ad) is not None or self._first("phone", ad) is not None
            or self._first("office", ad) is not None or any(_PHONE.search(piece.norm) for piece in ad.pieces),
        }  # fmt: skip
        return tuple(name for name, is_said in said.items() if not is_said)

    def offer_signals(self, ad: Advertisement, *, contact_needed: bool = True) -> int:
        """How many marks of an advertisement a text has; stories about oneself and questions have fewer.

        What is forwarded often lost its contact on the way: there a wage is enough (`contact_needed` False).
        """
        recruits = self._first("recruit", ad) is not None
        numbers = any(_PHONE.search(piece.norm) for piece in ad.pieces)
        contact = numbers or self._first("chat", ad) is not None or self._first("phone", ad) is not None
        wage = any(role == "wage" for role, _, _ in self._roles(ad))
        if not (recruits or contact or (wage and not contact_needed)):
            return 0
        marks = [
            recruits,
            contact,
            wage,
            self._first("benefit", ad) is not None,
            self._first("job", ad) is not None,
            self._first("place", ad) is not None,
            any(_MIN_AGE.search(piece.norm) or _AGES.search(piece.norm) for piece in ad.pieces),
            ad.text.count("\n") >= 3,
        ]
        own_story = 2 * bool(_SELF.search(ad.text.lower())) + 2 * asks(ad.text)
        return sum(marks) - own_story

    # ------------------------------------------------------------------ sums

    def _roles(self, ad: Advertisement) -> list[tuple[Role, Money, Piece]]:
        if ad.roles is None:  # several detectors ask
            ad.roles = self._read_roles(ad)
        return ad.roles

    def _read_roles(self, ad: Advertisement) -> list[tuple[Role, Money, Piece]]:
        found: list[tuple[Role, Money, Piece]] = []
        heading: Role | None = None
        for piece, amounts in zip(ad.pieces, ad.sums, strict=True):
            cues = self._cues(piece)
            for money in amounts:
                role = _role(money, amounts, cues) or ("wage" if money.period else heading)
                if role:
                    found.append((role, money, piece))
            heading = max(cues, key=lambda cue: cue[2])[0] if cues and not amounts else None
        return found

    def _cues(self, piece: Piece) -> list[tuple[Role, int, int]]:
        """Words that say what a sum is; where somebody must pay, any charge is a fee."""
        roles: list[tuple[Role, str]] = [("wage", "wage"), ("fee", "fee"), ("other", "other_money")]
        if piece in self._words["spend"]:
            roles.append(("fee", "any_charge"))
        cues = [
            (role, at.start, at.end)
            for role, name in roles
            for at in self._words[name].spans(piece.norm)
            if not (role == "fee" and _ADDED.search(piece.norm[: at.start]))
        ]
        if _MONEY_SIGN.match(piece.raw):
            cues.append(("wage", 0, 0))  # a line that begins with a picture of money says the pay
        return cues

    def _wage_too_high(self, ad: Advertisement, limits: Limits) -> str | None:
        rich = self._first("high_wage_country", ad) is not None
        skilled = self._first("skilled", ad) is not None
        for role, money, piece in self._roles(ad):
            abroad = rich or money.currency in _RICH_CURRENCIES
            limit = (limits.abroad_month if abroad else limits.thai_month) * (SKILLED_MAY if skilled else 1.0)
            if role == "wage" and money.baht_a_month > limit:
                return piece.quote(piece.norm, Span(money.start, money.end))
        return None

    def _upfront_fee(self, ad: Advertisement) -> str | None:
        licensed = self._first("licence", ad) is not None
        for role, money, piece in self._roles(ad):
            if role != "fee" or money.period or money.baht < 100:
                continue
            if self.context.excuses("upfront_fee", piece, licensed=licensed):
                continue
            before = piece in self._words["pay_before"]
            if piece in self._unless["upfront_fee"] or (piece in self._words["employer_pays"] and not before):
                continue
            if (
                piece in self._words["lay_out"]
                or piece in self._words["quit"]
                or (piece in self._words["deducted"] and not before)
            ):
                continue
            return piece.quote(piece.norm, _with_cue(money, self._cues(piece)))
        return None

    # ------------------------------------------------------------------ ages

    def _under_18(self, ad: Advertisement) -> str | None:
        for piece in ad.pieces:
            if piece in self._unless["under_18_ok"]:
                continue
            cue = re.search(_AGE_CUE, piece.norm)
            match = _AGES.search(piece.norm) or _FROM_AGE.search(piece.norm)
            if (
                match
                and (cue or _AGES.match(match.group()) or re.search(_YEARS, match.group()))
                and not self._money_at(piece, match.start())
            ):
                return piece.quote(piece.norm, Span(*match.span()))
            near = _YEARS_NEAR_CUE.search(piece.norm)
            if near and not _MIN_AGE.search(piece.norm) and not self._money_at(piece, near.start(1)):
                return piece.quote(piece.norm, Span(*near.span()))
        return None

    @staticmethod
    def _money_at(piece: Piece, at: int) -> bool:
        return any(money.start <= at < money.end for money in sums(piece.norm))

    # ------------------------------------------------------------------ what is said together

    def _scam_place(self, ad: Advertisement) -> str | None:
        """A region that holds such centres too, together with the work that they offer."""
        if self._first("scam_job", ad) is None:
            return None
        area, unless = self._words["scam_area"], self._words["area_unless"]
        return next((words for piece in ad.pieces if (words := area.quote_in(piece, unless))), None)

    def _chat_only(self, ad: Advertisement) -> str | None:
        """A chat address and nothing that lasts: no telephone, office, company or licence."""
        handle = self._chat_words(ad)
        if handle is None or self._telephone(ad) or self._company(ad):
            return None
        lasting = any(self._first(name, ad) is not None for name in ("office", "licence"))
        return None if lasting else handle

    def _chat_words(self, ad: Advertisement) -> str | None:
        for piece in ad.pieces:
            match = _HANDLE.search(piece.norm)
            if match:
                return piece.raw.strip()[:90].strip()
        return self._first("chat", ad)

    def _telephone(self, ad: Advertisement) -> bool:
        for piece in ad.pieces:
            says_phone = piece in self._words["phone"]
            if _PHONE.search(piece.norm) and (says_phone or not _CHAT_APP.search(piece.norm)):
                return True
            if says_phone and not _CHAT_APP.search(piece.norm) and piece not in self._words["chat"]:
                return True
        return False

    def _company(self, ad: Advertisement) -> bool:
        company, unless = self._words["company"], self._words["company_unless"]
        return any(company.quote_in(piece, unless, negatable=True) for piece in ad.pieces) or bool(
            _NAME_AFTER.search(ad.text)
        )

    def _vague(self, ad: Advertisement, found: Set[str]) -> str | None:
        """Neither work nor place is said, or one of them is not and the work is praised instead."""
        job = self._first("job", ad) or found & {"entertainment_hostess", "scam_centre_place"}
        place = self._first("place", ad) or self._first("scam_area", ad) or "scam_centre_place" in found
        if job and place:
            return None
        if praised := self._first("easy_work", ad):
            return praised
        if job or place or self._company(ad) or self._first("office", ad):
            return None
        return self._first("recruit", ad)

    def _first(self, name: str, ad: Advertisement) -> str | None:
        phrases = self._words[name]
        return next((words for piece in ad.pieces if (words := phrases.quote_in(piece)) is not None), None)


def asks(text: str) -> bool:
    """Whether the text ends in a question."""
    return bool(_ASKS.search(text.strip().lower()))


def _role(money: Money, amounts: list[Money], cues: list[tuple[Role, int, int]]) -> Role | None:
    """What a sum is, by the nearest word before it, else the nearest behind it; another sum between them parts them."""
    start = max((m.end for m in amounts if m.end <= money.start), default=0)
    end = min((m.start for m in amounts if m.start >= money.end), default=10_000)
    left = [(money.start - to, role) for role, at, to in cues if start <= at and to <= money.start]
    right = [(at - money.end, role) for role, at, to in cues if money.end <= at and to <= end + _RIGHT]
    near_left = [cue for cue in left if cue[0] <= _LEFT]
    near_right = [cue for cue in right if cue[0] <= _RIGHT]
    if money.period and not any(role == "fee" for _, role in near_left):
        other = [cue for cue in near_left if cue[1] == "other"]
        return "other" if other and min(near_left)[1] == "other" else "wage"
    if near_right and min(near_right)[1] == "fee" and min(near_right)[0] <= 12:
        return "fee"
    if near_left:
        return min(near_left)[1]
    return min(near_right)[1] if near_right else None


def _with_cue(money: Money, cues: list[tuple[Role, int, int]]) -> Span:
    """The sum together with the word that says what it is for."""
    left = [at for role, at, to in cues if role == "fee" and to <= money.start and money.start - to <= _LEFT]
    right = [to for role, at, to in cues if role == "fee" and at >= money.end and at - money.end <= _RIGHT]
    if left:
        return Span(max(left), money.end)
    return Span(money.start, min(right) if right else money.end)
