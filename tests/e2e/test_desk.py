"""The daily work of a counsellor in Chromium: queue, ready reply, note, tag, outcome, handing over, drafts, keys.

SCREENSHOTS=folder keeps pictures of the pages.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.async_api import Page, expect

from bot.services import staff
from bot.services.conversations import utc_now
from bot.storage.models import Case, Role
from tests.e2e.conftest import Bot
from tests.e2e.test_console import ANN, BEN, CHROMIUM, DESK, Desk, console, cry, desk, look
from tests.emulator import Emulator

__all__ = ["console", "desk"]
pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM.exists(), reason="no chromium")]
NARROW = {"width": 360, "height": 740}


async def seen(page: Page, where: str, words: str) -> None:
    """The words are there, and so are the keys: a page's script comes after its text."""
    await expect(page.locator(where).first).to_contain_text(words)
    await page.wait_for_load_state()


async def test_a_shift_by_keyboard(emulator: Emulator, bot: Bot, desk: Desk) -> None:
    """From the queue to the hand-over without a mouse; what happens on the phone is seen by itself."""
    page, other = await desk.page(), await desk.page(NARROW)
    await desk.sign_in(page, "dao", Role.COUNSELLOR)
    await desk.sign_in(other, "noy", Role.COUNSELLOR)
    await cry(emulator)
    await page.keyboard.press("q")
    await expect(page.locator(".case.alarm1")).to_contain_text("nobody has answered yet", timeout=10_000)
    await page.locator(".case a").focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile("/cases/1"))
    await seen(page, ".line.in .text", "")
    await page.keyboard.press("c")
    await seen(page, ".status", "dao")
    await page.keyboard.press("k")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    assert (await page.input_value("#text")).startswith("ສະບາຍດີ, ຂ້ອຍເປັນເຈົ້າໜ້າທີ່")
    await expect(page.locator(".canned")).to_contain_text("Hello, I am a counsellor")
    await page.keyboard.press("Control+Enter")
    await emulator.wait_for(ANN, lambda s: any("👤" in (m.text or "") for m in s.messages), 15)
    await expect(page.locator(".line.staff .delivered")).to_be_visible(timeout=10_000)
    assert await page.input_value("#text") == ""
    emulator.send_text(ANN, "ຂອບໃຈ ມາຊ່ວຍແດ່")
    await expect(page.locator(".line.in .text").last).to_contain_text("ຂອບໃຈ", timeout=4_000)
    await page.keyboard.press("n")
    await page.keyboard.type("door is locked from outside")
    await page.keyboard.press("Control+Enter")
    await seen(page, ".notes", "door is locked from outside")
    await page.keyboard.press("?")
    await expect(page.locator("#keys")).to_be_visible()
    await look(page, "desk-keys")
    await page.keyboard.press("Escape")
    await page.keyboard.press("t")
    await page.keyboard.type("night shift")
    await page.keyboard.press("Enter")
    await seen(page, "#talk .tags", "night shift")
    await page.keyboard.press("h")
    await page.keyboard.type("noy")
    await page.keyboard.press("Tab")
    await page.keyboard.type("speaks better Thai")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("#talk .status").first).to_contain_text("noy")
    await other.goto(f"{desk.address}/queue?view=mine")
    await other.click(".case a")
    await expect(other.locator(".notes")).to_contain_text("→ noy: speaks better Thai")
    assert desk.trouble == []


async def test_outcome_referral_follow_up(emulator: Emulator, bot: Bot, desk: Desk) -> None:
    page = await desk.page(NARROW)
    await desk.sign_in(page, "dao", Role.COUNSELLOR)
    await cry(emulator)
    await page.goto(f"{desk.address}/cases/1")
    await page.click("#result summary")
    await page.select_option("#outcome", "referred")
    await page.fill("#referred_to", "LPN")
    await page.fill("#follow_up_on", "2099-01-02")
    await page.click("#result button")
    await expect(page.locator(".error")).to_contain_text("agreed to the referral")
    assert await page.input_value("#referred_to") == "LPN"
    await page.check("#consent-yes")
    await page.click("#result button")
    await expect(page.locator("#talk")).to_contain_text("with consent")
    await page.goto(f"{desk.address}/queue?view=due")
    await expect(page.locator(".empty")).to_contain_text("No follow-up is due")
    assert [t for t in desk.trouble if "409" not in t] == []


async def test_drafts_survive_and_go_when_sent(emulator: Emulator, bot: Bot, desk: Desk) -> None:
    page = await desk.page()
    page.on("dialog", lambda dialog: dialog.accept())
    await desk.sign_in(page, "dao", Role.COUNSELLOR)
    await cry(emulator)
    await page.goto(f"{desk.address}/cases/1")
    await page.fill("#text", "half a reply")
    await page.goto(f"{desk.address}/queue")
    await page.goto(f"{desk.address}/cases/1")
    assert await page.input_value("#text") == "half a reply"
    await page.context.set_offline(True)
    await page.click("#reply button")
    await expect(page.locator("#offline")).to_be_visible()
    assert await page.input_value("#text") == "half a reply"
    await page.context.set_offline(False)
    await expect(page.locator("#offline")).to_be_hidden()
    await page.dblclick("#reply button")
    await expect(page.locator(".line.staff")).to_have_count(1)
    await expect(page.locator("#text")).to_have_value("")  # the live part can be quicker than the page after the form
    await page.wait_for_load_state()
    await page.goto(f"{desk.address}/queue")
    await page.goto(f"{desk.address}/cases/1")
    assert await page.input_value("#text") == ""
    await expect(page.locator(".line.staff")).to_have_count(1)


