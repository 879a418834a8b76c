"""Review, search, saved views, numbers and files in a real Chromium."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from bot.storage.models import Role
from tests.e2e.conftest import Bot
from tests.e2e.test_console import BEN, CHROMIUM, DESK, PHONE, Desk, console, cry, desk, look
from tests.emulator import Emulator

__all__ = ["console", "desk"]

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM.exists(), reason="no chromium")]


async def test_an_intent_is_corrected_by_keyboard(emulator: Emulator, bot: Bot, desk: Desk) -> None:
    page = await desk.page()
    await desk.sign_in(page, "noy", Role.REVIEWER)
    await cry(emulator, BEN, "ຢາກໄປເຮັດວຽກຢູ່ໄທ")
    await page.goto(f"{desk.address}/review?pile=all")
    await page.keyboard.press("t")
    await page.keyboard.type("ไม่มีหัวข้อนี้")
    await page.keyboard.press("Enter")
    await expect(page.locator(".error")).to_be_visible()
    assert await page.input_value("#intent") == "ไม่มีหัวข้อนี้"
    await page.keyboard.press("t")
    await page.fill("#intent", "work_permit")
    await page.keyboard.press("Enter")
    await expect(page.locator(".empty")).to_be_visible()
    await page.goto(f"{desk.address}/conversations")
    await page.click(".case a")
    await expect(page.locator(".lines")).to_contain_text("work_permit")
    assert [t for t in desk.trouble if "422" not in t] == []


async def test_a_search_is_saved_and_transcripts_are_exported(emulator: Emulator, bot: Bot, desk: Desk) -> None:
    page = await desk.page()
    await desk.sign_in(page, "boun", Role.SUPERVISOR)
    await cry(emulator)
    await page.goto(f"{desk.address}/search")
    await page.fill("#q", "ຂັງໄວ້")
    await page.keyboard.press("Enter")
    await expect(page.locator(".case .text")).to_contain_text("ຖືກຂັງໄວ້")
    await page.click("text=Save this view")
    await page.fill("#viewname", "held people")
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    await page.goto(f"{desk.address}/search")
    await page.click("text=held people")
    await expect(page.locator(".case .text")).to_contain_text("ຖືກຂັງໄວ້")
    await page.goto(f"{desk.address}/export")
    await page.fill("#reason", "monthly report")
    async with page.expect_download() as waiting:
        await page.click("button[value=csv]")
    text = (await (await waiting.value).path()).read_text(encoding="utf-8-sig")
    assert "ຖືກຂັງໄວ້" in text
    assert "5551" not in text
    assert desk.trouble == []


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "dark"), (DESK, "light")], ids=["phone", "desk"])
async def test_the_new_pages_are_accessible_and_fit(
    emulator: Emulator, bot: Bot, desk: Desk, size: dict[str, int], scheme: str
) -> None:
    page = await desk.page(size, scheme)
    await desk.sign_in(page, "boun", Role.SUPERVISOR)
    await cry(emulator)
    for path in ("/numbers?period=day", "/review?pile=all", "/review/agreement", "/export", "/search?q=ຂັງໄວ້&urgent=1"):
        await page.goto(desk.address + path)
        await look(page, path.strip("/").partition("?")[0].replace("/", "-"))
    assert desk.trouble == []
