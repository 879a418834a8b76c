"""The console in a real Chromium, beside the real bot and the Bot API emulator.

SCREENSHOTS=folder keeps pictures of the pages.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyotp
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright, expect

from bot.services import staff
from bot.services.conversations import utc_now
from bot.storage.db import Database
from bot.storage.models import Role
from tests.e2e.conftest import Bot
from tests.emulator import Emulator
from tests.support.processes import Process, free_port, wait_for_port

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PASSWORD = "a long enough password"
ANN, BEN = 1001, 1002
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
URGENT = "ຖືກຂັງໄວ້ໃນຫ້ອງ ອອກໄປບໍ່ໄດ້ ໂທ 020 5551 2345"

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM.exists(), reason="no chromium")]


@dataclass
class Desk:
    """A console that runs, and browsers at it."""

    address: str
    database: Database
    chromium: Browser
    trouble: list[str] = field(default_factory=list)

    async def page(self, size: dict[str, int] = DESK, scheme: str = "light", language: str = "en") -> Page:
        """A browser of its own, in English."""
        context = await self.chromium.new_context(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
        await context.add_cookies([{"name": "console-language", "value": language, "url": self.address}])
        page = await context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda m: self.trouble.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: self.trouble.append(str(e)))
        page.on("request", lambda r: None if r.url.startswith(self.address) else self.trouble.append(r.url))
        return page

    async def sign_in(self, page: Page, name: str, role: Role) -> None:
        """A new account and its first sign-in, as a person does it."""
        with self.database.write() as session:
            first = staff.add(session, name, role, utc_now())
        await page.goto(self.address)
        await page.fill("#name", name)
        await page.fill("#password", first)
        await page.click("main button")
        secret = (await page.inner_text("#secret")).replace(" ", "")
        await page.fill("#password", PASSWORD)
        await page.fill("#again", PASSWORD)
        await page.fill("#code", pyotp.TOTP(secret).now())
        await page.click("main button")
        await page.wait_for_url(re.compile(r"/(queue|conversations|account)$"))


@pytest.fixture
def console(bot: Bot, tmp_path: Path) -> Iterator[str]:
    port = free_port()
    process = Process(
        "-m", "bot", "console", log=tmp_path / "console.log", **bot.environment | {"CONSOLE_PORT": str(port)}
    )
    try:
        wait_for_port(port)
        yield f"http://localhost:{port}"
    finally:
        process.kill()
        print((tmp_path / "console.log").read_text(encoding="utf-8")[-3000:])


@pytest.fixture
async def desk(console: str, bot: Bot) -> AsyncIterator[Desk]:
    database = Database(bot.environment["DATABASE_URL"])
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        one = Desk(console, database, chromium)
        yield one
        await chromium.close()
    database.close()


async def cry(emulator: Emulator, user: int = ANN, text: str = URGENT) -> None:
    emulator.add_user(user, "Ann")
    emulator.send_text(user, text)
    await emulator.wait_for(user, lambda s: any(m.from_bot for m in s.messages), 15)


async def look(page: Page, name: str) -> None:
    """No serious finding, nothing wider than the screen; a picture if asked for."""
    await page.wait_for_load_state()
    found = (await Axe().run(page)).response["violations"]
    bad = [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found if v["impact"] in ("serious", "critical")]
    assert bad == [], name
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
    if folder := os.environ.get("SCREENSHOTS"):
        await page.screenshot(path=f"{folder}/{name}.png", full_page=True)


async def test_an_urgent_chat_is_claimed_answered_and_delivered(emulator: Emulator, bot: Bot, desk: Desk) -> None:
    page = await desk.page()
    await desk.sign_in(page, "dao", Role.COUNSELLOR)
    await expect(page.locator(".empty")).to_be_visible()
    await cry(emulator)
    case = page.locator(".case.urgent a")
    await expect(case).to_be_visible(timeout=10_000)  # by itself
    await case.click()
    await expect(page.locator(".line.in .text")).to_contain_text("ຖືກຂັງ")
    await expect(page.locator(".line.in .text")).not_to_contain_text("5551")
    await page.keyboard.press("c")
    await expect(page.locator(".status")).to_contain_text("dao")
    await page.fill("#text", "ສະບາຍດີ, ພວກເຮົາຢູ່ນີ້")
    await page.keyboard.press("Control+Enter")
    await emulator.wait_text(ANN, "👤 ສະບາຍດີ, ພວກເຮົາຢູ່ນີ້")
    await expect(page.locator(".line.staff .delivered")).to_be_visible(timeout=10_000)
    emulator.send_text(ANN, "ຂອບໃຈ ມາຊ່ວຍແດ່")
    await page.fill("#text", "half a sentence")
    await expect(page.locator(".line.in .text").last).to_contain_text("ຂອບໃຈ", timeout=10_000)
    assert await page.input_value("#text") == "half a sentence"
    assert desk.trouble == []


async def test_two_counsellors_do_not_collide(emulator: Emulator, bot: Bot, desk: Desk) -> None:
    one, other = await desk.page(), await desk.page(PHONE)
    await desk.sign_in(one, "dao", Role.COUNSELLOR)
    await desk.sign_in(other, "noy", Role.COUNSELLOR)
    await cry(emulator)
    for page in (one, other):
        await page.goto(f"{desk.address}/queue")
        await page.click(".case.urgent a")
    await expect(one.locator("#talk .notice")).to_contain_text("noy", timeout=10_000)
    await other.locator("#text").press_sequentially("I type", delay=20)
    await expect(one.locator("#talk")).to_contain_text("Typing a reply: noy", timeout=10_000)
    await one.click("text=Claim")
    await other.fill("#text", "words of noy")
    await other.click("#reply button")
    await expect(other.locator(".error")).to_contain_text("dao has this case")
    assert await other.input_value("#text") == "words of noy"


async def test_a_reply_survives_the_end_of_the_session(emulator: Emulator, bot: Bot, desk: Desk) -> None:
    page = await desk.page(PHONE)
    await desk.sign_in(page, "dao", Role.COUNSELLOR)
    await cry(emulator)
    await page.goto(f"{desk.address}/queue")
    await page.click(".case.urgent a")
    await page.fill("#text", "typed for long")
    with desk.database.write() as session:
        staff.end_sessions(session, 1)
    await expect(page.locator("#notice")).to_contain_text("Your session has ended", timeout=10_000)
    await look(page, "phone-ended")
    await page.click("#reply button")
    await expect(page.locator("h1")).to_have_text("Sign in")
    assert await page.input_value("input[name=kept]") == "typed for long"


async def test_review_and_search_by_keyboard(emulator: Emulator, bot: Bot, desk: Desk) -> None:
    page = await desk.page()
    await desk.sign_in(page, "noy", Role.REVIEWER)
    await cry(emulator)
    await page.goto(f"{desk.address}/search")
    await page.keyboard.press("/")
    await page.keyboard.type("ຂັງໄວ້")
    await page.keyboard.press("Enter")
    await expect(page.locator(".case .text")).to_contain_text("ຖືກຂັງໄວ້")
    await page.goto(f"{desk.address}/review?pile=all")
    await expect(page.locator(".line .text")).to_contain_text("ຖືກຂັງ")
    await page.keyboard.press("y")
    await expect(page.locator(".empty")).to_be_visible()
    await page.goto(f"{desk.address}/conversations")
    await page.click(".case a")
    await expect(page.locator(".lines")).to_contain_text("confirmed")
    assert desk.trouble == []


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "light"), (DESK, "dark")], ids=["phone", "desk"])
async def test_every_page_is_accessible_and_fits(
    emulator: Emulator, bot: Bot, desk: Desk, size: dict[str, int], scheme: str
) -> None:
    page, kind = await desk.page(size, scheme), "phone" if size is PHONE else "desk"
    await page.goto(f"{desk.address}/sign-in")
    await look(page, f"{kind}-sign-in")
    with desk.database.write() as session:
        first = staff.add(session, "new", Role.EDITOR, utc_now())
    await page.fill("#name", "new")
    await page.fill("#password", first)
    await page.click("main button")
    await page.wait_for_selector("#secret")
    await look(page, f"{kind}-enrol")
    page = await desk.page(size, scheme, "lo" if kind == "phone" else "en")
    await desk.sign_in(page, "boun", Role.SUPERVISOR)
    await look(page, f"{kind}-queue-empty")
    await cry(emulator)
    await cry(emulator, BEN, "ໜັງສືຜ່ານແດນເຮັດຢູ່ໃສ")
    await asyncio.sleep(1)
    for path, name in (
        ("/queue", "queue"),
        ("/cases/1", "case"),
        ("/conversations", "conversations"),
        ("/conversations?urgent=1", "filters"),
        ("/conversations/1", "conversation"),
        ("/search?q=ຖືກຂັງ", "search"),
        ("/review?pile=all", "review"),
        ("/review?pile=urgent&before=1", "review-empty"),
        ("/audit", "audit"),
        ("/account", "account"),
        ("/nowhere", "missing"),
    ):
        await page.goto(desk.address + path)
        await look(page, f"{kind}-{name}")
    await page.goto(f"{desk.address}/conversations/1")
    await page.click("details:has(input[name=reason]) summary")
    await page.fill("input[name=reason]", "police asked")
    await page.locator("details[open] button").click()
    await expect(page.locator(".line .text")).to_contain_text("5551")
    await look(page, f"{kind}-reveal")
    assert [t for t in desk.trouble if "404" not in t] == []
