"""What people do in the chat, each in two halves: between them the bot is killed and started again.

A journey is an asynchronous generator with one `yield`, where the kill comes. It never needs the model, so the same
journeys are made with the model there and with the model away. Texts are looked up in the person's own catalogue: a
reply in the wrong language fails.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.dialogue import buttons
from bot.i18n import translator
from bot.services import cases
from bot.services.conversations import utc_now
from bot.storage.db import Database
from bot.storage.models import Arrival, Case, CaseState, Feedback, Message, Person
from tests.emulator import Emulator
from tests.emulator.views import Predicate, Screen, Seen
from tests.factories.recording import ogg_opus
from tests.support.processes import Process

PATIENCE = 45.0
"""Seconds: a machine may be busy. Nothing waits longer than it must."""
AD = {
    "lo": "ຮັບສະໝັກດ່ວນ ສາມຫຼ່ຽມຄຳ ບໍ່ຕ້ອງມີປະສົບການ ເງິນເດືອນສູງ ຍຶດພາສປອດໄວ້ ຕິດຕໍ່ LINE ເທົ່ານັ້ນ",
    "th": "รับสมัครด่วน ทำงานสามเหลี่ยมทองคำ ไม่ต้องมีประสบการณ์ ใช้วีซ่าท่องเที่ยว นายจ้างเก็บพาสปอร์ตไว้ให้",
}
CRY = {"lo": "ຊ່ວຍແດ່ ເຂົາຂັງຂ້ອຍໄວ້ ອອກໄປບໍ່ໄດ້", "th": "ช่วยด้วย เขาขังฉันไว้ ออกไปไม่ได้"}
SHORT_CRY = {"lo": "ຊ່ວຍແດ່", "th": "ช่วยด้วย"}
HIDE = {"lo": "ເຊື່ອງແຊັດ", "th": "ซ่อนแชต"}
FORGET = {"lo": "ລຶບຂໍ້ມູນຂອງຂ້ອຍ", "th": "ลบข้อมูลของฉัน"}
QUIET = {"lo": "ງຽບ", "th": "เงียบ"}
SOUND = {"lo": "ເປີດສຽງ", "th": "เปิดเสียง"}
NEVER = {"lo": "ໜີ້ຈະບໍ່ໝົດ", "th": "หนี้จะไม่มีวันหมด"}
MORE = {"lo": "4,500 ບາດ", "th": "4,500 บาท"}
SUM = {"lo": "5 ພັນ", "th": "5 พัน"}
OTHER = {"lo": "th", "th": "lo"}
CHECKED = {"lo": "ກວດເມື່ອ", "th": "ตรวจเมื่อ"}
ALARM = ("🆘", "❗")


@dataclass
class Walker:
    """One person with one language, before one running bot."""

    emulator: Emulator
    environment: dict[str, str]
    id: int
    code: str
    log: Path
    mark: int = 0

    def t(self, text: str) -> str:
        """The bot's words in this person's language."""
        return translator(self.code)(text)

    def marked(self) -> None:
        """From here on only newer messages count."""
        self.mark = max((m.id for m in self.emulator.view(self.id).messages), default=0)

    async def until(self, true: Predicate, *, anywhere: bool = False) -> Screen:
        """Wait until the newer part of the screen (or the whole) is as expected."""
        return await self.emulator.wait_for(self.id, true, PATIENCE, 0 if anywhere else self.mark)

    async def sees(self, text: str) -> Seen:
        """Wait for a newer message with these words."""
        return await self.emulator.wait_text(self.id, text, PATIENCE, self.mark)

    async def writes(self, text: str, expected: str) -> Seen:
        """Write, and wait for a reply with these words."""
        self.marked()
        self.emulator.send_text(self.id, text)
        return await self.sees(expected)

    async def taps(self, data: str, expected: str = "") -> None:
        """Tap a button as soon as it is on the screen, and wait for a reply with these words."""
        await self.until(lambda s: data in datas(s), anywhere=True)
        self.marked()
        self.emulator.press(self.id, data=data)
        if expected:
            await self.sees(expected)

    async def begins(self) -> None:
        """Come by a link that says the language; the menu is there."""
        self.emulator.add_user(self.id, f"P{self.id}")
        await self.writes(f"/start lang_{self.code}", self.t("What do you want to know?"))

    async def asks_for_help(self, how: str) -> None:
        """Whatever is said or tapped, the card with the hotlines comes, and a way to a person."""
        card = await self.writes(how, "1191")
        assert "191" in card.text
        await self.until(lambda s: "person" in datas(s))

    def stored(self, read: Callable[[Session, int], Any], *, write: bool = False) -> Any:
        """What the database holds about this person; `read` gets a session and the person's number (0 = unknown).

        Only a counsellor's deed is a `write`: a lock of ours would keep the bot from its work.
        """
        database = Database(self.environment["DATABASE_URL"])
        try:
            with database.write() if write else database.read() as session:
                persons = session.scalars(select(Person)).all()
                return read(session, next((p.id for p in persons if p.channel_id == str(self.id)), 0))
        finally:
            database.close()

    async def holds(self, read: Callable[[Session, int], Any]) -> Any:
        """Wait until the database gives something that is true."""
        until = asyncio.get_running_loop().time() + PATIENCE
        while not (found := await asyncio.to_thread(self.stored, read)):
            if asyncio.get_running_loop().time() > until:
                raise TimeoutError("the database does not hold what was said")
            await asyncio.sleep(0.3)
        return found

    async def case(self, state: str = CaseState.OPEN) -> int:
        """The number of this person's case, when it is in that state."""
        query = select(Case.id)
        return int(
            await self.holds(lambda s, person: s.scalar(query.where(Case.person_id == person, Case.state == state)))
        )

    async def staff(self, *words: str) -> None:
        """A counsellor at the terminal: `bot staff ...`."""
        log = self.log.with_name(f"staff-{self.id}.log")
        process = Process("-m", "bot", "staff", *words, log=log, **self.environment)
        code = await asyncio.to_thread(process.popen.wait, PATIENCE)
        assert code == 0, log.read_text(encoding="utf-8")


