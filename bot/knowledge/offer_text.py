"""How an advertisement is read: in pieces, each in one spelling, and every find led back to the very words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property, lru_cache

from bot.knowledge.model import Form
from nlu.text.normalise import normalise
from nlu.text.skeleton import skeleton

Forms = Mapping[str, Iterable[str]] | Mapping[Form, tuple[str, ...]]
"""Phrases by form: lo, th, roman, en."""

SHORTEST_SOUND = 7
SHORTEST_SPOKEN = 6
MAX_QUOTE = 90
BLOT = "\x00"

_PIECE_END = re.compile(
    r"[\n!?;•●▪◾✅✔☑👉➡️🔥📌|]+|(?<=[^\s.\d])\.\s+(?=\S)|(?<=\d)\.\s+(?=[A-Zก-ฮກ-ຮເ-ໄเ-ไ])|\s+-\s+(?=\D)"
    # "... ไหมคะ นายจ้าง: ..." in one line: two people speak
    r"|(?<=ไหม)\s+|(?<=ไหมคะ)\s+|(?<=ไหมครับ)\s+|(?<=มั้ย)\s+"
)
_NO_SIGN = re.compile("[^a-z0-9\u0e00-\u0eff]+")
_WORD = re.compile("[a-z0-9]+|[\u0e00-\u0eff]+")
_LATIN_WORD = re.compile("[a-z]+|[0-9]+")
_LATIN_SIGN = re.compile("[a-z0-9]")
_ASIAN = re.compile("[\u0e00-\u0eff]")
_LEADING_VOWELS = frozenset("\u0e40\u0e41\u0e42\u0e43\u0e44\u0ec0\u0ec1\u0ec2\u0ec3\u0ec4")
_CONSONANT = re.compile("[\u0e01-\u0e2e\u0e81-\u0eae\u0edc-\u0edf]")
_HANGING = frozenset(
    "\u0e31\u0e34\u0e35\u0e36\u0e37\u0e38\u0e39\u0e3a\u0e47\u0e48\u0e49\u0e4a\u0e4b\u0e4c\u0e4d"
    "\u0eb1\u0eb4\u0eb5\u0eb6\u0eb7\u0eb8\u0eb9\u0ebb\u0ebc\u0ec8\u0ec9\u0eca\u0ecb\u0ecc\u0ecd"
)
_NO_ASIAN = re.compile(
    "(?:ບໍ່|ບໍ|ບ່|ຫ້າມ|ຢ່າ|ไม่|บ่|ห้าม|อย่า|ปราศจาก|ຫາມ|ไม|หาม|อยา)"
    "(?:ມີ|ຕ້ອງ|ເກັບ|ຄິດ|ເສຍ|ຄ່າ|ການ|ໄດ້|ເອົາ|ໃຫ້|ຈ່າຍ|ຮຽກ|ວາງ|ຂໍ|ເຄີຍ|ແມ່ນ|ຖືກ|ໃຊ້|ຜ່ານ|ຮັບ|ວຽກ|ຮ້ານ|ຫັກ|ໂອນ|ຍຶດ"
    "|มี|ต้อง|เก็บ|คิด|เสีย|ค่า|การ|ได้|เอา|ให้|จ่าย|เรียก|วาง|ขอ|เคย|ใช่|ถูก|ใช้|ผ่าน|รับ|งาน|ร้าน|เงิน|หัก|โอน|ยึด){0,4}$"
)
_NO_LATIN = re.compile(
    r"(?:^|\W)(?:no|not|never|without|nobody|don'?t|don t|doesn'?t|doesn t|bo|bor|baw|mai|ham|ya)"
    r"(?: (?:any|need|to|a|the|have|ask|asks|asked|pay|for|will|be|is|are|your|you|take|takes|mi|tong|kep|keb|sia|kha"
    r"|hai|dai|jai|khoei|sai|other|hidden|extra|money|of|charge|charges|charged|collect|require|want|request))*\s*$"
)
_NO_IN_SOUND = re.compile("(?:bo|may|ham)(?:mi|toG|kep|si|ka|hay|jay|say|day|kuy|lan|han|Gan|men){0,3}$")
_DIGITS = str.maketrans("໐໑໒໓໔໕໖໗໘໙๐๑๒๓๔๕๖๗๘๙", "01234567890123456789")


@dataclass(frozen=True)
class Span:
    """Where something stands in a view of a piece."""

    start: int
    end: int


class Piece:
    """A line or sentence: as written, normalised, without blanks, in Latin words, and as it sounds.

    `asked`: a question mark follows it.
    """

    def __init__(self, raw: str, *, asked: bool = False) -> None:
        self.raw, self.asked = raw, asked
        self.norm = normalise(raw)
        self.close = _NO_SIGN.sub("", self.norm)
        self.words = " " + " ".join(_WORD.findall(self.norm)) + " "

    @cached_property
    def sound(self) -> str:
        """The sound of the whole piece."""
        return skeleton(self.norm)

    @cached_property
    def latin(self) -> bool:
        """True when there are Latin letters."""
        return bool(re.search("[a-z]", self.norm))

    def quote(self, view: str, span: Span) -> str:
        """The words as written that `span` of `view` (norm, close or words) came from."""
        where = _aligned(self.raw, view)
        inside = [where[i] for i in range(span.start, min(span.end, len(where))) if where[i] >= 0]
        if not inside:
            return self.raw.strip()[:MAX_QUOTE]
        start, end = min(inside), max(inside) + 1
        while end < len(self.raw) and self.raw[end] in _HANGING:
            end += 1
        return self.raw[start:end].strip()[:MAX_QUOTE].strip()

    def quote_sound(self, sound: str) -> str:
        """The fewest words as written that hold `sound`."""
        pieces = list(re.finditer(r"\S+", self.raw))
        best = self.raw.strip()
        for i in range(len(pieces)):
            for j in range(i, min(i + 12, len(pieces))):
                words = self.raw[pieces[i].start() : pieces[j].end()]
                if len(words) >= len(best):
                    break
                if sound in skeleton(words):
                    best = words
                    break
        return best[:MAX_QUOTE].strip()


def _aligned(raw: str, view: str) -> list[int]:
    """For each sign of `view` the place in `raw` that it came from, -1 when it has none."""
    where = [-1] * len(view)
    plain = raw.translate(_DIGITS)
    plain = "".join(low if len(low := c.lower()) == 1 else c for c in plain)
    for block in SequenceMatcher(None, plain, view, autojunk=False).get_matching_blocks():
        for k in range(block.size):
            where[block.b + k] = block.a + k
    return where


def pieces(text: str) -> list[Piece]:
    """The lines and sentences of a text, without empty ones."""
    found, start = [], 0
    for end in [*_PIECE_END.finditer(text), None]:
        part = text[start : end.start() if end else len(text)]
        if part.strip():
            found.append(Piece(part, asked=bool(end and end.group().lstrip().startswith("?"))))
        start = end.end() if end else len(text)
    return [piece for piece in found if piece.close]


@dataclass(frozen=True)
class _Phrase:
    parts: tuple[str, ...]
    latin: bool
    exact_end: bool
    sound: str
    spaced: str
    spoken: str
    """A romanised phrase word by word as it sounds; everybody spells in his own way."""
    pattern: re.Pattern[str] | None


class Phrases:
    """Phrases of one meaning. "a...b": both in this order, near each other; "|" after Latin letters: the word ends."""

    def __init__(self, forms: Forms, *, sounds: bool = True) -> None:
        phrases = [
            _phrase(text, spoken=sounds and form != "en", roman=form == "roman")
            for form, texts in forms.items()
            for text in texts or ()
        ]
        # Longer ones first: they say more, and blot out more.
        self._phrases = sorted(phrases, key=lambda phrase: -sum(map(len, phrase.parts)))
        self._sounds = [phrase for phrase in self._phrases if phrase.sound]

    def __bool__(self) -> bool:
        return bool(self._phrases)

    def blotted(self, piece: Piece) -> tuple[str, str, str]:
        """The piece's views (close, words) with these phrases blotted out, and how the rest sounds."""
        close, words = piece.close, piece.words
        for phrase in self._phrases:
            view = words if phrase.latin else close
            while (span := _find(phrase, view)) is not None:
                view = view[: span.start] + BLOT * (span.end - span.start) + view[span.end :]
            close, words = (close, view) if phrase.latin else (view, words)
        if close == piece.close and words == piece.words:
            sound = piece.sound
        else:
            sound = skeleton((words if piece.latin else close).replace(BLOT, "0"))
        for phrase in self._sounds:
            sound = sound.replace(phrase.sound, "0")
        return close, words, sound

    def quote_in(self, piece: Piece, unless: Phrases | None = None, *, negatable: bool = False) -> str | None:
        """The words of the first phrase found, after blotting out what `unless` holds; None when there is none.

        `negatable`: a phrase right behind a "no" does not count.
        """
        close, words, sound = unless.blotted(piece) if unless else (piece.close, piece.words, None)
        for phrase in self._phrases:
            view = words if phrase.latin else close
            span = _find(phrase, view)
            if span is not None and not (negatable and negated(view[: span.start])):
                return piece.quote(piece.words if phrase.latin else piece.close, span)
        if piece.latin and (said := self._said_in(piece, words, negatable=negatable)):
            return said
        if self._sounds:
            heard = piece.sound if sound is None else sound
            for phrase in self._sounds:
                at = heard.find(phrase.sound)
                if at >= 0 and not (negatable and _NO_IN_SOUND.search(heard[:at])):
                    return piece.quote_sound(phrase.sound)
        return None

    def _said_in(self, piece: Piece, words: str, *, negatable: bool) -> str | None:
        for phrase in self._phrases:
            if phrase.spoken:
                for span in _spoken_spans(phrase.spoken, words):
                    if not (negatable and negated(words[: span.start])):
                        return piece.quote(piece.words, span)
        return None

    def __contains__(self, piece: Piece) -> bool:
        return any(_find(phrase, piece.words if phrase.latin else piece.close) for phrase in self._phrases) or any(
            phrase.sound in piece.sound for phrase in self._sounds
        )

    def spans(self, norm: str) -> list[Span]:
        """Where one-part phrases stand in a normalised text."""
        found = []
        for phrase in self._phrases:
            if phrase.pattern is not None:
                continue
            for part in {phrase.parts[0], phrase.spaced}:
                if part in norm:
                    found += _whole_words(part, phrase, norm)
            if phrase.spoken:
                found += _spoken_spans(phrase.spoken, norm)
        return found

    def without(self, piece: Piece) -> str | None:
        """The normalised text with these phrases blotted out; None when one of several parts speaks against all."""
        norm = piece.norm
        for phrase in self._phrases:
            if phrase.pattern is not None and _find(phrase, piece.words if phrase.latin else piece.close):
                return None
        for span in self.spans(norm):
            norm = norm[: span.start] + BLOT * (span.end - span.start) + norm[span.end :]
        return norm


