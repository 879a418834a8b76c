"""The rules of every text, wherever it stands: languages, figures, placeholders, markup, typing, letters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from bot.knowledge import markup
from bot.knowledge.findings import File, Problem
from bot.knowledge.model import Published, Text
from bot.knowledge.render import PLACEHOLDER
from bot.settings import LANGUAGES

DIGITS = re.compile("[0-9\u0e50-\u0e59\u0ed0-\u0ed9]")
ZERO_WIDTH = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad\u202a-\u202e]")
SPLIT_AM = re.compile("\u0ecd[\u0ec8-\u0ecb]?\u0eb2|\u0e4d[\u0e48-\u0e4b]?\u0e32")
DOUBLE_MARK = re.compile("([\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd])\\1")
TONE_FIRST = re.compile("[\u0ec8-\u0ecb][\u0eb1\u0eb4-\u0eb9\u0ebb]|[\u0e48-\u0e4b][\u0e31\u0e34-\u0e39]")
DOUBLE_E = re.compile("\u0ec0\u0ec0|\u0e40\u0e40")
LAO, THAI = re.compile("[\u0e80-\u0eff]"), re.compile("[\u0e00-\u0e7f]")
IN_BRACKETS = re.compile(r"[(\[«“\"][^)\]»”\"]*[)\]»”\"]")
MONEY_WORDS = re.compile(
    "(ຮ້ອຍ|ພັນ|ໝື່ນ|ແສນ|ລ້ານ)\\s?(ບາດ|ກີບ|ໂດລາ)|(ร้อย|พัน|หมื่น|แสน|ล้าน)\\s?(บาท|กีบ|ดอลลาร์)"
    "|(hundred|thousand|million)\\s(baht|kip|dollars?)",
    re.IGNORECASE,
)
LAO_PASSPORT, THAI_BORDER_PASS = "ໜັງສືຜ່ານແດນ", "หนังสือผ่านแดน"


def languages(file: File, name: str, text: Text, near: str) -> Iterator[Problem]:
    missing = [code for code in LANGUAGES if not (text.get(code) or "").strip()]
    if missing:
        yield file.error("C04", f"{name} is missing in {', '.join(missing)}", "Add the text", near)


def wording_faults(file: File, name: str, text: Text, where: str, published: Published) -> Iterator[Problem]:
    near = next(iter(text.values()), name)
    yield from languages(file, name, text, near)
    used = [{m for m in PLACEHOLDER.findall(wording) if m[0] != "n"} for wording in text.values()]
    if any(references != used[0] for references in used):
        yield file.error("C22", f"{name}: the languages show different facts or contacts", "Use the same ones", near)
    for language, wording in text.items():
        yield from text_faults(file, language, wording, where, published)


def text_faults(file: File, language: str, text: str, where: str, published: Published) -> Iterator[Problem]:
    for kind, name in PLACEHOLDER.findall(text):
        known = set(published.facts if kind == "fact" else published.contacts)
        if kind != "n" and name not in known:
            yield file.error("C24", f"{language}: unknown {kind} {name}", "Name one of facts.yml or contacts.yml", name)
        elif kind == "phone" and not published.contacts[name].phones:
            yield file.error("C24", f"{language}: {name} has no number", "Use {contact:...} or another contact", name)
        if kind in ("contact", "phone") and name in published.contacts:
            yield from _dialable(file, language, name, where, published)
    bare = PLACEHOLDER.sub("", re.sub(r'href="[^"]*"', "", text))
    if DIGITS.search(bare):
        near = DIGITS.split(bare, maxsplit=1)[0][-12:]
        yield file.error(
            "C26",
            f"{language}: bare figure near {near!r}",
            "Use {fact:...}, {phone:...}, or {n:2} for a mere count",
            near,
        )
    if MONEY_WORDS.search(bare):
        yield file.error("C26", f"{language}: a sum in words", "Use {fact:...}", text[:20])
    if "{" in bare or "}" in bare:
        yield file.error(
            "C27", f"{language}: a brace that is no placeholder", "Use {fact:ID}, {contact:ID}, {phone:ID}", text[:20]
        )
    for fault in markup.faults(text):
        yield file.error(
            "C28", f"{language}: {fault}", "Telegram takes <b>, <i>, <u>, <s>, <code>, <a href>", text[:20]
        )
    yield from typography(file, language, text, text[:20])
    yield from _trap(file, language, text)


def _dialable(file: File, language: str, name: str, where: str, published: Published) -> Iterator[Problem]:
    phones = published.contacts[name].phones
    if where != "any" and phones and not any(where in phone.dialable_from for phone in phones):
        yield file.error(
            "C25", f"{language}: {name} cannot be dialled from {where}, where the reader is",
            "Take another contact, or set where: any", name,
        )  # fmt: skip


def typography(file: File, language: str, text: str, near: str) -> Iterator[Problem]:
    faults = {
        "not in NFC form": unicodedata.normalize("NFC", text) != text,
        "invisible characters": bool(ZERO_WIDTH.search(text)),
        "ໍາ or ํา typed as two signs": bool(SPLIT_AM.search(text)),
        "a mark typed twice": bool(DOUBLE_MARK.search(text)),
        "a tone before its vowel": bool(TONE_FIRST.search(text)),
        "ເເ or เเ instead of ແ or แ": bool(DOUBLE_E.search(text)),
    }
    for fault, present in faults.items():
        if present:
            yield file.error("C29", f"{language}: {fault}", "Type it anew", near)
    outside = IN_BRACKETS.sub("", PLACEHOLDER.sub("", text))
    if language == "lo" and THAI.search(outside):
        yield file.error("C30", "lo: Thai letters outside brackets", "Write Lao; Thai terms in brackets", near)
    if language == "th" and LAO.search(outside):
        yield file.error("C30", "th: Lao letters outside brackets", "Write Thai; Lao terms in brackets", near)
    if language == "en" and (LAO.search(outside) or THAI.search(outside)):
        yield file.error("C30", "en: Lao or Thai letters outside brackets", "Put them in brackets", near)


def _trap(file: File, language: str, text: str) -> Iterator[Problem]:
    """The same sounds name a passport in Lao and a border pass in Thai: the Latin word must stand beside them."""
    if language == "lo" and LAO_PASSPORT in text and "passport" not in text.lower():
        yield file.error("C31", f"lo: {LAO_PASSPORT} without (Passport)", "Add (Passport)", LAO_PASSPORT)
    if THAI_BORDER_PASS in text and "border pass" not in text.lower():
        yield file.error(
            "C31", f"{language}: {THAI_BORDER_PASS} without (Border Pass)", "Add (Border Pass)", THAI_BORDER_PASS
        )


def alive(file: File, name: str, topic: str, published: Published) -> Iterator[Problem]:
    if topic not in published.answers:
        yield file.error("C46", f"{name}: topic {topic} has no answer", "Name a topic of topics.yml", topic)
