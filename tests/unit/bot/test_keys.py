"""The master key: where it comes from, what is said when it cannot be read, and that older keys open old things."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.sealing import Cipher, DataKeyError, MasterKeys, SealError, key_file, master_keys, new_key, where
from bot.settings import Settings


def settings(**values: object) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[call-arg,arg-type]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("DATA_KEY")
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_the_first_start_makes_a_key_that_only_its_owner_can_read(home: Path) -> None:
    with pytest.raises(DataKeyError, match="Put the key back"):
        master_keys(settings())
    made = master_keys(settings(), create=True)
    path = home / ".config" / "safe-migration" / "data.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert master_keys(settings(), create=True).newest == made.newest
    assert str(path) in where(settings())


def test_the_setting_wins_over_the_file_and_that_over_the_command(tmp_path: Path) -> None:
    a, b, c = new_key(), new_key(), new_key()
    (tmp_path / "k").write_text(f"# a comment, with a comma\n{b}\n")
    command = f"echo {c}"
    both = settings(data_key=a, data_key_file=tmp_path / "k", data_key_command=command)
    assert master_keys(both).newest == master_keys(settings(data_key=a)).newest
    assert key_file(both) is None
    file = settings(data_key_file=tmp_path / "k", data_key_command=command)
    assert master_keys(file).newest == master_keys(settings(data_key=b)).newest
    assert master_keys(settings(data_key_command=command)).newest == master_keys(settings(data_key=c)).newest


@pytest.mark.parametrize("wrong", ["short", "é", "A" * 44, f"{'zz' * 32}"])
def test_what_is_no_key_is_refused(wrong: str) -> None:
    with pytest.raises(DataKeyError, match="no key"):
        master_keys(settings(data_key=wrong))


def test_a_failing_command_is_said_without_its_output() -> None:
    with pytest.raises(DataKeyError, match="DATA_KEY_COMMAND failed"):
        master_keys(settings(data_key_command="false"))


def test_older_keys_open_what_they_sealed() -> None:
    old, new = b"o" * 32, b"n" * 32
    wrapped = MasterKeys([old]).wrap(b"inner")
    assert MasterKeys([new, old]).unwrap(wrapped) == b"inner"
    with pytest.raises(DataKeyError, match="does not open"):
        MasterKeys([new]).unwrap(wrapped)


def test_a_changed_bit_or_another_purpose_is_noticed() -> None:
    cipher = Cipher(b"k" * 32)
    sealed = cipher.seal(b"words", b"a")
    assert cipher.open(sealed, b"a") == b"words"
    for changed, purpose in ((sealed[:-1] + bytes([sealed[-1] ^ 1]), b"a"), (sealed, b"b"), (b"", b"a")):
        with pytest.raises(SealError):
            cipher.open(changed, purpose)
