"""The editors' desk in a real Chromium: a text is changed, approved, and people read it within seconds."""

# ruff: noqa: F811 -- the fixtures of the console's tests are used by name

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path

import httpx
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
    for path in ("", "?kind=fact", *texts, "/recordings/passport", "/work", "/gaps", "/new", "/try"):
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
    heard = "new Promise(ok => { const s = document.querySelector('#sound-lo'), said = () => ok(s.duration);"
    heard += " if (s.readyState >= 1) said(); else { s.onloadedmetadata = said; s.onerror = () => ok(0); } })"
    assert await ann.evaluate(heard) > 0
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


async def test_two_editors_on_one_text_overwrite_nothing_and_both_see_it(bot: Bot, desk: Desk) -> None:
    ann, ben = await editor(desk, "ann"), await editor(desk, "ben")
    place = f"{desk.address}/editing/faq/passport"
    await ben.goto(place)
    await ann.goto(place)
    await ann.fill("#watch_en", "Words of Ann.")
    await expect(ann.locator("#saved")).to_contain_text("Draft saved", timeout=20_000)
    await ben.fill("#watch_en", "Words of Ben.")
    await expect(ben.locator("#saved")).to_contain_text("ann changed this draft meanwhile", timeout=20_000)
    await ben.click("button[value=save]")
    await expect(ben.locator("p.error")).to_contain_text("Nothing was overwritten")
    await expect(ben.locator("del").first).to_have_text("Ann")  # crossed out, beside their own
    assert await ben.input_value("#watch_en") == "Words of Ben."
    await ann.goto(place)
    assert await ann.input_value("#watch_en") == "Words of Ann."
    await expect(ann.locator("p.notice")).to_contain_text("Also here now: ben")
    await ben.click("button[value=save]")  # now they have seen both
    await ben.wait_for_url(re.compile("/editing/faq/passport$"))
    assert await ben.input_value("#watch_en") == "Words of Ben."
    await expect(ben.locator("#draft-h")).to_contain_text("ann, ben")


async def test_a_new_topic_is_answered_by_its_title_and_button(
    emulator: Emulator, bot: Bot, desk: Desk, fake_nlu: str
) -> None:
    ann, ben = await editor(desk, "ann"), await editor(desk, "ben")
    await ann.goto(f"{desk.address}/editing/new")
    titles = {"lo": "ເຮັດວຽກຕອນຝົນຕົກໜັກ", "th": "ทำงานตอนฝนตกหนัก", "en": "Working in heavy rainstorms"}
    await ann.fill("#id", "rainy_days")
    await ann.select_option("#group", "work_rights")
    await ann.fill("#means", "whether they must work in heavy rain")
    for code, title in titles.items():
        await ann.fill(f"#title_{code}", title)
    await ann.fill(
        "#questions", "\n".join(f"{w} must I work in the rain" for w in ("please", "why", "how", "so", "sir"))
    )
    await ann.click("main form.sheet button")
    await ann.wait_for_url(re.compile("/editing/faq/rainy_days$"))
    for code, words in (("lo", "ຖ້າຝົນຕົກໜັກ ໃຫ້ຫຼົບຝົນກ່ອນ."), ("th", "ถ้าฝนตกหนักให้หลบฝนก่อน"), ("en", "Wait under a roof.")):
        await ann.fill(f"#answer_{code}", words)
    await ann.fill("#note", "asked often")
    await ann.click("details.sheet summary >> text=Further sources")
    await ann.fill("#source_title_0", "Labour office")
    await ann.fill("#source_url_0", "https://example.org/rain")
    await ann.fill("#source_date_0", "2026-11-01")
    await ann.click("button[value=submit]")
    await expect(ann.locator("#draft-h")).to_contain_text("in review")
    await ben.goto(f"{desk.address}/editing/faq/rainy_days")
    await ben.click("button[value=approve]")
    await ben.wait_for_url(re.compile("/editing/faq/rainy_days$"))
    await asyncio.sleep(2.5)
    emulator.add_user(1003, "Kham", language_code="lo")
    try:
        fault(fake_nlu, "500")
        emulator.send_text(1003, titles["lo"])
        await emulator.wait_for(1003, lambda s: any("t:rainy_days" in data_of(m) for m in s.messages), 15)
        emulator.press(1003, data="t:rainy_days")
        await emulator.wait_text(1003, "ໃຫ້ຫຼົບຝົນກ່ອນ", 10)
    finally:
        fault(fake_nlu, "none")
    assert desk.trouble == []


async def test_a_supervisor_restores_at_once(emulator: Emulator, bot: Bot, desk: Desk) -> None:
    ann, ben = await editor(desk, "ann"), await editor(desk, "ben")
    chief = await editor(desk, "boun", Role.SUPERVISOR)
    await ann.goto(f"{desk.address}/editing/faq/passport")
    await ann.fill("#watch_lo", NEW)
    await ann.click("button[value=submit]")
    await ben.goto(f"{desk.address}/editing/faq/passport")
    await ben.click("button[value=approve]")
    await ben.wait_for_url(re.compile("/editing/faq/passport$"))
    emulator.add_user(1004, "Noy", language_code="lo")
    await asyncio.sleep(2.5)
    emulator.send_text(1004, "/start topic_passport")
    await emulator.wait_text(1004, NEW, 15)
    await chief.goto(f"{desk.address}/editing/faq/passport/history")
    row = chief.locator("li.line").last
    await row.locator("input[name=reason]").fill("the new text is wrong")
    await row.locator("button[value=now]").click()
    await chief.wait_for_url(re.compile("/editing/faq/passport$"))
    await asyncio.sleep(2.5)
    seen = max(m.id for m in emulator.view(1004).messages)
    emulator.send_text(1004, "/start topic_passport")
    screen = await emulator.wait_for(1004, lambda s: len(s.bot_messages) >= 1, 15, seen)
    await asyncio.sleep(1)
    assert screen.bot_messages
    assert NEW not in "".join(m.text for m in emulator.view(1004, seen).messages)


def data_of(message: object) -> list[str]:
    return [b.get("callback_data", "") for row in message.keyboard for b in row]  # type: ignore[attr-defined]


def fault(nlu: str, kind: str) -> None:
    """Switch the stand-in's misbehaviour."""
    httpx.post(f"{nlu}/_fault", json={"kind": kind}).raise_for_status()
