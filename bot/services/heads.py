"""The heads of the chats: of each chat only the oldest waiting row may go, in the inbox and in the outbox alike.

The statements are built once: every message passes here several times, and building them cost more than running them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Label,
    Row,
    Select,
    Subquery,
    Table,
    TextClause,
    bindparam,
    func,
    literal,
    select,
    true,
)
from sqlalchemy.orm import Session

SCAN = 100
"""How many of the oldest waiting rows are looked at before all chats are."""


class Found(NamedTuple):
    """Rows of the wanted columns, and how many rows wait at all (counted up to SCAN)."""

    rows: Sequence[Row[Any]]
    waiting: int


class Heads:
    """Finds the oldest waiting rows of up to `limit` chats that are free, urgent ones first.

    `waiting` is the condition of the table's index of waiting rows, `state` the state that it means; `free` gives the
    condition on a row that says it may go, with parameters of its own. First among the oldest SCAN rows, which is where
    the heads are nearly always. Only when one chat crowds these are the heads of all chats looked up, in an index that
    holds waiting rows only: so a chat that floods us slows nobody down.
    """

    def __init__(
        self, table: Table, waiting: TextClause, state: str, free: Callable[[Table], ColumnElement[bool]], *wanted: str
    ) -> None:
        self._wanted = [table.c[name] for name in ("id", "priority", *wanted)]
        mine = (table.c.channel == bindparam("channel"), waiting)
        order = (table.c.priority, table.c.id)
        oldest = select(table.c.id).where(*mine).order_by(*order).limit(literal(SCAN)).subquery("oldest")
        earlier = table.alias("earlier")
        is_head = ~(
            select(earlier.c.id)
            .where(
                earlier.c.channel == table.c.channel,
                earlier.c.chat_key == table.c.chat_key,
                earlier.c.state == literal(state),
                earlier.c.id < table.c.id,
            )
            .exists()
        )
        near = self._limited(select(*self._wanted).join(oldest, oldest.c.id == table.c.id), free(table), is_head)
        count = select(func.count().label("waiting")).select_from(oldest).subquery("counted")
        self._near = select(count.c.waiting, near).select_from(count.outerjoin(near, true()))
        first: Label[int] = func.min(table.c.id).label("id")
        heads = select(first).where(*mine).group_by(table.c.chat_key).subquery("heads")
        self._far = select(self._limited(select(*self._wanted).join(heads, heads.c.id == table.c.id), free(table)))

    def _limited(self, rows: Select[Any], *conditions: ColumnElement[bool]) -> Subquery:
        identity, priority = self._wanted[:2]
        return rows.where(*conditions).order_by(priority, identity).limit(bindparam("most")).subquery("found")

    def find(self, session: Session, channel: str, limit: int, **parameters: object) -> Found:
        """The heads. `parameters` are those of the condition `free`."""
        values = {"channel": channel, "most": limit, **parameters}
        connection = session.connection()
        found = connection.execute(self._near, values).all()
        waiting = found[0][0]
        rows = [row for row in found if row.id is not None]
        if len(rows) < limit and waiting == SCAN:
            return Found(_sorted(connection.execute(self._far, values).all()), waiting)
        return Found(_sorted(rows), waiting)


def _sorted(rows: Sequence[Row[Any]]) -> list[Row[Any]]:
    """An order inside a subquery promises nothing outside of it."""
    return sorted(rows, key=lambda row: (row.priority, row.id))
