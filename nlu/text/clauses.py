"""Cuts a message into sentences and clauses: several questions in one message, a long story with the question last."""

from __future__ import annotations

import re

from nlu.text.normalise import normalise

VERSION = "clauses.v1"
SHORTEST = 8  # letters; a shorter piece is joined to its neighbour
LONGEST = 6  # more clauses than this are joined: one message, one page of reading

_SENTENCE_END = re.compile("[?!。\n;]+|(?<!\\d)\\.+(?!\\d)|[.]{2,}|\u0e2f\\s|[\u0e5a\u0e5b]")
# Words that open a new question or turn the story. They stay at the head of the next clause.
_TURNS = re.compile(
    "(?:(?<=\\s)|(?<=[,]))(?=(?:"
    "ແລະກໍ່|ແລະອີກ|ແລ້ວກໍ່|ແລ້ວກະ|ອີກຢ່າງ|ອີກຄຳຖາມ|ຄຳຖາມ|ຖາມອີກ|ຖາມວ່າ|ຢາກຖາມ|ຢາກຮູ້|ຂໍຖາມ|ແຕ່ວ່າ|ແຕ່"
    "|แล้วก็|แล้วกะ|อีกอย่าง|อีกเรื่อง|คำถาม|อยากถาม|อยากรู้|ขอถาม|แต่ว่า|แต่|และถ้า|แล้วถ้า|ถามว่า"
    "|and also|and how|and what|and where|and can|also|another question|but|then how|then what|"
    "laew ko|laew ka|leo ka|leo ko|yak tham|yaak tham|yak hu|kho tham|tae va|tae wa|iik yang|ik yang|yak ru|yak tham"
    ")(?![a-z]))"
)
_COMMA = re.compile(",\\s+|\\s+-\\s+")
_LETTER = re.compile("[a-z\u0e01-\u0eff]")


def _size(piece: str) -> int:
    return len(_LETTER.findall(piece))


def _joined(pieces: list[str]) -> list[str]:
    out: list[str] = []
    for piece in pieces:
        if out and (_size(piece) < SHORTEST or _size(out[-1]) < SHORTEST):
            out[-1] = f"{out[-1]} {piece}"
        else:
            out.append(piece)
    return out


def split_clauses(text: str) -> list[str]:
    """Normalised clauses in their order; one clause for a short message, none for an empty one."""
    # Line breaks are lost in normalising, so they are cut first.
    lines = [normalise(line) for line in text.splitlines()]
    pieces: list[str] = []
    for line in lines:
        for sentence in _SENTENCE_END.split(line):
            for part in _COMMA.split(sentence):
                pieces.extend(p.strip(" ,.-") for p in _TURNS.split(part))
    clauses = _joined([p for p in pieces if _size(p)])
    while len(clauses) > LONGEST:
        shortest = min(range(len(clauses) - 1), key=lambda i: len(clauses[i]) + len(clauses[i + 1]))
        clauses[shortest : shortest + 2] = [f"{clauses[shortest]} {clauses[shortest + 1]}"]
    return clauses
