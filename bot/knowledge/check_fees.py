"""The check of fees.yml: texts like those of the answers, facts that are prices, labels that fit a button."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bot.knowledge import check_texts
from bot.knowledge.findings import File, Problem
from bot.knowledge.model import Fee, Published
from bot.knowledge.pathways import price_of

LABEL_LIMIT = 40
ID_LIMIT = 16
"""Ids travel in a button's 64 bytes."""


def fees(folder: Path, published: Published) -> Iterator[Problem]:
    """Every problem of the fees in `folder`."""
    file = File(folder, folder / "fees.yml")
    if not published.fees:
        yield file.error("C60", "fees.yml is missing", "Write it: docs/architecture.md, Fees")
    for name, fee in published.fees.items():
        near = f"  {name}:"
        if len(name) > ID_LIMIT or not name.isidentifier() or not name.isascii():
            yield file.error("C61", f"{name} is no short id", f"At most {ID_LIMIT} of a-z, 0-9, _", near)
        for text in (fee.label, fee.rule):
            yield from check_texts.wording_faults(file, name, text, "any", published)
        for label in fee.label.values():
            if len(label) > LABEL_LIMIT:
                yield file.error("C45", f"{name}: a label has {len(label)} characters", f"At most {LABEL_LIMIT}", label)
        for topic in fee.topics:
            yield from check_texts.alive(file, name, topic, published)
        yield from _figures(file, name, fee, published)


def _figures(file: File, name: str, fee: Fee, published: Published) -> Iterator[Problem]:
    for fact_id in (*fee.facts, *fee.seen):
        fact = published.facts.get(fact_id)
        if fact is None or price_of(fact) is None:
            yield file.error("C47", f"{name}: {fact_id} is no price", "Name a fact whose unit is money", fact_id)
    if len({p[0] for f in fee.facts if f in published.facts and (p := price_of(published.facts[f]))}) > 1:
        yield file.error("C62", f"{name}: facts in several currencies", "Use one currency", f"  {name}:")
    share = published.facts.get(fee.share) if fee.share else None
    if fee.share and (share is None or not share.unit.startswith("%")):
        yield file.error("C62", f"{name}: {fee.share} is no share", "Name a fact in % of the wage", fee.share)
