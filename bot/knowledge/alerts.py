"""News for those who asked for it: written by staff, with the facts and contacts of the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.i18n import translator
from bot.knowledge.model import Published, pick
from bot.knowledge.render import Filler, source_line
from bot.settings import LANGUAGES

ANY = ""
"""The destination of news about no country in particular, and of people who want news about all."""


@dataclass(frozen=True)
class News:
    """One piece of news; `texts` by language, at least one of them."""

    number: int
    kind: str
    destination: str
    texts: Mapping[str, str]


def kind_title(published: Published, kind: str, language: str) -> str:
    """How a kind is called; its id when it is not in alerts.yml any more."""
    entry = published.alerts.kinds.get(kind) if published.alerts else None
    return pick(entry.title, language)[0] if entry else kind


def country(published: Published, destination: str, language: str) -> str:
    """How a destination is called."""
    entry = published.alerts.destinations.get(destination) if published.alerts else None
    return pick(entry, language)[0] if entry else translator(language)("Any country")


def news_text(published: Published, news: News, language: str, today: date) -> str:
    """The news as it is sent, in `language` or with a note in the best there is. Raises UnknownReferenceError."""
    shown = next((code for code in (language, *LANGUAGES) if news.texts.get(code)), language)
    filled = Filler(published, shown, today)
    title = kind_title(published, news.kind, language)
    if news.destination:
        title += " · " + country(published, news.destination, language)
    body = filled(news.texts.get(shown, ""))
    parts = [f"🔔 <b>{title}</b>", body]
    if shown != language:
        t_reader = translator(language)
        parts.insert(1, "<i>" + t_reader("This message is not translated yet.") + "</i>")
    source = source_line(filled.sources, filled.checked, translator(shown), shown)
    return "\n\n".join([*parts, source] if source else parts)
