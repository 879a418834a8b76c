"""Telegram's HTML subset: what it refuses, and how long a text is for it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from html.parser import HTMLParser

ALLOWED = frozenset({"b", "strong", "i", "em", "u", "s", "code", "pre", "a", "tg-spoiler", "blockquote"})
STRAY = re.compile(r"&(?!(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);)|<(?![a-zA-Z/])")
TAG = re.compile(r"<[^>]+>")


class _Checker(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[str] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED:
            self.faults.append(f"tag <{tag}> is not allowed")
        allowed = {"href"} if tag == "a" else set()
        self.faults += [f"attribute {name} is not allowed" for name, _ in attrs if name not in allowed]
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")


def faults(text: str) -> Iterator[str]:
    """What Telegram would refuse in a text."""
    if STRAY.search(text):
        yield "a bare & or <"
        return
    checker = _Checker()
    checker.feed(text)
    checker.close()
    yield from checker.faults
    yield from (f"<{tag}> is not closed" for tag in checker.open)


def visible_length(text: str) -> int:
    """Length of the text as Telegram counts it: without tags, in UTF-16 units."""
    return len(html.unescape(TAG.sub("", text)).encode("utf-16-le")) // 2
