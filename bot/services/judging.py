"""Judging the whole product (model, lexicon, zones, dialogue) on questions with known intents.

`bot eval` and the gate of new models judge by the same rules. Files: tab-separated, columns `id form intent also text`;
`also` = other right intents, separated by blanks.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.dialogue.engine import Context, decide
from bot.dialogue.types import Action, Decision, State, TextEvent
from bot.nlu.parse import Parse
from bot.nlu.understand import Understanding

FORMS = ("lao", "thai", "english", "thaiscript", "roman", "karaoke", "mixed")
OUTSIDE = "out_of_scope"


class QuestionsError(Exception):
    """A file of questions cannot be used; the text says which line and why."""


@dataclass(frozen=True)
class Row:
    """One question, what came of it, and how the product took it."""

    form: str
    intent: str
    right: frozenset[str]
    text: str
    parse: Parse | None = None
    decision: Decision | None = None

    @property
    def urgent(self) -> bool:
        """Somebody cries for help."""
        return self.intent.startswith("urgent_")

    @property
    def outside(self) -> bool:
        """Nothing that the bot knows about."""
        return self.intent == OUTSIDE

    @property
    def card(self) -> bool:
        """The help card was shown."""
        return bool(self.decision and self.decision.urgent)

    @property
    def check(self) -> bool:
        """The danger question was asked."""
        return bool(self.decision and self.decision.danger_check)

    @property
    def first(self) -> bool:
        """The surest reading is right."""
        best = self.parse.best if self.parse else None
        return bool(best and best.intent in self.right)

    @property
    def third(self) -> bool:
        """The right one is among the three surest."""
        return bool(self.parse and self.right & {r.intent for r in self.parse.ranking[:3]})

    @property
    def served(self) -> bool:
        """Right topic answered or among those offered; help shown to those who cry for it."""
        if self.decision is None:
            return False
        if self.decision.action == Action.OFFER:
            return bool(self.right & set(self.decision.state.offered))
        if self.urgent and self.card:
            return True
        return self.decision.topic in self.right

    @property
    def turned_away(self) -> bool:
        """Told that it is out of scope or not understood."""
        return self.decision is not None and self.decision.action in (Action.OUT_OF_SCOPE, Action.NOT_UNDERSTOOD)

    @property
    def sure_and_wrong(self) -> bool:
        """A wrong topic was answered without a question back (the help card is judged apart)."""
        answered = (Action.ANSWER, Action.SMALL_TALK, Action.TO_PERSON)
        return bool(self.decision and self.decision.action in answered and self.decision.topic not in self.right)


def read_questions(path: Path) -> list[Row]:
    """The rows of a file. Raises QuestionsError with the line that is wrong."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise QuestionsError(f"{path}: {error.strerror}") from error
    rows = []
    for number, cells in enumerate(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE), 1):
        if number == 1 and cells[:3] == ["id", "form", "intent"]:
            continue
        if len(cells) != 5:
            raise QuestionsError(f"{path}:{number}: {len(cells)} columns, expected 5 (id form intent also text)")
        _, form, intent, also, text = cells
        rows.append(Row(form, intent, frozenset({intent, *also.split()}), text))
    return rows


async def judge(
    rows: list[Row], understanding: Understanding, context: Context, seen: Callable[[int], object] = lambda done: None
) -> list[Row]:
    """Every question asked and decided as the first message of a chat. `seen` hears how many are done."""
    judged = []
    for number, row in enumerate(rows, 1):
        parse = await understanding.understand(row.text)
        decision = decide(State(), TextEvent(row.text), parse, context)
        judged.append(Row(row.form, row.intent, row.right, row.text, parse, decision))
        seen(number)
    return judged


# ------------------------------------------------------------------ figures


def share(rows: Iterable[Row], test: Callable[[Row], bool]) -> float | None:
    """Per cent of rows that pass; None without rows."""
    results = [test(row) for row in rows]
    return round(100 * sum(results) / len(results), 1) if results else None


def summary(rows: list[Row]) -> dict[str, Any]:
    """All figures, in per cent. In-scope rows and those out of scope are kept apart."""
    inside = [r for r in rows if not r.outside]
    calm = [r for r in rows if not r.urgent and not any(i.startswith("urgent_") for i in r.right)]
    cries = [r for r in rows if r.urgent]
    outside = [r for r in rows if r.outside]
    forms = [f for f in FORMS if any(r.form == f for r in inside)]
    forms += sorted({r.form for r in inside} - set(forms))
    per_form = {form: _form_figures([r for r in inside if r.form == form]) for form in forms}
    wrong = Counter((r.intent, r.parse.best.intent) for r in inside if r.parse and r.parse.best and not r.first)
    return {
        "rows": len(rows),
        "forms": per_form | {"all": _form_figures(inside)},
        "urgent_card_or_check": share(cries, lambda r: r.card or r.check),
        "urgent_card": share(cries, lambda r: r.card),
        "cries": _noticed(cries),
        "false_card": share(calm, lambda r: r.card),
        "false_check": share(calm, lambda r: r.check),
        "out_of_scope_recognised": share(outside, lambda r: r.turned_away),
        "out_of_scope_answered": share(outside, lambda r: r.sure_and_wrong),
        "in_scope_turned_away": share(inside, lambda r: r.turned_away),
        "sure_and_wrong": share(inside, lambda r: r.sure_and_wrong),
        "answered_outright": share(inside, lambda r: bool(r.decision and r.decision.action != Action.OFFER)),
        "confusions": [[a, b, n] for (a, b), n in wrong.most_common(25)],
    }


def _noticed(cries: list[Row]) -> dict[str, dict[str, int]]:
    """How many cries of each form and of each topic there are, and how many got the card or the question."""
    groups = sorted({r.form for r in cries}) + sorted({r.intent for r in cries})
    return {
        group: {"rows": len(own), "noticed": sum(r.card or r.check for r in own)}
        for group in groups
        if (own := [r for r in cries if group in (r.form, r.intent)])
    }


def _form_figures(rows: list[Row]) -> dict[str, Any]:
    return {
        "rows": len(rows),
        "top1": share(rows, lambda r: r.first),
        "top3": share(rows, lambda r: r.third),
        "served": share(rows, lambda r: r.served),
    }
