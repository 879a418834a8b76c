"""What persons do becomes updates that python-telegram-bot reads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from telegram import Bot, Update

from tests.emulator import ControlError, Emulator, Options

from .conftest import USER, Api

DEEDS: dict[str, Callable[[Emulator], Any]] = {
    "text": lambda emu: emu.send_text(USER, "/start th https://x.la"),
    "photo": lambda emu: emu.send_photo(USER, b"jpeg", caption="#me"),
    "voice": lambda emu: emu.send_voice(USER, b"ogg", duration=4),
    "document": lambda emu: emu.send_document(USER, b"pdf", file_name="contract.pdf"),
    "sticker": lambda emu: emu.send_sticker(USER),
    "video": lambda emu: emu.send_media(USER, "video"),
    "animation": lambda emu: emu.send_media(USER, "animation"),
    "audio": lambda emu: emu.send_media(USER, "audio"),
    "location": lambda emu: emu.send_location(USER, 17.9, 102.6),
    "contact": lambda emu: emu.send_contact(USER, "+85620555"),
    "forwarded": lambda emu: emu.send_forwarded(USER, "read", from_user_id=1002),
    "forwarded_hidden": lambda emu: emu.send_forwarded(USER, "read", hidden_name="Agent"),
    "inline_query": lambda emu: emu.inline_query(USER, "visa"),
    "blocked": lambda emu: emu.block(USER),
    "group": lambda emu: (emu.add_group(-100123, members=[USER]), emu.send_text(USER, "hi", chat_id=-100123)),
    "admin": lambda emu: (emu.add_group(-5, kind="group"), emu.set_bot_status(USER, -5, "administrator")),
}


@pytest.mark.parametrize("deed", DEEDS)
async def test_updates_are_complete(emu: Emulator, api: Api, bot: Bot, deed: str) -> None:
    """Update.de_json of python-telegram-bot reads each, and names the person."""
    DEEDS[deed](emu)
    (raw,) = await api.ok("getUpdates")
    update = Update.de_json(raw, bot)
    assert update.effective_user is not None
    assert (update.effective_user.id, update.effective_user.is_bot) == (USER, False)


async def test_callback_query_is_complete(emu: Emulator, api: Api, bot: Bot) -> None:
    """chat_instance, message with keyboard, data. Client.cpp JsonCallbackQuery."""
    await api.say("?", reply_markup={"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]})
    emu.press(USER, "Ye", part=True)
    update = Update.de_json((await api.ok("getUpdates"))[0], bot)
    query = update.callback_query
    assert query is not None
    assert query.message is not None
    assert (query.data, query.message.chat.id, bool(query.chat_instance)) == ("y", USER, True)


async def test_edited_message(emu: Emulator, api: Api, bot: Bot) -> None:
    sent = emu.send_text(USER, "helo")["message"]["message_id"]
    emu.edit_text(USER, sent, "/hello")
    update = Update.de_json((await api.ok("getUpdates"))[1], bot)
    assert update.edited_message is not None
    assert update.edited_message.edit_date is not None
    assert (update.edited_message.text, update.edited_message.entities[0].type) == ("/hello", "bot_command")


async def test_what_persons_cannot_do(emu: Emulator, api: Api) -> None:
    gone = await api.say("?", reply_markup={"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]})
    await api.ok("deleteMessage", chat_id=USER, message_id=gone)
    for deed in (
        lambda: emu.press(USER, "Yes"),
        lambda: emu.tap(USER, "Menu"),
        lambda: emu.edit_text(USER, 99, "x"),
        lambda: emu.send_media(USER, "hologram"),
        lambda: emu.view(424242),
        lambda: emu.add_user(-1),
    ):
        with pytest.raises(ControlError):
            deed()


async def test_own_deletion_is_seen_in_the_view_only(emu: Emulator) -> None:
    sent = emu.send_text(USER, "oh no")["message"]["message_id"]
    emu.delete_own(USER, sent)
    assert (emu.view(USER).messages, emu.view(USER).gone[0].deleted_by) == ([], "user")
    assert emu.stats()["made"] == 1


async def test_wait_for(emu: Emulator, api: Api) -> None:
    waiting = asyncio.create_task(emu.wait_text(USER, "found"))
    await api.say("not yet")
    await api.say("found it")
    assert (await waiting).text == "found it"
    with pytest.raises(TimeoutError, match="found it"):
        await emu.wait_for(USER, lambda screen: len(screen.messages) > 5, timeout=0.05)


async def test_wait_for_sees_edits_and_deletions(emu: Emulator, api: Api) -> None:
    sent = await api.say("one")
    waiting = asyncio.create_task(emu.wait_for(USER, lambda screen: "two" in screen.text))
    await api.ok("editMessageText", chat_id=USER, message_id=sent, text="two")
    await waiting
    leaving = asyncio.create_task(emu.wait_for(USER, lambda screen: not screen.messages))
    await api.ok("deleteMessage", chat_id=USER, message_id=sent)
    assert len((await leaving).gone) == 1


async def test_feed_at_a_rate(emu: Emulator) -> None:
    emu.feed(50, chats=5, rate=200, texts=["passport", "visa"], template="{text} m{n}")
    await asyncio.sleep(0.12)
    assert 5 < emu.stats()["made"] < 50
    await asyncio.sleep(0.3)
    assert emu.feed_state() == {"count": 50, "made": 50, "done": True}
    assert emu.view(1_000_002).messages[0].text == "visa m2"


async def test_feed_with_poison(emu: Emulator) -> None:
    emu.feed(20, poison_every=5)
    assert emu.stats()["made"] == 24


@pytest.mark.parametrize(("mode", "answered"), [("auto", 2), ("fifo", 2), ("marker", 0), ("reply", 1)])
async def test_attribution(emu: Emulator, api: Api, mode: str, answered: int) -> None:
    emu.core.ledger._mode = mode
    first = emu.send_text(USER, "what is a visa")["message"]["message_id"]
    emu.send_text(USER, "and a passport")
    await api.ok("getUpdates")
    await api.say("a paper", reply_parameters={"message_id": first})
    await api.say("a book")
    assert emu.stats()["answered"] == answered


async def test_order_violations(emu: Emulator, api: Api) -> None:
    emu.feed(3, chats=1)
    await api.ok("getUpdates")
    for number in (1, 3, 2):
        await api.say(f"m{number}", chat_id=1_000_001)
    assert emu.stats()["order_violations"] == 1
    assert emu.latency()["n"] == 3


async def test_lost_is_what_was_confirmed_and_not_answered(emu: Emulator, api: Api) -> None:
    emu.feed(3, chats=1)
    updates = await api.ok("getUpdates")
    await api.ok("getUpdates", offset=updates[-1]["update_id"], limit=1)
    assert (emu.stats()["lost"], len(emu.unanswered())) == (2, 3)
    await api.say("m1", chat_id=1_000_001)
    assert emu.lost() == [updates[1]["update_id"]]
    assert emu.update_record(updates[0]["update_id"])["gone"] == "acknowledged"


def test_bot_id_is_in_the_token() -> None:
    assert Options(token="42:x").bot_id == 42
