"""`bot offer`: look through job advertisements, for people and as JSON lines for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from bot.cli.chat import plain
from bot.knowledge.load import ContentError, load_published
from bot.knowledge.model import Published
from bot.knowledge.offer import OfferReport, examine
from bot.knowledge.offer_report import report_text
from bot.services.conversations import utc_now
from bot.settings import settings


def offer(
    as_json: Annotated[
        bool, typer.Option("--json", help='JSON lines in, {"text": ...} or a JSON string; one object a line out.')
    ] = False,
    lang: Annotated[str, typer.Option(help="Language of the report: lo, th or en.")] = "lo",
) -> None:
    """Look through a job advertisement read from standard input."""
    published = load_published(settings().content_dir)
    if as_json:
        for line in _json_lines(published):
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
        return
    report = _examined(sys.stdin.read(), published)
    typer.echo(plain(report_text(report, published, lang, utc_now().date())))


def _json_lines(published: Published) -> Iterator[str]:
    for line in sys.stdin:
        if line.strip():
            yield json.dumps(_answer(line, published), ensure_ascii=False)


def _answer(line: str, published: Published) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError:
        return {"error": "not a JSON line"}
    text = value.get("text") if isinstance(value, dict) else value
    return as_object(_examined(text, published)) if isinstance(text, str) else {"error": "no text"}


def as_object(report: OfferReport) -> dict[str, Any]:
    """The JSON object of one advertisement."""
    return {
        "flags": [found.id for found in report.flags],
        "verdict": report.verdict,
        "evidence": {found.id: found.words for found in report.flags},
        "missing": list(report.missing),
    }


def _examined(text: str, published: Published) -> OfferReport:
    if published.offer_flags is None:
        raise ContentError("content/offer_flags.yml is missing")
    return examine(text, published.offer_flags, published.facts)
