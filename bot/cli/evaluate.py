"""`bot eval`: judges the whole product (model, lexicon, zones, dialogue) on questions with known intents.

Files: tab-separated, columns `id form intent also text`; `also` = other right intents, separated by blanks. The own
figures of the model, without lexicon and dialogue, come from `python -m nlu.tools.evaluate`.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bot.cli.nlu_session import nlu_session
from bot.dialogue.engine import Context
from bot.services import app as application
from bot.services import hotline
from bot.services.content import ContentStore
from bot.services.conversations import utc_now
from bot.services.judging import Row, judge, read_questions, summary
from bot.settings import ROOT, Settings, settings

HELD_OUT = ROOT / "nlu" / "eval"
PATIENCE = 15.0


def evaluate(
    files: Annotated[list[Path] | None, typer.Argument(help="TSV files; without any: nlu/eval/*.tsv.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the figures here as JSON.")] = None,
    misses: Annotated[bool, typer.Option("--misses", help="List missed cries and wrong answers.")] = False,
) -> None:
    """Judge the whole product on questions with known intents, per form."""
    rows = [row for path in files or sorted(HELD_OUT.glob("*.tsv")) for row in read_questions(path)]
    judged = asyncio.run(_judge(rows, settings()))
    figures = summary(judged)
    show(figures)
    if misses:
        _show_misses(judged)
    if out:
        out.write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")


async def _judge(rows: list[Row], chosen: Settings) -> list[Row]:
    patient = chosen.model_copy(update={"nlu_timeout": PATIENCE})
    published = ContentStore(chosen.content_dir).published()
    async with nlu_session(chosen, any_port=True) as nlu:
        context = Context(published, nlu.thresholds, hotline.moment(chosen, utc_now()), chosen.default_language)
        await nlu.wait_ready()
        client, understanding = application.build_understanding(patient, lambda: published, nlu.url, nlu.token)
        with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
            task = progress.add_task("Asking", total=len(rows))
            judged = await judge(rows, understanding, context, lambda done: progress.update(task, completed=done))
        await client.close()
    return judged


GOALS = {
    "urgent_card_or_check": "97 / 99.5",
    "urgent_card": "88 / 95",
    "false_card": "3 / 1.5",
    "false_check": "10 / 5",
    "out_of_scope_recognised": "75 / 85",
    "in_scope_turned_away": "6 / 3",
    "sure_and_wrong": "9 / 5",
}


def show(figures: dict[str, Any]) -> None:
    """Print the figures as tables."""
    console = Console()
    table = Table("form", "rows", "top-1", "top-3", "answered or offered", title="in scope, per cent")
    for form, values in figures["forms"].items():
        table.add_row(form, *(str(values[k]) for k in ("rows", "top1", "top3", "served")))
    console.print(table)
    table = Table("all forms", "per cent", "floor / goal")
    for name, value in figures.items():
        if isinstance(value, float) or value is None:
            table.add_row(name.replace("_", " "), str(value), GOALS.get(name, ""))
    console.print(table)
    pairs = ", ".join(f"{a} → {b} ({n})" for a, b, n in figures["confusions"][:12])
    console.print(f"most frequent confusions: {pairs}", soft_wrap=True)


def _show_misses(rows: list[Row]) -> None:
    console = Console(soft_wrap=True, highlight=False)
    for row in rows:
        best = row.parse.best if row.parse else None
        if row.urgent and not row.card and not row.check:
            console.print(f"MISSED CRY  {row.form} {row.intent}: {row.text}", markup=False)
        elif not row.urgent and row.card:
            console.print(f"FALSE CARD  {row.form} {row.intent}: {row.text}", markup=False)
        elif row.sure_and_wrong and best:
            console.print(f"SURE+WRONG  {row.form} {row.intent} -> {best.intent}: {row.text}", markup=False)
