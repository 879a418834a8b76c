"""Links and posters: payloads that are read again, sources that are counted, a QR code that says the link."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from bot.cli import app
from bot.dialogue import deeplink
from bot.dialogue.deeplink import Payload, PayloadError
from bot.dialogue.engine import Context, decide
from bot.dialogue.types import Arrive, CommandEvent, Decision, Moment, State
from bot.knowledge import poster
from bot.knowledge.load import load_published
from bot.nlu.parse import load_thresholds
from bot.settings import LANGUAGES, ROOT

PUBLISHED = load_published(ROOT / "content")
CONTEXT = Context(PUBLISHED, load_thresholds(), Moment(now=datetime(2026, 11, 24, 3, tzinfo=UTC)))


def start(payload: str, state: State | None = None) -> Decision:
    return decide(state or State(), CommandEvent("start", payload), None, CONTEXT)


@pytest.mark.parametrize(
    ("payload", "read"),
    [
        ("topic_passport", Payload(topic="passport")),
        ("office_vientiane", Payload(source="office_vientiane")),
        ("office_vientiane-topic_mou_cost-lang_th", Payload("office_vientiane", "mou_cost", None, "th")),
        ("lang_th-flow_fee-poster_12", Payload("poster_12", None, "fee", "th")),
        ("group", Payload(source="group")),
        ("lang_xx-nonsense-somebody_wrote_this", Payload()),
        ("", Payload()),
        ("office_" + "x" * 60, Payload()),
    ],
)
def test_payloads_are_read(payload: str, read: Payload) -> None:
    assert deeplink.read(payload) == read


@given(st.text(max_size=80))
def test_anything_may_stand_behind_start(payload: str) -> None:
    assert start(payload).replies


def test_what_is_written_is_read_again() -> None:
    payload = deeplink.write("office_pakse", "passport", lang="lo")
    assert deeplink.read(payload) == Payload("office_pakse", "passport", None, "lo")
    for wrong in ("Office", "somebody", "office_Ä", "office_" + "x" * 40):
        with pytest.raises(PayloadError):
            deeplink.write(wrong)
    with pytest.raises(PayloadError, match="too long"):
        deeplink.write("office_" + "x" * 30, "t" * 40)


@pytest.mark.parametrize(
    ("payload", "source"),
    [
        ("topic_passport", "topic_passport"),
        ("office_vientiane", "office_vientiane"),
        ("office_vientiane-topic_passport", "office_vientiane"),
        ("poster_3-flow_path", "poster_3"),
    ],
)
def test_where_somebody_came_from_is_counted(payload: str, source: str) -> None:
    assert Arrive(source) in start(payload).effects


def test_made_up_payloads_are_not_counted() -> None:
    assert start("topic_nothing").effects == ()
    assert start("my_name_is_ann").effects == ()


def test_a_link_opens_its_topic_or_flow_in_its_language() -> None:
    opened = start("office_x-topic_passport-lang_th")
    assert opened.topic == "passport"
    assert opened.state.language == "th"
    assert "60" in opened.replies[-1].text
    assert start("flow_fee-lang_en").state.flow == {"name": "fee"}


def test_a_chosen_language_is_kept() -> None:
    assert start("lang_th", State(language="en", language_chosen=True)).state.language == "en"


def test_nothing_stands_before_a_help_card() -> None:
    assert start("group-topic_urgent_violence").replies[0].urgent


# ------------------------------------------------------------------ posters


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_poster_is_one_page_with_numbers(language: str, tmp_path: Path) -> None:
    pdf = poster.draw(PUBLISHED, (language,), "https://t.me/safe_bot?start=office_vientiane", "Org")
    assert pdf.startswith(b"%PDF")
    assert pdf.count(b"/Type /Page\n") == 1
    assert len(pdf) < 200_000


def test_the_command_writes_a_page_a_language(tmp_path: Path) -> None:
    out = tmp_path / "x.pdf"
    done = CliRunner().invoke(
        app,
        [
            "poster",
            "--lang",
            "lo",
            "--lang",
            "th",
            "--source",
            "office_vientiane",
            "--bot",
            "safe_bot",
            "--out",
            str(out),
        ],
    )
    assert done.exit_code == 0, done.output
    assert "https://t.me/safe_bot?start=office_vientiane" in done.output
    assert out.read_bytes().count(b"/Type /Page\n") == 2


def test_the_code_says_the_link() -> None:
    """The squares of the PDF are those of the code that segno makes of the link."""
    import re
    import zlib

    import segno

    link = "https://t.me/safe_bot?start=office_vientiane-lang_lo"
    pdf = poster.draw(PUBLISHED, ("lo",), link)
    streams = [zlib.decompress(s) for s in re.findall(rb"stream\n(x.+?)\nendstream", pdf, re.S) if s[:1] == b"x"]
    drawn = max(len(re.findall(rb" re f", stream)) for stream in streams)
    runs = 0
    for row in segno.make(link, error="q", micro=False).matrix_iter(border=4):
        runs += sum(1 for before, here in zip([0, *row], row, strict=False) if here and not before)
    assert drawn >= runs > 200