async def test_an_open_page_forgets_who_was_erased(emulator: Emulator, bot: Bot, desk: Desk) -> None:
    page = await desk.page()
    await desk.sign_in(page, "dao", Role.COUNSELLOR)
    await cry(emulator)
    await page.goto(f"{desk.address}/cases/1")
    await page.fill("#text", "half a reply")
    await page.goto(f"{desk.address}/queue")
    await page.goto(f"{desk.address}/cases/1")
    await expect(page.locator("#text")).to_have_value("half a reply")
    await emulator.ask(ANN, "/forget")
    emulator.press(ANN, data="forget:yes")
    await expect(page.locator("h1")).to_contain_text("There is no such page", timeout=10_000)
    assert await page.locator(".line").count() == 0
    assert await page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('draft:')).length") == 0
    assert [t for t in desk.trouble if "404" not in t] == []


async def test_the_sound_is_for_those_who_want_it(emulator: Emulator, bot: Bot, desk: Desk) -> None:
    page = await desk.page()
    await desk.sign_in(page, "dao", Role.COUNSELLOR)
    await expect(page.locator("#sound")).to_have_attribute("aria-pressed", "false")
    await page.click("#sound")
    await page.reload()
    await expect(page.locator("#sound")).to_have_attribute("aria-pressed", "true")
    await page.mouse.click(5, 5)
    await cry(emulator)
    await expect(page.locator("body")).to_have_attribute("data-rang", "1", timeout=10_000)
    assert desk.trouble == []


async def test_it_polls_when_nothing_streams(emulator: Emulator, bot: Bot, desk: Desk) -> None:
    page = await desk.page()
    await page.route("**/live", lambda route: route.fulfill(status=204))
    await desk.sign_in(page, "dao", Role.COUNSELLOR)
    await cry(emulator)
    await expect(page.locator(".case.urgent")).to_be_visible(timeout=10_000)
    await page.goto(f"{desk.address}/cases/1")
    with desk.database.write() as session:
        staff.end_sessions(session, 1)
    await expect(page.locator("#notice")).to_contain_text("Your session has ended", timeout=10_000)


@pytest.mark.parametrize(
    ("size", "scheme", "language"),
    [
        (NARROW, "dark", "lo"),
        (NARROW, "light", "th"),
        (DESK, "light", "en"),
        (DESK, "dark", "lo"),
        (DESK, "light", "th"),
    ],
    ids=["phone-lo-dark", "phone-th", "desk-en", "desk-lo-dark", "desk-th"],
)
async def test_the_desk_is_accessible_and_fits(
    emulator: Emulator, bot: Bot, desk: Desk, size: dict[str, int], scheme: str, language: str
) -> None:
    page, kind = await desk.page(size, scheme, language), f"{'phone' if size is NARROW else 'desk'}-{language}-{scheme}"
    await desk.sign_in(page, "dao", Role.COUNSELLOR)
    await cry(emulator, BEN, "ຂ້ອຍຢາກລົມກັບຄົນ")
    await cry(emulator)
    for minutes in (6, 12):  # the clock's colours
        with desk.database.write() as session:
            case = session.get_one(Case, 1)
            case.opened_at = utc_now() - timedelta(minutes=minutes)
        await page.goto(f"{desk.address}/queue")
        await expect(page.locator(f".alarm{2 + (minutes > 10)}")).to_be_visible()
        await look(page, f"{kind}-queue-{minutes}")
    await page.goto(f"{desk.address}/cases/1")
    await page.click("button[data-key=c]")
    await page.locator("details.canned summary").click()
    await page.locator("details.canned button").first.click()
    await page.click("#reply button")
    await page.locator(".line.staff").wait_for()
    await page.locator("summary[data-key=n]").click()
    await page.fill("#note", "ນາຍຈ້າງຍຶດໜັງສືຜ່ານແດນ. Employer keeps the passport.")
    await page.locator("details:has(#note) button").click()
    await page.locator("summary[data-key=t]").click()
    await page.locator("button[value=documents]").click()
    await page.locator("button[name=off][value=documents]").wait_for(state="attached")
    await look(page, f"{kind}-case")
    for key in ("n", "t", "o", "h"):
        await page.locator(f"summary[data-key={key}]").click()
    await page.locator("details.canned summary").click()
    await look(page, f"{kind}-case-open")
    await page.goto(f"{desk.address}/queue")
    await look(page, f"{kind}-queue")
    await page.goto(f"{desk.address}/queue?view=due")
    await look(page, f"{kind}-due")
    assert desk.trouble == []
