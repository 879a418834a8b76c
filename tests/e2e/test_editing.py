"""The editors' desk in a real Chromium: a text is changed, approved, and people read it within seconds."""

# ruff: noqa: F811 -- the fixtures of the console's tests are used by name

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.storage.models import Role
from tests.e2e.conftest import Bot
from tests.e2e.test_console import DESK, PHONE, Desk, console, desk, look, pytestmark  # noqa: F401 -- its fixtures
from tests.emulator import Emulator
from tests.factories.recording import ogg_opus

NEW = "ຖາມຫ້ອງການແຮງງານແຂວງກ່ອນ."


async def editor(desk: Desk, name: str, role: Role = Role.EDITOR, size: dict[str, int] = DESK) -> Page:
    page = await desk.page(size)
    await desk.sign_in(page, name, role)
    return page


async def test_edited_previewed_approved_and_read_within_five_seconds(emulator: Emulator, bot: Bot, desk: Desk) -> None:
    ann, ben = await editor(desk, "ann"), await editor(desk, "ben")
    await ann.goto(f"{desk.address}/editing/faq/passport")
    await ann.fill("#watch_lo", NEW)
    await expect(ann.locator("#preview")).to_contain_text(NEW, timeout=20_000)
    await expect(ann.locator("#saved")).to_contain_text("Draft saved", timeout=20_000)
    await ann.fill("#note", "clearer")
    await ann.click("button[value=submit]")
    await expect(ann.locator("#draft-h")).to_contain_text("in review")
    await ben.goto(f"{desk.address}/editing/faq/passport")
    await expect(ben.locator("#draft-h ~ .wide ins").first).to_be_visible()
    emulator.add_user(1001, "Noy", language_code="en")
    await ben.click("button[value=approve]")
    await ben.wait_for_url(re.compile("/editing/faq/passport$"))
    published = time.monotonic()
    await asyncio.sleep(4)
    emulator.send_text(1001, "how do I get a passport")
    await emulator.wait_text(1001, NEW)
    assert time.monotonic() - published < 8
    await ben.goto(f"{desk.address}/editing/faq/passport/history")
    await expect(ben.locator("main")).to_contain_text("approved by ben")
    await ben.locator("button[value=draft]").first.click()
    await expect(ben.locator("#draft-h")).to_contain_text("draft")
    assert desk.trouble == []


async def test_words_survive_a_lost_connection(bot: Bot, desk: Desk) -> None:
    ann = await editor(desk, "ann")
    await ann.goto(f"{desk.address}/editing/faq/passport")
    await ann.context.set_offline(True)
    await ann.fill("#watch_lo", NEW)
    await expect(ann.locator("#saved")).to_contain_text("Kept on this device", timeout=20_000)
    await ann.context.set_offline(False)
    await ann.goto(f"{desk.address}/editing")
    await ann.goto(f"{desk.address}/editing/faq/passport")
    if await ann.input_value("#watch_lo") != NEW:  # it was not sent in the moment between
        await ann.click("#kept button")
    assert await ann.input_value("#watch_lo") == NEW


@pytest.mark.parametrize(("size", "kind"), [(PHONE, "phone"), (DESK, "desk")])
async def test_every_page_of_the_desk_is_accessible_and_fits(
    bot: Bot, desk: Desk, size: dict[str, int], kind: str
) -> None:
    size = size if kind == "desk" else {"width": 360, "height": 740}
    page = await editor(desk, "boun", Role.SUPERVISOR, size)
    texts = ("/faq/passport", "/fact/th_min_wage_low", "/contact/th_1300", "/faq/passport/history")
    for path in ("", "?kind=fact", *texts, "/work", "/gaps", "/new", "/try"):
        await page.goto(f"{desk.address}/editing{path}")
        if "/faq/passport" in path and "history" not in path:
            await page.wait_for_selector("#preview .bubble")
        await look(page, f"{kind}-editing{path.replace('/', '-').replace('?', '-')}")


async def test_an_uploaded_recording_is_heard_and_offered(
    emulator: Emulator, bot: Bot, desk: Desk, tmp_path: Path
) -> None:
    sound = tmp_path / "answer.ogg"
    sound.write_bytes(ogg_opus())
    ann = await editor(desk, "ann")
    await ann.goto(f"{desk.address}/editing/recordings/passport")
    await ann.set_input_files("#file-lo", sound)
    await ann.locator("section[aria-labelledby=h-lo] form").first.locator("button").click()
    await expect(ann.locator("#sound-lo")).to_be_visible()
    loaded = "document.querySelector('#sound-lo').readyState >= 1 && document.querySelector('#sound-lo').duration > 0"
    await ann.wait_for_function(loaded, timeout=10_000)
    await look(ann, "desk-recordings-full")
    emulator.add_user(1002, "Kham", language_code="lo")
    until, offered = time.monotonic() + 25, False
    while not offered and time.monotonic() < until:  # the bot lists the recordings every five seconds
        await asyncio.sleep(2)
        emulator.send_text(1002, "/start topic_passport")
        await emulator.wait_for(1002, lambda s: s.last is not None and s.last.from_bot, 15)
        await asyncio.sleep(0.5)
        offered = "v:passport" in data_of(emulator.view(1002).last)
    assert offered
    emulator.press(1002, data="v:passport")
    await emulator.wait_for(1002, lambda s: any(m.kind == "voice" for m in s.messages), 10)
    await ann.locator("section[aria-labelledby=h-lo] form").nth(1).locator("button").click()
    await expect(ann.locator("section[aria-labelledby=h-lo]")).to_contain_text("No recording yet")
    assert desk.trouble == []


def data_of(message: object) -> list[str]:
    return [b.get("callback_data", "") for row in message.keyboard for b in row]  # type: ignore[attr-defined]
