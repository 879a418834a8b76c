"""What a sign stands in: a warning that quotes cheats, a question that the answer denies, costs that the law allows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from bot.knowledge.offer_text import Phrases, Piece, pieces

WORD_LISTS = (
    "alert",
    "who_warns",
    "victims",
    "report_to",
    "invites",
    "lawful_cost",
    "strict_before",
    "lodging",
    "debt_thing",
    "tuition",
)
"""Lists that the readers below need, by their names in content/offer_flags.yml."""

MARKS_OF_A_WARNING = 3
"""Of four: it warns, an authority speaks, it says what became of people, it says where to report."""

_HOTLINE = re.compile(r"(?<![\d.,])(?:191|1178|1191|1195|1300|1362|1441|1506|1599|1694)(?![\d.,]?\d)")
_MOBILE = re.compile(
    r"(?:\+?856[\s.-]?|(?<!\d)0)20[\s.-]?[\dx]|(?<![\d.,])0[689][\dx\s-]{0,12}x|(?<![\d.,])0[689]\d[\s.-]?\d{3}"
)
_HANDLE = re.compile(r"@[a-z][\w.]{2,}|\bline\s?(?:id)?\s?[:=@]|\bt\.me\b|\bwa\.me\b")
_ASKED = re.compile(r"(?:ບໍ່|ບໍ|ບ່|บ่|บ่อ|ไหม|มั้ย|ไม๊|รึเปล่า|หรือเปล่า|\bbor?)\s*(?:ຄະ|ຄັບ|ນ້ອງ|ອ້າຍ|เอื้อย|คะ|ครับ|จ๊ะ)?[\s.\")]*$")
_QUOTED = re.compile('["“”«‘][^"“”»’]{1,300}["“”»’]')
_SPEAKER = re.compile(r"^[^:\d]{1,20}:\s*")
_NO = re.compile(r"(?:ບໍ່|ບໍ|ບ່|ไม่|บ่|ຫ້າມ|ห้าม|no\b|not\b|never\b|none\b|bor?\b|mai\b)")
_BUT_FINE = re.compile(r"ກໍ|ก็|กะ|ຫ່ວງ|ຢ້ານ|ເປັນຫຍັງ|ห่วง|กลัว|เป็นไร|เปนหยัง|problem|worr|ko dai|ka dai")


def denied(found: Sequence[Piece]) -> list[Piece]:
    """Questions that the next words answer with no: "do they keep the passport? no"."""
    return [
        piece
        for piece, following in pairwise(found)
        if (piece.asked or _ASKED.search(piece.norm)) and _says_no(following.norm)
    ]


def _says_no(norm: str) -> bool:
    answer = _SPEAKER.sub("", norm.strip())
    return bool(_NO.match(answer)) and not _BUT_FINE.search(answer[:40])


class Context:
    """What the surroundings say, by the word lists."""

    def __init__(self, words: Mapping[str, Phrases]) -> None:
        self._words = words

    def warns(self, text: str, found: Sequence[Piece]) -> bool:
        """Whether the whole text warns of cheats (police, embassies, helpers) rather than offers work.

        A mobile number, a chat address or an invitation outside what it quotes makes it an offer all the same: cheats
        warn of cheats too.
        """
        if any(_MOBILE.search(piece.norm) or _HANDLE.search(piece.norm) for piece in found):
            return False
        if any(piece in self._words["invites"] for piece in pieces(_QUOTED.sub("\n", text))):
            return False
        marks = [any(piece in self._words[name] for piece in found) for name in ("alert", "who_warns", "victims")]
        report = any(_HOTLINE.search(piece.norm) or piece in self._words["report_to"] for piece in found)
        return marks[0] and sum(marks) + report >= MARKS_OF_A_WARNING

    def excuses(self, name: str, piece: Piece, *, licensed: bool) -> bool:
        """Whether a charge is one that the law allows: a room or electricity kept from the wage, a
        course by the term, costs with receipts."""
        if name not in ("upfront_fee", "pays_by_deduction"):
            return False
        if name == "pays_by_deduction" and piece in self._words["lodging"] and piece not in self._words["debt_thing"]:
            return True
        if name == "upfront_fee" and piece in self._words["tuition"] and piece not in self._words["strict_before"]:
            return True
        return licensed and piece in self._words["lawful_cost"] and piece not in self._words["strict_before"]
