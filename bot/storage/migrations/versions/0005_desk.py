"""subscriptions and broadcasts, work on cases, the editors' desk, the registry of models; heartbeat was never used

Revision: 0005
Before: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _chat()
    _cases()
    _desk()
    op.drop_table("heartbeat")


def _chat() -> None:
    op.create_table(
        "broadcast",
        sa.Column("id", ID, nullable=False),
        sa.Column("topic", sa.String(40), nullable=False),
        sa.Column("destination", sa.String(8), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("created_by", sa.String(40), nullable=False),
        sa.Column("approved_by", sa.String(40), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("started_at", TIME, nullable=True),
        sa.Column("finished_at", TIME, nullable=True),
        sa.Column("last_person_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_broadcast"),
    )
    op.create_index("ix_broadcast_state", "broadcast", ["state"])
    op.create_table(
        "arrival",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_arrival_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_arrival"),
    )
    op.create_index("ix_arrival_created_at", "arrival", ["created_at"])
    op.create_index("ix_arrival_person_id", "arrival", ["person_id"])
    op.create_index("ix_arrival_source", "arrival", ["source"])
    op.create_table(
        "subscription",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("topic", sa.String(40), nullable=False),
        sa.Column("destination", sa.String(8), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_subscription_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_subscription"),
        sa.UniqueConstraint("person_id", "topic", "destination", name="uq_subscription_person_id_topic_destination"),
    )
    op.create_index("ix_subscription_topic", "subscription", ["topic"])
    op.create_table(
        "broadcast_delivery",
        sa.Column("broadcast_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("outbox_id", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcast.id"], name="fk_broadcast_delivery_broadcast_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name="fk_broadcast_delivery_outbox_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_broadcast_delivery_person_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("broadcast_id", "person_id", name="pk_broadcast_delivery"),
    )
    op.create_index("ix_broadcast_delivery_outbox_id", "broadcast_delivery", ["outbox_id"])
    op.create_index("ix_broadcast_delivery_person_id", "broadcast_delivery", ["person_id"])


def _cases() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", ID, nullable=False),
        sa.Column("staff_id", ID, nullable=False),
        sa.Column("page", sa.String(24), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("query", sa.String(500), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_saved_view_staff_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_view"),
        sa.UniqueConstraint("staff_id", "page", "name", name="uq_saved_view_staff_id_page_name"),
    )
    op.create_table(
        "case_note",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("staff_name", sa.String(40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name="fk_case_note_case_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_case_note"),
    )
    op.create_index("ix_case_note_case_id", "case_note", ["case_id"])
    op.create_table(
        "case_tag",
        sa.Column("case_id", ID, nullable=False),
        sa.Column("tag", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name="fk_case_tag_case_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("case_id", "tag", name="pk_case_tag"),
    )
    op.create_index("ix_case_tag_tag", "case_tag", ["tag"])
    op.add_column("audit", sa.Column("hash", sa.String(64), nullable=False, server_default=""))
    op.add_column("case_file", sa.Column("outcome", sa.String(24), nullable=True))
    op.add_column("case_file", sa.Column("referred_to", sa.String(120), nullable=True))
    op.add_column("case_file", sa.Column("referral_consent", sa.Boolean(), nullable=True))
    op.add_column("case_file", sa.Column("referred_at", TIME, nullable=True))
    op.add_column("case_file", sa.Column("follow_up_on", sa.Date(), nullable=True))
    op.create_index("ix_case_file_follow_up_on", "case_file", ["follow_up_on"])
    op.create_index("ix_case_file_outcome", "case_file", ["outcome"])


def _desk() -> None:
    op.create_table(
        "content_draft",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(40), nullable=False),
        sa.Column("reviewer", sa.String(40), nullable=True),
        sa.Column("note", sa.String(300), nullable=False),
        sa.Column("publish_from", TIME, nullable=True),
        sa.Column("publish_until", TIME, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_content_draft"),
    )
    op.create_index("ix_content_draft_kind_key", "content_draft", ["kind", "key"])
    op.create_index("ix_content_draft_state", "content_draft", ["state"])
    op.create_table(
        "content_version",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=True),
        sa.Column("base", sa.String(64), nullable=False),
        sa.Column("author", sa.String(40), nullable=False),
        sa.Column("approved_by", sa.String(40), nullable=True),
        sa.Column("note", sa.String(300), nullable=False),
        sa.Column("published_at", TIME, nullable=False),
        sa.Column("valid_until", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_content_version"),
        sa.UniqueConstraint("kind", "key", "number", name="uq_content_version_kind_key_number"),
    )
    op.create_index("ix_content_version_published_at", "content_version", ["published_at"])
    op.create_table(
        "model",
        sa.Column("id", ID, nullable=False),
        sa.Column("file", sa.String(200), nullable=False),
        sa.Column("data_hash", sa.String(64), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("progress", sa.String(200), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=True),
        sa.Column("reasons", sa.JSON(), nullable=True),
        sa.Column("created_by", sa.String(40), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("finished_at", TIME, nullable=True),
        sa.Column("promoted_by", sa.String(40), nullable=True),
        sa.Column("promoted_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_model"),
    )
    op.create_index("ix_model_state", "model", ["state"])
    op.create_table(
        "recording",
        sa.Column("id", ID, nullable=False),
        sa.Column("topic", sa.String(40), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("uploaded_by", sa.String(40), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("channel_file_id", sa.String(200), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_recording"),
        sa.UniqueConstraint("topic", "language", name="uq_recording_topic_language"),
    )
    op.create_table(
        "training_question",
        sa.Column("id", ID, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("form", sa.String(12), nullable=False),
        sa.Column("intent", sa.String(40), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("created_by", sa.String(40), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("decided_by", sa.String(40), nullable=True),
        sa.Column("decided_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_training_question"),
    )
    op.create_index("ix_training_question_state_intent", "training_question", ["state", "intent"])


def downgrade() -> None:
    for name in ("ix_case_file_outcome", "ix_case_file_follow_up_on"):
        op.drop_index(name, "case_file")
    for name in ("follow_up_on", "referred_at", "referral_consent", "referred_to", "outcome"):
        op.drop_column("case_file", name)
    op.drop_column("audit", "hash")
    for name in (
        "recording",
        "model",
        "content_version",
        "content_draft",
        "training_question",
        "saved_view",
        "case_tag",
        "case_note",
        "broadcast_delivery",
        "broadcast",
        "subscription",
        "arrival",
    ):
        op.drop_table(name)
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("beat_at", TIME, nullable=False),
        sa.Column("value", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_heartbeat"),
    )
