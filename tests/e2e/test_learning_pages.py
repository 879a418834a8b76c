"""The pages of training questions and models in Chromium: guards, second person, phone, three languages.

SCREENSHOTS=folder keeps pictures of the pages.
"""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from bot.services import questions
from bot.services.conversations import utc_now
from bot.services.judging import read_questions
from bot.services.models import registry
from bot.services.models.gate import TOP1, URGENT, Reason
from bot.storage.models import Role
from nlu.questions import EVAL
from tests.e2e.conftest import Bot
from tests.e2e.test_console import CHROMIUM, Desk, console, desk, look
from tests.unit.bot.test_gate import PRESENT

__all__ = ["console", "desk"]
pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM.exists(), reason="no chromium")]
PHONE = {"width": 360, "height": 740}
CRY = "ປະຕູຖືກລັອກຈາກທາງນອກ ອອກໄປບໍ່ໄດ້"


def propose(desk: Desk, text: str, topic: str) -> int:
    with desk.database.write() as session:
        row = questions.propose(session, text, topic, "bee", utc_now())
        assert row is not None
        session.flush()
        return row.id


def accepted(desk: Desk) -> list[str]:
    with desk.database.read() as session:
        return [row.text for row in questions.accepted(session)]


async def test_questions_are_added_accepted_and_refused(bot: Bot, desk: Desk) -> None:
    number = propose(desk, "ເຮັດພາສປອດຢູ່ແຂວງຈຳປາສັກໄດ້ບໍ່ ໂທ 020 5551 2345", "visa")
    page, other = await desk.page(), await desk.page(PHONE, "dark", "lo")
    await desk.sign_in(page, "noy", Role.EDITOR)
    await desk.sign_in(other, "dao", Role.SUPERVISOR)
    page.set_default_timeout(
        90_000
    )  # the first decision waits until all files are read; on a busy machine half a minute
    other.set_default_timeout(90_000)
    await page.goto(f"{desk.address}/editing")
    await page.click("text=Training questions")
    await expect(page.locator("main")).to_contain_text("1 more came from what people wrote")
    await expect(page.locator(f"#question-{number}")).to_have_count(0)  # an editor reads no words of people
    await other.goto(f"{desk.address}/questions")
    waiting = other.locator(f"#question-{number}")
    await expect(waiting).to_contain_text("••••••")
    await waiting.locator("select").select_option("passport")
    await waiting.locator("button[value=accept]").click()
    await expect(other.locator(f"#question-{number}")).to_have_count(0)
    assert len(accepted(desk)) == 1 and "5551" not in accepted(desk)[0]
    # A held-out question is refused, and nothing typed is lost.
    lines = (held_out_question(), "ຢາກຮູ້ເລື່ອງພາສປອດຂອງລູກນ້ອຍແດ່")
    await page.select_option("#new-topic", "passport")
    await page.fill("#lines", "\n".join(lines))
    await page.click("main button:text-is('Add')")
    await expect(page.locator(".error").first).to_contain_text("must not be taught")
    assert (await page.input_value("#lines")).splitlines() == list(lines)
    assert len(accepted(desk)) == 1
    # A cry for help waits for somebody else, on a phone too.
    await page.select_option("#new-topic", "urgent_trapped")
    await page.fill("#lines", CRY)
    await page.click("main button:text-is('Add')")
    section = page.locator("section.sheet", has_text=CRY)
    await section.locator("button[value=accept]").click()
    await expect(page.locator(".error").first).to_contain_text("second person")
    await look(page, "questions")
    await other.goto(f"{desk.address}/questions?topic=urgent_trapped")
    await look(other, "questions-phone-lo")
    await other.locator("section.sheet", has_text=CRY).locator("button[value=accept]").click()
    await expect(other.locator(".texts li").first).to_contain_text(CRY)
    assert CRY in accepted(desk)
    await other.goto(f"{desk.address}/questions?topic=passport&page=1")
    await expect(other.locator(".tabs a[aria-current=page]").last).to_have_text("2")
    assert [t for t in desk.trouble if "422" not in t] == []


def held_out_question() -> str:
    return next(row.text for row in read_questions(EVAL / "lao.tsv") if row.intent == "passport" and len(row.text) > 20)


async def test_the_page_of_models_says_why_in_three_languages(bot: Bot, desk: Desk) -> None:
    with desk.database.write() as session:
        row = registry.begin(session, "noy", utc_now())
        change = {"text": CRY, "form": "lao", "intent": "urgent_trapped", "before": ["card", "urgent_trapped"],
                  "after": ["offer", "visa", "passport"], "step": -1}  # fmt: skip
        figures = {"own": PRESENT, "present": PRESENT, "changed": [change], "against": {"number": 0, "file": "x"}}
        reasons = [
            Reason(URGENT["urgent_card"], {"before": 90.0, "after": 80.0}),
            Reason(TOP1, {"before": 80.0, "after": 70.0, "form": "thai"}),
        ]
        registry.made(session, row.id, "registry/x.tar.gz", "abcdef0123456789")
        registry.judged(session, row.id, figures, reasons, utc_now())
        other = registry.begin(session, "noy", utc_now()).id
    page = await desk.page(PHONE, "dark", "th")
    await desk.sign_in(page, "noy", Role.EDITOR)
    await page.goto(f"{desk.address}/models")
    await expect(page.locator("#training progress")).to_be_visible()
    await look(page, "models-phone-th")
    await page.click("#training button")
    await expect(page.locator("#training")).to_have_count(0)
    with desk.database.read() as session:
        assert registry.one(session, other).state == "failed"
    for language, words in (("th", "ตัวหนังสือไทย"), ("lo", "ໜ້ອຍລົງ"), ("en", "Fewer cries for help")):
        await page.context.add_cookies([{"name": "console-language", "value": language, "url": desk.address}])
        await page.goto(f"{desk.address}/models/1")
        await expect(page.locator(".error")).to_contain_text(words)
        await look(page, f"model-phone-{language}")
    assert await page.locator("button[value=promote]").count() == 0
    assert desk.trouble == []


async def test_reviewers_and_counsellors_have_no_business_there(bot: Bot, desk: Desk) -> None:
    page = await desk.page()
    await desk.sign_in(page, "bee", Role.COUNSELLOR)
    for path in ("questions", "models", "models/1"):
        answer = await page.goto(f"{desk.address}/{path}")
        assert answer is not None and answer.status == 403
