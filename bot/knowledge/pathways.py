"""The decision tree "which legal way fits me": what is wrong with it, and a plan filled in for one person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot.i18n import N_, Translate, translator
from bot.knowledge.model import DONT_KNOW, Fact, Leaf, Pathways, Published, Source, Text, pick
from bot.knowledge.render import Filler, number, source_line

# ------------------------------------------------------------------ what is wrong with a tree


@dataclass(frozen=True)
class Fault:
    """One finding about the shape of the tree; `near` are words that show the line."""

    code: str
    text: str
    remedy: str
    near: str


def faults(tree: Pathways) -> Iterator[Fault]:
    """Dead ends, what nobody reaches, questions without "I don't know", and loops."""
    if tree.start not in tree.questions:
        yield Fault("C40", f"start names {tree.start}, which is no question", "Name a question", "start:")
        return
    for name in tree.questions.keys() & tree.leaves.keys():
        yield Fault("C40", f"{name} is a question and a leaf", "Rename one", f"  {name}:")
    for name in tree.questions:
        yield from _question_faults(tree, name)
    yield from _unreached(tree)
    for name in _in_loops(tree):
        yield Fault("C44", f"question {name} leads back to itself", "Change a goto", f"  {name}:")


def _question_faults(tree: Pathways, name: str) -> Iterator[Fault]:
    question = tree.questions[name]
    near = f"  {name}:"
    ids = [option.id for option in question.options]
    if len(set(ids)) != len(ids):
        yield Fault("C40", f"question {name} has two options of one id", "Rename one", near)
    unknown = question.option(DONT_KNOW)
    if unknown is None or unknown.goto is None:
        yield Fault("C43", f"question {name} cannot be answered with I don't know", f"Add the option {DONT_KNOW}", near)
    for option in question.options:
        if (option.goto is None) == (option.urgent is None):
            yield Fault("C41", f"{name}.{option.id} needs either goto or urgent", "Give one of them", near)
        elif option.goto and option.goto not in tree.questions and option.goto not in tree.leaves:
            text = f"{name}.{option.id} leads nowhere ({option.goto})"
            yield Fault("C41", text, "Name a question or leaf", option.goto)


def _next(tree: Pathways, name: str) -> list[str]:
    question = tree.questions.get(name)
    return [option.goto for option in question.options if option.goto] if question else []


def _unreached(tree: Pathways) -> Iterator[Fault]:
    seen: set[str] = set()
    waiting = [tree.start]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += _next(tree, name)
    for name in (*tree.questions, *tree.leaves):
        if name not in seen:
            yield Fault("C42", f"nothing leads to {name}", "Add a goto or delete it", f"  {name}:")


def _in_loops(tree: Pathways) -> list[str]:
    """Questions left over when those whose ways all end have been taken away, again and again."""
    left = set(tree.questions)
    while True:
        ends = {name for name in left if not left.intersection(_next(tree, name))}
        if not ends:
            return sorted(left)
        left -= ends


# ------------------------------------------------------------------ one person's plan


@dataclass(frozen=True)
class Plan:
    """A leaf in one language, its facts and contacts filled in (Telegram's HTML inside the texts)."""

    title: str
    steps: tuple[str, ...]
    topics: tuple[str, ...]
    papers: tuple[str, ...]
    costs: tuple[str, ...]
    total: str | None
    cost_note: str | None
    time: str | None
    first: str
    free: str | None
    watch: str | None
    source: str | None
    language: str


def question_text(published: Published, text: Text, language: str, today: date) -> str:
    """The words of a question or of one of its buttons, filled in."""
    wording, shown = pick(text, language)
    return Filler(published, shown, today)(wording)


def render_plan(published: Published, leaf: Leaf, language: str, today: date) -> Plan:
    """The plan in `language`. Raises UnknownReferenceError for a dead placeholder."""
    fill = Filler(published, language, today)

    def say(text: Text | None) -> str | None:
        return fill(pick(text, language)[0]) if text else None

    t = translator(language)
    facts = [published.facts[cost.fact] for cost in leaf.costs if cost.fact in published.facts]
    topics = tuple(dict.fromkeys(s.topic for s in leaf.steps if s.topic and s.topic in published.answers))
    steps = tuple(fill(pick(step.text, language)[0]) for step in leaf.steps)
    costs = tuple(f"{say(cost.what)}: {fill('{fact:' + cost.fact + '}')}" for cost in leaf.costs)
    return Plan(
        title=say(leaf.title) or "",
        steps=steps,
        topics=topics,
        papers=tuple(fill(pick(paper, language)[0]) for paper in leaf.papers),
        costs=costs,
        total=total(facts, t, language, today) if len(facts) > 1 else None,
        cost_note=say(leaf.cost_note),
        time=say(leaf.time),
        first=say(leaf.first) or "",
        free=say(leaf.free),
        watch=say(leaf.watch),
        # Last: by now `fill` knows all that was used.
        source=source_line([*fill.sources, *_topic_sources(published, topics)], fill.checked, t, language),
        language=language,
    )


def _topic_sources(published: Published, topics: tuple[str, ...]) -> list[Source]:
    return [source for topic in topics for source in published.answers[topic].sources]


# ------------------------------------------------------------------ adding up

CURRENCIES = {
    "THB": N_("{amount} baht"),
    "USD": N_("{amount} US dollars"),
    "LAK": N_("{amount} kip"),
    "KRW": N_("{amount} won"),
}


def price_of(fact: Fact) -> tuple[str, str] | None:
    """Currency and period of a price ("THB/2 years" -> THB, 2 years); None for a fact that is no price."""
    currency, _, period = fact.unit.partition("/")
    if currency not in CURRENCIES or isinstance(fact.value, (str, date)):
        return None
    return currency, period


def total(facts: list[Fact], t: Translate, language: str, today: date) -> str | None:
    """The prices together, by currency: those for one and the same period, and those paid once.

    Nothing is added up when periods differ or a figure has expired.
    """
    sums: dict[str, tuple[float, float]] = {}
    periods: dict[str, set[str]] = {}
    for fact in facts:
        price = price_of(fact)
        if price is None or fact.expired(today):
            return None
        currency, period = price
        periods.setdefault(currency, set()).update({period} - {""})
        low, high = fact.value if isinstance(fact.value, tuple) else (fact.value, fact.value)
        before = sums.get(currency, (0.0, 0.0))
        sums[currency] = (before[0] + float(low), before[1] + float(high))  # type: ignore[arg-type]
    if any(len(found) > 1 for found in periods.values()):
        return None
    return " + ".join(t(CURRENCIES[c], amount=_span(low, high, language)) for c, (low, high) in sums.items())


def _span(low: float, high: float, language: str) -> str:
    shown = number(low, language)
    return shown if low == high else f"{shown}–{number(high, language)}"


# ------------------------------------------------------------------ as a message

DONE, OPEN = "✅", "⬜"


def plan_text(plan: Plan, done: frozenset[int]) -> str:
    """The plan as a message: steps with ticks, then papers, costs, time, who helps, what to watch."""
    t = translator(plan.language)
    count = t("Done: {done} of {all}", done=len(done), all=len(plan.steps))
    steps = "\n".join(f"{DONE if n in done else OPEN} {n + 1}. {step}" for n, step in enumerate(plan.steps))
    parts = [f"🧭 <b>{plan.title}</b>\n<i>{count}</i>", steps]
    parts += [f"{mark} <b>{heading}</b>\n{text}" for mark, heading, text in sections(plan, t)]
    if plan.source:
        parts.append(plan.source)
    return "\n\n".join(parts)


def sections(plan: Plan, t: Translate) -> list[tuple[str, str, str]]:
    """What stands below the steps: (mark, heading, text) of each part that the plan has."""
    costs = [f"• {cost}" for cost in plan.costs]
    if plan.total:
        costs.append(t("Together about {sum}", sum=plan.total))
    if plan.cost_note:
        costs.append(plan.cost_note)
    found = (
        ("☎️", t("See first"), plan.first),
        ("📄", t("Papers"), "\n".join(f"• {paper}" for paper in plan.papers)),
        ("💵", t("Official costs"), "\n".join(costs)),
        ("⏱", t("Time"), plan.time),
        ("🆓", t("Free of charge"), plan.free),
        ("⚠️", t("Watch out"), plan.watch),
    )
    return [(mark, heading, text) for mark, heading, text in found if text]
