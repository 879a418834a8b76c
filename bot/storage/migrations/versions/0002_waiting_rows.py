"""indexes of the waiting rows by chat

Revision: 0002
Before: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, state in (("inbox", "new"), ("outbox", "queued")):
        condition = sa.text(f"state = '{state}'")
        op.create_index(
            f"ix_{table}_waiting",
            table,
            ["channel", "chat_key", "id"],
            sqlite_where=condition,
            postgresql_where=condition,
        )


def downgrade() -> None:
    for table in ("inbox", "outbox"):
        op.drop_index(f"ix_{table}_waiting", table_name=table)
