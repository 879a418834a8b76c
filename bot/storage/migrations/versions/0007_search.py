"""lists, review and figures at a million messages: indexes, figures by period; a supervisor's last word in review

Revision: 0007
Before: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

FROM_PEOPLE = sa.text("direction = 'in'")
COLUMNS = [
    "created_at", "id", "conversation_id", "person_id", "kind", "intent", "confidence", "language", "form", "action",
    "urgent",
]  # fmt: skip


def upgrade() -> None:
    op.create_index("ix_message_found", "message", COLUMNS, sqlite_where=FROM_PEOPLE, postgresql_where=FROM_PEOPLE)
    op.create_index(
        "ix_message_topic",
        "message",
        ["intent", "created_at", "id"],
        sqlite_where=FROM_PEOPLE,
        postgresql_where=FROM_PEOPLE,
    )
    op.create_index(
        "ix_feedback_bad",
        "feedback",
        ["person_id", "topic", "created_at"],
        sqlite_where=sa.text("NOT useful"),
        postgresql_where=sa.text("NOT useful"),
    )
    op.create_index("ix_feedback_created_at", "feedback", ["created_at"])
    op.create_index("ix_case_file_opened_at", "case_file", ["opened_at"])
    op.create_index("ix_person_created_at", "person", ["created_at"])
    op.create_table(
        "figure",
        sa.Column("period", sa.String(8), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("measure", sa.String(16), nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("period", "start", "measure", "key", name="pk_figure"),
    )
    with op.batch_alter_table("correction") as table:
        table.add_column(sa.Column("settles", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.drop_constraint("uq_correction_message_id_staff_id", type_="unique")
        table.create_unique_constraint(
            "uq_correction_message_id_staff_id_settles", ["message_id", "staff_id", "settles"]
        )


def downgrade() -> None:
    op.execute("DELETE FROM correction WHERE settles")
    with op.batch_alter_table("correction") as table:
        table.drop_constraint("uq_correction_message_id_staff_id_settles", type_="unique")
        table.create_unique_constraint("uq_correction_message_id_staff_id", ["message_id", "staff_id"])
        table.drop_column("settles")
    op.drop_table("figure")
    op.drop_index("ix_person_created_at", "person")
    op.drop_index("ix_case_file_opened_at", "case_file")
    op.drop_index("ix_feedback_created_at", "feedback")
    op.drop_index("ix_feedback_bad", "feedback")
    op.drop_index("ix_message_topic", "message")
    op.drop_index("ix_message_found", "message")
