"""Drafts on their way: there is one of a place at most."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage.models import ContentDraft, DraftState

OPEN = (DraftState.DRAFT, DraftState.IN_REVIEW, DraftState.APPROVED)


def place(kind: str, key: str) -> str:
    """How the audit names a text."""
    return f"{kind} {key}"[:40]


def open_draft(session: Session, kind: str, key: str, *, lock: bool = False) -> ContentDraft | None:
    """The draft of a place on its way, or None: there is one at most."""
    query = select(ContentDraft).where(ContentDraft.kind == kind, ContentDraft.key == key, ContentDraft.state.in_(OPEN))
    return session.scalar(query.with_for_update() if lock else query)


def open_drafts(session: Session) -> list[ContentDraft]:
    """All drafts on their way."""
    return list(session.scalars(select(ContentDraft).where(ContentDraft.state.in_(OPEN)).order_by(ContentDraft.id)))
