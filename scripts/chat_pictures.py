"""Pictures of real conversations for the documentation: the real bot, the real model, drawn like a phone by Chromium.

`uv run --no-sync python -m scripts.chat_pictures [NAME ...]` writes docs/images/chat-*.png, or the named ones only (needs
`make train` and Debian's chromium).
"""

from __future__ import annotations

import asyncio
import base64
import html
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, async_playwright

from bot.settings import ROOT
from scripts.transcript import until_ready
from tests.emulator import Emulator
from tests.support.processes import TOKEN, Process, bot_environment, free_port

IMAGES = ROOT / "docs" / "images"
Step = tuple[str, str]
"""("write", text), ("tap", label of a button), ("press", data of a button) or ("start", language code)."""

MONTH = ("wage:high", "deduct:sso", "living:4000", "sent:3000", "debt:30000", "rate:3")
CHATS: dict[str, list[Step]] = {
    "lao-question": [("start", "l:lo"), ("write", "ນາຍຈ້າງຍຶດພາສປອດຂ້ອຍໄວ້ ຢາກໄດ້ຄືນ ເຮັດແນວໃດດີ")],
    "lao-urgent": [("start", "l:lo"), ("write", "ຊ່ວຍແດ່ ເຂົາຂັງຂ້ອຍໄວ້ ອອກໄປບໍ່ໄດ້")],
    "thai-question": [("start", "l:th"), ("write", "ไปทำงานไทยแบบถูกกฎหมายต้องเสียเงินเท่าไร")],
    "roman-question": [("write", "nai chang bor jai ngern deuan 2 deuan leo het jang dai")],
    "lao-offer": [
        ("start", "l:lo"),
        ("write", "/offer"),
        (
            "write",
            "🔥ຮັບສະໝັກດ່ວນ!! ແອັດມິນຕອບແຊັດ ຢູ່ສາມຫຼ່ຽມຄຳ ເງິນເດືອນ 30,000 ບາດ ບໍ່ຕ້ອງມີປະສົບການ ອາຍຸ 16-35 "
            "ມີລົດໄປຮັບຟຣີ ຫັກຈາກເງິນເດືອນພາຍຫຼັງ ຕິດຕໍ່ LINE ເທົ່ານັ້ນ ດ່ວນມື້ນີ້",
        ),
    ],
    "thai-path": [("start", "l:th"), ("write", "/path")],
    "lao-fee": [("start", "l:lo"), ("write", "/fee"), ("press", "f:fee:k:visa"), ("write", "5 ລ້ານກີບ")],
    "thai-fee": [("start", "l:th"), ("write", "/fee"), ("press", "f:fee:k:agency"), ("write", "20 พัน")],
    "lao-money": [("start", "l:lo"), ("write", "/money"), *(("press", f"f:money:a:{tap}") for tap in MONTH)],
    "thai-money": [("start", "l:th"), ("write", "/money"), *(("press", f"f:money:a:{tap}") for tap in MONTH)],
}

WITHOUT_MODEL = {"thai-path", "lao-fee", "thai-fee", "lao-money", "thai-money"}
"""Flows that the bot holds while the model loads."""

PAGE = """<!doctype html><meta charset=utf-8><style>
body{{margin:0;background:#e6ebee;font:15px/1.4 "Noto Sans Lao","Noto Sans Thai","Lao","Loma","DejaVu Sans",sans-serif;width:390px}}
.chat{{padding:12px}} .m{{max-width:86%;margin:6px 0;padding:8px 12px;border-radius:12px;white-space:pre-wrap;overflow-wrap:anywhere}}
.m img{{display:block;width:100%;margin-bottom:6px}} .in{{background:#fff}} .me{{background:#d9fdd3;margin-left:auto}} .k{{display:flex;gap:4px;margin:3px 0;max-width:86%}}
.k span{{flex:1;text-align:center;background:#8aa0ac;color:#fff;border-radius:8px;padding:7px 4px;font-size:14px}}
</style><div class=chat>{body}</div>"""


async def main() -> None:
    """Hold every conversation and draw it."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        async with Emulator(token=TOKEN) as emulator, async_playwright() as play:
            settings = bot_environment(emulator.base_url, f"sqlite:///{folder}/bot.sqlite3", "", port)
            settings |= {"NLU_PORT": "0", "LOG_LEVEL": "ERROR"}
            bot = Process("-m", "bot", "run", log=Path(folder) / "bot.log", **settings)
            browser = await play.chromium.launch(
                executable_path="/usr/bin/chromium",
                args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"],
            )
            try:
                wanted = sys.argv[1:] or list(CHATS)
                if not set(wanted) <= WITHOUT_MODEL:
                    await until_ready(port)
                for number, (name, steps) in enumerate(((name, CHATS[name]) for name in wanted), 9001):
                    await talk(emulator, number, steps)
                    await draw(browser, name, emulator.view(number).messages, emulator)
                    print(f"docs/images/chat-{name}.png")
            finally:
                await browser.close()
                bot.stop()


async def talk(emulator: Emulator, person: int, steps: list[Step]) -> None:
    """Do the steps as a person."""
    emulator.add_user(person, "P")
    for kind, value in steps:
        seen = len(emulator.view(person).messages)
        if kind == "start":
            emulator.send_text(person, "/start")
            await emulator.wait_for(person, lambda s: len([m for m in s.messages if m.from_bot]) >= 2, 20)
            emulator.press(person, data=value)
        elif kind == "tap":
            emulator.press(person, text=value)
        elif kind == "press":
            emulator.press(person, data=value)
        else:
            emulator.send_text(person, value)
        await emulator.wait_for(person, lambda s, n=seen: any(m.from_bot for m in s.messages[n:]), 20)
        await asyncio.sleep(2.5)


async def draw(browser: Browser, name: str, messages: list[Any], emulator: Emulator) -> None:
    """One picture, as wide as a cheap phone; only what followed the language choice."""
    start = next((i for i in range(len(messages) - 1, -1, -1) if messages[i].text.startswith("/start")), -1)
    shown = messages[start + 5 :] if start >= 0 else messages
    page = await browser.new_page(viewport={"width": 390, "height": 100}, device_scale_factor=2)
    await page.set_content(PAGE.format(body="".join(bubble(m, emulator) for m in shown)))
    await page.screenshot(path=str(IMAGES / f"chat-{name}.png"), full_page=True)
    await page.close()


def bubble(message: Any, emulator: Emulator) -> str:
    """A message as HTML, with its buttons below."""
    text = re.sub(r"\n{3,}", "\n\n", html.escape(message.text))
    side = "in" if message.from_bot else "me"
    rows = "".join(
        "<div class=k>" + "".join(f"<span>{html.escape(b['text'])}</span>" for b in row) + "</div>"
        for row in message.keyboard
    )
    photo = ""
    if message.kind == "photo":
        file = emulator.core.world.files[message.data["photo"][-1]["file_id"]]
        photo = f'<img src="data:image/png;base64,{base64.b64encode(file.data).decode()}">'
    return f'<div class="m {side}">{photo}{text}</div>{rows}'


if __name__ == "__main__":
    asyncio.run(main())
