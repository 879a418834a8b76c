"""personal data sealed by the application

Channel ids become keyed hashes, beside them sealed where they are needed; payloads, states, notes and file ids are
sealed; what people and staff wrote is masked, and the words themselves sealed by a key of each person. Rows are read in
batches, in the one transaction of the migration: killed half-way, it is as if it had not begun.

Revision: 0006
Before: 0005
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from bot.masking import mask
from bot.sealing import master_keys
from bot.settings import settings
from bot.storage.vault import Vault, vault_of

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BATCH = 500
TIME = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _tables()
    op.add_column("person", sa.Column("channel_id", sa.Text(), nullable=True))
    op.add_column("person", sa.Column("key_id", sa.String(32), nullable=True))
    op.create_index("ix_person_key_id", "person", ["key_id"])
    op.add_column("message", sa.Column("sealed", sa.LargeBinary(), nullable=True))
    op.add_column("message", sa.Column("file_sealed", sa.Text(), nullable=True))
    op.add_column("outbox", sa.Column("chat_id", sa.Text(), nullable=True))
    connection = op.get_bind()
    vault = vault_of(connection.dialect)
    master_keys(settings(), create=True)
    vault.create(connection, datetime.now(UTC))
    _seal_persons(connection, vault)
    _seal_messages(connection, vault)
    _seal_inbox(connection, vault)
    _seal_outbox(connection, vault)
    _seal_notes(connection, vault)
    op.drop_column("message", "file_id")
    if connection.execute(sa.text("SELECT count(*) FROM person")).scalar():
        _ask_for_scrub(connection)


def _ask_for_scrub(connection: sa.Connection) -> None:
    """What was plain lies in the index of words and in the write-ahead log still; storage/scrub.py sees this entry."""
    erasure = sa.table("erasure", *(sa.column(n, TIME if n == "at" else sa.String) for n in ("key_id", "at", "by")))
    connection.execute(erasure.insert().values(key_id="migration 0006", at=datetime.now(UTC), by="migration"))


def _tables() -> None:
    for name, width, more in (
        ("sealing_key", 8, [sa.Column("purpose", sa.String(8), nullable=False)]),
        ("person_key", 32, []),
    ):
        op.create_table(
            name,
            sa.Column("id", sa.String(width), nullable=False),
            *more,
            sa.Column("wrapped", sa.LargeBinary(), nullable=False),
            sa.Column("created_at", TIME, nullable=False),
            sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        )
    op.create_table(
        "erasure",
        sa.Column("key_id", sa.String(32), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("scrubbed_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("key_id", name="pk_erasure"),
    )
    op.create_index("ix_erasure_at", "erasure", ["at"])
    op.create_table(
        "purge",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("older_than", TIME, nullable=False),
        sa.Column("detail", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_purge"),
    )
    op.create_index("ix_purge_at", "purge", ["at"])
    op.create_table(
        "case_hold",
        sa.Column("case_id", ID, nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("by", sa.String(40), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name="fk_case_hold_case_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("case_id", name="pk_case_hold"),
    )


# ------------------------------------------------------------------ sealing what is there


def _batches(connection: sa.Connection, columns: str, table: str) -> Iterator[Any]:
    """All rows of a table by their id, some at a time."""
    last, name = 0, table.split(maxsplit=1)[0]
    while True:
        query = sa.text(f"SELECT {columns} FROM {table} WHERE {name}.id > :last ORDER BY {name}.id LIMIT {BATCH}")  # noqa: S608
        rows = connection.execute(query, {"last": last}).all()
        if not rows:
            return
        yield from rows
        last = rows[-1].id


def _change(connection: sa.Connection, table: str, row_id: int, **values: Any) -> None:
    names = ", ".join(f"{name} = :{name}" for name in values)
    connection.execute(sa.text(f"UPDATE {table} SET {names} WHERE id = :row_id"), values | {"row_id": row_id})  # noqa: S608


def _text(vault: Vault) -> Callable[[str], str]:
    return lambda value: base64.b64encode(vault.seal(value.encode(), b"column")).decode()


def _object(vault: Vault, value: Any) -> str | None:
    """A JSON column as it comes from either database, sealed; None and empty ones stay."""
    found = json.loads(value) if isinstance(value, str) else value
    if not found:
        return None if found is None else "{}"
    return json.dumps(_text(vault)(json.dumps(found, separators=(",", ":"))))


def _seal_persons(connection: sa.Connection, vault: Vault) -> None:
    for row in _batches(connection, "id, channel_key, state", "person"):
        _change(
            connection,
            "person",
            row.id,
            channel_id=_text(vault)(row.channel_key),
            channel_key=vault.keyed(row.channel_key),
            key_id=vault.new_person_key(connection, datetime.now(UTC)),
            state=_object(vault, row.state) or "{}",
        )


def _seal_messages(connection: sa.Connection, vault: Vault) -> None:
    """Our own answers may repeat what people said, and it is no longer known which do: all are masked."""
    columns = "message.id, message.text, message.file_id, person.key_id, message.direction"
    for row in _batches(connection, columns, "message JOIN person ON person.id = message.person_id"):
        masked = mask(row.text)
        keep = row.text and (row.direction != "out" or masked != row.text)
        sealed = vault.person(connection, row.key_id).seal(row.text.encode(), b"words") if keep else None
        file = _text(vault)(row.file_id) if row.file_id else None
        if keep or file:
            _change(connection, "message", row.id, text=masked, sealed=sealed, file_sealed=file)


def _seal_inbox(connection: sa.Connection, vault: Vault) -> None:
    for row in _batches(connection, "id, chat_key, payload", "inbox"):
        payload = _object(vault, row.payload)
        _change(connection, "inbox", row.id, chat_key=vault.keyed(row.chat_key), payload=payload)


def _seal_outbox(connection: sa.Connection, vault: Vault) -> None:
    """The words of what is finished go; what waits is sealed."""
    for row in _batches(connection, "id, chat_key, payload, person_id, state", "outbox"):
        waits = row.state in ("queued", "sending")
        _change(
            connection,
            "outbox",
            row.id,
            chat_key=vault.keyed(row.chat_key),
            chat_id=_text(vault)(row.chat_key) if waits and row.person_id is None else None,
            payload=(_object(vault, row.payload) if waits else None) or "{}",
        )


def _seal_notes(connection: sa.Connection, vault: Vault) -> None:
    for row in _batches(connection, "id, text", "case_note"):
        _change(connection, "case_note", row.id, text=_text(vault)(row.text))


def downgrade() -> None:
    """There is no way back: masked words of a person without a key cannot be told again."""
    raise NotImplementedError("sealed data stay sealed; restore a backup of the older version instead")
