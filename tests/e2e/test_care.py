"""Flows of a frightened or watched person, by tapping alone, in Lao and Thai, with a restart in the middle."""

from __future__ import annotations

import asyncio
import io
import stat
import time
from pathlib import Path

import pytest
from PIL import Image

from bot.services import recordings
from bot.services.conversations import utc_now
from bot.storage.db import Database
from tests.e2e.conftest import Bot
from tests.emulator import Emulator
from tests.factories.recording import ogg_opus

ANN = 1001
LANGUAGES = pytest.mark.parametrize("code", ["lo", "th"])
ALARM = ("🆘", "❗")
AD = "ຮັບສະໝັກດ່ວນ ສາມຫຼ່ຽມຄຳ ບໍ່ຕ້ອງມີປະສົບການ ຍຶດພາສປອດໄວ້"


async def begin(emulator: Emulator, code: str) -> None:
    """A new person who chose a language."""
    emulator.add_user(ANN, "Ann")
    emulator.send_text(ANN, "/start")
    await emulator.wait_text(ANN, "ທ່ານຢາກໃຊ້ພາສາໃດ", 15)
    emulator.press(ANN, data=f"l:{code}")
    await emulator.wait_for(ANN, lambda s: s.last is not None and "f:path" in data_of(s.last), 10)


def data_of(message: object) -> list[str]:
    return [b.get("callback_data", "") for row in message.keyboard for b in row]  # type: ignore[attr-defined]


async def tapped(emulator: Emulator, data: str, number: int = 1) -> list[object]:
    """Tap a button and wait for so many messages."""
    seen = max(m.id for m in emulator.view(ANN).messages)
    emulator.press(ANN, data=data)
    screen = await emulator.wait_for(ANN, lambda s: len([m for m in s.messages if m.from_bot]) >= number, 10, seen)
    return [m for m in screen.messages if m.from_bot]


async def passport(emulator: Emulator, number: int = 2) -> list[object]:
    """Open an answer by its link: the welcome, the answer, perhaps a recording."""
    seen = max(m.id for m in emulator.view(ANN).messages)
    emulator.send_text(ANN, "/start topic_passport")
    screen = await emulator.wait_for(ANN, lambda s: len([m for m in s.messages if m.from_bot]) >= number, 15, seen)
    return [m for m in screen.messages if m.from_bot]


@LANGUAGES
async def test_somebody_may_see_quiet_over_a_restart_then_the_place(emulator: Emulator, bot: Bot, code: str) -> None:
    await begin(emulator, code)
    await tapped(emulator, "sos", 2)
    await tapped(emulator, "safe:seen", 2)
    await asyncio.to_thread(bot.restart, kill=True)
    rang = emulator.view(ANN).notifications
    seen = max(m.id for m in emulator.view(ANN).messages)
    emulator.press(ANN, data="sos")
    # A kill may repeat one text, so wait for the protected advice and not for a number of messages.
    screen = await emulator.wait_for(ANN, lambda s: any(m.protected for m in s.messages), 15, seen)
    card = [m for m in screen.messages if m.from_bot]
    assert all(m.silent for m in card)
    assert all(m.no_preview for m in card)
    assert not any(sign in m.text for m in card for sign in ALARM)
    assert not any(sign in label for row in emulator.view(ANN).reply_keyboard for label in row for sign in ALARM)
    asked = await tapped(emulator, "place")
    assert asked
    keys = emulator.view(ANN).reply_keyboard
    seen = max(m.id for m in emulator.view(ANN).messages)
    emulator.tap(ANN, keys[0][0])
    await emulator.wait_for(ANN, lambda s: s.last is not None, 10, seen)
    assert emulator.view(ANN).notifications == rang
    assert "17.9" in await asyncio.to_thread(staff_reads, bot)


