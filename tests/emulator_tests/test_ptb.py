"""python-telegram-bot runs on the emulator unmodified: polling, webhook, every method of the Bot class we use."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Any

import pytest
from telegram import (
    Bot,
    BotCommand,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputMediaPhoto,
    InputTextMessageContent,
    ReplyKeyboardMarkup,
    Update,
)
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TimedOut
from telegram.ext import Application, CallbackQueryHandler, CommandHandler, ContextTypes, MessageHandler, filters

from tests.emulator import Emulator

from .conftest import USER, Api

pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
Context = ContextTypes.DEFAULT_TYPE
KEYBOARD = InlineKeyboardMarkup([[InlineKeyboardButton("Help", callback_data="help")]])


async def _start(update: Update, _: Context) -> None:
    assert update.message
    await update.message.reply_html("<b>Welcome</b>", reply_markup=KEYBOARD)


async def _press(update: Update, _: Context) -> None:
    assert update.callback_query
    await update.callback_query.answer("ok")
    await update.callback_query.edit_message_text("Hotline 1300")


async def _echo(update: Update, _: Context) -> None:
    assert update.message
    assert update.message.text
    await update.message.reply_text(update.message.text)


def _application(emu: Emulator) -> Application[Any, Any, Any, Any, Any, Any]:
    builder = Application.builder().token(emu.token).base_url(emu.bot_base_url).base_file_url(emu.file_base_url)
    application = builder.build()
    application.add_handler(CommandHandler("start", _start))
    application.add_handler(CallbackQueryHandler(_press))
    application.add_handler(MessageHandler(filters.TEXT, _echo))
    return application


async def _dialogue(emu: Emulator) -> None:
    emu.send_text(USER, "/start")
    welcome = await emu.wait_text(USER, "Welcome")
    assert (welcome.buttons, welcome.entities[0]["type"]) == (["Help"], "bold")
    emu.press(USER, "Help")
    screen = await emu.wait_for(USER, lambda now: "1300" in now.text)
    assert (screen.alerts[0]["text"], screen.last and screen.last.buttons) == ("ok", [])
    emu.feed(40, chats=8)
    await emu.wait_for(1_000_008, lambda now: len(now.bot_messages) == 5)
    stats = await emu.drained(5, quiet=0.3)
    assert (stats["lost"], stats["duplicates"], stats["order_violations"]) == (0, 0, 0)


async def test_polling(emu: Emulator) -> None:
    """Goal R15: PTB polls unmodified."""
    async with _application(emu) as application:
        assert application.updater
        await application.updater.start_polling(timeout=1)
        await application.start()
        await _dialogue(emu)
        await application.updater.stop()
        await application.stop()
    assert emu.stats()["pending"] == 0


async def test_webhook(emu: Emulator) -> None:
    """Goal R15: PTB's webhook server takes what the emulator posts, with the secret token."""
    pytest.importorskip("tornado")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with _application(emu) as application:
        assert application.updater
        await application.updater.start_webhook(
            listen="127.0.0.1",
            port=port,
            url_path="hook",
            webhook_url=f"http://127.0.0.1:{port}/hook",
            secret_token="s3cret",
        )
        await application.start()
        await _dialogue(emu)
        await application.updater.stop()
        await application.stop()
    assert emu.stats()["webhook_posts"] == 42


async def test_poison_stops_ptb(emu: Emulator, caplog: pytest.LogCaptureFixture) -> None:
    """Finding 3 can be reproduced: after one unreadable update PTB answers nobody."""
    emu.poison("callback")
    emu.send_text(USER, "hello")
    async with _application(emu) as application:
        assert application.updater
        await application.updater.start_polling(timeout=1)
        await application.start()
        await asyncio.sleep(0.5)
        with contextlib.suppress(TypeError):  # the last getUpdates of stop() meets the poison, too
            await application.updater.stop()
        await application.stop()
    assert emu.view(USER).bot_messages == []
    assert emu.stats()["acknowledged"] == 0


