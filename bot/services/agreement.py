"""How far reviewers agree: Cohen's kappa, and what a supervisor has to settle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.services.review import OUT_OF_SCOPE
from bot.storage.models import Correction, Message, Person, Staff

NEWEST = 5000
"""So many messages that two have reviewed are counted, the newest."""
PAGE = 50


@dataclass(frozen=True)
class Pair:
    """Two reviewers and the messages that both have seen."""

    names: tuple[str, str]
    messages: int
    same: int
    kappa: float | None


@dataclass(frozen=True)
class Disagreement:
    """A message about which reviewers disagree: (who, topic) each."""

    message: Message
    pseudonym: str
    said: tuple[tuple[str, str], ...]


def kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's kappa of two raters' labels; None without labels, or when chance alone would make them agree.

    Jacob Cohen, "A Coefficient of Agreement for Nominal Scales", Educational and Psychological Measurement 20 (1960),
    37-46: (observed - expected agreement) / (1 - expected agreement).
    """
    total = len(pairs)
    if not total:
        return None
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    observed = sum(a == b for a, b in pairs) / total
    expected = sum(count * second[label] for label, count in first.items()) / total**2
    return None if expected == 1 else (observed - expected) / (1 - expected)


def pairs(session: Session) -> list[Pair]:
    """Every two reviewers who share messages, those with most in common first."""
    together: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for said in _labels(session, _reviewed_by_two(session)).values():
        for (one, a), (other, b) in combinations(sorted(said), 2):
            together.setdefault((one, other), []).append((a, b))
    found = [Pair(names, len(rows), sum(a == b for a, b in rows), kappa(rows)) for names, rows in together.items()]
    return sorted(found, key=lambda pair: -pair.messages)


def disagreements(session: Session) -> list[Disagreement]:
    """The newest messages with two opinions that nobody has settled."""
    settled = select(Correction.message_id).where(Correction.settles)
    ids = session.scalars(
        select(Correction.message_id)
        .where(~Correction.settles, Correction.message_id.not_in(settled))
        .group_by(Correction.message_id)
        .having(func.count(func.distinct(func.coalesce(Correction.intent, OUT_OF_SCOPE))) > 1)
        .order_by(Correction.message_id.desc())
        .limit(PAGE)
    ).all()
    said = _labels(session, ids)
    rows = session.execute(
        select(Message, Person.pseudonym)
        .join(Person, Person.id == Message.person_id)
        .where(Message.id.in_(ids))
        .order_by(Message.id.desc())
    )
    return [Disagreement(message, pseudonym, tuple(said[message.id])) for message, pseudonym in rows]


def _reviewed_by_two(session: Session) -> Sequence[int]:
    return session.scalars(
        select(Correction.message_id)
        .where(~Correction.settles)
        .group_by(Correction.message_id)
        .having(func.count() > 1)
        .order_by(Correction.message_id.desc())
        .limit(NEWEST)
    ).all()


def _labels(session: Session, ids: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    """For each message: (reviewer, topic)."""
    found: dict[int, list[tuple[str, str]]] = {}
    for number, name, intent in session.execute(
        select(Correction.message_id, Staff.name, Correction.intent)
        .join(Staff, Staff.id == Correction.staff_id)
        .where(Correction.message_id.in_(ids), ~Correction.settles)
        .order_by(Correction.id)
    ):
        found.setdefault(number, []).append((name, intent or OUT_OF_SCOPE))
    return found