def datas(screen: Screen) -> list[str]:
    """What the buttons on the screen stand for."""
    return [b.get("callback_data", "") for m in screen.messages for row in m.keyboard for b in row]


def said(text: str) -> Callable[[Session, int], Any]:
    """Is this in the person's transcript?"""
    return lambda s, person: text in s.scalars(select(Message.text).where(Message.person_id == person)).all()


Journey = Callable[[Walker], AsyncGenerator[None, None]]


async def offer_pasted(p: Walker) -> AsyncGenerator[None, None]:
    await p.begins()
    await p.writes("/offer", "🔍")
    yield
    report = await p.writes(AD[p.code], "🚩")
    assert "sos" in [b["callback_data"] for row in report.keyboard for b in row]
    await p.taps("f:offer", "🔍")


async def offer_forwarded_without_a_word(p: Walker) -> AsyncGenerator[None, None]:
    await p.begins()
    yield
    p.marked()
    p.emulator.send_forwarded(p.id, AD[p.code], hidden_name="Jobs")
    await p.sees("🚩")


async def agency(p: Walker) -> AsyncGenerator[None, None]:
    await p.begins()
    await p.writes("/agency", p.t("Write the name of the agency or company, as it stands on its paper or page."))
    yield
    await p.writes("Buasavan Employment Servise", "Buasavanh Employment Service Company")
    unknown = p.t("This name is not on our list. That does not prove that it has no licence: our list is short.")
    await p.writes("/agency Xyzzy Plugh", unknown)


async def fee(p: Walker) -> AsyncGenerator[None, None]:
    await p.begins()
    await p.taps("f:fee")
    await p.taps("f:fee:k:visa")
    await p.until(lambda s: "f:fee:s:visa:thb:5000" in datas(s))
    yield
    assert "1694" in (await p.writes(SUM[p.code], MORE[p.code])).text
    await p.taps("f:fee:c:visa:thb")
    await p.taps("f:fee:c:visa:lak")
    await p.taps("f:fee:s:visa:lak:5000000", "5,000,000")


