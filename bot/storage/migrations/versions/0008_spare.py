"""who edited a draft, what was checked in which language, who may approve a language, which links are dead

Revision: 0008
Before: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("content_draft", sa.Column("editors", sa.JSON(), nullable=True))
    op.create_table(
        "language_check",
        sa.Column("topic", sa.String(60), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("text_hash", sa.String(64), nullable=False),
        sa.Column("staff_name", sa.String(40), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("topic", "language", "kind", name="pk_language_check"),
    )
    op.create_table(
        "native_reviewer",
        sa.Column("staff_id", ID, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_native_reviewer_staff_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("staff_id", "language", name="pk_native_reviewer"),
    )
    op.create_table(
        "link_check",
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("alive", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("checked_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("url", name="pk_link_check"),
    )


def downgrade() -> None:
    op.drop_table("link_check")
    op.drop_table("native_reviewer")
    op.drop_table("language_check")
    op.drop_column("content_draft", "editors")
