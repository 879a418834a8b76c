"""Telegram's HTML as a page may show it: the tags that Telegram knows, and nothing else."""

from __future__ import annotations

import html
from html.parser import HTMLParser

from markupsafe import Markup

from bot.knowledge.markup import ALLOWED

LINKS = ("http://", "https://", "tel:", "mailto:")


class _Shown(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED or tag == "tg-spoiler":
            return
        link = dict(attrs).get("href") or ""
        if tag == "a" and link.startswith(LINKS):
            self.out.append(f'<a href="{html.escape(link)}" rel="noreferrer noopener" target="_blank">')
        else:
            self.out.append(f"<{tag}>")
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.out.append(f"</{self.open.pop()}>")

    def handle_data(self, data: str) -> None:
        self.out.append(html.escape(data))


def shown(text: str) -> Markup:
    """The text with its bold, italics and links, safe in a page."""
    parser = _Shown()
    parser.feed(text)
    parser.close()
    return Markup("".join(parser.out) + "".join(f"</{tag}>" for tag in reversed(parser.open)))  # noqa: S704
