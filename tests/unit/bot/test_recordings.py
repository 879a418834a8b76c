"""Recordings of answers: what is taken, how they are offered, sent and wanted always."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.dialogue.engine import Context, decide
from bot.dialogue.types import ButtonEvent, Decision, Moment, Reply, State
from bot.knowledge.load import load_published
from bot.nlu.parse import load_thresholds
from bot.services.recordings import MAX_BYTES, RecordingError, seconds_of
from bot.settings import ROOT
from tests.factories.recording import ogg_opus

CONTEXT = Context(
    load_published(ROOT / "content"),
    load_thresholds(),
    Moment(now=datetime(2026, 11, 24, 3, tzinfo=UTC)),
    recordings=frozenset({("passport", "lo"), ("urgent_trapped", "lo")}),
)


def test_the_length_is_read() -> None:
    assert seconds_of(ogg_opus(seconds=7)) == 7


@pytest.mark.parametrize(
    "data",
    [
        b"", b"ID3 mp3", ogg_opus()[:-5], ogg_opus().replace(b"OpusHead", b"\x01vorbis_"), ogg_opus(seconds=0),
        ogg_opus(seconds=400), b"OggS" * 10, ogg_opus() + b"\0" * 30, bytes(MAX_BYTES + 1),
    ],
)  # fmt: skip
def test_what_is_no_recording_is_refused_with_a_reason(data: bytes) -> None:
    with pytest.raises(RecordingError, match=r"\w+"):
        seconds_of(data)


def tap(data: str, state: State | None = None, context: Context = CONTEXT) -> Decision:
    return decide(state or State(language="lo"), ButtonEvent(data), None, context)


def data(decision: Decision) -> list[str]:
    return [b.data for r in decision.replies for row in r.buttons for b in row]


def test_only_an_answer_with_a_recording_in_this_language_can_be_listened_to() -> None:
    assert "v:passport" in data(tap("t:passport"))
    assert "v:visa" not in data(tap("t:visa"))
    assert "v:passport" not in data(tap("t:passport", State(language="th", language_chosen=True)))
    assert "v:urgent_trapped" in data(tap("t:urgent_trapped"))


def test_listening() -> None:
    decision = tap("v:passport")
    assert decision.replies[0].voice == {"topic": "passport", "language": "lo"}
    assert "listen:on" in data(decision)
    assert Reply.from_json(decision.replies[0].to_json()) == decision.replies[0]


def test_whoever_prefers_it_gets_the_recording_with_the_answer() -> None:
    always = tap("listen:on").state
    assert State.from_json(always.to_json()).listen
    replies = tap("t:passport", always).replies
    assert [bool(r.voice) for r in replies] == [False, True]
    assert "listen:off" in data(tap("v:passport", always))
    assert len(tap("t:passport", tap("listen:off", always).state).replies) == 1


def test_a_recording_that_was_taken_away_leads_on() -> None:
    decision = tap("v:passport", context=replace(CONTEXT, recordings=frozenset()))
    assert decision.replies[-1].buttons
