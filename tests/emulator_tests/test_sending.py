"""Sending methods, their limits and refusals."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator import Emulator

from .conftest import USER, Api


async def test_limit_is_4096_utf16_units(api: Api) -> None:
    """Text limit: 4096 UTF-16 units; an emoji counts two. PTB constants.MessageLimit.MAX_TEXT_LENGTH."""
    await api.say("ກ" * 4096)
    await api.say("😀" * 2048)
    refusal = (400, "Bad Request: message is too long")
    assert await api.refused("sendMessage", chat_id=USER, text="a" * 4097) == refusal
    assert await api.refused("sendMessage", chat_id=USER, text="😀" * 2049) == refusal


async def test_markup_does_not_count(api: Api) -> None:
    """The limit is on the text after parsing the entities."""
    await api.say(f"<b>{'a' * 4096}</b>", parse_mode="HTML")


async def test_caption_limit_is_1024(api: Api) -> None:
    """Caption limit: 1024 UTF-16 units."""
    refused = await api.refused("sendPhoto", chat_id=USER, photo="https://example.org/a.jpg", caption="a" * 1025)
    assert refused == (400, "Bad Request: message caption is too long")


@pytest.mark.parametrize(
    ("text", "description"),
    [("", "Bad Request: message text is empty"), (" \n ", "Bad Request: text must be non-empty")],
)
async def test_empty_text(api: Api, text: str, description: str) -> None:
    """Empty text. Client.cpp get_input_message_text."""
    assert await api.refused("sendMessage", chat_id=USER, text=text) == (400, description)


@pytest.mark.parametrize(
    ("chat_id", "description"),
    [
        ("", "Bad Request: chat_id is empty"),
        (424242, "Bad Request: chat not found"),
        ("@nobody", "Bad Request: chat not found"),
        ("abc", "Bad Request: chat not found"),
    ],
)
async def test_unknown_chat(api: Api, chat_id: Any, description: str) -> None:
    """Chat not found. Client.cpp check_chat."""
    assert await api.refused("sendMessage", chat_id=chat_id, text="x") == (400, description)


async def test_blocked_deactivated_and_never_started(emu: Emulator, api: Api) -> None:
    """403 for who does not want or cannot. Client.cpp 71-190 (USER_IS_BLOCKED), check_chat_access."""
    emu.block(USER)
    emu.deactivate(1002)
    emu.add_user(1003, started=False)
    refused = [await api.refused("sendMessage", chat_id=chat, text="x") for chat in (USER, 1002, 1003)]
    assert refused == [
        (403, "Forbidden: bot was blocked by the user"),
        (403, "Forbidden: user is deactivated"),
        (403, "Forbidden: bot can't initiate conversation with a user"),
    ]
    emu.block(USER, blocked=False)
    await api.say()


async def test_group_the_bot_was_kicked_from(emu: Emulator, api: Api) -> None:
    """403 in groups. Client.cpp check_chat_access."""
    emu.add_group(-100123, members=[USER])
    await api.say(chat_id=-100123)
    emu.set_bot_status(USER, -100123, "kicked")
    refused = await api.refused("sendMessage", chat_id=-100123, text="x")
    assert refused == (403, "Forbidden: bot was kicked from the supergroup chat")


@pytest.mark.parametrize(
    ("button", "part"),
    [
        ({"text": "x"}, "Text buttons are unallowed in the inline keyboard"),
        ({"callback_data": "x"}, 'Can\'t find field "text"'),
        ({"text": " ", "callback_data": "x"}, "inline keyboard button text must be non-empty"),
        ({"text": "x", "callback_data": ""}, "Text buttons are unallowed"),
        ({"text": "x", "callback_data": "ກ" * 22}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "url": "not a url"}, "is invalid"),
        ("x", "InlineKeyboardButton must be an Object"),
    ],
)
async def test_inline_button_shape(api: Api, button: Any, part: str) -> None:
    """Inline buttons: callback_data 1-64 bytes. Client.cpp get_inline_keyboard_button_type."""
    keyboard = {"inline_keyboard": [[button]]}
    code, description = await api.refused("sendMessage", chat_id=USER, text="x", reply_markup=keyboard)
    assert (code, part in description) == (400, True), description


@pytest.mark.parametrize(
    ("markup", "part"),
    [
        ({"inline_keyboard": [{"text": "x"}]}, "must be an Array of Arrays"),
        ({"keyboard": "x"}, "must be an Array of Arrays"),
        ([1], "object expected as reply markup"),
        ("{", "can't parse reply keyboard markup JSON object"),
    ],
)
async def test_keyboard_shape(api: Api, markup: Any, part: str) -> None:
    """Keyboards are arrays of arrays. Client.cpp get_reply_markup."""
    code, description = await api.refused("sendMessage", chat_id=USER, text="x", reply_markup=markup)
    assert (code, part in description) == (400, True), description


async def test_callback_data_of_64_bytes(emu: Emulator, api: Api) -> None:
    """callback_data: 64 bytes are accepted."""
    await api.say("?", reply_markup={"inline_keyboard": [[{"text": "x", "callback_data": "d" * 64}]]})
    assert emu.press(USER, "x")["callback_query"]["data"] == "d" * 64


async def test_reply_keyboard_stays_until_removed(emu: Emulator, api: Api) -> None:
    """Reply keyboards belong to the chat, not to the message."""
    await api.say("menu", reply_markup={"keyboard": [["Help", {"text": "Phone", "request_contact": True}]]})
    await api.say("more")
    assert emu.view(USER).reply_keyboard == [["Help", "Phone"]]
    assert emu.tap(USER, "Help")["message"]["text"] == "Help"
    assert emu.tap(USER, "Phone")["message"]["contact"]["user_id"] == USER
    await api.say("bye", reply_markup={"remove_keyboard": True})
    assert emu.view(USER).reply_keyboard == []


async def test_what_only_the_phone_shows(emu: Emulator, api: Api) -> None:
    """The view keeps silent, protected, preview, reply."""
    first = emu.send_text(USER, "help")["message"]["message_id"]
    await api.say(
        "quiet",
        disable_notification=True,
        protect_content=True,
        link_preview_options={"is_disabled": True},
        reply_parameters={"message_id": first},
    )
    last = emu.view(USER).last
    assert last is not None
    assert (last.silent, last.protected, last.no_preview, last.reply_to) == (True, True, True, first)
    assert emu.view(USER).notifications == 0


async def test_reply_to_a_missing_message(api: Api) -> None:
    """reply_parameters must name a message, unless told otherwise."""
    lost = {"message_id": 999}
    refused = await api.refused("sendMessage", chat_id=USER, text="x", reply_parameters=lost)
    assert refused == (400, "Bad Request: message to be replied not found")
    await api.say(reply_parameters=lost | {"allow_sending_without_reply": True})


async def test_upload_and_download(emu: Emulator, api: Api) -> None:
    """A file sent in multipart comes back through getFile and /file/bot<token>/<path>."""
    body = b"%PDF-1.4 \x00\xff"
    sent = await api.client.post(
        api.base + "sendDocument", data={"chat_id": str(USER)}, files={"document": ("a.pdf", body)}
    )
    document = sent.json()["result"]["document"]
    assert (document["file_name"], document["file_size"]) == ("a.pdf", len(body))
    path = (await api.ok("getFile", file_id=document["file_id"]))["file_path"]
    got = await api.client.get(f"{emu.file_base_url}{emu.token}/{path}")
    assert got.content == body
    again = await api.ok("sendDocument", chat_id=USER, document=document["file_id"])
    assert again["document"]["file_id"] == document["file_id"]


async def test_wrong_files(emu: Emulator, api: Api) -> None:
    """Unknown ids and missing files are refused."""
    assert (await api.refused("sendPhoto", chat_id=USER, photo="nonsense"))[0] == 400
    assert await api.refused("sendVoice", chat_id=USER) == (400, "Bad Request: there is no voice in the request")
    assert (await api.refused("getFile", file_id="x"))[0] == 400
    assert (await api.client.get(f"{emu.file_base_url}{emu.token}/none")).status_code == 404
    assert (await api.client.get(f"{emu.file_base_url}1:x/none")).status_code == 401


async def test_album(emu: Emulator, api: Api) -> None:
    """sendMediaGroup: 2-10 items with one media_group_id."""
    items = [{"type": "photo", "media": f"https://example.org/{n}.jpg", "caption": f"c{n}"} for n in range(3)]
    sent = await api.ok("sendMediaGroup", chat_id=USER, media=items)
    assert len({message["media_group_id"] for message in sent}) == 1
    assert [message.text for message in emu.view(USER).bot_messages] == ["c0", "c1", "c2"]
    assert (await api.refused("sendMediaGroup", chat_id=USER, media=items[:1]))[0] == 400


async def test_location(api: Api) -> None:
    """sendLocation. Client.cpp get_location."""
    sent = await api.ok("sendLocation", chat_id=USER, latitude=17.97, longitude=102.6)
    assert sent["location"] == {"latitude": 17.97, "longitude": 102.6}
    assert await api.refused("sendLocation", chat_id=USER, latitude=1) == (400, "Bad Request: longitude is empty")


async def test_chat_action(emu: Emulator, api: Api) -> None:
    """sendChatAction. Client.cpp get_chat_action."""
    await api.ok("sendChatAction", chat_id=USER, action="typing")
    assert emu.view(USER).actions[0]["action"] == "typing"
    refused = await api.refused("sendChatAction", chat_id=USER, action="dancing")
    assert refused == (400, "Bad Request: wrong parameter action in request")


async def test_forward_and_copy(emu: Emulator, api: Api) -> None:
    """forwardMessage names the origin, copyMessage does not; protected messages go nowhere."""
    asked = emu.send_text(USER, "secret m1")["message"]["message_id"]
    forwarded = await api.ok("forwardMessage", chat_id=1002, from_chat_id=USER, message_id=asked)
    assert forwarded["forward_origin"]["sender_user"]["id"] == USER
    copied = await api.ok("copyMessage", chat_id=1002, from_chat_id=USER, message_id=asked)
    assert list(copied) == ["message_id"]
    assert [message.text for message in emu.view(1002).bot_messages] == ["secret m1"] * 2
    kept = await api.say("inside", protect_content=True)
    assert (await api.refused("forwardMessage", chat_id=1002, from_chat_id=USER, message_id=kept))[0] == 400
    assert (await api.refused("copyMessage", chat_id=1002, from_chat_id=USER, message_id=999))[0] == 400