async def money(p: Walker) -> AsyncGenerator[None, None]:
    await p.begins()
    await p.taps("f:money")
    for tap in ("wage:high", "deduct:sso", "living:4000"):
        await p.taps(f"f:money:a:{tap}")
    await p.until(lambda s: "f:money:a:sent:3000" in datas(s), anywhere=True)
    yield
    p.emulator.send_text(p.id, "/money")
    for tap in ("sent:3000", "debt:100000", "rate:10"):
        await p.taps(f"f:money:a:{tap}")
    screen = await p.until(lambda s: NEVER[p.code] in s.text and any(m.kind == "photo" for m in s.messages))
    photo = next(m for m in screen.messages if m.kind == "photo")
    assert p.emulator.core.world.files[photo.data["photo"][-1]["file_id"]].data.startswith(b"\x89PNG")
    await p.taps("f:money:ch:debt")
    await p.taps("f:money:a:debt:0", "2,880")


async def a_person(p: Walker) -> AsyncGenerator[None, None]:
    """The bot keeps quiet while a counsellor has the chat, except for urgent help; then it answers again."""
    await p.begins()
    asked = p.t("I have asked a counsellor to write to you here. They see what you wrote in this chat.")
    await p.taps("person", asked)
    p.emulator.send_text(p.id, f"my story {p.id}")
    await p.holds(said(f"my story {p.id}"))
    yield
    number = await p.case()
    p.marked()
    await p.staff("reply", str(number), f"good day {p.id}", "--as", "Noy")
    await p.sees(f"👤 good day {p.id}")
    p.marked()
    p.emulator.send_text(p.id, f"thank you {p.id}")
    await p.holds(said(f"thank you {p.id}"))
    await p.asks_for_help("/sos")
    texts = [m.text for m in p.emulator.view(p.id, p.mark).bot_messages]
    assert "1191" in texts[0], "the bot spoke in between"
    await p.holds(lambda s, _: s.get_one(Case, number).state == CaseState.CLAIMED)
    p.marked()
    await asyncio.to_thread(p.stored, lambda s, _: cases.close(s, number, "Noy", utc_now()), write=True)
    await p.sees(
        p.t("The counsellor has ended the talk. You are talking with the bot again; /person brings a counsellor back.")
    )
    await p.writes("/menu", p.t("What do you want to know?"))


async def a_person_ended_by_the_person(p: Walker) -> AsyncGenerator[None, None]:
    await p.begins()
    await p.taps("person")
    await p.case()
    yield
    await p.taps("person:end", p.t("You are talking with the bot again. Write your question."))
    await p.case(CaseState.CLOSED)


async def a_voice_message(p: Walker) -> AsyncGenerator[None, None]:
    await p.begins()
    p.marked()
    p.emulator.send_voice(p.id, ogg_opus())
    await p.sees(p.t("I cannot hear yet, so I do not know what you said. I have put your message before a counsellor."))
    yield
    number = await p.case()
    p.marked()
    await asyncio.to_thread(
        p.stored, lambda s, _: cases.reply(s, number, "Noy", "I have listened", utc_now()), write=True
    )
    await p.sees("👤 I have listened")


async def urgent_help(p: Walker) -> AsyncGenerator[None, None]:
    """By words, command, key, the key's words without its picture, and a button of a card from before the kill."""
    p.emulator.add_user(p.id, f"P{p.id}", language_code=p.code)
    await p.asks_for_help(CRY[p.code])
    yield
    await p.writes(f"/start lang_{p.code}", p.t("What do you want to know?"))
    await p.asks_for_help(SHORT_CRY[p.code])
    help_now = buttons.sos(p.t).label
    await p.asks_for_help(help_now)
    await p.asks_for_help(help_now.split(" ", 1)[1])
    await p.asks_for_help("/sos")
    await p.taps("sos", "1191")
    await p.taps("where:th", p.t("In Thailand, call:"))


async def urgent_help_inside_a_flow(p: Walker) -> AsyncGenerator[None, None]:
    await p.begins()
    await p.taps("f:money")
    await p.taps("f:money:a:wage:high")
    yield
    await p.asks_for_help(CRY[p.code])
    await p.taps("f:money:a:deduct:sso")
    await p.until(lambda s: "f:money:a:living:4000" in datas(s), anywhere=True)


