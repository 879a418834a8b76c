"""Recordings of an answer: uploaded, converted, heard in the page, replaced and deleted."""

from __future__ import annotations

import re

from starlette.responses import Response

from bot.console.guard import CHOOSE, Refused, Visit
from bot.i18n import N_
from bot.knowledge.bodies import Kind
from bot.knowledge.canned import plain_text
from bot.knowledge.render import render_answer
from bot.services import audio, audit, recordings
from bot.services.editing import publishing, texts
from bot.services.editing.desk import EditorsDesk
from bot.services.errors import DeskError
from bot.settings import LANGUAGES
from bot.storage.models import LanguageCheck

NONE_THERE = N_("There is no recording of this any more.")
LARGEST = audio.UPLOAD_BYTES + 16 * 1024
"""The file, and the form around it."""
_RANGE = re.compile(r"bytes=(\d{1,9})-(\d{0,9})")


def page(visit: Visit) -> Response:
    """All languages of one answer: what to read aloud, what is there, what to do."""
    return _page(visit)


def add(visit: Visit) -> Response:
    """Take a file in place of the one before."""
    topic, language = _topic(visit), visit.form.get("code", "")
    try:
        if language not in LANGUAGES:
            raise DeskError(CHOOSE)
        if visit.too_large:
            raise DeskError(audio.HUGE, size=audio.UPLOAD_BYTES // 1_000_000)
        data = audio.as_opus(visit.file, visit.house.settings.ffmpeg_program)
        with visit.house.database.write() as session:
            recordings.add(session, topic, language, data, visit.who.name, visit.now)
            audit.note(session, visit.who.name, "recording", visit.now, object=f"{topic} {language}")
            body = _desk(visit).base(session, Kind.FAQ, topic).body
            said = texts.text_hash(body, language)
            publishing.check(session, topic, language, "recording", said, visit.who.name, visit.now)
    except DeskError as error:
        return _page(visit, visit.say(error.message, **error.placeholders), 422)
    return visit.go("editing_recordings", key=topic)


def drop(visit: Visit) -> Response:
    """Take the recording of a language away."""
    topic, language = _topic(visit), visit.form.get("code", "")
    with visit.house.database.write() as session:
        there = recordings.delete(session, topic, language)
        if there:
            audit.note(session, visit.who.name, "recording_deleted", visit.now, object=f"{topic} {language}")
    return visit.go("editing_recordings", key=topic) if there else _page(visit, visit.say(NONE_THERE), 422)


def play(visit: Visit) -> Response:
    """The sound itself; in part when the browser asks for a part, as some need to play at all."""
    with visit.house.database.read() as session:
        row = recordings.get(session, _topic(visit), str(visit.request.path_params["code"]))
        data = row.data if row is not None else b""
    if not data:
        raise Refused(404)
    headers = {"accept-ranges": "bytes"}
    wanted = _RANGE.fullmatch(visit.request.headers.get("range", ""))
    if wanted is None:
        return Response(data, media_type="audio/ogg", headers=headers)
    first, last = int(wanted[1]), min(int(wanted[2] or len(data) - 1), len(data) - 1)
    if first > last:
        return Response(status_code=416, headers={"content-range": f"bytes */{len(data)}"})
    headers["content-range"] = f"bytes {first}-{last}/{len(data)}"
    return Response(data[first : last + 1], 206, media_type="audio/ogg", headers=headers)


# ------------------------------------------------------------------ inside


def _topic(visit: Visit) -> str:
    topic = str(visit.request.path_params["key"])
    if topic not in visit.house.content.published().answers:
        raise Refused(404)
    return topic


def _desk(visit: Visit) -> EditorsDesk:
    return EditorsDesk(visit.house.database, visit.house.settings.content_dir, visit.house.clock)


def _page(visit: Visit, error: str = "", status: int = 200) -> Response:
    topic, published = _topic(visit), visit.house.content.published()
    with visit.house.database.read() as session:
        there = recordings.of_topic(session, topic)
        body = _desk(visit).base(session, Kind.FAQ, topic).body
        said = {code: session.get(LanguageCheck, (topic, code, "recording")) for code in LANGUAGES}
        old = {code for code, row in said.items() if row is not None and row.text_hash != texts.text_hash(body, code)}
    today = visit.now.date()
    return visit.page(
        "editing_recordings.html",
        status,
        key=topic,
        there=there,
        old=old & there.keys(),
        read_aloud={code: plain_text(render_answer(published, topic, code, today).text) for code in LANGUAGES},
        converts=audio.installed(visit.house.settings.ffmpeg_program),
        largest=audio.UPLOAD_BYTES // 1_000_000,
        longest=recordings.LONGEST // 60,
        error=error,
    )
