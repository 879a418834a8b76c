"""Saved views: lists and searches that somebody of the staff wants again. Each sees their own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.storage.models import SavedView

LONGEST_NAME, LONGEST_QUERY, MOST = 60, 500, 30


def listed(session: Session, staff_id: int, page: str) -> list[SavedView]:
    """The views of somebody for a page, by name."""
    mine = select(SavedView).where(SavedView.staff_id == staff_id, SavedView.page == page)
    return list(session.scalars(mine.order_by(SavedView.name)))


def save(session: Session, staff_id: int, page: str, name: str, query: str, now: datetime) -> bool:
    """Keep a view under a name; the same name is written over. False when it has no name, or there are too many."""
    name = " ".join(name.split())[:LONGEST_NAME]
    if not name or len(query) > LONGEST_QUERY:
        return False
    mine = (SavedView.staff_id == staff_id, SavedView.page == page)
    row = session.scalar(select(SavedView).where(*mine, SavedView.name == name))
    if row is None:
        if (session.scalar(select(func.count()).select_from(SavedView).where(*mine)) or 0) >= MOST:
            return False
        row = SavedView(staff_id=staff_id, page=page, name=name)
        session.add(row)
    row.query, row.created_at = query, now
    return True


def drop(session: Session, staff_id: int, view_id: int) -> str | None:
    """Take a view of theirs away; returns its page, None when they have no such view."""
    page = session.scalar(select(SavedView.page).where(SavedView.id == view_id, SavedView.staff_id == staff_id))
    session.execute(delete(SavedView).where(SavedView.id == view_id, SavedView.staff_id == staff_id))
    return page