async def hidden(p: Walker) -> AsyncGenerator[None, None]:
    await p.begins()
    await p.taps("g:work_rights")
    yield
    p.emulator.send_text(p.id, HIDE[p.code])
    screen = await p.until(lambda s: len(s.messages) == 1 and s.messages[0].from_bot, anywhere=True)
    assert screen.messages[0].silent
    assert not any(sign in screen.text for sign in ALARM)


async def forgotten(p: Walker) -> AsyncGenerator[None, None]:
    await p.begins()
    p.emulator.send_text(p.id, FORGET[p.code])
    await p.until(lambda s: "forget:yes" in datas(s), anywhere=True)
    yield
    p.emulator.press(p.id, data="forget:yes")
    receipt = p.t("Everything that I kept about you is deleted. If you write again, I do not know you.")
    await p.until(lambda s: [m.text for m in s.messages] == [receipt], anywhere=True)
    assert await asyncio.to_thread(p.stored, lambda _, person: person) == 0


async def quiet(p: Walker) -> AsyncGenerator[None, None]:
    await p.begins()
    await p.writes(QUIET[p.code], p.t("Tap below when you need me."))
    yield
    before = max(m.id for m in p.emulator.view(p.id).messages)
    silent = await p.writes("/menu", p.t("What do you want to know?"))
    assert silent.silent
    await p.asks_for_help("/sos")
    assert not any(sign in p.emulator.view(p.id, p.mark).text for sign in ALARM)
    loud = [m.text for m in p.emulator.view(p.id, before).bot_messages if not m.silent]
    assert loud == []
    await p.writes(SOUND[p.code], p.t("Messages come with sound again."))
    assert not (await p.writes("/menu", p.t("What do you want to know?"))).silent


async def feedback(p: Walker) -> AsyncGenerator[None, None]:
    await p.begins()
    await p.taps("g:work_rights")
    await p.writes("/start topic_passport", CHECKED[p.code])
    yield
    await p.taps("fb:passport:0", p.t("I am sorry. Say it in other words, or talk to a person."))
    await p.taps("fb:passport:1", p.t("Thank you."))
    count = select(func.count()).select_from(Feedback)
    assert await asyncio.to_thread(p.stored, lambda s, i: s.scalar(count.where(Feedback.person_id == i))) == 1


async def another_language(p: Walker) -> AsyncGenerator[None, None]:
    await p.begins()
    await p.writes("/language", "ภาษา")
    yield
    first, p.code = p.code, OTHER[p.code]
    await p.taps(f"l:{p.code}", p.t("Good, I answer in English."))
    await p.writes("/start topic_passport", CHECKED[p.code])
    p.code = first


async def a_link_to_a_flow(p: Walker) -> AsyncGenerator[None, None]:
    p.emulator.add_user(p.id, f"P{p.id}")
    await p.writes(f"/start office_vientiane-flow_offer-lang_{p.code}", "🔍")
    yield
    await p.writes(AD[p.code], "🚩")
    await p.writes(f"/start office_vientiane-topic_passport-lang_{p.code}", CHECKED[p.code])
    query = select(Arrival.source)
    assert await asyncio.to_thread(p.stored, lambda s, i: s.scalars(query.where(Arrival.person_id == i)).all()) == [
        "office_vientiane"
    ]


async def by_tapping_alone(p: Walker) -> AsyncGenerator[None, None]:
    """Group, topic, more, and buttons of messages that are older than the kill."""
    await p.begins()
    await p.taps("g:legal_channels")
    await p.taps("t:passport", CHECKED[p.code])
    yield
    await p.taps("m:passport")
    await p.taps("g:money")
    await p.taps("menu", p.t("What do you want to know?"))


JOURNEYS: tuple[Journey, ...] = (
    offer_pasted, offer_forwarded_without_a_word, agency, fee, money, a_person, a_person_ended_by_the_person,
    a_voice_message, urgent_help, urgent_help_inside_a_flow, hidden, forgotten, quiet, feedback, another_language,
    a_link_to_a_flow, by_tapping_alone,
)  # fmt: skip
