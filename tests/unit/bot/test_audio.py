"""Sound files of editors: what is taken without ffmpeg, how it is called, what comes out of the real one."""

from __future__ import annotations

import io
import math
import shutil
import wave
from array import array
from pathlib import Path

import pytest

from bot.services import audio
from bot.services.audio import as_opus
from bot.services.recordings import RecordingError, seconds_of
from tests.factories.recording import ogg_opus

needs_ffmpeg = pytest.mark.skipif(not audio.installed(), reason="ffmpeg is not installed")


def tone(seconds: float = 2.0) -> bytes:
    """A WAV file."""
    samples = array("h", (int(9000 * math.sin(n / 9)) for n in range(int(16_000 * seconds))))
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(samples.tobytes())
    return held.getvalue()


def program(folder: Path, script: str) -> str:
    """A stand-in for ffmpeg."""
    path = folder / "ffmpeg"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_without_ffmpeg_opus_is_taken_and_others_are_told_why() -> None:
    assert as_opus(ogg_opus(), "/no/ffmpeg") == ogg_opus()
    with pytest.raises(RecordingError, match=r"ffmpeg is not installed.*\.ogg"):
        as_opus(tone(), "/no/ffmpeg")


def test_no_file_and_a_huge_one() -> None:
    with pytest.raises(RecordingError, match="choose a file"):
        as_opus(b"")
    with pytest.raises(RecordingError, match="more than 30 MB"):
        as_opus(bytes(audio.UPLOAD_BYTES + 1))


def test_it_is_called_without_metadata_and_without_playlists(tmp_path: Path) -> None:
    script = f'echo "$@" > {tmp_path}/args; for last; do :; done; cat {tmp_path}/made > "$last"'
    (tmp_path / "made").write_bytes(ogg_opus())
    assert as_opus(tone(), program(tmp_path, script)) == ogg_opus()
    said = (tmp_path / "args").read_text(encoding="utf-8")
    for wanted in ("-map_metadata -1", "-protocol_whitelist file", "libopus", "-nostdin"):
        assert wanted in said
    assert "hls" not in said and "concat" not in said
    as_opus(ogg_opus(), program(tmp_path, script))
    assert "-c:a copy" in (tmp_path / "args").read_text(encoding="utf-8")


def test_what_fails_or_hangs_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RecordingError, match="no sound"):
        as_opus(b"%PDF-1.4", program(tmp_path, "exit 1"))
    monkeypatch.setattr(audio, "SECONDS", 0.2)
    with pytest.raises(RecordingError, match="too long"):
        as_opus(tone(), program(tmp_path, "exec sleep 30"))


@needs_ffmpeg
def test_the_real_one_converts_and_opens_no_playlist() -> None:
    assert seconds_of(as_opus(tone())) == 2
    with pytest.raises(RecordingError, match="no sound"):
        as_opus(b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")


@needs_ffmpeg
def test_the_real_one_drops_names(tmp_path: Path) -> None:
    import subprocess

    source, named = tmp_path / "a.wav", tmp_path / "b.ogg"
    source.write_bytes(tone())
    command = [str(shutil.which("ffmpeg")), "-loglevel", "error", "-i", str(source), "-metadata", "artist=Noy Vang"]
    subprocess.run([*command, "-c:a", "libopus", "-f", "ogg", str(named)], check=True)
    assert b"Noy Vang" in named.read_bytes()
    made = as_opus(named.read_bytes())
    assert b"Noy Vang" not in made
    assert seconds_of(made) == 2
