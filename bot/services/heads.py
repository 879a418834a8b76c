"""The heads of the chats: of each chat only the oldest waiting row may go, in the inbox and in the outbox alike."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, TextClause, func, select
from sqlalchemy.orm import Session, aliased

from bot.storage.models import InboxState, InboxUpdate, OutboxMessage, OutboxState

SCAN = 100
"""How many of the oldest waiting rows are looked at before all chats are."""


def heads(
    session: Session,
    table: type[InboxUpdate] | type[OutboxMessage],
    waiting: tuple[TextClause, InboxState | OutboxState],
    channel: str,
    free: Sequence[ColumnElement[bool]],
    limit: int,
) -> list[int]:
    """Ids of the oldest waiting rows of up to `limit` chats that are `free`, urgent ones first.

    `waiting` is the condition of the table's index of waiting rows, and the state that it means. First among the oldest
    SCAN rows, which is where the heads are nearly always. Only when one chat crowds these are the heads of all chats
    looked up, in an index that holds waiting rows only: so a chat that floods us slows nobody down.
    """
    condition, state = waiting
    mine = (table.channel == channel, condition)
    order = (table.priority, table.id)
    oldest = select(table.id).where(*mine).order_by(*order).limit(SCAN).subquery()
    earlier = aliased(table)
    head = ~(
        select(earlier.id)
        .where(
            earlier.channel == table.channel,
            earlier.chat_key == table.chat_key,
            earlier.state == state,
            earlier.id < table.id,
        )
        .exists()
    )
    near = select(table.id).join(oldest, oldest.c.id == table.id).where(*free, head)
    found = list(session.scalars(near.order_by(*order).limit(limit)))
    if len(found) == limit or session.scalar(select(func.count()).select_from(oldest)) != SCAN:
        return found
    first = select(func.min(table.id).label("id")).where(*mine).group_by(table.chat_key).subquery()
    far = select(table.id).join(first, first.c.id == table.id).where(*free)
    return list(session.scalars(far.order_by(*order).limit(limit)))
