"""One spelling for what looks the same: done alike in training, in parsing and in the bot's safety lexicon."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

VERSION = "normalise.v1"

_DROPPED = dict.fromkeys(
    [
        *(0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF, 0x00AD, 0x25CC, 0xFE0E, 0xFE0F),
        *range(0x1F3FB, 0x1F400),  # skin tones
        *range(0x202A, 0x202F),
        *(0x0EC6, 0x0E46),  # the repeat signs
    ]
)
_DIGITS = {base + n: str(n) for base in (0x0ED0, 0x0E50) for n in range(10)}
_QUOTES = {ord(c): "'" for c in "‘’‚‛`´ʼ"} | {ord(c): '"' for c in "“”„«»"} | {ord(c): "-" for c in "‐‑‒–—―"}
_TABLE: dict[int, str | None] = {**_DROPPED, **_DIGITS, **_QUOTES, 0x2026: "...", 0x0E5A: " ", 0x0E5B: " "}

_TONES = "\u0ec8-\u0ecc\u0e48-\u0e4c"
_VOWEL_SIGNS = "\u0eb1\u0eb4-\u0ebc\u0ecd\u0e31\u0e34-\u0e3a\u0e47\u0e4d"
_MARKS = re.compile(f"[{_TONES}{_VOWEL_SIGNS}]{{2,}}")
_NOT_PLAIN = re.compile("[^\u0000-\u024f\u0e00-\u0eff]")
_LETTERS_THRICE = re.compile(r"([^\W\d_]|[!?.,~\-])\1{2,}")
_CHUNK_THRICE = re.compile(r"([^\d\s]{2,12}?)(\s?)\1(?:\s?\1)+")
_LAUGHTER = re.compile(r"(?<!\d)5{3,}(?!\d)|(?<![a-z])(?:ha){3,}h?(?![a-z])")
_URL = re.compile(r"(?:https?://|www\.)\S+|\S+\.(?:com|net|org|la|th)(?:/\S*)?(?=\s|$)")
_SPACES = re.compile(r"\s+")
_RULES = [
    (re.compile("\u0ecd([\u0ec8-\u0ecb]?)\u0eb2"), "\\1\u0eb3"),  # niggahita (tone) aa -> (tone) am
    (re.compile("\u0e4d([\u0e48-\u0e4b]?)\u0e32"), "\\1\u0e33"),
    (re.compile("\u0eb3([\u0ec8-\u0ecb])"), "\\1\u0eb3"),  # am tone -> tone am
    (re.compile("\u0e33([\u0e48-\u0e4b])"), "\\1\u0e33"),
    (re.compile("([\u0ec8-\u0ecb])\u0ecd\u0eb2"), "\\1\u0eb3"),
    (re.compile("([\u0e48-\u0e4b])\u0e4d\u0e32"), "\\1\u0e33"),
    (re.compile("\u0eab\u0e99"), "\u0edc"),  # h + n -> hn, h + m -> hm
    (re.compile("\u0eab\u0ea1"), "\u0edd"),
    (re.compile("\u0eab[\u0ea5\u0ea3]"), "\u0eab\u0ebc"),  # h + l, h + r -> hl
    (re.compile("\u0ec0\u0ec0"), "\u0ec1"),  # e e -> ae
    (re.compile("\u0e40\u0e40"), "\u0e41"),
    (re.compile("([\u0eb2\u0e32])([\u0ec8-\u0ecb\u0e48-\u0e4b])"), "\\2\\1"),  # a tone typed behind aa
]


def _is_emoji(char: str) -> bool:
    point = ord(char)
    return 0x1F000 <= point <= 0x1FAFF or 0x2600 <= point <= 0x27BF or 0x2B00 <= point <= 0x2BFF


def _compatibility(match: re.Match[str]) -> str:
    char = match.group()
    if _is_emoji(char):
        return f" {char} "
    return unicodedata.normalize("NFKC", char)


def _ordered_marks(match: re.Match[str]) -> str:
    """Each mark once, vowel signs before tones: what a careful typist would have written."""
    marks = list(dict.fromkeys(match.group()))
    tones = [m for m in marks if "\u0ec8" <= m <= "\u0ecc" or "\u0e48" <= m <= "\u0e4c"]
    vowels = [m for m in marks if m not in tones]
    # The sign of a consonant (U+0EBC) stands first; of two tones the last one typed is meant.
    vowels.sort(key=lambda m: m != "\u0ebc")
    return unicodedata.normalize("NFC", "".join(vowels) + (tones[-1] if tones else ""))


def _squeezed(match: re.Match[str]) -> str:
    char = match.group(1)
    # No Lao or Thai word has a letter thrice or for emphasis twice; Latin words do have pairs.
    return char if char > "\u0e00" else char * 2


@lru_cache(maxsize=64)  # one message is normalised by every reader of it
def normalise(text: str) -> str:
    """The one spelling used for features and lexicons; lower case, single blanks, never NFKC on Lao or Thai."""
    text = unicodedata.normalize("NFC", text.translate(_TABLE))  # what stood between two marks is gone by then
    text = _NOT_PLAIN.sub(_compatibility, text).lower()
    text = _URL.sub(" url ", text)
    for _ in range(2):  # a mended pair of marks can complete another rule
        text = _MARKS.sub(_ordered_marks, text)
        for pattern, to in _RULES:
            text = pattern.sub(to, text)
    text = _LAUGHTER.sub(" 555 ", text)
    text = _LETTERS_THRICE.sub(_squeezed, text)
    text = _CHUNK_THRICE.sub(r"\1\2\1", text)
    text = _SPACES.sub(" ", text).strip()
    return _distinct_emoji(text)


def _distinct_emoji(text: str) -> str:
    if text.isascii() or not any(_is_emoji(c) for c in text):
        return text
    seen: set[str] = set()
    kept: list[str] = []
    for word in text.split(" "):
        if len(word) == 1 and _is_emoji(word):
            if word in seen:
                continue
            seen.add(word)
        kept.append(word)
    return " ".join(kept)
