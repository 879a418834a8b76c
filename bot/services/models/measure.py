"""Measuring a model: served by a Rasa process of its own, judged as the whole product on the held-out questions."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.dialogue.engine import Context
from bot.knowledge.model import Published
from bot.nlu.supervisor import RasaProcess
from bot.services import app as application
from bot.services import hotline
from bot.services.judging import Row, judge, read_questions
from bot.settings import Settings
from nlu.questions import hash_of
from nlu.text.zones import Thresholds

PATIENCE = 30.0
START_SECONDS = 240
MOST_CHANGES = 300
Changes = list[dict[str, Any]]


class MeasureError(Exception):
    """The measurement is worth nothing; the text says why."""


def held_out(settings: Settings) -> tuple[list[Row], str]:
    """The held-out questions and their hash. Raises MeasureError when there are none."""
    rows = [row for path in sorted(settings.held_out_dir.glob("*.tsv")) for row in read_questions(path)]
    if not rows:
        raise MeasureError(f"no questions in {settings.held_out_dir}")
    return rows, hash_of(settings.held_out_dir, root=settings.held_out_dir)


async def measure(
    settings: Settings,
    published: Published,
    model: Path,
    thresholds: Thresholds,
    rows: list[Row],
    now: datetime,
    seen: Callable[[int], object],
) -> list[Row]:
    """Every row with what came of it at `now`, the same moment for all models that are compared.

    Raises MeasureError when the model did not answer each of them.
    """
    patient = settings.model_copy(update={"nlu_timeout": PATIENCE})
    context = Context(published, thresholds, hotline.moment(settings, now), settings.default_language)
    process = RasaProcess(model, 0, log_file=settings.training_dir / "rasa.log")
    process.start()
    try:
        await _ready(process, seen)
        client, understanding = application.build_understanding(patient, lambda: published, process.url, process.token)
        try:
            judged = await judge(rows, understanding, context, seen)
        finally:
            await client.close()
    finally:
        await process.stop()
    if lost := sum(row.parse is None or row.parse.source != "model" for row in judged):
        raise MeasureError(f"the model did not answer {lost} of {len(judged)} questions")
    return judged


async def _ready(process: RasaProcess, seen: Callable[[int], object]) -> None:
    """Wait for the process, with signs of life. Raises MeasureError when it takes too long."""
    for _ in range(START_SECONDS):
        seen(0)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.ready.wait(), 1)
            return
    raise MeasureError("the model could not be served")


def good(row: Row) -> bool:
    """Did the person get what they needed?"""
    if row.urgent:
        return row.card or row.check
    return row.turned_away if row.outside else row.served


def outcome(row: Row) -> list[str]:
    """What came of a question, for people: kind and topics."""
    if row.decision is None:
        return ["none"]
    topics = list(row.decision.state.offered) if row.decision.action == "offer" else [row.decision.topic or ""]
    kind = "card" if row.card else "check" if row.check else str(row.decision.action)
    return [kind, *topics[:3]]


def changes(before: list[Row], after: list[Row]) -> Changes:
    """Questions whose outcome changed, the worse ones first."""
    found: Changes = []
    for old, new in zip(before, after, strict=True):
        if outcome(old) == outcome(new):
            continue
        step = int(good(new)) - int(good(old))
        found.append(
            {
                "text": new.text,
                "form": new.form,
                "intent": new.intent,
                "before": outcome(old),
                "after": outcome(new),
                "step": step,
            }
        )
    order = {-1: 0, 1: 1, 0: 2}
    return sorted(found, key=lambda change: order[int(change["step"])])[:MOST_CHANGES]
