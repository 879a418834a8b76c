"""The check of offer_flags.yml: texts like those of the answers, phrases that can be found."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import get_args

from bot.knowledge import check_texts
from bot.knowledge.findings import File, Problem
from bot.knowledge.model import Form, OfferFlag, OfferFlags, Published
from bot.knowledge.offer import FLAG_IDS
from bot.knowledge.offer_text import Phrases

REPEAT_SIGNS = "ໆๆ"


def offer_flags(folder: Path, published: Published) -> Iterator[Problem]:
    """Every problem of the flags in `folder`."""
    file = File(folder, folder / "offer_flags.yml")
    flags = published.offer_flags
    if flags is None:
        yield file.error("C50", "offer_flags.yml is missing", "Write it: docs/architecture.md, Offer flags")
        return
    for name in FLAG_IDS:
        if name not in flags.flags:
            yield file.error("C50", f"the flag {name} is missing", "Add it")
    for name, flag in flags.flags.items():
        yield from _texts(file, name, flag, published)
        yield from _phrases(file, name, flag)
    yield from _lists(file, flags)


def _texts(file: File, name: str, flag: OfferFlag, published: Published) -> Iterator[Problem]:
    for part, text in (("title", flag.title), ("why", flag.why), ("advice", flag.advice)):
        yield from check_texts.languages(file, f"{name}.{part}", text, f"  {name}:")
        for language, words in text.items():
            yield from check_texts.text_faults(file, language, words, "any", published)
    for other in flag.related:
        if other not in published.topics:
            yield file.error("C21", f"{name}: related topic {other} does not exist", "Name a topic", f"  {name}:")


def _phrases(file: File, name: str, flag: OfferFlag) -> Iterator[Problem]:
    for form in get_args(Form):
        if not flag.patterns.get(form):
            yield file.error(
                "C51", f"{name} has no patterns in {form}", "Add phrases as people write them", f"  {name}:"
            )
    for part, phrases in (("patterns", flag.patterns), ("unless", flag.unless)):
        for form, texts in phrases.items():
            yield from _findable(file, f"{name}.{part}.{form}", texts)


def _lists(file: File, flags: OfferFlags) -> Iterator[Problem]:
    for name, forms in flags.words.items():
        for form, texts in forms.items():
            if form not in get_args(Form):
                yield file.error("C51", f"words.{name}: {form} is no form", f"Use {', '.join(get_args(Form))}", name)
            yield from _findable(file, f"words.{name}.{form}", texts)


def _findable(file: File, where: str, texts: tuple[str, ...]) -> Iterator[Problem]:
    for text in texts:
        if not isinstance(text, str):
            yield file.error("C52", f"{where}: {text!r} is no phrase", "Put it in quotes", str(text))
            continue
        if any(sign in text for sign in REPEAT_SIGNS):
            yield file.error("C52", f"{where}: {text!r} has a repeat sign, which is not read", "Leave it out", text)
        if refusal := _refusal(text):
            yield file.error("C52", f"{where}: {refusal}", "Write words", text)
    if len(set(texts)) != len(texts):
        twice = next(text for text in texts if texts.count(text) > 1)
        yield file.error("C53", f"{where}: {twice!r} stands twice", "Leave one out", str(twice))


@lru_cache(maxsize=20_000)  # about 6,700 phrases, read anew at every check of content: half of its time
def _refusal(text: str) -> str | None:
    """Why nothing could ever be found by a phrase, or None when it can."""
    try:
        Phrases({"en": (text,)})
    except ValueError as error:
        return str(error)
    return None
