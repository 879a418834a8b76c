"""The check of pathways.yml: the tree, its texts, its costs, and the size of what is shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from bot.knowledge import markup
from bot.knowledge import pathways as trees
from bot.knowledge.check_texts import alive, wording_faults
from bot.knowledge.findings import File, Problem
from bot.knowledge.model import Leaf, Published, Question, Text
from bot.knowledge.render import UnknownReferenceError
from bot.settings import LANGUAGES

LABEL_LIMIT = 28
"""Characters of a pathway's button: two fit side by side on a small phone, one always fits."""
MAX_PLAN_STEPS = 8
PLAN_LIMIT = 2600
"""Characters of a whole plan: about three screens, and far below a message's limit."""


def pathways(folder: Path, published: Published, today: date) -> Iterator[Problem]:
    file = File(folder, folder / "pathways.yml")
    tree = published.pathways
    if tree is None:
        yield file.error("C40", "pathways.yml is missing", "Write it: docs/architecture.md, Pathways")
        return
    for fault in trees.faults(tree):
        yield file.error(fault.code, fault.text, fault.remedy, fault.near)
    for name, question in tree.questions.items():
        yield from _question(file, name, question, published, today)
    for name, leaf in tree.leaves.items():
        yield from _leaf(file, name, leaf, published, today)


def _question(file: File, name: str, question: Question, published: Published, today: date) -> Iterator[Problem]:
    yield from wording_faults(file, name, question.text, "any", published)
    for option in question.options:
        yield from wording_faults(file, f"{name}.{option.id}", option.label, "any", published)
        for language, label in option.label.items():
            shown = _filled(label, language, published, today)
            if shown and len(shown) > LABEL_LIMIT:
                text = f"{name}.{option.id}.{language} has {len(shown)} characters"
                yield file.error("C45", text, f"At most {LABEL_LIMIT}", label)
        if option.urgent and not (option.urgent in published.topics and published.topics[option.urgent].urgent):
            text = f"{name}.{option.id}: {option.urgent} is no urgent topic"
            yield file.error("C46", text, "Name one of topics.yml", option.urgent)
        for topic in option.topics:
            yield from alive(file, f"{name}.{option.id}", topic, published)


def _leaf(file: File, name: str, leaf: Leaf, published: Published, today: date) -> Iterator[Problem]:
    for text in _leaf_texts(leaf):
        yield from wording_faults(file, name, text, leaf.where, published)
    if not 1 <= len(leaf.steps) <= MAX_PLAN_STEPS:
        yield file.error("C48", f"{name} has {len(leaf.steps)} steps", f"One to {MAX_PLAN_STEPS}", f"  {name}:")
    for step in leaf.steps:
        if step.topic:
            yield from alive(file, name, step.topic, published)
    for cost in leaf.costs:
        fact = published.facts.get(cost.fact)
        if fact is None or trees.price_of(fact) is None:
            yield file.error("C47", f"{name}: {cost.fact} is no price", "Name a fact whose unit is money", cost.fact)
    yield from _plan_size(file, name, leaf, published, today)


def _leaf_texts(leaf: Leaf) -> Iterator[Text]:
    yield leaf.title
    yield from (step.text for step in leaf.steps)
    yield from leaf.papers
    yield from (cost.what for cost in leaf.costs)
    yield from (text for text in (leaf.cost_note, leaf.time, leaf.first, leaf.free, leaf.watch) if text)


def _filled(text: str, language: str, published: Published, today: date) -> str | None:
    try:
        return trees.question_text(published, {language: text}, language, today)
    except UnknownReferenceError:  # reported by _text
        return None


def _plan_size(file: File, name: str, leaf: Leaf, published: Published, today: date) -> Iterator[Problem]:
    for language in LANGUAGES:
        try:
            plan = trees.render_plan(published, leaf, language, today)
        except UnknownReferenceError:
            return
        length = markup.visible_length(trees.plan_text(plan, frozenset()))
        if length > PLAN_LIMIT:
            text = f"{name}.{language}: the plan has {length} characters"
            yield file.error("C48", text, f"At most {PLAN_LIMIT}", f"  {name}:")
