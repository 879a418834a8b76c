"""The shared sound space: Lao script, Thai script and Latin letters of one Lao word give (nearly) one skeleton.

Levels: "ph1" is the plain table; "ph2" writes Thai's unspoken vowel (khon) and gives final consonants the six classes
that are spoken. Different words that sound alike (passport, border pass) get a sign of their own before that.
"""

from __future__ import annotations

import re
from functools import lru_cache

from nlu.text.normalise import normalise

VERSION = "skeleton.v1"

_LAO_CONSONANTS = dict(zip("ກຂຄງຈສຊຍຢດຕຖທນໜບປຜພຝຟມໝລຣວຫຮອ", "kkkGjssyydtttnnbpppppmmllwhhO", strict=True))
_THAI_CONSONANTS = dict(
    zip(
        "กขฃคฅฆงจซสศษชฉฌยญดฎตฏถทธฐฑฒนณบปผพภฝฟมลรฬวหฮอ",
        "kkkkkkGjsssssssyyddttttttttnnbppppppmlllwhhO",
        strict=True,
    )
)
_CONSONANTS = _LAO_CONSONANTS | _THAI_CONSONANTS
_C = "[ກ-ຮໜໝก-ฮ]"
_SONORANT = "ງຍນມລຣວງยญนณมลรวง"
# One syllable's consonant: hl, h + sonorant, a stop with r/l, or a single one.
_K = (
    f"(?:\u0eab\u0ebc|\u0e2b(?=[{_SONORANT}])[{_SONORANT}]|\u0eab(?=[ງຍວ])[ງຍວ]"
    f"|[ກຄຂປພຜບกบขคปพผ][ລຣรล](?=[^ກ-ຮก-ฮ])|{_C}\u0ebc?)"
)
# Signs of both scripts by their sound; in escapes, because twins of the two scripts look alike in an editor.
_E, _AE, _O, _AI = "[\u0ec0\u0e40]", "[\u0ec1\u0e41]", "[\u0ec2\u0e42]", "[\u0ec3\u0ec4\u0e43\u0e44]"
_AA, _A, _AN = "[\u0eb2\u0e32]", "[\u0eb0\u0e30]", "[\u0eb1\u0e31]"
_I, _UE, _U = "[\u0eb4\u0eb5\u0e34\u0e35]", "[\u0eb6\u0eb7\u0e36\u0e37]", "[\u0eb8\u0eb9\u0e38\u0e39]"
_OH, _OW, _YO, _CARRIER = "[\u0ebb\u0ecd\u0e4d]", "[\u0ea7\u0e27]", "[\u0e8d\u0e22]", "[\u0ead\u0e2d]"
_IA, _TAIKHU = "\u0ebd", "\u0e47"
_PREFIXED = [
    (re.compile(f"{_E}({_K})\u0ebb?{_AA}(?!{_A})"), r"\1aw"),
    (re.compile(f"{_E}({_K}){_AA}{_A}"), r"\1o"),
    (re.compile(f"{_E}({_K}){_UE}{_CARRIER}"), r"\1u"),
    (re.compile(f"{_E}({_K})(?:{_AN}?(?:\u0e8d|{_IA})|\u0e35{_YO}{_A}?)"), r"\1i"),
    (re.compile(f"\u0e40({_K})\u0e22"), r"\1uy"),
    (re.compile(f"{_E}({_K})(?:{_I}|{_UE})"), r"\1u"),
    (re.compile(f"{_E}({_K}){_CARRIER}{_A}?"), r"\1u"),
    (re.compile(f"{_O}({_K})(?:{_A}|{_AN})?"), r"\1o"),
    (re.compile(f"{_AI}({_K}){_YO}?"), r"\1ay"),
    (re.compile(f"(?:{_E}|{_AE})({_K})(?:{_A}|{_AN}|{_TAIKHU})?"), r"\1e"),
]
_AFTER = [
    (re.compile(f"{_AN}{_OW}{_A}?|\u0ebb\u0ea7{_A}?"), "u"),
    (re.compile(f"{_AN}?{_IA}"), "i"),
    (re.compile("\u0e35\u0e22\u0e30?"), "i"),
    (re.compile("รร(?=[ก-ฮ](?:[^\u0e30-\u0e3a]|$))"), "a"),
    (re.compile("รร"), "an"),
    (re.compile("\u0eb3|\u0e33"), "am"),
    (re.compile(f"{_AA}|{_A}|{_AN}"), "a"),
    (re.compile(_I), "i"),
    (re.compile(f"{_UE}\u0e2d|{_UE}|{_U}"), "u"),
    (re.compile(f"{_OH}|{_TAIKHU}\u0e2d?"), "o"),
    (re.compile("ฤๅ?"), "lu"),
]
_LAST = [
    (re.compile(f"({_C}\u0ebc?){_OW}(?={_C}(?![aeiou]))"), r"\1u"),
    (re.compile(f"(?<!{_C})อ(?=[ก-ฮ][aeiou])"), "a"),
    (re.compile(f"({_C}\u0ebc?){_CARRIER}"), r"\1o"),
    (re.compile("[\u0eab\u0e2b](?=[ງຍນມລຣວ\u0ebcໜໝงยญนณมลรว])"), ""),
    (re.compile("\u0ebc"), "l"),
    (re.compile(f"{_CARRIER}(?=[aeiou])"), ""),
    (re.compile("(?<=.)ญ(?![aeiou])"), "น"),
    (re.compile("ตร(?=[aeiou])"), "ต"),
]
_TONES = re.compile("[\u0ec8-\u0ecb\u0e48-\u0e4b]")
_THAI_TR = re.compile("(?<!โ)ทร(?=[\u0e31\u0e32\u0e34\u0e35\u0e38\u0e39งว])")
_THAI_OY = re.compile("อย(?=[\u0e32\u0e39])")
_SILENCED = re.compile(f"(?:{_C})?[\u0e34\u0e38\u0e39\u0eb4\u0eb8]?[\u0ecc\u0e4c]")
_BO = re.compile("ບໍ່|ບໍ(?![\u0eb2\u0ebd])|ບ່(?![\u0eb0-\u0ebd\u0eadວ])|บ่อ(?![ก-ฮ])|บ่(?![อว\u0e30-\u0e3a])|บ้อ(?![ก-ฮ])")
_RUNS = re.compile("[\u0e80-\u0eff]+|[\u0e00-\u0e7f]+|[a-z']+|[0-9]+")

