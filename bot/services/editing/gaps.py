"""Questions that nobody answers, grouped by likeness; personal numbers are masked first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from rapidfuzz import fuzz, process
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.dialogue.types import Action
from bot.i18n import N_
from bot.masking import mask
from bot.services.errors import DeskError
from bot.services.questions import clean
from bot.services.teaching import Teaching
from bot.storage.models import Direction, Message
from nlu.text.normalise import normalise

UNANSWERED = (Action.NOT_UNDERSTOOD, Action.OUT_OF_SCOPE)
LOOK_BACK, MOST = timedelta(days=90), 1500
ALIKE = 62.0
"""Likeness of two texts (0 to 100) from which they are one question."""
FEWEST = N_("Write at least {count} different training questions.")
NEEDED = 5
SHORTEST, LONGEST = 3, 300


def unanswered(session: Session, now: datetime) -> list[str]:
    """The newest questions that got no answer, masked, each wording once."""
    return list(_writers(session, now))


def _writers(session: Session, now: datetime) -> dict[str, int]:
    """Each wording, and the newest message that has it."""
    rows = session.execute(
        select(Message.id, Message.text)
        .where(
            Message.direction == Direction.IN,
            Message.kind == "text",
            Message.action.in_(UNANSWERED),
            Message.created_at > now - LOOK_BACK,
        )
        .order_by(Message.id.desc())
        .limit(MOST)
    )
    found: dict[str, int] = {}
    for number, text in rows:
        if len(text.strip()) >= SHORTEST:
            found.setdefault(mask(text)[:LONGEST].strip(), number)
    return found


def groups(texts: Sequence[str]) -> list[list[str]]:
    """Texts that are alike together, the largest group first; what stands alone comes last."""
    plain = [normalise(text) for text in texts]
    found: list[list[int]] = []
    for number, words in enumerate(plain):
        heads = {index: plain[members[0]] for index, members in enumerate(found)}
        best = process.extractOne(words, heads, scorer=fuzz.token_set_ratio, score_cutoff=ALIKE)
        if best is None:
            best = process.extractOne(words, heads, scorer=fuzz.ratio, score_cutoff=ALIKE)
        if best is None:
            found.append([number])
        else:
            found[best[2]].append(number)
    return [[texts[n] for n in members] for members in sorted(found, key=len, reverse=True)]


def add_questions(teaching: Teaching, intent: str, lines: Sequence[str]) -> int:
    """Training questions of a new topic; those about danger wait for a second person. Raises DeskError when too few."""
    kept = list(dict.fromkeys(line.strip()[:LONGEST] for line in lines if len(line.strip()) >= SHORTEST))
    if len(kept) < NEEDED:
        raise DeskError(FEWEST, count=NEEDED)
    writers = {clean(words): number for words, number in _writers(teaching.session, teaching.now).items()}
    for line in kept:  # a new topic is often cut out of an older one
        teaching.add(line, intent, anyway=True, message_id=writers.get(clean(line)))
    return len(kept)
