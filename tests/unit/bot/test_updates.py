"""Telegram's raw JSON to events: tolerant of every shape."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.types import ButtonEvent, CommandEvent, LocationEvent, MediaEvent, TextEvent
from bot.telegram.updates import NO_CHAT, UnreadableUpdateError, chat_key_of, read_update, text_of

CHAT = {"id": 7, "type": "private"}


def message(**parts: Any) -> dict[str, Any]:
    return {"update_id": 1, "message": {"message_id": 3, "chat": CHAT, "date": 1, **parts}}


@pytest.mark.parametrize(
    ("update", "event"),
    [
        (message(text="hello"), TextEvent("hello")),
        (message(text="hello", forward_origin={}), TextEvent("hello", forwarded=True)),
        (message(text="/start topic_visa"), CommandEvent("start", "topic_visa")),
        (message(text="/SOS@my_bot"), CommandEvent("sos")),
        (message(text="/"), TextEvent("/")),
        (message(text="/ສະບາຍດີ"), TextEvent("/ສະບາຍດີ")),
        (message(voice={"file_id": "v"}), MediaEvent("voice", file_id="v")),
        (
            message(photo=[{"file_id": "s"}, {"file_id": "l"}], caption="ad"),
            MediaEvent("photo", "ad", "l", picture=True),
        ),
        (message(sticker={"file_id": "x"}), MediaEvent("sticker", file_id="x")),
        (message(location={"latitude": 17.9, "longitude": 102}), LocationEvent(17.9, 102.0)),
        ({"update_id": 1, "edited_message": message(text="b")["message"]}, TextEvent("b", edited=True)),
        (
            {
                "update_id": 1,
                "callback_query": {"id": "9", "data": "t:visa", "message": {"message_id": 4, "chat": CHAT}},
            },
            ButtonEvent("t:visa", 4),
        ),
        (message(), None),
        ({"update_id": 1, "poll": {}}, None),
    ],
)
def test_reading(update: dict[str, Any], event: object) -> None:
    assert read_update(update).event == event


@pytest.mark.parametrize(
    "update",
    [
        {"update_id": 1, "message": 5},
        {"update_id": 1, "message": {"text": "hi"}},
        message(text=5),
        message(location={"latitude": "north"}),
        {"update_id": 1, "callback_query": {"id": "1", "from": {"id": 7}}},
        {"update_id": 1, "callback_query": {"id": 1, "data": "x", "from": {"id": 7}}},
    ],
)
def test_what_cannot_be_read_says_so(update: dict[str, Any]) -> None:
    with pytest.raises(UnreadableUpdateError):
        read_update(update)


def test_being_blocked_is_seen() -> None:
    update = {"update_id": 1, "my_chat_member": {"chat": CHAT, "new_chat_member": {"status": "kicked"}}}
    assert read_update(update).blocked


def test_a_callback_without_message_still_has_its_chat() -> None:
    assert chat_key_of({"update_id": 1, "callback_query": {"id": "1", "from": {"id": 7}, "data": "x"}}) == "7"


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["message", "chat", "id", "text", "from", "callback_query", "data", "location", "photo", "caption"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(junk)
def test_nothing_in_an_update_crashes_the_door(value: Any) -> None:
    assert isinstance(chat_key_of(value), str)
    assert isinstance(text_of(value), str)
    if isinstance(value, dict):
        try:
            read = read_update({**value, "update_id": 1})
        except UnreadableUpdateError:
            return
        assert read.event is None or read.chat_key != NO_CHAT