@dataclass(frozen=True)
class Together:
    """Words of two or three meanings near each other, in any order."""

    lists: tuple[Phrases, ...]
    within: int
    unless: tuple[Phrases, ...] = ()

    def quote_in(self, piece: Piece, blots: Phrases, *, negatable: bool) -> str | None:
        """From the first to the last of them as written; None when they do not stand together."""
        if any(piece in phrases for phrases in self.unless):
            return None
        norm = blots.without(piece)
        if norm is None:
            return None
        groups = [phrases.spans(norm) for phrases in self.lists]
        if not all(groups):
            return None
        for first in groups[0]:
            span = _joined(first, groups[1:], self.within)
            if span and BLOT not in norm[span.start : span.end] and not (negatable and negated(norm[: span.start])):
                return piece.quote(norm, span)
        return None


def _joined(first: Span, groups: list[list[Span]], within: int) -> Span | None:
    whole = first
    for group in groups:
        near = [s for s in group if max(s.start - whole.end, whole.start - s.end) <= within and not _overlap(s, whole)]
        if not near:
            return None
        best = min(near, key=lambda s: max(s.start - whole.end, whole.start - s.end))
        whole = Span(min(whole.start, best.start), max(whole.end, best.end))
    return whole


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def negated(before: str) -> bool:
    """Whether the words end in a "no" that belongs to what follows."""
    tail = before[-40:]
    if tail.endswith(BLOT):
        return True  # the phrase goes on what says the opposite
    return bool(_NO_ASIAN.search(tail.replace(" ", "")) or _NO_LATIN.search(tail))