def staff_reads(bot: Bot) -> str:
    """What the counsellors find at the only case: the transcript and the notes."""
    from sqlalchemy import select

    from bot.storage.models import CaseNote, Message

    database = Database(bot.environment["DATABASE_URL"])
    with database.read() as session:
        lines = [*session.scalars(select(Message.text)), *session.scalars(select(CaseNote.text))]
    database.close()
    return "\n".join(lines)


@LANGUAGES
async def test_hide_takes_a_hundred_messages_within_three_seconds(emulator: Emulator, bot: Bot, code: str) -> None:
    await begin(emulator, code)
    for number in range(50):
        emulator.send_text(ANN, "/agency")
        await emulator.wait_for(ANN, lambda s, n=number: len([m for m in s.messages if m.from_bot]) > n, 60)
        if number == 25:
            await asyncio.to_thread(bot.restart)
    await emulator.wait_for(ANN, lambda s: len(s.messages) >= 100, 90)
    started = time.monotonic()
    emulator.send_text(ANN, "ເຊື່ອງແຊັດ" if code == "lo" else "ซ่อนแชต")
    screen = await emulator.wait_for(ANN, lambda s: len(s.messages) == 1 and s.messages[0].from_bot, 10)
    assert time.monotonic() - started < 3
    assert screen.messages[0].silent
    assert not any(sign in screen.messages[0].text for sign in ALARM)
    assert len(screen.gone) >= 100


async def test_hide_takes_what_is_on_its_way_along(emulator: Emulator, bot: Bot) -> None:
    await begin(emulator, "lo")
    for _ in range(12):
        emulator.send_text(ANN, "/agency")
    emulator.send_text(ANN, "/hide")
    await emulator.wait_text(ANN, "ຂໍ້ຄວາມທີ່ເກົ່າກວ່າສອງມື້", 20)
    await asyncio.sleep(3)
    assert len(emulator.view(ANN).messages) == 1


@LANGUAGES
async def test_forget_leaves_the_receipt_alone(emulator: Emulator, bot: Bot, code: str) -> None:
    await begin(emulator, code)
    await passport(emulator)
    emulator.send_text(ANN, "/forget")
    await emulator.wait_for(ANN, lambda s: s.last is not None and "forget:yes" in data_of(s.last), 10)
    await asyncio.to_thread(bot.restart)
    emulator.press(ANN, data="forget:yes")
    screen = await emulator.wait_for(ANN, lambda s: len(s.messages) == 1, 10)
    assert screen.messages[0].from_bot
    assert await asyncio.to_thread(staff_reads, bot) == ""


