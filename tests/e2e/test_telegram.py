"""The real bot process against the Bot API emulator."""

from __future__ import annotations

import asyncio
import time

from telegram import BotCommandScopeAllGroupChats

from bot.dialogue.flows.registry import FLOWS
from bot.settings import load_settings
from bot.telegram.api import TelegramApi
from bot.telegram.setup import set_up
from tests.e2e.conftest import Bot
from tests.emulator import Emulator
from tests.support.processes import TOKEN, http

ANN, BEN = 1001, 1002


async def test_start_language_question_and_answer(emulator: Emulator, bot: Bot) -> None:
    emulator.add_user(ANN, "Ann")
    emulator.send_text(ANN, "/start")
    await emulator.wait_text(ANN, "ທ່ານຢາກໃຊ້ພາສາໃດ")
    assert emulator.view(ANN).reply_keyboard
    emulator.press(ANN, data="l:th")
    await emulator.wait_text(ANN, "ได้เลย จะตอบเป็นภาษาไทย")
    emulator.send_text(ANN, "ราคาพาสปอร์ต")
    message = await emulator.wait_text(ANN, "ตรวจเมื่อ")
    assert message.buttons
    assert not message.silent


async def test_a_cry_for_help_is_answered_by_the_help_card(emulator: Emulator, bot: Bot) -> None:
    emulator.add_user(ANN, "Ann")
    emulator.send_text(ANN, "ຖືກຂັງໄວ້ໃນຫ້ອງ ອອກໄປບໍ່ໄດ້")
    await emulator.wait_text(ANN, "191")
    first = next(m for m in emulator.view(ANN).messages if m.from_bot)
    assert "191" in first.text
    assert "1191" in first.text


async def test_help_by_the_keyboard(emulator: Emulator, bot: Bot) -> None:
    emulator.add_user(ANN, "Ann")
    emulator.send_text(ANN, "/start")
    await emulator.wait_text(ANN, "ທ່ານຢາກໃຊ້ພາສາໃດ")
    emulator.tap(ANN, "🆘 ຂໍຄວາມຊ່ວຍເຫຼືອດ່ວນ")
    await emulator.wait_text(ANN, "191")


async def test_hide_deletes_both_sides(emulator: Emulator, bot: Bot) -> None:
    emulator.add_user(ANN, "Ann")
    for number in range(5):
        emulator.send_text(ANN, f"m{number}")
    await emulator.wait_for(ANN, lambda s: len([m for m in s.messages if m.from_bot]) >= 5, 15)
    emulator.send_text(ANN, "/hide")
    await emulator.wait_text(ANN, "ຂໍ້ຄວາມທີ່ເກົ່າກວ່າສອງມື້")
    screen = await emulator.wait_for(ANN, lambda s: len(s.messages) == 1, 10)
    assert len(screen.gone) >= 11


async def test_a_restart_in_the_middle_forgets_nothing(emulator: Emulator, bot: Bot) -> None:
    emulator.add_user(ANN, "Ann")
    emulator.send_text(ANN, "/start")
    await emulator.wait_text(ANN, "ທ່ານຢາກໃຊ້ພາສາໃດ")
    emulator.press(ANN, data="l:en")
    await emulator.wait_text(ANN, "Good, I answer in English")
    await asyncio.to_thread(bot.process.stop)
    emulator.send_text(ANN, "m1")
    await asyncio.to_thread(bot.start)
    assert (await emulator.wait_text(ANN, "Source", 15)).from_bot


async def test_a_poison_update_harms_only_itself(emulator: Emulator, bot: Bot) -> None:
    emulator.add_user(ANN, "Ann")
    emulator.add_user(BEN, "Ben")
    for kind in ("callback", "no_date", "no_chat", "bad_type", "empty"):
        emulator.poison(kind)
    emulator.raw_update({"message": {"message_id": 5, "text": 7, "chat": {"id": BEN, "type": "private"}}})
    emulator.send_text(ANN, "m1")
    await emulator.wait_for(ANN, lambda s: any(m.from_bot for m in s.messages), 10)


async def test_health_pages(emulator: Emulator, bot: Bot) -> None:
    base = f"http://127.0.0.1:{bot.health_port}"
    until = time.monotonic() + 10
    status, body = await asyncio.to_thread(http, f"{base}/healthz")
    while status != 200 and time.monotonic() < until:
        status, body = await asyncio.to_thread(http, f"{base}/healthz")
    assert (status, "poller" in body) == (200, True)
    assert "bot_updates_in_total" in (await asyncio.to_thread(http, f"{base}/metrics"))[1]


async def test_sigterm_drains_and_ends_with_success(emulator: Emulator, bot: Bot) -> None:
    emulator.add_user(ANN, "Ann")
    emulator.feed(count=50, chats=25, rate=0, template="m{n}")
    await asyncio.sleep(1.0)
    started = time.monotonic()
    assert await asyncio.to_thread(bot.process.stop) == 0
    assert time.monotonic() - started < 10
    await asyncio.to_thread(bot.start)
    await emulator.drained(timeout=30)
    assert emulator.lost() == []


async def test_the_log_holds_no_token_text_or_chat(emulator: Emulator, bot: Bot) -> None:
    emulator.add_user(77665544, "Zzyzx")
    emulator.send_text(77665544, "canarytext about my passport")
    await emulator.wait_for(77665544, lambda s: any(m.from_bot for m in s.messages), 10)
    await asyncio.to_thread(bot.process.stop)
    log = bot.log.read_text(encoding="utf-8")
    for secret in (TOKEN, TOKEN.split(":")[1], "canarytext", "77665544", "Zzyzx"):
        assert secret not in log


async def test_commands_and_descriptions_are_set_in_each_language(emulator: Emulator) -> None:
    settings = load_settings(telegram_token=TOKEN, telegram_api_url=emulator.base_url, _env_file=None)
    api = TelegramApi.from_settings(settings)
    await api.start()
    try:
        assert await set_up(api) == ["lo", "th", "en"]
        known = {code: await api.bot.get_my_commands(language_code=code) for code in (None, "lo", "th", "en")}
        groups = await api.bot.get_my_commands(scope=BotCommandScopeAllGroupChats(), language_code="th")
        about = [await api.bot.get_my_description(language_code=code) for code in ("lo", "th", "en")]
        short = [await api.bot.get_my_short_description(language_code=code) for code in ("lo", "th", "en")]
    finally:
        await api.close()
    named = {code: {c.command: c.description for c in commands} for code, commands in known.items()}
    assert named["th"]["sos"] == "ขอความช่วยเหลือด่วน"
    assert named["en"]["fee"] == "Is this fee right"
    assert named[None] == named["lo"] == {**named["lo"], "money": "ຈະເຫຼືອເງິນເທົ່າໃດ", "fee": "ຄ່ານີ້ແພງເກີນບໍ່"}
    assert set(FLOWS) <= set(named["th"])
    assert [c.command for c in groups] == ["sos", "help"]
    assert len({d.description for d in about}) == len({d.short_description for d in short}) == 3
