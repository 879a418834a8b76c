"""accounts and sessions of the console, corrections, audit, search by words

Revision: 0004
Before: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _accounts()
    _records()
    if op.get_bind().dialect.name == "sqlite":
        _sqlite_words()
    else:
        _postgresql_words()


def _accounts() -> None:
    op.create_table(
        "staff",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("password_until", TIME, nullable=True),
        sa.Column("totp_secret", sa.String(64), nullable=True),
        sa.Column("totp_confirmed_at", TIME, nullable=True),
        sa.Column("totp_last_step", ID, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("disabled_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_staff"),
        sa.UniqueConstraint("name", name="uq_staff_name"),
    )
    op.create_table(
        "staff_session",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("staff_id", ID, nullable=False),
        sa.Column("full", sa.Boolean(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("last_seen_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_staff_session_staff_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", name="pk_staff_session"),
    )
    op.create_index("ix_staff_session_staff_id", "staff_session", ["staff_id"])
    op.create_index("ix_staff_session_last_seen_at", "staff_session", ["last_seen_at"])
    op.create_table(
        "sign_in_try",
        sa.Column("id", ID, nullable=False),
        sa.Column("bucket", sa.String(64), nullable=False),
        sa.Column("tried_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_try"),
    )
    op.create_index("ix_sign_in_try_bucket_tried_at", "sign_in_try", ["bucket", "tried_at"])
    op.create_index("ix_sign_in_try_tried_at", "sign_in_try", ["tried_at"])


def _records() -> None:
    op.create_table(
        "correction",
        sa.Column("id", ID, nullable=False),
        sa.Column("message_id", ID, nullable=False),
        sa.Column("staff_id", ID, nullable=False),
        sa.Column("verdict", sa.String(12), nullable=False),
        sa.Column("intent_before", sa.String(40), nullable=True),
        sa.Column("intent", sa.String(40), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_correction_message_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_correction_staff_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_correction"),
        sa.UniqueConstraint("message_id", "staff_id", name="uq_correction_message_id_staff_id"),
    )
    op.create_index("ix_correction_staff_id", "correction", ["staff_id"])
    op.create_table(
        "audit",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("staff_name", sa.String(40), nullable=False),
        sa.Column("action", sa.String(24), nullable=False),
        sa.Column("object", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("ix_audit_staff_name_action_object_at", "audit", ["staff_name", "action", "object", "at"])


def _sqlite_words() -> None:
    """Trigrams of what people and staff wrote (not of our answers), kept by triggers, so no writer can forget it."""
    op.execute(
        "CREATE VIRTUAL TABLE message_words USING fts5(text, content='message', content_rowid='id', "
        "tokenize='trigram', detail='full')"
    )
    remove = "INSERT INTO message_words(message_words, rowid, text) VALUES ('delete', old.id, old.text);"
    add = "INSERT INTO message_words(rowid, text) VALUES (new.id, new.text);"
    for name, event, which, body in (
        ("added", "AFTER INSERT", "new", add),
        ("removed", "AFTER DELETE", "old", remove),
        ("changed", "AFTER UPDATE OF text", "old", remove + add),
    ):
        op.execute(
            f"CREATE TRIGGER message_words_{name} {event} ON message WHEN {which}.direction <> 'out' BEGIN {body} END"
        )
    op.execute("INSERT INTO message_words(rowid, text) SELECT id, text FROM message WHERE direction <> 'out'")


def _postgresql_words() -> None:
    """The same by pg_trgm where the server has it and lets us; without it a search reads every message."""
    op.execute(
        """
        DO $$ BEGIN
            CREATE EXTENSION IF NOT EXISTS pg_trgm;
            CREATE INDEX ix_message_words ON message USING gin (text gin_trgm_ops) WHERE direction <> 'out';
        EXCEPTION WHEN undefined_file OR insufficient_privilege OR feature_not_supported OR undefined_object THEN
            RAISE NOTICE 'pg_trgm is not available: searching words will be slow';
        END $$
        """
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("added", "removed", "changed"):
            op.execute(f"DROP TRIGGER message_words_{name}")
        op.execute("DROP TABLE message_words")
    else:
        op.execute("DROP INDEX IF EXISTS ix_message_words")
    for table in ("audit", "correction", "sign_in_try", "staff_session", "staff"):
        op.drop_table(table)
