"""Telegram's HTML and the entities found without it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator import ApiError, Emulator
from tests.emulator.markup import find_entities, formatted, parse_html

from .conftest import USER, Api


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("<b>ກ</b>", "ກ", [("bold", 0, 1)]),
        ("😀<i>x</i>", "😀x", [("italic", 2, 1)]),
        ("<b>a<i>b</i></b>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
        ("1 &lt; 2 &amp; &#3713; &nbsp;", "1 < 2 & ກ &nbsp;", []),
        ('<span class="tg-spoiler">s</span>', "s", [("spoiler", 0, 1)]),
        ("<blockquote expandable>q</blockquote>", "q", [("expandable_blockquote", 0, 1)]),
        ("<B>x</B >", "x", [("bold", 0, 1)]),
        ("<u></u>x", "x", []),
        ("<s>a</s><del>b</del>", "ab", [("strikethrough", 0, 1), ("strikethrough", 1, 1)]),
    ],
)
def test_html(source: str, text: str, entities: list[tuple[str, int, int]]) -> None:
    shown, found = parse_html(source)
    assert (shown, [(e["type"], e["offset"], e["length"]) for e in found]) == (text, entities)


def test_html_links_and_code() -> None:
    _, found = parse_html('<a href="https://x.la/?a=1&amp;b=2">x</a><pre><code class="language-py">y</code></pre>')
    assert found[0]["url"] == "https://x.la/?a=1&b=2"
    assert (found[1]["type"], found[1]["language"]) == ("pre", "py")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("ກ<x>y</x>", 'Unsupported start tag "x" at byte offset 3'),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b", "Unclosed start tag at byte offset 0"),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<br/>", 'Unsupported start tag "br/" at byte offset 0'),
    ],
)
def test_html_errors(source: str, message: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse_html(source)
    assert caught.value.description == f"Bad Request: can't parse entities: {message}"


async def test_html_errors_reach_the_client(emu: Emulator, api: Api) -> None:
    """Client.cpp get_formatted_text: 400 and nothing is sent."""
    code, description = await api.refused("sendMessage", chat_id=USER, text="<b>", parse_mode="HTML")
    assert (code, description.startswith("Bad Request: can't parse entities")) == (400, True)
    assert emu.view(USER).bot_messages == []


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("/start th", ["bot_command"]),
        ("see /help@emulated_bot now", ["bot_command"]),
        ("1/2 and/or", []),
        ("https://x.la/a. me@x.la @someone #lao", ["url", "email", "mention", "hashtag"]),
    ],
)
def test_entities_found(text: str, kinds: list[str]) -> None:
    assert [entity["type"] for entity in find_entities(text)] == kinds


def test_trimming_moves_entities() -> None:
    text, entities = formatted("  <b>x </b> ", "HTML", None)
    assert (text, entities) == ("x", [{"type": "bold", "offset": 0, "length": 1}])


@pytest.mark.parametrize("mode", ["MarkdownV2", "BBCode"])
def test_other_modes_are_refused(mode: str) -> None:
    with pytest.raises(ApiError):
        formatted("x", mode, None)


def test_given_entities_are_kept() -> None:
    given: list[dict[str, Any]] = [{"type": "bold", "offset": 0, "length": 1}]
    assert formatted("xy", "", given) == ("xy", given)
