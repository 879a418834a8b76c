"""no number is given twice (SQLite); which message a question for training came from

SQLite gives the number of a deleted last row to the next one. After an erasure an open page, a draft or a command of
the staff would then reach somebody else under the old number. AUTOINCREMENT changes nothing of the rows on disk, so it
is written into the schema as https://www.sqlite.org/lang_altertable.html#otheralter describes; building the tables
anew would copy all transcripts.

Revision: 0009
Before: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = ("person", "conversation", "message", "case_file", "outbox", "training_question")
PLAIN, ONCE = "PRIMARY KEY (id)", "PRIMARY KEY (id AUTOINCREMENT)"


def upgrade() -> None:
    op.add_column("training_question", sa.Column("message_id", ID, nullable=True))
    op.create_index("ix_training_question_message_id", "training_question", ["message_id"])
    _link_questions(op.get_bind())
    if op.get_bind().dialect.name == "sqlite":
        _rewrite(op.get_bind(), PLAIN, ONCE)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _rewrite(op.get_bind(), ONCE, PLAIN)
    op.drop_index("ix_training_question_message_id", "training_question")
    op.drop_column("training_question", "message_id")


def _rewrite(connection: sa.Connection, before: str, after: str) -> None:
    """Write another primary key into the schema; raises RuntimeError when a table is not as we made it."""
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("CREATE TABLE numbering (id INTEGER PRIMARY KEY AUTOINCREMENT)")  # makes sqlite_sequence
    connection.exec_driver_sql("DROP TABLE numbering")
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    for table in TABLES:
        done = connection.execute(
            sa.text(
                "UPDATE sqlite_master SET sql = replace(sql, :before, :after) "
                "WHERE type = 'table' AND name = :name AND instr(sql, :before) > 0"
            ),
            {"before": before, "after": after, "name": table},
        )
        if done.rowcount != 1:
            raise RuntimeError(f"the table {table} has no {before}")
    connection.exec_driver_sql(f"PRAGMA schema_version={version + 10}")
    connection.exec_driver_sql("PRAGMA writable_schema=RESET")
    for table in TABLES:
        connection.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table})
        if after == ONCE:
            highest = sa.select(sa.func.max(sa.column("id", sa.Integer))).select_from(sa.table(table))
            row = {"name": table, "last": connection.execute(highest).scalar() or 0}
            connection.execute(sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), row)


def _link_questions(connection: sa.Connection) -> None:
    """Questions that came from a correction before now: their message is the corrected one with the same words."""
    from bot.services.questions import clean

    rows = connection.execute(sa.text("SELECT id, text FROM training_question WHERE source <> 'editor'")).all()
    if not rows:
        return
    corrected = connection.execute(
        sa.text("SELECT id, text FROM message WHERE id IN (SELECT message_id FROM correction) ORDER BY id")
    ).all()
    messages = {clean(words): number for number, words in corrected}
    for number, words in rows:
        if words in messages:
            link = sa.text("UPDATE training_question SET message_id = :message WHERE id = :id")
            connection.execute(link, {"message": messages[words], "id": number})
