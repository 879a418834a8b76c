"""Fees, money, links, inline mode and groups on the real bot process, in Lao and Thai, with a restart in the middle."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

import pytest

from tests.e2e.conftest import Bot
from tests.e2e.test_path import press
from tests.emulator import Emulator

ANN = 1001
FAMILY = -100123
PNG = b"\x89PNG"


def rows(bot: Bot, query: str) -> list[Any]:
    """What stands in the bot's database."""
    with sqlite3.connect(bot.environment["DATABASE_URL"].removeprefix("sqlite:///")) as database:
        return list(database.execute(query))


async def restart(bot: Bot) -> None:
    """SIGKILL and start."""
    await asyncio.to_thread(bot.process.kill)
    await asyncio.to_thread(bot.start)


@pytest.mark.parametrize(("language", "sum_", "more"), [("lo", "5 ພັນ", "4,500 ບາດ"), ("th", "5 พัน", "4,500 บาท")])
async def test_a_fee_is_compared_after_a_restart(
    emulator: Emulator, bot: Bot, language: str, sum_: str, more: str
) -> None:
    emulator.add_user(ANN, "Ann")
    emulator.send_text(ANN, f"/start lang_{language}")
    await press(emulator, "f:fee")
    await press(emulator, "f:fee:k:visa")
    await emulator.wait_for(ANN, lambda s: any("f:fee:s:visa:thb:5000" in str(m.keyboard) for m in s.messages), 10)
    await restart(bot)
    emulator.send_text(ANN, sum_)
    report = await emulator.wait_text(ANN, more, 15)
    assert "1694" in report.text
    await press(emulator, "f:fee:c:visa:thb")
    await press(emulator, "f:fee:c:visa:lak")
    await press(emulator, "f:fee:s:visa:lak:5000000")
    await emulator.wait_text(ANN, "5,000,000", 10)


@pytest.mark.parametrize(("language", "never"), [("lo", "ໜີ້ຈະບໍ່ໝົດ"), ("th", "หนี้จะไม่มีวันหมด")])
async def test_the_money_is_counted_after_a_restart_and_drawn(
    emulator: Emulator, bot: Bot, language: str, never: str
) -> None:
    emulator.add_user(ANN, "Ann")
    emulator.send_text(ANN, f"/start lang_{language}")
    await press(emulator, "f:money")
    for tap in ("wage:high", "deduct:sso", "living:4000"):
        await press(emulator, f"f:money:a:{tap}")
    await emulator.wait_for(ANN, lambda s: any("f:money:a:sent:3000" in str(m.keyboard) for m in s.messages), 10)
    await restart(bot)
    emulator.send_text(ANN, "/money")
    for tap in ("sent:3000", "debt:100000", "rate:10"):
        await press(emulator, f"f:money:a:{tap}")
    await emulator.wait_text(ANN, never, 15)
    photo = next(m for m in emulator.view(ANN).messages if m.kind == "photo")
    file = emulator.core.world.files[photo.data["photo"][-1]["file_id"]]
    assert file.data.startswith(PNG)
    await press(emulator, "f:money:ch:debt")
    await press(emulator, "f:money:a:debt:0")
    await emulator.wait_text(ANN, "2,880", 10)


@pytest.mark.parametrize(("language", "title"), [("lo", "ກວດເມື່ອ"), ("th", "ตรวจเมื่อ")])
async def test_a_link_opens_its_topic_and_is_counted_once(
    emulator: Emulator, bot: Bot, language: str, title: str
) -> None:
    emulator.add_user(ANN, "Ann")
    emulator.send_text(ANN, f"/start office_vientiane-topic_passport-lang_{language}")
    await emulator.wait_text(ANN, title, 10)
    await restart(bot)
    emulator.send_text(ANN, f"/start office_vientiane-topic_passport-lang_{language}")
    await emulator.wait_for(ANN, lambda s: len([m for m in s.bot_messages if title in m.text]) == 2, 15)
    assert rows(bot, "select source, count(*) from arrival group by source") == [("office_vientiane", 1)]


@pytest.mark.parametrize(("language", "query", "title"), [("lo", "ພາສປອດ", "ກວດເມື່ອ"), ("th", "พาสปอร์ต", "ตรวจเมื่อ")])
async def test_an_answer_is_shared_in_a_family_group_while_the_model_is_down(
    emulator: Emulator, bot: Bot, language: str, query: str, title: str
) -> None:
    emulator.add_user(ANN, "Ann", language_code=language)
    emulator.add_group(FAMILY, members=[ANN])
    await asyncio.to_thread(bot.process.stop)
    bot.environment["NLU_URL"] = "http://127.0.0.1:9"  # nobody there
    asked = emulator.inline_query(ANN, query)["inline_query"]["id"]  # typed while the bot is away
    await asyncio.to_thread(bot.start)
    for _ in range(200):
        if emulator.inline_answer(asked):
            break
        await asyncio.sleep(0.05)
    answer = emulator.inline_answer(asked)
    assert answer is not None
    first = answer["results"][0]
    assert first["id"] == f"passport.{language}"
    shared = emulator.choose_inline(ANN, asked, first["id"], FAMILY)
    assert title in shared["text"]
    assert shared["reply_markup"]["inline_keyboard"][0][0]["url"].endswith("start=group-topic_passport")
    assert rows(bot, "select count(*) from person") == [(0,)]


@pytest.mark.parametrize(
    ("language", "alone", "cry"), [("lo", "ສ່ວນຕົວ", "ຊ່ວຍແດ່ ເຂົາຂັງຂ້ອຍໄວ້"), ("th", "ส่วนตัว", "ช่วยด้วย เขาขังฉันไว้")]
)
async def test_in_a_group_the_bot_speaks_when_spoken_to_and_keeps_nothing(
    emulator: Emulator, bot: Bot, language: str, alone: str, cry: str
) -> None:
    emulator.add_user(ANN, "Ann", language_code=language)
    emulator.add_group(FAMILY, members=[ANN])
    name = emulator.core.world.bot.username
    emulator.send_text(ANN, "m1 talk of the family", chat_id=FAMILY)
    emulator.send_text(ANN, f"/plan@{name}", chat_id=FAMILY)
    await emulator.wait_text(FAMILY, alone, 10)
    await restart(bot)
    emulator.send_text(ANN, f"@{name} {cry}", chat_id=FAMILY)
    card = await emulator.wait_text(FAMILY, "1191", 15)
    assert "191" in card.text
    assert [button["text"] for row in card.keyboard for button in row if "callback_data" in button] == []
    said = len(emulator.view(FAMILY).bot_messages)
    emulator.send_text(ANN, "passport", chat_id=FAMILY, reply_to=card.id)
    await emulator.wait_for(FAMILY, lambda s: len(s.bot_messages) == said + 1, 10)
    # a kill may repeat one text (docs/reliability.md), so texts are counted and not messages
    assert len({message.text for message in emulator.view(FAMILY).bot_messages}) == 3
    kept = "select (select count(*) from person), (select count(*) from message), (select count(*) from case_file)"
    assert rows(bot, kept) == [(0, 0, 0)]
    assert emulator.view(ANN).bot_messages == []
