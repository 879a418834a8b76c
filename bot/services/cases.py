"""Cases: chats that wait for, or are with, a human being."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.storage.models import Case, CaseState


def urgent_open(session: Session) -> int:
    """How many urgent cases nobody has claimed."""
    return (
        session.scalar(
            select(func.count()).select_from(Case).where(Case.state == CaseState.OPEN, Case.urgent.is_(True))
        )
        or 0
    )
