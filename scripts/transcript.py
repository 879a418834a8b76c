"""Twenty questions through the Bot API emulator to the real bot with the real model; prints the replies' first lines.

`uv run --no-sync python -m scripts.transcript` (needs a trained model: `make train`)
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from tests.emulator import Emulator
from tests.support.processes import TOKEN, Process, bot_environment, free_port, http

QUESTIONS = {
    "Lao": [
        "ຢາກໄປເຮັດວຽກໄທແບບຖືກກົດໝາຍ ຕ້ອງເຮັດແນວໃດ",
        "ເຮັດພາສປອດລາຄາເທົ່າໃດ",
        "ນາຍໜ້າຂໍເງິນມັດຈຳ 5 ລ້ານກີບ ຈ່າຍໄດ້ບໍ",
        "ບໍລິສັດນີ້ມີໃບອະນຸຍາດແທ້ບໍ່ ຈະຮູ້ໄດ້ແນວໃດ",
        "ລູກສາວ 16 ຢາກໄປເຮັດວຽກຢູ່ບາງກອກ ໄດ້ບໍ",
    ],
    "Thai": [
        "ไปทำงานไทยแบบ MOU ต้องเสียเงินเท่าไร",
        "นายจ้างยึดพาสปอร์ตไว้ ทำยังไงดี",
        "นายจ้างไม่จ่ายค่าแรงสองเดือนแล้ว",
        "อยู่เกินวีซ่ามา 3 เดือน โดนปรับเท่าไหร่",
        "เจองานในเฟซบุ๊ก เงินเดือนสามหมื่น เชื่อได้ไหม",
    ],
    "romanised, in Thai letters, mixed": [
        "yak pai het viak thai baep thuek kotmai",
        "nai chang bor jai ngern deuan 2 deuan leo",
        "อยากเฮ็ดปื้มผ่านแดน ราคาจักกีบ",
        "boss ເກັບ passport ຂ້ອຍໄວ້ เอาคืนยังไง",
        "mai mee bai anuyat tham ngan thuk jap ja pen arai",
    ],
    "urgent": [
        "ຊ່ວຍແດ່ ເຂົາຂັງຂ້ອຍໄວ້ໃນຫ້ອງ ອອກໄປບໍ່ໄດ້",
        "ผัวตีหนู เลือดออก กลัวมาก",
        "luk sao pai viak yu tha lek tit tor bor dai sip meu leo",
        "i dont want to live anymore",
        "ข้อยตกนั่งร้าน ขาหัก บ่มีไผพาไปโฮงหมอ",
    ],
}


async def main() -> None:
    """Ask each question as a new person and print how the replies begin."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        async with Emulator(token=TOKEN) as emulator:
            settings = bot_environment(emulator.base_url, f"sqlite:///{folder}/bot.sqlite3", "", port)
            settings |= {"NLU_PORT": "0", "LOG_LEVEL": "ERROR"}
            bot = Process("-m", "bot", "run", log=Path(folder) / "bot.log", **settings)
            try:
                await until_ready(port)
                person = 5000
                for kind, questions in QUESTIONS.items():
                    print(f"\n## {kind}")
                    for question in questions:
                        person += 1
                        await ask(emulator, person, question)
            finally:
                bot.stop()


async def until_ready(port: int) -> None:
    """Wait until the model answers."""
    for _ in range(240):
        await asyncio.sleep(0.5)
        try:
            if (await asyncio.to_thread(http, f"http://127.0.0.1:{port}/readyz"))[0] == 200:
                return
        except OSError:
            continue
    raise TimeoutError("the model is not ready after two minutes")


async def ask(emulator: Emulator, person: int, question: str) -> None:
    """One question of one person."""
    emulator.add_user(person, "P")
    emulator.send_text(person, question)
    await emulator.wait_for(person, lambda s: any(m.from_bot for m in s.messages), 20)
    await asyncio.sleep(0.5)
    replies = [m for m in emulator.view(person).messages if m.from_bot]
    print(f"› {question}")
    for reply in replies[:3]:
        print(f"    {reply.text.splitlines()[0][:150]}")


if __name__ == "__main__":
    asyncio.run(main())