# The script decides: these sound alike and mean different papers.
_LAO_WORDS_IN_THAI = re.compile("เฮ็ด|เฮด|บ่|ยู่|อยู่ใส|ใส|แม่น|ข้อย|จัก|ฮอด|แด่|เด้อ|แนว|สิ|หยัง|ติ(?![ดก])|ไส|เจ้า|ซิ")
_PASSPORT = re.compile("(?:ໜັງສື|ໜັງສຶ|ປຶ້ມ|ປື້ມ|ປຶມ|ປື້ນ)\\s?ຜ່?ານ\\s?ແດນ|(?:ปื้ม|ปึ้ม|ปื้น|ปึ้น)\\s?ผ่?าน\\s?แดน")
_BORDER_PASS = re.compile("(?:ບັດ|ໃບ)\\s?ຜ່?ານ\\s?ແດນ|(?:บัตร|บัด|ใบ)\\s?ผ่?าน\\s?แดน")
_AMBIGUOUS = re.compile("หนังสือ\\s?ผ่?าน\\s?แดน")
PASSPORT, BORDER_PASS = "PPT", "BDP"

_LATIN_CONSONANTS = {
    "tch": "j", "ngh": "G", "ng": "G", "ny": "y", "nj": "y", "tr": "t", "kh": "k", "ck": "k", "ch": "j", "tj": "j",
    "dj": "j", "th": "t", "dt": "t", "ph": "p", "bp": "p", "sh": "s", "x": "s", "z": "s", "v": "w", "g": "k", "c": "k",
    "q": "k", "f": "p", "r": "l", "b": "b", "d": "d", "h": "h", "j": "j", "k": "k", "l": "l", "m": "m", "n": "n",
    "p": "p", "s": "s", "t": "t", "w": "w", "y": "y",
}  # fmt: skip
_LATIN_VOWELS = {
    "ueua": "u", "eua": "u", "uea": "u", "euo": "u", "oea": "u", "uai": "uy", "uay": "uy", "uei": "uy", "uey": "uy",
    "oei": "uy", "oey": "uy", "iao": "iw", "iaw": "iw", "ieo": "iw", "iew": "iw", "eaw": "ew", "aew": "ew", "aeo": "ew",
    "aaw": "aw", "aao": "aw", "aai": "ay", "aay": "ay", "eu": "u", "ue": "u", "oe": "u", "oo": "u", "ou": "u",
    "ua": "u", "uu": "u", "ui": "uy", "uy": "uy", "oi": "oy", "oy": "oy", "ia": "i", "ie": "i", "ee": "i", "ii": "i",
    "ae": "e", "ea": "e", "eo": "ew", "ew": "ew", "iu": "iw", "ai": "ay", "ay": "ay", "ei": "ay", "ey": "ay",
    "ao": "aw", "au": "aw", "ow": "aw", "aa": "a", "a": "a", "e": "e", "i": "i", "o": "o", "u": "u",
}  # fmt: skip
_LATIN_SPECIAL = [
    (re.compile(r"^b(?:aw|or|oh|oo|ou|ow|au|oe|hor|awh|orh|o)$"), "bo"),
    (re.compile(r"or(?![aeiou])|oh(?![aeiou])|aw(?=[bcdfghjklmnpqrstvxz])"), "o"),
    (re.compile(r"ar(?![aeiou])|ah(?![aeiou])"), "a"),
    (re.compile(r"er(?![aeiou])|ur(?![aeiou])|uh(?![aeiou])|eur(?![aeiou])"), "ue"),
    (re.compile(r"eh(?![aeiou])"), "e"),
]
_LATIN = re.compile("|".join(sorted({**_LATIN_CONSONANTS, **_LATIN_VOWELS}, key=len, reverse=True)))
_LATIN_SOUND = {**_LATIN_CONSONANTS, **_LATIN_VOWELS}
_DROPPED_LIQUID = re.compile("([kpb])l(?=[aeiou])")
_DOUBLED = re.compile(r"([a-zGO])\1+")
_VOWELS = "aeiou"
_FINAL = {"d": "t", "j": "t", "s": "t", "b": "p", "l": "n"}


