"""Encrypted backups of either database, restore, and the proof that both are equal.

A backup is a file of sealed records, one row each, of a single moment (one reading transaction). The rows of a person
are sealed by that person's key besides; the keys are not in it but in the keyring's one copy (bot/services/keyring.py).
A flipped bit, a record that is missing, moved or cut off is noticed before anything is restored.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, BinaryIO

from alembic import command
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, MetaData, Table, func, select, text
from sqlalchemy.engine import make_url

from bot.sealing import SealError, master_keys
from bot.services import keyring
from bot.services.keyring import Keyring, KeyringError
from bot.settings import settings
from bot.storage.db import Database
from bot.storage.migrate import alembic_config, upgrade
from bot.storage.vault import Vault

MAGIC = b"safe-migration-backup-1\n"
ROW, END = b"row", b"end"
APART = ("alembic_version", "person_key")
WORDS = "message_words"
PERSON_ROW = b"row of a person"
BATCH = 1000


class BackupError(Exception):
    """A backup or restore failed; the text says why and what to do."""


@dataclass(frozen=True)
class Restored:
    """What a restore did."""

    rows: int
    erased: int
    """Rows of persons who were erased since; they were left out."""


def back_up(url: str, target: Path, ring: Path) -> int:
    """Write a backup of the database at `url` to `target`, then the keyring to `ring`; returns the rows.

    Raises BackupError.
    """
    if target.exists():
        raise BackupError(f"{target} exists already; name another file.")
    target.parent.mkdir(parents=True, exist_ok=True)
    database, rows = Database(url), 0
    try:
        file = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(file, "wb") as out, _snapshot(database) as connection:
            revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
            writer = _Writer(out, revision)
            for record in _records(connection, database.vault):
                writer.record(record)
                rows += 1
            writer.end()
        keyring.write(database, ring)  # after the data: it must hold everybody who is in them
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    finally:
        database.close()
    return rows


def restore(url: str, source: Path, ring: Path) -> Restored:
    """Bring an empty database to the state in `source`; whoever is not in the keyring any more stays erased.

    Raises BackupError, KeyringError, DataKeyError.
    """
    revision, made, _ = check(source)
    keys = keyring.read(ring)
    if keys.at < made:
        raise BackupError(
            f"The keyring {ring} is older than the backup: people would be missing. Use the newest copy of the keyring."
        )
    if url.startswith("sqlite"):
        path = _sqlite_path(url)
        if path.exists():
            raise BackupError(f"{path} exists. Move it away first; a restore never overwrites.")
    command.upgrade(alembic_config(url), revision)
    database = Database(url)
    try:
        with database.engine.connect() as plain:
            connection = plain.execution_options(writes=True)
            with connection.begin():
                done = _fill(connection, database.vault, source, keys)
    finally:
        database.close()
    upgrade(url)
    return done


def check(source: Path) -> tuple[str, datetime, int]:
    """Read a backup to its end: schema revision, when it was made, rows. Raises BackupError when it is damaged."""
    reader = _Reader(source)
    return reader.revision, reader.made, sum(1 for _ in reader.records())


def fingerprint(url: str) -> dict[str, tuple[int, str]]:
    """Table -> (rows, hash over all rows in the order of their keys): equal for equal databases."""
    database = Database(url)
    try:
        with _snapshot(database) as connection:
            return {table.name: _table_hash(connection, table) for table in _tables(connection)}
    finally:
        database.close()


def _table_hash(connection: Connection, table: Table) -> tuple[int, str]:
    digest, rows = hashlib.sha256(), 0
    for row in _rows(connection, table):
        digest.update(json.dumps({k: _plain(v) for k, v in row.items()}, sort_keys=True).encode())
        rows += 1
    return rows, digest.hexdigest()[:16]


# ------------------------------------------------------------------ rows


def _snapshot(database: Database) -> Connection:
    level = {} if database.is_sqlite else {"isolation_level": "REPEATABLE READ"}
    connection = database.engine.connect().execution_options(**level)
    if not database.is_sqlite:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
    return connection


def _tables(connection: Connection) -> list[Table]:
    metadata = MetaData()
    metadata.reflect(connection, only=lambda name, _: not name.startswith((WORDS, "sqlite_")))
    return [table for table in metadata.sorted_tables if table.name not in ("alembic_version",)]


def _rows(connection: Connection, table: Table) -> Iterator[dict[str, Any]]:
    query = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=BATCH)
    for row in connection.execute(query):
        yield dict(row._mapping)


def _records(connection: Connection, vault: Vault) -> Iterator[dict[str, Any]]:
    keys = {number: name for number, name in connection.execute(text("SELECT id, key_id FROM person"))}
    chats = {chat: number for number, chat in connection.execute(text("SELECT id, channel_key FROM person"))}
    through: dict[str, dict[int, int]] = {"case_id": {}, "message_id": {}, "conversation_id": {}}
    for table in _tables(connection):
        if table.name in APART:
            continue
        for row in _rows(connection, table):
            person = row["id"] if table.name == "person" else row.get("person_id")
            if person is None and table.name == "inbox":
                person = chats.get(row["chat_key"])
            for column, known in through.items():
                person = known.get(row.get(column, -1), person) if person is None else person
            if table.name in ("case_file", "message", "conversation") and person is not None:
                through[{"case_file": "case_id"}.get(table.name, f"{table.name}_id")][row["id"]] = person
            values = {name: _plain(value) for name, value in row.items()}
            name = keys.get(person) if person is not None else None
            if name is None:
                yield {"t": table.name, "r": values}
                continue
            sealed = vault.person(connection, name).seal(json.dumps(values).encode(), PERSON_ROW)
            yield {"t": table.name, "k": name, "s": base64.b64encode(sealed).decode()}


def _fill(connection: Connection, vault: Vault, source: Path, ring: Keyring) -> Restored:
    tables = {table.name: table for table in _tables(connection)}
    connection.execute(tables["sealing_key"].delete())
    waiting: dict[str, list[dict[str, Any]]] = {}
    sealed: list[dict[str, Any]] = []
    for record in _Reader(source).records():
        if "r" in record:
            waiting.setdefault(record["t"], []).append(record["r"])
        else:
            sealed.append(record)
    _insert(connection, tables["sealing_key"], waiting.pop("sealing_key", []))
    vault.load(connection)
    kept = {r["k"] for r in sealed if r["k"] in ring.keys}
    keys = [
        {"id": name, "wrapped": _plain(ring.keys[name][0]), "created_at": {"~t": ring.keys[name][1]}}
        for name in sorted(kept)
    ]
    _insert(connection, tables["person_key"], keys)
    erased = 0
    for record in sealed:
        if record["k"] not in kept:
            erased += 1
            continue
        try:
            opened = vault.person(connection, record["k"]).open(base64.b64decode(record["s"]), PERSON_ROW)
        except SealError as error:
            raise BackupError("The keyring does not belong to this backup: a person's rows do not open.") from error
        waiting.setdefault(record["t"], []).append(json.loads(opened))
    ledger = {row["key_id"]: row for row in waiting.pop("erasure", [])}
    for key, at in ring.erased.items():
        ledger.setdefault(key, {"key_id": key, "at": {"~t": at}, "by": "keyring", "scrubbed_at": {"~t": at}})
    waiting["erasure"] = list(ledger.values())
    rows = len(keys) + sum(map(len, waiting.values()))
    for name, table in tables.items():  # parents before children
        _insert(connection, table, waiting.get(name, []))
    if connection.dialect.name == "postgresql":
        _sequences(connection, tables)
    return Restored(rows, erased)


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), BATCH):
        values = [{k: _value(v) for k, v in row.items() if k in table.c} for row in rows[start : start + BATCH]]
        connection.execute(table.insert(), values)


def _sequences(connection: Connection, tables: dict[str, Table]) -> None:
    for name, table in tables.items():
        if "id" in table.c and table.c.id.type.python_type is int:
            top = connection.execute(select(func.max(table.c.id))).scalar() or 0
            find = text("SELECT setval(pg_get_serial_sequence(:t, 'id'), :n, true) WHERE :n > 0")
            connection.execute(find, {"t": name, "n": top})


def _plain(value: Any) -> Any:
    """A value as JSON; the same for both databases."""
    if isinstance(value, datetime):
        return {"~t": (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)).isoformat()}
    if isinstance(value, date):
        return {"~d": value.isoformat()}
    if isinstance(value, (bytes, memoryview)):
        return {"~b": base64.b64encode(bytes(value)).decode()}
    return value


def _value(value: Any) -> Any:
    match value:
        case {"~t": at}:
            return datetime.fromisoformat(at)
        case {"~d": day}:
            return date.fromisoformat(day)
        case {"~b": data}:
            return base64.b64decode(data)
    return value


# ------------------------------------------------------------------ the file


class _Writer:
    """Records, each sealed with its place in the file, so that none can be left out or moved."""

    def __init__(self, out: BinaryIO, revision: str) -> None:
        key = os.urandom(32)
        wrapped = base64.b64encode(master_keys(settings()).wrap(key)).decode()
        head = {"revision": revision, "at": datetime.now(UTC).isoformat(), "key": wrapped}
        self._out, self._aead, self._count = out, AESGCM(key), 0
        self._head = json.dumps(head).encode()
        out.write(MAGIC + len(self._head).to_bytes(4, "big") + self._head)

    def record(self, value: dict[str, Any], kind: bytes = ROW) -> None:
        """Append one."""
        nonce = self._count.to_bytes(12, "big")
        sealed = self._aead.encrypt(nonce, json.dumps(value).encode(), kind + self._head)
        self._out.write(len(sealed).to_bytes(4, "big") + kind + sealed)
        self._count += 1

    def end(self) -> None:
        """The last record says that nothing is missing."""
        self.record({"rows": self._count}, END)
        self._out.flush()
        os.fsync(self._out.fileno())


class _Reader:
    """Reads what _Writer wrote. Raises BackupError."""

    def __init__(self, source: Path) -> None:
        if not source.exists():
            raise BackupError(f"{source} does not exist.")
        self._source = source
        with source.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                raise BackupError(f"{source} is no backup of this program.")
            self._head = file.read(min(int.from_bytes(file.read(4), "big"), 10_000))
            self._start = file.tell()
        try:
            head = json.loads(self._head)
            wrapped = base64.b64decode(head["key"])
            self.revision, self.made = str(head["revision"]), datetime.fromisoformat(head["at"])
        except (ValueError, KeyError, TypeError) as error:
            raise BackupError(f"{source} is damaged at its beginning.") from error
        self._aead = AESGCM(master_keys(settings()).unwrap(wrapped))

    def records(self) -> Iterator[dict[str, Any]]:
        """All records, in order."""
        with self._source.open("rb") as file:
            file.seek(self._start)
            count = 0
            while True:
                length, kind = int.from_bytes(file.read(4), "big"), file.read(3)
                try:
                    plain = self._aead.decrypt(count.to_bytes(12, "big"), file.read(length), kind + self._head)
                except (InvalidTag, ValueError, OverflowError, MemoryError) as error:
                    raise BackupError(f"{self._source} is damaged at record {count}: do not use it.") from error
                if kind == END:
                    if file.read(1):
                        raise BackupError(f"{self._source} has something behind its end: do not use it.")
                    return
                yield json.loads(plain)
                count += 1


def _sqlite_path(url: str) -> Path:
    path = make_url(url).database
    if not path or path == ":memory:":
        raise BackupError("This database lives in memory only; set DATABASE_URL to a file.")
    return Path(path)


__all__ = ["BackupError", "KeyringError", "Restored", "back_up", "check", "fingerprint", "restore"]
