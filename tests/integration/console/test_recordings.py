"""Recordings in the console: upload, hear, replace, delete, what the audit says, what needs work."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from bot.console import uploads
from bot.console.views import editing_recordings
from bot.services import audio, recordings
from bot.storage.db import Database
from bot.storage.models import AuditEntry, LanguageCheck, Role
from tests.factories.recording import ogg_opus
from tests.integration.console.conftest import Browser

PAGE = "/editing/recordings/passport"


@pytest.fixture(autouse=True)
def _no_ffmpeg(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it is installed must not change these tests."""
    monkeypatch.setattr(audio.shutil, "which", lambda program: None)


def upload(one: Browser, data: bytes, code: str = "lo", token: str | None = None) -> object:
    form = {"token": one.token() if token is None else token, "code": code}
    return one.http.post(PAGE, data=form, files={"file": ("answer.ogg", data, "audio/ogg")})


def audited(database: Database) -> list[tuple[str, str, str]]:
    with database.read() as session:
        rows = session.scalars(select(AuditEntry).where(AuditEntry.action.like("recording%")).order_by(AuditEntry.id))
        return [(row.staff_name, row.action, row.object) for row in rows]


def test_upload_hear_replace_delete(signed_in: Callable[..., Browser], database: Database) -> None:
    ann = signed_in(Role.EDITOR, "ann")
    assert "No recording yet" in ann.get(PAGE).text and "ffmpeg is not installed" in ann.page
    assert upload(ann, ogg_opus(2)).status_code == 303
    assert "2 seconds, by ann" in ann.get(PAGE).text
    sound = ann.get(PAGE + "/lo.ogg")
    assert (sound.content, sound.headers["content-type"]) == (ogg_opus(2), "audio/ogg")
    part = ann.get(PAGE + "/lo.ogg", headers={"range": "bytes=4-9"})
    assert (part.status_code, part.content) == (206, ogg_opus(2)[4:10])
    assert part.headers["content-range"] == f"bytes 4-9/{len(ogg_opus(2))}"
    assert ann.get(PAGE + "/lo.ogg", headers={"range": "bytes=99999-"}).status_code == 416
    ann.page = ""
    assert upload(ann, ogg_opus(5)).status_code == 303
    assert "5 seconds" in ann.get(PAGE).text
    assert ann.post(PAGE + "/delete", code="lo").status_code == 303
    gone = ann.post(PAGE + "/delete", code="lo")
    assert gone.status_code == 422 and "no recording of this any more" in gone.text
    assert ann.get(PAGE + "/lo.ogg").status_code == 404
    assert audited(database) == [
        ("ann", "recording", "passport lo"),
        ("ann", "recording", "passport lo"),
        ("ann", "recording_deleted", "passport lo"),
    ]


@pytest.mark.parametrize(("data", "why"), [
    (b"ID3 an mp3", "ffmpeg is not installed"), (b"", "choose a file"), (ogg_opus()[:-5], "cut off"),
    (ogg_opus(400), "between one and 300 seconds"),
])  # fmt: skip
def test_what_cannot_be_taken_is_told(
    signed_in: Callable[..., Browser], database: Database, data: bytes, why: str
) -> None:
    ann = signed_in(Role.EDITOR, "ann")
    answer = upload(ann, data)
    assert answer.status_code == 422 and why in answer.text
    with database.read() as session:
        assert not recordings.available(session)


def test_a_huge_file_is_told_and_not_kept(signed_in: Callable[..., Browser], monkeypatch: pytest.MonkeyPatch) -> None:
    ann = signed_in(Role.EDITOR, "ann")
    answer = upload(ann, bytes(editing_recordings.LARGEST + 100))
    assert answer.status_code == 422 and "more than 30 MB" in answer.text
    monkeypatch.setattr(uploads, "PATIENCE", 0)
    assert upload(ann, bytes(1000)).status_code == 403


def test_the_door_holds_for_uploads_too(signed_in: Callable[..., Browser], browser: Callable[[], Browser]) -> None:
    stranger, reviewer, ann = browser(), signed_in(Role.REVIEWER), signed_in(Role.EDITOR, "ann")
    stranger.get("/sign-in")
    assert upload(stranger, ogg_opus()).status_code == 401
    assert upload(reviewer, ogg_opus()).status_code == 403
    assert upload(ann, ogg_opus(), token="0" * 64).status_code == 403
    assert upload(ann, ogg_opus(), code="kr").status_code == 422
    foreign = {"origin": "https://evil.example"}
    form, file = {"token": ann.token(), "code": "lo"}, {"file": ("a.ogg", ogg_opus(), "audio/ogg")}
    assert ann.http.post(PAGE, data=form, files=file, headers=foreign).status_code == 403


def test_what_needs_work(signed_in: Callable[..., Browser], database: Database) -> None:
    ann = signed_in(Role.EDITOR, "ann")
    assert f'href="{PAGE}"' in ann.get("/editing/work").text
    ann.page = ""
    upload(ann, ogg_opus(), "lo")
    upload(ann, ogg_opus(), "th")
    assert f'href="{PAGE}"' not in ann.get("/editing/work").text
    with database.write() as session:
        session.get_one(LanguageCheck, ("passport", "lo", "recording")).text_hash = "0" * 64
    assert f'href="{PAGE}"' in ann.get("/editing/work").text.split("without a recording")[0]
    assert "the text has changed since" in ann.get(PAGE).text
