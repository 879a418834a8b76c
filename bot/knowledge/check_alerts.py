"""The check of alerts.yml, and of a piece of news before it goes to anybody: the rules of the answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from bot.knowledge import check_texts
from bot.knowledge.alerts import News, news_text
from bot.knowledge.findings import File, Problem
from bot.knowledge.markup import visible_length
from bot.knowledge.model import Published
from bot.knowledge.render import PLACEHOLDER, UnknownReferenceError

LABEL_LIMIT = 28
LONGEST = 1000
"""Characters of a piece of news with its source: one screen and a half of a cheap phone."""


def alerts(folder: Path, published: Published) -> Iterator[Problem]:
    """Every problem of the kinds and destinations in `folder`."""
    file = File(folder, folder / "alerts.yml")
    if published.alerts is None or not published.alerts.kinds:
        yield file.error("C80", "alerts.yml is missing or empty", "Write it: docs/architecture.md, Alerts")
        return
    for name, kind in published.alerts.kinds.items():
        for text in (kind.title, kind.means):
            yield from check_texts.wording_faults(file, name, text, "any", published)
        yield from _labels(file, name, kind.title)
    for name, title in published.alerts.destinations.items():
        yield from check_texts.wording_faults(file, name, title, "any", published)
        yield from _labels(file, name, title)


def _labels(file: File, name: str, text: object) -> Iterator[Problem]:
    for label in text.values() if isinstance(text, dict) else ():
        if len(label) > LABEL_LIMIT:
            yield file.error("C45", f"{name}: a label has {len(label)} characters", f"At most {LABEL_LIMIT}", label)


def news_problems(published: Published, news: News, today: date) -> list[str]:
    """What is wrong with a piece of news, as sentences; it must not be sent before nothing is."""
    file = File(Path("alerts"), Path("alerts") / "news")
    texts = {code: text for code, text in news.texts.items() if text}
    faults = (p for code, text in texts.items() for p in check_texts.text_faults(file, code, text, "any", published))
    found = [f"{p.text}. {p.remedy}." for p in faults]
    used = [{m for m in PLACEHOLDER.findall(text) if m[0] != "n"} for text in texts.values()]
    if any(references != used[0] for references in used):
        found.append("The languages show different facts or contacts. Use the same ones.")
    for code in texts:
        try:
            length = visible_length(news_text(published, news, code, today))
        except UnknownReferenceError:  # reported above
            continue
        if length > LONGEST:
            found.append(f"{code}: {length} characters. At most {LONGEST}.")
    return found
