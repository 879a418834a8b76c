"""News by consent on the real bot process, to a hundred people in Lao and Thai, with SIGKILL in the middle."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

import pytest
from playwright.async_api import expect

from bot.knowledge.alerts import News
from bot.knowledge.load import load_published
from bot.services import broadcasts
from bot.services.conversations import utc_now
from bot.settings import ROOT
from bot.storage.db import Database
from bot.storage.models import BroadcastState, Role
from tests.e2e.conftest import Bot
from tests.e2e.test_console import CHROMIUM, DESK, Desk, console, desk, look
from tests.emulator import Emulator
from tests.emulator.views import Screen

__all__ = ["console", "desk"]

CONTENT = load_published(ROOT / "content")
NEWS = News(0, "scam", "", {"lo": "ລະວັງກົນລວງ {contact:th_1300}", "th": "ระวังกลโกง {contact:th_1300}"})
WORDS = {"lo": "ລະວັງກົນລວງ", "th": "ระวังกลโกง"}
NEUTRAL = {"lo": "ມີເລື່ອງໃໝ່", "th": "มีเรื่องใหม่"}
PEOPLE = {2000 + n: ("lo", "th")[n % 2] for n in range(100)}
DISCREET, ENDED, BLOCKS, QUIET = 2010, 2021, 2032, 2043
SMALL = {"width": 360, "height": 740}


def shows(data: str) -> Any:
    """A screen with that button."""

    def found(screen: Screen) -> bool:
        return any(b.get("callback_data") == data for m in screen.messages for row in m.keyboard for b in row)

    return found


async def press(emulator: Emulator, user: int, data: str) -> None:
    """Tap a button as soon as it is on the screen."""
    await emulator.wait_for(user, shows(data), 40)
    emulator.press(user, data=data)


async def subscribed(emulator: Emulator, bot: Bot, people: dict[int, str]) -> None:
    """Everybody asks for news of scams by tapping."""
    for user, language in people.items():
        emulator.add_user(user, "Somebody")
        emulator.send_text(user, f"/start lang_{language}-flow_alerts")
    for user in people:
        await press(emulator, user, "f:alerts:k:scam")
    for user in people:
        await emulator.wait_for(user, shows("f:alerts:stop"), 40)


def let_go(bot: Bot) -> int:
    """Written by one person, approved and started by another."""
    database = Database(bot.environment["DATABASE_URL"])
    try:
        with database.write() as session:
            row = broadcasts.save(session, None, NEWS, "ed", CONTENT, utc_now())
            broadcasts.approve(session, row.id, broadcasts.seal(row), "sue", CONTENT, utc_now())
            broadcasts.move(session, row.id, "start", "sue", CONTENT, utc_now())
            return row.id
    finally:
        database.close()


def rows(bot: Bot, query: str) -> list[Any]:
    """What stands in the bot's database."""
    with sqlite3.connect(bot.environment["DATABASE_URL"].removeprefix("sqlite:///")) as database:
        return list(database.execute(query))


def received(emulator: Emulator, user: int) -> int:
    """How often the news, or the neutral words for it, came."""
    language = PEOPLE[user]
    wanted = (WORDS[language], NEUTRAL[language] + ".", NEUTRAL[language] + " เปิด")
    return sum(any(words in m.text for words in wanted) and "🔕" in str(m.keyboard) for m in arrived(emulator, user))


def arrived(emulator: Emulator, user: int) -> list[Any]:
    return [m for m in emulator.view(user).bot_messages if "⬜" not in str(m.keyboard)]


async def done(bot: Bot, seconds: float) -> None:
    for _ in range(int(seconds * 5)):
        if rows(bot, "select state from broadcast") == [(BroadcastState.DONE,)]:
            return
        await asyncio.sleep(0.2)
    raise TimeoutError(rows(bot, "select state, count(*) from outbox where priority = 2 group by state"))


