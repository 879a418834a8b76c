"""How a reply reaches Telegram: in place of a tapped message, as a file, and as plain text when neither works."""

from __future__ import annotations

from typing import Any
from unittest.mock import AsyncMock

import pytest
from telegram import Bot, Message
from telegram.error import BadRequest

from bot.dialogue.types import Button, Reply
from bot.knowledge import plan_document
from bot.telegram.api import TelegramApi

DOCUMENT = {"language": "lo", "title": "ແຜນ", "steps": [["ໄປ", True]], "sections": [["ເວລາ", "ດົນ"]], "foot": ""}


def api(**results: Any) -> tuple[TelegramApi, AsyncMock]:
    bot = AsyncMock(spec=Bot)
    for method in ("send_message", "send_document"):
        getattr(bot, method).return_value = AsyncMock(spec=Message, message_id=9)
    for method, result in results.items():
        getattr(bot, method).side_effect = result
    return TelegramApi(bot), bot


async def call(api: TelegramApi, reply: Reply) -> int | None:
    return await api.call("message", "5", reply.to_json())


async def test_a_reply_takes_the_place_of_the_tapped_message() -> None:
    telegram, bot = api()
    assert await call(telegram, Reply("✅", ((Button("x", "y"),),), replaces=7)) is None
    assert bot.edit_message_text.await_args.args == ("✅", 5, 7)
    bot.send_message.assert_not_awaited()


@pytest.mark.parametrize(("error", "sent"), [("Message is not modified", False), ("Message to edit not found", True)])
async def test_what_cannot_be_edited_is_sent_anew(error: str, sent: bool) -> None:
    telegram, bot = api(edit_message_text=BadRequest(error))
    assert await call(telegram, Reply("✅", replaces=7)) == (9 if sent else None)
    assert bot.send_message.await_count == sent


async def test_a_plan_goes_as_a_pdf_with_its_buttons() -> None:
    telegram, bot = api()
    assert await call(telegram, Reply("ແຜນ", ((Button("x", "y"),),), document=DOCUMENT)) == 9
    assert bot.send_document.await_args.args[1].startswith(b"%PDF")
    assert bot.send_document.await_args.kwargs["caption"] == "ແຜນ"
    assert bot.send_document.await_args.kwargs["reply_markup"] is not None


async def test_what_cannot_be_drawn_goes_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: dict[str, Any]) -> bytes:
        raise plan_document.DocumentError("no font")

    monkeypatch.setattr(plan_document, "draw", broken)
    telegram, bot = api()
    assert await call(telegram, Reply("ແຜນ", document=DOCUMENT)) == 9
    bot.send_message.assert_awaited_once()
