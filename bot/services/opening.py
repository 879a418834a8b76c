"""Opening what is hidden: who may, and under which name it stands in the audit.

Supervisors may open any message or note. Whoever holds an open case may too, for it: somebody who cries for help at
night writes a telephone number, and nobody may have to wake a supervisor first. That is breaking the glass: supervisors
see it by itself. All of it needs a reason, which is written down before anything is shown.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.services.staff import Member
from bot.storage.models import Case, CaseNote, CaseState, Role

BY_RIGHT, BREAK_GLASS = "reveal", "break_glass"


def action_for(session: Session, who: Member, person_id: int) -> str | None:
    """How the audit calls it when this member opens what belongs to a person; None when they may not."""
    if who.role == Role.SUPERVISOR:
        return BY_RIGHT
    held = select(Case.id).where(
        Case.person_id == person_id, Case.state != CaseState.CLOSED, Case.claimed_by == who.name
    )  # fmt: skip
    return BREAK_GLASS if session.scalar(held.limit(1)) is not None else None


def note(session: Session, number: int) -> tuple[CaseNote, Case] | None:
    """A note and its case, or None."""
    query = select(CaseNote, Case).join(Case, Case.id == CaseNote.case_id).where(CaseNote.id == number)
    row = session.execute(query).one_or_none()
    return None if row is None else (row[0], row[1])