async def test_bot_methods(emu: Emulator, bot: Bot) -> None:
    """Results of all sending methods are readable for PTB."""
    text = await bot.send_message(USER, "hi", reply_markup=ReplyKeyboardMarkup([["A", "B"]]))
    photo = await bot.send_photo(USER, b"jpeg", caption="c")
    document = await bot.send_document(USER, b"pdf", filename="a.pdf")
    voice = await bot.send_voice(USER, b"ogg", duration=3)
    place = await bot.send_location(USER, 17.9, 102.6)
    album = await bot.send_media_group(USER, [InputMediaPhoto(b"one"), InputMediaPhoto(b"two", caption="x")])
    assert (text.text, photo.caption, document.document and document.document.file_name) == ("hi", "c", "a.pdf")
    assert (voice.voice and voice.voice.duration, place.location and place.location.latitude) == (3, 17.9)
    assert len({message.media_group_id for message in album}) == 1
    edited = await bot.edit_message_caption(USER, photo.message_id, caption="d")
    assert isinstance(edited, type(photo))
    await bot.edit_message_reply_markup(USER, photo.message_id, reply_markup=KEYBOARD)
    copied = await bot.copy_message(1002, USER, voice.message_id)
    forwarded = await bot.forward_message(1002, USER, text.message_id)
    assert copied.message_id < forwarded.message_id
    assert await bot.set_message_reaction(USER, text.message_id, "👍")
    assert await bot.delete_messages(USER, [text.message_id, photo.message_id])
    assert await bot.delete_message(USER, voice.message_id)


async def test_bot_files_and_queries(emu: Emulator, bot: Bot) -> None:
    emu.send_voice(USER, b"OggS-sound", duration=2)
    (update,) = await bot.get_updates()
    assert update.message
    assert update.message.voice
    file = await update.message.voice.get_file()
    assert bytes(await file.download_as_bytearray()) == b"OggS-sound"
    query_id = emu.inline_query(USER, "visa")["inline_query"]["id"]
    article = InlineQueryResultArticle("1", "Visa", InputTextMessageContent("x"))
    assert await bot.answer_inline_query(query_id, [article])


async def test_bot_profile_and_chats(emu: Emulator, bot: Bot) -> None:
    assert await bot.set_my_commands([BotCommand("help", "Help")], language_code="lo")
    assert (await bot.get_my_commands(language_code="lo"))[0].command == "help"
    assert await bot.set_my_name("Name")
    assert await bot.set_my_description("Long")
    assert await bot.set_my_short_description("Short")
    assert (await bot.get_my_name()).name == "Name"
    assert (await bot.get_my_description()).description == "Long"
    assert (await bot.get_my_short_description()).short_description == "Short"
    assert (await bot.get_chat(USER)).first_name == "Noy"
    emu.add_group(-100123, members=[USER])
    assert (await bot.get_chat_member(-100123, USER)).status == "member"
    assert await bot.leave_chat(-100123)
    assert (await bot.get_webhook_info()).url == ""
    assert await bot.send_chat_action(USER, "typing")


async def test_errors_become_ptb_errors(emu: Emulator, bot: Bot) -> None:
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(1, "x")
    emu.fault("429", next_n=1, retry_after=3)
    with pytest.raises(RetryAfter) as retry:
        await bot.send_message(USER, "x")
    assert "3" in str(retry.value)
    emu.fault("5xx", next_n=1)
    with pytest.raises(NetworkError):
        await bot.send_message(1002, "x")
    emu.fault("timeout_after", next_n=1)
    with pytest.raises(TimedOut):
        await bot.send_message(1002, "x", read_timeout=0.2)
    emu.block(USER)
    with pytest.raises(Forbidden):
        await bot.send_chat_action(USER, "typing")
    with pytest.raises(InvalidToken):
        await Bot("1:wrong", base_url=emu.bot_base_url).initialize()


async def test_conflict_reaches_ptb(bot: Bot, api: Api) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=10))
    await asyncio.sleep(0.1)
    second = asyncio.create_task(api.ok("getUpdates", timeout=1))
    with pytest.raises(Conflict):
        await first
    assert await second == []