def program(folder: Path) -> str:
    """A stand-in for tesseract that takes its time."""
    path = folder / "tesseract"
    path.write_text(
        f"#!/bin/sh\nif [ \"$1\" = --list-langs ]; then echo lao; exit 0; fi\ncat >/dev/null\nsleep 2\necho '{AD}'\n",
        encoding="utf-8",
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def picture() -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(held, "JPEG")
    return held.getvalue()


@LANGUAGES
async def test_a_screenshot_is_read_over_a_kill(emulator: Emulator, bot: Bot, code: str, tmp_path: Path) -> None:
    bot.environment["OCR_PROGRAM"] = program(tmp_path)
    await asyncio.to_thread(bot.restart)
    await begin(emulator, code)
    emulator.send_text(ANN, "/offer")
    await asyncio.sleep(0.5)
    emulator.send_photo(ANN, picture())
    await emulator.wait_text(ANN, "🔍", 10)
    await emulator.wait_for(ANN, lambda s: len([m for m in s.messages if m.from_bot and "🔍" in m.text]) >= 2, 10)
    seen = max(m.id for m in emulator.view(ANN).messages)
    await asyncio.to_thread(bot.restart, kill=True)
    screen = await emulator.wait_for(ANN, lambda s: "🚩" in s.text, 20, seen)
    assert screen.last is not None
    emulator.send_document(ANN, picture(), "x.jpg", mime_type="image/jpeg")
    await emulator.wait_for(ANN, lambda s: s.text.count("🚩") > screen.text.count("🚩"), 20, seen)
    # While a picture is read, others and the person themselves are answered.
    emulator.send_photo(ANN, picture())
    emulator.send_text(ANN, "/sos")
    await emulator.wait_text(ANN, "1191", 2)


async def test_a_picture_without_the_program_says_so(emulator: Emulator, bot: Bot) -> None:
    await begin(emulator, "lo")
    emulator.send_photo(ANN, picture())
    await emulator.wait_text(ANN, "ອ່ານຮູບບໍ່ໄດ້", 10)


@LANGUAGES
async def test_a_voice_message_reaches_the_counsellors(emulator: Emulator, bot: Bot, code: str) -> None:
    await begin(emulator, code)
    emulator.send_voice(ANN, ogg_opus())
    await emulator.wait_text(ANN, "ຟັງສຽງບໍ່ໄດ້" if code == "lo" else "ฟังเสียงไม่ได้", 10)
    database = Database(bot.environment["DATABASE_URL"])
    with database.read() as session:
        from sqlalchemy import select

        from bot.storage.models import Case, Message

        assert session.scalars(select(Case)).one().state == "open"
        voice = session.scalars(select(Message).where(Message.kind == "voice")).one()
        assert voice.file_id
    database.close()


@LANGUAGES
async def test_listening_to_an_answer_uploads_once_and_is_remembered(emulator: Emulator, bot: Bot, code: str) -> None:
    database = Database(bot.environment["DATABASE_URL"])
    with database.write() as session:
        recordings.add(session, "passport", code, ogg_opus(), "test", utc_now())
    await asyncio.sleep(0.1)
    await begin(emulator, code)
    await asyncio.sleep(5.2)  # the bot lists the recordings every five seconds
    await passport(emulator)
    first = (await tapped(emulator, "v:passport"))[0]
    assert first.kind == "voice"  # type: ignore[attr-defined]
    await tapped(emulator, "listen:on")
    await asyncio.to_thread(bot.restart)
    both = (await passport(emulator, 3))[1:]
    assert [m.kind for m in both] == ["text", "voice"]  # type: ignore[attr-defined]
    ids = [m.data["voice"]["file_id"] for m in (first, both[1])]  # type: ignore[attr-defined]
    assert ids[0] == ids[1]
    with database.read() as session:
        row = recordings.get(session, "passport", code)
        assert row is not None
        assert row.channel_file_id == ids[0]
    database.close()


@LANGUAGES
async def test_a_follow_up_question_over_a_restart(emulator: Emulator, bot: Bot, code: str) -> None:
    await begin(emulator, code)
    await passport(emulator)
    await asyncio.to_thread(bot.restart)
    said = emulator.view(ANN).messages[-1].id  # the answer has bullets of its own
    emulator.send_text(ANN, "ແລ້ວລາຄາເທົ່າໃດ" if code == "lo" else "แล้วราคาเท่าไหร่")
    message = await emulator.wait_text(ANN, "•", 15, said)
    assert "t:passport" in data_of(message)


async def test_a_flood_is_told_once_and_help_comes_all_the_same(emulator: Emulator, bot: Bot) -> None:
    bot.environment["ANSWERS_PER_MINUTE"] = "6"
    await asyncio.to_thread(bot.restart)
    emulator.add_user(ANN, "Ann")
    for number in range(20):
        emulator.send_text(ANN, f"m{number}")
    await emulator.wait_text(ANN, "ຂໍພັກບຶດໜຶ່ງ", 20)
    emulator.send_text(ANN, "/sos")
    await emulator.wait_text(ANN, "1191", 10)
    await asyncio.sleep(1)
    assert len([m for m in emulator.view(ANN).messages if m.from_bot]) <= 6 + 1 + 2 + 1
    assert "m19" in await asyncio.to_thread(staff_reads, bot)
