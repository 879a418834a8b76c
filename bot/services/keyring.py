"""The keys of persons for backups: one file, the newest only, always overwritten. It also carries the ledger.

A backup holds what people said, sealed by each person's key, and no such key. So whoever is missing here, because they
were erased, comes back from no backup however old.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from bot.sealing import Cipher, SealError, key_folder, master_keys
from bot.settings import Settings, settings
from bot.storage.db import Database
from bot.storage.models import Erasure, PersonKey

PURPOSE = b"keyring"


class KeyringError(Exception):
    """The keyring's copy cannot be used; the text says why."""


@dataclass(frozen=True)
class Keyring:
    """What the copy holds."""

    at: datetime
    keys: dict[str, tuple[bytes, str]]
    """The wrapped key of each person, and when it was made."""
    erased: dict[str, str]


def place(chosen: Settings) -> Path:
    """Where the copy lies."""
    return chosen.keyring_copy.expanduser() if chosen.keyring_copy else key_folder() / "keyring"


def write(database: Database, path: Path) -> int:
    """Overwrite the copy with the keys that there are now; returns how many."""
    with database.read() as session:
        at = datetime.now(UTC)
        keys = {
            row.id: (base64.b64encode(row.wrapped).decode(), row.created_at.isoformat())
            for row in session.execute(select(PersonKey.id, PersonKey.wrapped, PersonKey.created_at))
        }
        erased = {k: when.isoformat() for k, when in session.execute(select(Erasure.key_id, Erasure.at))}
    file_key = os.urandom(32)
    wrapped = master_keys(settings()).wrap(file_key)
    body = json.dumps({"at": at.isoformat(), "keys": keys, "erased": erased}).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as out:
        out.write(len(wrapped).to_bytes(2, "big") + wrapped + Cipher(file_key).seal(body, PURPOSE))
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)
    return len(keys)


def read(path: Path) -> Keyring:
    """The copy. Raises KeyringError, or DataKeyError when the master key is another one."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise KeyringError(
            f"The keyring {path} cannot be read ({type(error).__name__}). Without it nobody can be restored; set "
            "KEYRING_COPY to where it is."
        ) from error
    length = int.from_bytes(data[:2], "big")
    cipher = Cipher(master_keys(settings()).unwrap(data[2 : 2 + length]))
    try:
        found = json.loads(cipher.open(data[2 + length :], PURPOSE))
    except SealError as error:
        raise KeyringError(f"The keyring {path} is damaged.") from error
    keys = {name: (base64.b64decode(wrapped), made) for name, (wrapped, made) in found["keys"].items()}
    return Keyring(datetime.fromisoformat(found["at"]), keys, found["erased"])
