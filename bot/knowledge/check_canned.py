"""The check of canned.yml: replies that counsellors insert are held to the rules of the answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from bot.knowledge import check_texts
from bot.knowledge.canned import canned_text
from bot.knowledge.findings import File, Problem
from bot.knowledge.model import CannedReply, Published
from bot.knowledge.render import PLACEHOLDER, UnknownReferenceError

LONGEST = 1500
"""Characters of a canned reply: the counsellor adds their own words, and one message holds 3500."""


def canned(folder: Path, published: Published, today: date) -> Iterator[Problem]:
    """Every problem of the canned replies in `folder`."""
    file = File(folder, folder / "canned.yml")
    if not published.canned:
        yield file.error("C70", "canned.yml is missing or empty", "Write it: docs/architecture.md, Canned replies")
    for name, reply in published.canned.items():
        yield from _reply(file, name, reply, published, today)


def _reply(file: File, name: str, reply: CannedReply, published: Published, today: date) -> Iterator[Problem]:
    near = f"  {name}:"
    for part, text in (("title", reply.title), ("text", reply.text)):
        yield from check_texts.languages(file, f"{name}.{part}", text, near)
        for language, words in text.items():
            yield from check_texts.text_faults(file, language, words, "any", published)
    used = [{m for m in PLACEHOLDER.findall(words) if m[0] != "n"} for words in reply.text.values()]
    if any(references != used[0] for references in used):
        yield file.error("C22", f"{name}: the languages show different facts or contacts", "Use the same ones", near)
    for language, words in reply.text.items():
        if "<" in words:
            yield file.error("C71", f"{name}.{language}: a tag; a counsellor's reply is plain", "Take it out", near)
        try:
            length = len(canned_text(published, reply, language, today))
        except UnknownReferenceError:  # reported above
            continue
        if length > LONGEST:
            yield file.error("C72", f"{name}.{language} has {length} characters", f"At most {LONGEST}", near)
