"""The guided path on the real bot process, in two languages, with a restart in the middle."""

from __future__ import annotations

import asyncio

import pytest

from tests.e2e.conftest import Bot
from tests.emulator import Emulator

ANN = 1001
FIRST = ("f:path:a:where:la", "f:path:a:age:adult", "f:path:a:country:th", "f:path:a:work:house")
REST = ("f:path:a:place:inside", "f:path:a:employer:no", "f:path:a:passport:no")
LAST_QUESTION = {"lo": "ຢາກເຮັດວຽກຢູ່ບ່ອນໃດຂອງໄທ?", "th": "อยากทำงานส่วนไหนของไทย"}
PLAN = {"lo": "ເຮັດ Passport ແລ້ວໄປໄທຕາມ MOU", "th": "ทำพาสปอร์ต แล้วไปไทยตาม MOU"}
GO_ON = {"lo": "ເຮັດຕໍ່ຈາກບ່ອນທີ່ຄ້າງໄວ້ບໍ່?", "th": "ทำต่อจากที่ค้างไว้ไหม"}


async def press(emulator: Emulator, data: str) -> None:
    """Tap a button as soon as it is on the screen."""
    await emulator.wait_for(
        ANN, lambda s: any(b.get("callback_data") == data for m in s.messages for row in m.keyboard for b in row), 10
    )
    emulator.press(ANN, data=data)


@pytest.mark.parametrize("language", ["lo", "th"])
async def test_a_walk_with_a_restart_ends_in_a_list_to_tick_off(emulator: Emulator, bot: Bot, language: str) -> None:
    emulator.add_user(ANN, "Ann")
    emulator.send_text(ANN, "/start")
    await press(emulator, f"l:{language}")
    await press(emulator, "f:path")
    for data in FIRST:
        await press(emulator, data)
    await emulator.wait_text(ANN, LAST_QUESTION[language], 10)

    await asyncio.to_thread(bot.process.kill)
    emulator.send_text(ANN, "/path")
    await asyncio.to_thread(bot.start)
    await emulator.wait_text(ANN, GO_ON[language], 15)
    await press(emulator, "f:path:go")
    for data in REST:
        await press(emulator, data)
    plan = await emulator.wait_text(ANN, PLAN[language], 10)

    await press(emulator, "f:path:k:mou_start:0:1")
    screen = await emulator.wait_for(ANN, lambda s: "✅ 1." in s.text, 10)
    ticked = next(m for m in screen.messages if m.id == plan.id)
    assert ticked.edited
    assert len([m for m in screen.bot_messages if PLAN[language] in m.text]) == 1

    await press(emulator, "f:path:doc")
    screen = await emulator.wait_for(ANN, lambda s: any(m.kind == "document" for m in s.messages), 20)
    file = next(m for m in screen.messages if m.kind == "document")
    assert file.data["document"]["file_name"] == "plan.pdf"
    assert PLAN[language] in file.text

    emulator.send_text(ANN, "/hide")
    screen = await emulator.wait_for(ANN, lambda s: any(m.id == file.id for m in s.gone), 10)
    assert plan.id in {m.id for m in screen.gone}
