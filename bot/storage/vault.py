"""The vault of one database: its keys, wrapped by the master key, and the column types that seal by themselves.

`lookup` makes keyed hashes of channel ids, `store` seals what is short-lived or belongs to no person alone, and wraps
the keys of persons. A person's key seals what the person said; without its row in `person_key` nobody can read that,
in no copy of the database either.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Connection, Dialect, Engine, String, Text, text
from sqlalchemy.types import TypeDecorator

from bot.sealing import KEY_BYTES, Cipher, DataKeyError, MasterKeys, SealError

if TYPE_CHECKING:
    from datetime import datetime

KEYED = "k:"
"""Begins every keyed hash; no channel's own ids begin so."""
NAME_BYTES = 4
REMEMBERED = 4096
"""Keys of persons kept unwrapped in memory."""


class Vault:
    """Seals and opens. It reads its keys at first use, from a connection of its own."""

    def __init__(self, engine: Engine, keys: Callable[[], MasterKeys]) -> None:
        self._engine, self._keys = engine, keys
        self._lookup = b""
        self._store: OrderedDict[bytes, Cipher] = OrderedDict()
        self._persons: OrderedDict[str, Cipher] = OrderedDict()
        self._lock = Lock()

    # ------------------------------------------------------------------ keys

    def load(self, connection: Connection | None = None) -> None:
        """Read the keys. Raises DataKeyError when the master key is missing or another one."""
        if connection is None:
            with self._engine.connect() as own:
                self.load(own)
            return
        rows = connection.execute(text("SELECT id, purpose, wrapped FROM sealing_key ORDER BY created_at, id")).all()
        if not rows:
            raise DataKeyError("The database has no keys yet: run `bot db migrate`.")
        master = self._keys()
        store: OrderedDict[bytes, Cipher] = OrderedDict()
        for name, purpose, wrapped in rows:
            key = master.unwrap(bytes(wrapped))
            if purpose == "lookup":
                self._lookup = key
            else:
                store[bytes.fromhex(name)] = Cipher(key)
        self._store = store

    def create(self, connection: Connection, now: datetime) -> None:
        """Make the keys of a new database."""
        for purpose in ("lookup", "store"):
            self.add_key(connection, purpose, now)
        self.load(connection)

    def add_key(self, connection: Connection, purpose: str, now: datetime) -> None:
        """A further key of a purpose; of several `store` keys the newest seals."""
        connection.execute(
            text("INSERT INTO sealing_key (id, purpose, wrapped, created_at) VALUES (:i, :p, :w, :c)"),
            {
                "i": secrets.token_hex(NAME_BYTES),
                "p": purpose,
                "w": self._keys().wrap(secrets.token_bytes(KEY_BYTES)),
                "c": now.replace(tzinfo=None) if connection.dialect.name == "sqlite" else now,
            },
        )

    def _ring(self) -> OrderedDict[bytes, Cipher]:
        if not self._store:
            self.load()
        return self._store

    # ------------------------------------------------------------------ sealing by the database's keys

    def keyed(self, value: str) -> str:
        """A keyed hash of a channel id: equal for equal ids, not to be turned back."""
        if value.startswith(KEYED):
            return value
        self._ring()
        digest = hmac.digest(self._lookup, value.encode(), hashlib.sha256)
        return KEYED + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def sign(self, data: bytes, purpose: bytes) -> str:
        """A keyed hash (64 hexadecimal digits) that nobody can make who has the database alone."""
        self._ring()
        return hmac.digest(self._lookup, purpose + b"\0" + data, hashlib.sha256).hex()

    def seal(self, data: bytes, purpose: bytes) -> bytes:
        """Seal by the newest store key; its name stands before the sealed data."""
        name, cipher = next(reversed(self._ring().items()))
        return name + cipher.seal(data, purpose)

    def open(self, sealed: bytes, purpose: bytes) -> bytes:
        """What was sealed by a store key. Raises SealError."""
        name = bytes(sealed[:NAME_BYTES])
        cipher = self._ring().get(name)
        if cipher is None:  # another process may have added a key
            self.load()
            cipher = self._ring().get(name)
        if cipher is None:
            raise SealError("sealed by a key that this database does not have")
        return cipher.open(sealed[NAME_BYTES:], purpose)

    # ------------------------------------------------------------------ keys of persons

    def new_person_key(self, connection: Connection, now: datetime) -> str:
        """Make a key for a person; returns its name."""
        name, key = secrets.token_hex(16), secrets.token_bytes(KEY_BYTES)
        connection.execute(
            text("INSERT INTO person_key (id, wrapped, created_at) VALUES (:i, :w, :c)"),
            {
                "i": name,
                "w": self.seal(key, b"person"),
                "c": now.replace(tzinfo=None) if connection.dialect.name == "sqlite" else now,
            },
        )
        self._remember(name, Cipher(key))
        return name

    def person(self, connection: Connection, name: str) -> Cipher:
        """The key of a person. Raises SealError when it is erased."""
        with self._lock:
            known = self._persons.get(name)
            if known is not None:
                self._persons.move_to_end(name)
                return known
        wrapped = connection.execute(text("SELECT wrapped FROM person_key WHERE id = :i"), {"i": name}).scalar()
        if wrapped is None:
            raise SealError("the key of this person is erased")
        return self._remember(name, Cipher(self.open(bytes(wrapped), b"person")))

    def _remember(self, name: str, cipher: Cipher) -> Cipher:
        with self._lock:
            self._persons[name] = cipher
            if len(self._persons) > REMEMBERED:
                self._persons.popitem(last=False)
        return cipher

    def forget(self, name: str) -> None:
        """Drop a person's key from memory."""
        with self._lock:
            self._persons.pop(name, None)


def vault_of(dialect: Dialect) -> Vault:
    """The vault of the database that a dialect object belongs to (Database sets it)."""
    vault: Vault = dialect.vault  # type: ignore[attr-defined]
    return vault


class KeyedHash(TypeDecorator[str]):
    """A channel id, kept as a keyed hash only. Ids and their hashes may both be given; hashes come back."""

    impl = String(64)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else vault_of(dialect).keyed(value)


class SealedText(TypeDecorator[str]):
    """A text that lies sealed in the database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else _sealed(vault_of(dialect), value.encode())

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else _opened(vault_of(dialect), value).decode()


class SealedJson(TypeDecorator[dict[str, Any]]):
    """An object that lies sealed in the database, as a JSON string; an empty one lies there as it is."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> Any:
        if not value:
            return value
        return _sealed(vault_of(dialect), json.dumps(value, separators=(",", ":")).encode())

    def process_result_value(self, value: Any, dialect: Dialect) -> dict[str, Any] | None:
        if not isinstance(value, str):
            return value  # type: ignore[no-any-return]
        opened: dict[str, Any] = json.loads(_opened(vault_of(dialect), value))
        return opened


def _sealed(vault: Vault, data: bytes) -> str:
    return base64.b64encode(vault.seal(data, b"column")).decode()


def _opened(vault: Vault, value: str) -> bytes:
    return vault.open(base64.b64decode(value), b"column")