def _whole_words(part: str, phrase: _Phrase, norm: str) -> list[Span]:
    found = []
    at = norm.find(part)
    while at >= 0:
        end = at + len(part)
        starts = not phrase.latin or not _LATIN_SIGN.match(norm[max(0, at - 1) : at])
        ends = not phrase.exact_end or not _LATIN_SIGN.match(norm[end : end + 1])
        if starts and ends and norm[end : end + 1] not in _HANGING:
            found.append(Span(at, end))
        at = norm.find(part, at + 1)
    return found


def _phrase(text: str, *, spoken: bool, roman: bool) -> _Phrase:
    exact_end = text.endswith("|")
    latin = not _ASIAN.search(text)
    raw_parts = [normalise(part) for part in text.rstrip("|").split("...")]
    parts = tuple(
        " ".join(_WORD.findall(part)) if latin else _NO_SIGN.sub("", part) for part in raw_parts if part.strip()
    )
    if not parts or not all(parts):
        raise ValueError(f"nothing is left of the phrase {text!r} after normalising")
    pattern = None
    if len(parts) > 1:
        gap = f"[^{BLOT}]{{0,40}}? " if latin else f"[^{BLOT}]{{0,25}}?"
        ends = r"(?![a-z0-9])" if exact_end else ""
        pattern = re.compile(("(?<= )" if latin else "") + gap.join(re.escape(part) for part in parts) + ends)
    sound = skeleton(parts[0]) if len(parts) == 1 else ""
    by_word = " ".join(_sound_of(word) for word in parts[0].split()) if roman and len(parts) == 1 else ""
    return _Phrase(
        parts,
        latin,
        exact_end,
        sound if spoken and not exact_end and len(sound) >= SHORTEST_SOUND else "",
        raw_parts[0],
        by_word if not exact_end and len(by_word) >= SHORTEST_SPOKEN else "",
        pattern,
    )