async def test_a_hundred_people_are_told_once_though_the_bot_is_killed(emulator: Emulator, bot: Bot) -> None:
    await subscribed(emulator, bot, PEOPLE)
    await press(emulator, DISCREET, "f:alerts:q")
    await press(emulator, ENDED, "f:alerts:stop")
    emulator.send_text(QUIET, "/quiet")
    await emulator.wait_for(DISCREET, lambda s: "✅ ໃຫ້ຂຶ້ນແຕ່ຄຳກາງໆ" in str([m.keyboard for m in s.messages]), 20)
    await emulator.wait_for(ENDED, lambda s: "/alerts" in s.text, 20)
    await emulator.wait_for(QUIET, lambda s: "quiet:off" in str([m.keyboard for m in s.messages]), 20)
    emulator.block(BLOCKS)

    let_go(bot)
    for _ in range(300):
        if sum(received(emulator, user) for user in PEOPLE) >= 35:
            break
        await asyncio.sleep(0.1)
    await asyncio.to_thread(bot.restart, kill=True)
    emulator.send_text(2000, "/menu")  # somebody asks meanwhile
    await emulator.wait_for(2000, shows("f:path"), 15)
    await done(bot, 60)

    counts = {user: received(emulator, user) for user in PEOPLE}
    assert max(counts.values()) == 1
    missed = {user for user, count in counts.items() if count == 0}
    assert {ENDED, QUIET, BLOCKS} <= missed
    unknown = rows(bot, "select count(*) from outbox where priority = 2 and state = 'unknown'")[0][0]
    assert len(missed - {ENDED, QUIET, BLOCKS}) <= unknown <= 8  # under way when it was killed: not sent twice
    states = rows(bot, "select state from broadcast_delivery d join outbox o on o.id = d.outbox_id")
    assert len(states) in (97, 98)  # whoever blocks us is left out, when we hear of it in time
    assert {state for (state,) in states} <= {"delivered", "unknown", "blocked", "cancelled"}

    if counts[DISCREET]:
        assert WORDS["lo"] not in emulator.view(DISCREET).text
        opening = next(b for m in arrived(emulator, DISCREET) for row in m.keyboard for b in row if ":r:" in str(b))
        emulator.press(DISCREET, data=opening["callback_data"])
        await emulator.wait_text(DISCREET, WORDS["lo"], 15)
    told = next(user for user, count in counts.items() if count and user not in (DISCREET, 2000))
    emulator.press(told, data="f:alerts:stop")
    await emulator.wait_for(told, lambda s: "/alerts" in s.text, 15)
    emulator.send_text(told, "/forget")
    await press(emulator, told, "forget:yes")
    for _ in range(100):
        if not rows(bot, "select * from person where pseudonym = 'x'") and len(rows(bot, "select * from person")) == 99:
            break
        await asyncio.sleep(0.1)
    assert len(rows(bot, "select * from person")) == 99
    assert len(rows(bot, "select * from subscription")) == 98  # neither whoever ended it nor whoever is forgotten


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="no chromium")
async def test_an_alert_is_written_approved_and_watched_in_the_console(
    emulator: Emulator, bot: Bot, desk: Desk
) -> None:
    await subscribed(emulator, bot, dict(list(PEOPLE.items())[:6]))
    editor, boss = await desk.page(SMALL, "dark"), await desk.page(DESK, "light")
    await desk.sign_in(editor, "ed", Role.EDITOR)
    await desk.sign_in(boss, "sue", Role.SUPERVISOR)
    await editor.goto(f"{desk.address}/alerts/new")
    await editor.select_option("#kind", "scam")
    await editor.fill("#text_lo", "ລະວັງກົນລວງ ")
    await editor.click("summary")
    await editor.fill("#pick", "th_1300")
    await editor.click('[data-insert="{contact:th_1300}"]')
    assert "{contact:th_1300}" in await editor.input_value("#text_lo")
    await editor.click("button[value=look]")
    await expect(editor.locator(".bubble").first).to_contain_text("1300")
    await look(editor, "alert-look")
    await editor.click("button[value=save]")
    await expect(editor.locator("main .notice")).to_be_visible()
    await expect(editor.locator("main")).to_contain_text("6 people want it")
    await expect(editor.locator("button[value=approve]")).to_have_count(0)
    await look(editor, "alert-draft")

    await boss.goto(editor.url.partition("?")[0])
    await boss.click("button[value=approve]")
    await look(boss, "alert-approved")
    await boss.click("button[value=start]")
    await expect(boss.locator("#progress")).to_contain_text("told: 6", timeout=15_000)  # by itself
    await emulator.wait_text(2003, "ຍັງບໍ່ໄດ້ແປ" if PEOPLE[2003] == "lo" else "ยังไม่ได้แปล", 15)
    await expect(boss.locator("#progress")).to_contain_text("done", timeout=15_000)
    for page, name in ((editor, "alerts-phone"), (boss, "alerts")):
        await page.goto(f"{desk.address}/alerts")
        await expect(page.locator(".case")).to_have_count(1)
        await look(page, name)
    assert desk.trouble == []