def _asian(run: str) -> str:
    run = _BO.sub("bo", _SILENCED.sub("", run))
    run = _TONES.sub("", run)
    run = _THAI_TR.sub("ซ", _THAI_OY.sub("ย", run))
    for pattern, to in (*_PREFIXED, *_AFTER, *_LAST):
        run = pattern.sub(to, run)
    sounds = []
    for char in run:
        sounds.append(_CONSONANTS.get(char, char if char.isascii() else ""))
    return "".join(sounds).replace("O", "o")


@lru_cache(maxsize=20_000)
def _latin(word: str) -> str:
    for pattern, to in _LATIN_SPECIAL:
        word = pattern.sub(to, word)
    return "".join(_LATIN_SOUND[m] for m in _LATIN.findall(word))


def _spoken_vowel(sounds: str) -> str:
    """Thai writes khon as kn: a consonant that can open no other syllable gets its o."""
    out: list[str] = []
    open_vowel = False  # the syllable has its vowel and may still take a final consonant
    bare = False  # the consonant before has no vowel of its own
    i = 0
    while i < len(sounds):
        char = sounds[i]
        after = sounds[i + 1] if i + 1 < len(sounds) else ""
        if char in _VOWELS:
            open_vowel = True
        elif after and after in _VOWELS:
            if bare and not (char in "lw" and out[-1] in "kptb"):
                out.append("a")
            bare = open_vowel = False
        elif open_vowel:
            open_vowel = False
        elif after and not (i + 2 < len(sounds) and sounds[i + 2] in _VOWELS):
            out.append(char)
            out.append("o")
            open_vowel = True
            i += 1
            continue
        else:
            bare = True
        out.append(char)
        i += 1
    return "".join(out)


def _finals(sounds: str) -> str:
    last = len(sounds) - 1
    return "".join(
        _FINAL.get(c, c) if i and (i == last or sounds[i + 1] not in _VOWELS) and sounds[i - 1] in _VOWELS else c
        for i, c in enumerate(sounds)
    )


def _guarded(text: str) -> str:
    text = _PASSPORT.sub(f" {PASSPORT} ", text)
    text = _BORDER_PASS.sub(f" {BORDER_PASS} ", text)
    if _AMBIGUOUS.search(text):
        text = _AMBIGUOUS.sub(f" {PASSPORT if _LAO_WORDS_IN_THAI.search(text) else BORDER_PASS} ", text)
    return text


_PIECES = re.compile(f"{PASSPORT}|{BORDER_PASS}|{_RUNS.pattern}")


@lru_cache(maxsize=50_000)
def _run_sound(run: str, level: str) -> str:
    first = run[0]
    if first.isdigit():
        return run
    thai = "\u0e00" <= first <= "\u0e7f"
    sounds = _asian(run) if thai or first > "\u0e7f" else _latin(run.replace("'", ""))
    sounds = _DROPPED_LIQUID.sub(r"\1", sounds)
    sounds = _DOUBLED.sub(r"\1", sounds)
    if level == "ph2":
        if thai:
            sounds = _spoken_vowel(sounds)
        sounds = _DOUBLED.sub(r"\1", _finals(sounds))
    return sounds


def skeleton_words(text: str, level: str = "ph2") -> list[str]:
    """The skeleton of each run of one script."""
    pieces = _PIECES.findall(_guarded(normalise(text)))
    sounds = (p if p in (PASSPORT, BORDER_PASS) else _run_sound(p, level) for p in pieces)
    return [s for s in sounds if s]


def skeleton(text: str, level: str = "ph2") -> str:
    """What the text sounds like, without blanks."""
    return _DOUBLED.sub(r"\1", "".join(skeleton_words(text, level)))