@lru_cache(maxsize=20_000)
def _sound_of(word: str) -> str:
    return skeleton(word)


@lru_cache(maxsize=512)
def _spoken_words(norm: str) -> tuple[str, tuple[tuple[int, int, int], ...]]:
    """The Latin words of a text as they sound, and for each its place in that and in the text."""
    said, places = " ", []
    for match in _LATIN_WORD.finditer(norm):
        sound = _sound_of(match.group())
        places.append((len(said), *match.span()))
        said += sound + " "
    return said, tuple(places)


def _spoken_spans(spoken: str, norm: str) -> list[Span]:
    said, places = _spoken_words(norm)
    found = []
    at = said.find(f" {spoken} ")
    while at >= 0:
        first = next(start for where, start, _ in places if where == at + 1)
        last = max(end for where, _, end in places if where <= at + len(spoken))
        found.append(Span(first, last))
        at = said.find(f" {spoken} ", at + 1)
    return found


def _find(phrase: _Phrase, view: str) -> Span | None:
    if phrase.pattern is not None:
        if not all(part in view for part in phrase.parts):
            return None
        match = phrase.pattern.search(view)
        return Span(*match.span()) if match else None
    part = phrase.parts[0]
    if part not in view:
        return None
    if phrase.latin:
        at = view.find(f" {part}{' ' if phrase.exact_end else ''}")
        return Span(at + 1, at + 1 + len(part)) if at >= 0 else None
    return _find_asian(part, view)


def _find_asian(part: str, view: str) -> Span | None:
    """Not inside another syllable: no vowel stands before it that belongs to it, no sign hangs on its last letter."""
    at = view.find(part)
    while at >= 0:
        end = at + len(part)
        cut_head = at > 0 and view[at - 1] in _LEADING_VOWELS and _CONSONANT.match(part)
        if not cut_head and view[end : end + 1] not in _HANGING:
            return Span(at, end)
        at = view.find(part, at + 1)
    return None
