"""Sealing of personal data: AES-256-GCM, and the master key that opens what lies in the database.

The master key never lies beside the data. It comes from DATA_KEY, DATA_KEY_FILE or DATA_KEY_COMMAND, the first that is
set; else from a file in the user's configuration folder, made at the first start. Its text is one key a line (or
separated by commas), 32 bytes in base64 or hexadecimal, the newest first: older ones open old backups.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
import shlex
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.settings import Settings

KEY_BYTES, NONCE_BYTES, ID_BYTES = 32, 12, 8
COMMAND_SECONDS = 20


class DataKeyError(Exception):
    """The data key is missing, cannot be read, or does not open this database. The text says what to do."""


class SealError(Exception):
    """What is sealed cannot be opened: it was changed, or its key is erased."""


class Cipher:
    """One key. What it seals can be neither read nor changed without it."""

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)

    def seal(self, data: bytes, purpose: bytes) -> bytes:
        """Nonce and sealed data; `purpose` must be named again to open it."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, data, purpose)

    def open(self, sealed: bytes, purpose: bytes) -> bytes:
        """What was sealed. Raises SealError."""
        try:
            return self._aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], purpose)
        except (InvalidTag, ValueError) as error:
            raise SealError("sealed data cannot be opened: they were changed, or belong to another key") from error


class MasterKeys:
    """The master keys, newest first. The newest wraps, any of them unwraps."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys:
            raise DataKeyError("There is no data key: run `bot keys new` and set DATA_KEY or DATA_KEY_FILE.")
        self._ids = [hashlib.sha256(b"id" + key).digest()[:ID_BYTES] for key in keys]
        self._ciphers = {name: Cipher(key) for name, key in zip(self._ids, keys, strict=True)}

    @property
    def newest(self) -> str:
        """A short name of the newest key, which tells nothing of it."""
        return self._ids[0].hex()

    def wrap(self, key: bytes) -> bytes:
        """A key, sealed by the newest master key."""
        return self._ids[0] + self._ciphers[self._ids[0]].seal(key, b"wrap")

    def unwrap(self, wrapped: bytes) -> bytes:
        """The key. Raises DataKeyError when none of the master keys sealed it."""
        cipher = self._ciphers.get(wrapped[:ID_BYTES])
        if cipher is None:
            raise DataKeyError(
                "The data key does not open this database or backup: it was sealed with another one. Set DATA_KEY, "
                "DATA_KEY_FILE or DATA_KEY_COMMAND to the key that it was made with; without it nobody can read it."
            )
        try:
            return cipher.open(wrapped[ID_BYTES:], b"wrap")
        except SealError as error:
            raise DataKeyError("A wrapped key in the database or backup is damaged; restore a backup.") from error


def new_key() -> str:
    """A new master key as text."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def key_folder() -> Path:
    """The folder of the default key file: in the user's configuration, never beside the data."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "safe-migration"


def key_file(settings: Settings) -> Path | None:
    """The file that holds the key; None when it comes from the environment or from a command."""
    if settings.data_key is not None:
        return None
    if settings.data_key_file is not None:
        return settings.data_key_file.expanduser()
    return None if settings.data_key_command else key_folder() / "data.key"


def where(settings: Settings) -> str:
    """Where the key comes from, for people."""
    if settings.data_key is not None:
        return "the setting DATA_KEY"
    path = key_file(settings)
    return f"the file {path}" if path else "the command of DATA_KEY_COMMAND"


def master_keys(settings: Settings, *, create: bool = False) -> MasterKeys:
    """The master keys of these settings. `create`: a missing default file is made. Raises DataKeyError."""
    path = key_file(settings)
    if create and path is not None and not path.exists() and settings.data_key_file is None:
        write_key_file(
            path, f"# Opens the personal data of the bot. Without it they are lost: keep a copy.\n{new_key()}\n"
        )
    return MasterKeys(_parsed(_text(settings, path)))


def write_key_file(path: Path, text: str, *, replace: bool = False) -> None:
    """Write a key file that only its owner can read; whole or not at all. Raises DataKeyError.

    Without `replace` the first of several processes wins, the others take its file.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        if replace:
            draft.replace(path)
        else:
            with suppress(FileExistsError):
                os.link(draft, path)
            draft.unlink()
    except OSError as error:
        raise DataKeyError(
            f"The data key cannot be written to {path} ({error.strerror}). Set DATA_KEY_FILE."
        ) from error


def _text(settings: Settings, path: Path | None) -> str:
    if settings.data_key is not None:
        return settings.data_key.get_secret_value()
    if path is not None:
        try:
            return path.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise DataKeyError(
                f"The data key cannot be read from {path} ({type(error).__name__}). Put the key back from your copy, "
                "or set DATA_KEY, DATA_KEY_FILE or DATA_KEY_COMMAND; without it nobody can read the personal data."
            ) from error
    try:
        done = subprocess.run(  # noqa: S603 (the operator's own command)
            shlex.split(settings.data_key_command or ""), check=True, capture_output=True, text=True,
            timeout=COMMAND_SECONDS,
        )  # fmt: skip
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise DataKeyError(f"DATA_KEY_COMMAND failed: {type(error).__name__}. Run it by hand to see why.") from error
    return done.stdout


def _parsed(text: str) -> list[bytes]:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    return [_key(word.strip()) for line in lines for word in line.split(",") if word.strip()]


def _key(line: str) -> bytes:
    with suppress(ValueError, binascii.Error):
        key = (
            bytes.fromhex(line)
            if len(line) == 2 * KEY_BYTES
            else base64.b64decode(line.translate(_URLSAFE), validate=True)
        )
        if len(key) == KEY_BYTES:
            return key
    raise DataKeyError("The data key is no key: 32 bytes in base64 or hexadecimal, as `bot keys new` prints one.")


_URLSAFE = str.maketrans("-_", "+/")
