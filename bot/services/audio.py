"""Sound files of editors to OGG/Opus, by the program ffmpeg when it is installed (Debian: ffmpeg).

What a telephone or a recorder saves (m4a, mp3, wav, ...) is converted; a file that is OGG/Opus already only loses what
it says about the speaker and their device. Without ffmpeg OGG/Opus files are taken as they are, and all others refused
with words that say why.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from bot.i18n import N_
from bot.services.recordings import LONGEST, MAX_BYTES, NO_OPUS, RecordingError, seconds_of

PROGRAM = "ffmpeg"
UPLOAD_BYTES = 30_000_000
"""Five minutes of uncompressed sound from a recorder."""
SECONDS = 60.0
FORMATS = "aac,aiff,amr,caf,flac,matroska,mov,mp3,ogg,wav"
"""Readers of sound alone: ffmpeg's readers of playlists would open other files and addresses."""
BITS = "24k"
"""As Telegram records voices; 300 seconds stay below its megabyte."""

ABSENT = N_(
    "This computer cannot convert sound: the program ffmpeg is not installed. Please save the recording as .ogg or "
    ".opus with the codec Opus, or ask the operator to install ffmpeg."
)
UNREADABLE = N_("This file holds no sound that can be read. Please save the recording as .mp3, .m4a or .wav.")
SLOW = N_("Converting took too long. Please upload a shorter recording.")
EMPTY = N_("Please choose a file.")
HUGE = N_("The file has more than {size} MB. Please upload a shorter recording.")


def installed(program: str = PROGRAM) -> bool:
    """Whether sound can be converted."""
    return shutil.which(program) is not None


def as_opus(data: bytes, program: str = PROGRAM) -> bytes:
    """The sound as OGG/Opus without what the file says about its speaker. Raises RecordingError."""
    if not data:
        raise RecordingError(EMPTY)
    if len(data) > UPLOAD_BYTES:
        raise RecordingError(HUGE, size=UPLOAD_BYTES // 1_000_000)
    path = shutil.which(program)
    ready = _is_ready(data)
    if path is None:
        if ready or data.startswith(b"OggS"):
            return data
        raise RecordingError(ABSENT)
    return _converted(path, data, copy=ready)


def _is_ready(data: bytes) -> bool:
    try:
        return seconds_of(data) > 0
    except RecordingError:
        return False


def _converted(path: str, data: bytes, *, copy: bool) -> bytes:
    codec = ["-c:a", "copy"] if copy else ["-c:a", "libopus", "-b:a", BITS, "-ac", "1", "-ar", "48000"]
    with tempfile.TemporaryDirectory(prefix="recording-") as folder:  # files, since an m4a must be read from its end
        given, made = Path(folder, "given"), Path(folder, "made.ogg")
        given.write_bytes(data)
        command = [
            path, "-nostdin", "-hide_banner", "-loglevel", "error", "-threads", "1",
            "-protocol_whitelist", "file", "-format_whitelist", FORMATS, "-i", str(given),
            "-map", "0:a:0", "-map_metadata", "-1", "-map_chapters", "-1", "-vn", "-sn", "-dn", *codec,
            "-fflags", "+bitexact", "-flags:a", "+bitexact", "-t", str(LONGEST + 5), "-fs", str(2 * MAX_BYTES),
            "-f", "ogg", str(made),
        ]  # fmt: skip
        try:
            done = subprocess.run(  # noqa: S603 -- no shell, and the file's name is ours
                command, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise RecordingError(SLOW) from error
        except OSError as error:
            raise RecordingError(ABSENT) from error
        if done.returncode != 0 or not made.exists():
            raise RecordingError(NO_OPUS if data.startswith(b"OggS") else UNREADABLE)
        return made.read_bytes()
