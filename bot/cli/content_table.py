"""`bot content table`: topics x language x characters x facts x sources, as Markdown for docs/content-table.md."""

from __future__ import annotations

from datetime import date

from bot.knowledge import markup
from bot.knowledge.model import Published
from bot.knowledge.render import PLACEHOLDER, render_answer
from bot.settings import LANGUAGES


def content_table(published: Published, today: date) -> str:
    """The table as Markdown."""
    lines = [
        "# Answers: length, facts, sources",
        "",
        "Made by `bot content table`. Characters of the first message, source line included, + of what stands behind",
        "“more”. Facts and contacts as used in all languages. Sources are distinct addresses.",
        "",
        "| topic | Lao | Thai | English | facts | contacts | sources | status |",
        "|---|---|---|---|---|---|---|---|",
    ]
    total = 0
    for topic, entry in published.answers.items():
        sizes = [_size(published, topic, language, today) for language in LANGUAGES]
        names = PLACEHOLDER.findall(entry.answers["en"].model_dump_json())
        facts = {name for kind, name in names if kind == "fact"}
        contacts = {name for kind, name in names if kind in ("contact", "phone")}
        urls = {published.facts[f].source.url for f in facts} | {s.url for s in entry.sources}
        status = "/".join(sorted(set(entry.status.values())))
        total += len(facts)
        lines.append(f"| {topic} | {' | '.join(sizes)} | {len(facts)} | {len(contacts)} | {len(urls)} | {status} |")
    lines += ["", f"{len(published.answers)} topics in three languages; {total} uses of {len(published.facts)} facts."]
    return "\n".join(lines) + "\n"


def _size(published: Published, topic: str, language: str, today: date) -> str:
    rendered = render_answer(published, topic, language, today)
    more = f" + {markup.visible_length(rendered.more)}" if rendered.more else ""
    return f"{markup.visible_length(rendered.text)}{more}"
