"""Editing, deleting, reacting."""

from __future__ import annotations

from tests.emulator import Emulator

from .conftest import USER, Api

KEYBOARD = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}


async def test_edit_text(emu: Emulator, api: Api) -> None:
    """A keyboard not given again goes; the old text stays in the view's edits."""
    sent = await api.say("one", reply_markup=KEYBOARD)
    edited = await api.ok("editMessageText", chat_id=USER, message_id=sent, text="<b>two</b>", parse_mode="HTML")
    assert (edited["text"], "reply_markup" in edited, edited["entities"][0]["type"]) == ("two", False, "bold")
    last = emu.view(USER).last
    assert last is not None
    assert (last.edited, last.edits[0]["text"]) == (True, "one")


async def test_not_modified(api: Api) -> None:
    """MESSAGE_NOT_MODIFIED. Client.cpp 108."""
    sent = await api.say("same", reply_markup=KEYBOARD)
    code, description = await api.refused(
        "editMessageText", chat_id=USER, message_id=sent, text="same", reply_markup=KEYBOARD
    )
    assert (code, description.startswith("Bad Request: message is not modified")) == (400, True)
    await api.ok("editMessageReplyMarkup", chat_id=USER, message_id=sent)
    assert (await api.refused("editMessageReplyMarkup", chat_id=USER, message_id=sent))[0] == 400


async def test_what_cannot_be_edited(emu: Emulator, api: Api) -> None:
    """Foreign messages, other kinds, missing ones, those with a reply keyboard. Client.cpp check_message."""
    theirs = emu.send_text(USER, "mine")["message"]["message_id"]
    menu = await api.say("menu", reply_markup={"keyboard": [["A"]]})
    photo = (await api.ok("sendPhoto", chat_id=USER, photo="https://x.la/a.jpg"))["message_id"]
    found = [
        (await api.refused("editMessageText", chat_id=USER, message_id=message, text="x"))[1]
        for message in (theirs, menu, photo, 999)
    ]
    assert found == [
        "Bad Request: message can't be edited",
        "Bad Request: message can't be edited",
        "Bad Request: there is no text in the message to edit",
        "Bad Request: message to edit not found",
    ]


async def test_edit_caption(emu: Emulator, api: Api) -> None:
    photo = (await api.ok("sendPhoto", chat_id=USER, photo="https://x.la/a.jpg", caption="a"))["message_id"]
    await api.ok("editMessageCaption", chat_id=USER, message_id=photo, caption="b")
    assert emu.view(USER).text == "b"
    text = await api.say()
    refused = await api.refused("editMessageCaption", chat_id=USER, message_id=text, caption="x")
    assert refused == (400, "Bad Request: there is no caption in the message to edit")


async def test_delete_own_and_incoming(emu: Emulator, api: Api) -> None:
    """Rule "deleteMessage(s)": own and incoming messages of a private chat."""
    theirs = emu.send_text(USER, "help me")["message"]["message_id"]
    ours = await api.say()
    assert await api.ok("deleteMessages", chat_id=USER, message_ids=[theirs, ours, 999]) is True
    screen = emu.view(USER)
    assert (screen.messages, [message.deleted_by for message in screen.gone]) == ([], ["bot", "bot"])


async def test_delete_only_below_48_hours(emu: Emulator, api: Api) -> None:
    """Rule "deleteMessage(s)": only < 48 h old; one too old stops all."""
    old = await api.say("old")
    emu.advance(48 * 3600)
    new = await api.say("new")
    refusal = (400, "Bad Request: message can't be deleted for everyone")
    assert await api.refused("deleteMessage", chat_id=USER, message_id=old) == refusal
    assert await api.refused("deleteMessages", chat_id=USER, message_ids=[old, new]) == refusal
    await api.ok("deleteMessage", chat_id=USER, message_id=new)
    assert await api.refused("deleteMessage", chat_id=USER, message_id=new) == (
        400,
        "Bad Request: message to delete not found",
    )


async def test_delete_in_a_group_needs_rights(emu: Emulator, api: Api) -> None:
    """MESSAGE_DELETE_FORBIDDEN. Client.cpp 149-151."""
    emu.add_group(-100123, members=[USER])
    theirs = emu.send_text(USER, "x", chat_id=-100123)["message"]["message_id"]
    refused = await api.refused("deleteMessage", chat_id=-100123, message_id=theirs)
    assert refused == (400, "Bad Request: message can't be deleted")


async def test_delete_at_most_100(api: Api) -> None:
    """get_message_ids(query, 100). Client.cpp process_delete_messages_query."""
    refused = await api.refused("deleteMessages", chat_id=USER, message_ids=list(range(1, 102)))
    assert refused == (400, "Bad Request: too many message identifiers specified")
    assert (await api.refused("deleteMessages", chat_id=USER, message_ids=[]))[0] == 400


async def test_reaction(emu: Emulator, api: Api) -> None:
    asked = emu.send_text(USER, "thanks")["message"]["message_id"]
    heart = [{"type": "emoji", "emoji": "❤"}]
    await api.ok("setMessageReaction", chat_id=USER, message_id=asked, reaction=heart)
    assert emu.view(USER).messages[0].reaction == heart
    assert (await api.refused("setMessageReaction", chat_id=USER, message_id=999, reaction=heart))[0] == 400
