"""What the documentation's tools promise, and that the pictures and units are fresh."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


def test_the_picture_is_drawn_from_its_text() -> None:
    assert run(sys.executable, "scripts/draw_way.py", "--check").returncode == 0


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ('<a href="b.html">b</a>', "no such file"),
        ('<a href="#there">b</a>', "no such anchor"),
        ('<script src="https://example.org/a.js"></script>', "loads from elsewhere"),
        ('<img src="//example.org/a.png">', "loads from elsewhere"),
    ],
)
def test_a_broken_site_is_noticed(tmp_path: Path, page: str, said: str) -> None:
    (tmp_path / "index.html").write_text(page)
    done = run(sys.executable, "scripts/check_site.py", str(tmp_path))
    assert done.returncode == 1
    assert said in done.stdout


def test_a_sound_site_passes(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text('<p id="a"></p><a href="#a"></a><a href="https://example.org">elsewhere</a>')
    assert run(sys.executable, "scripts/check_site.py", str(tmp_path)).returncode == 0


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd")
def test_the_units_are_sound() -> None:
    done = run("bash", "scripts/verify_deploy.sh")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("unit", ["safe-migration.service", "safe-migration-webhook@.service", "compose.yml"])
def test_a_hidden_home_leaves_the_key_a_place(unit: str) -> None:
    text = (ROOT / "deploy" / unit).read_text()
    assert "DATA_KEY_FILE" in text
    assert "KEYRING_COPY" in text
