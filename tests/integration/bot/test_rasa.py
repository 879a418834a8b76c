"""The real Rasa process with the model trained on the real data (`make train` before)."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from bot.nlu.client import NluClient
from bot.nlu.supervisor import RasaProcess
from bot.settings import ROOT
from tests.support.processes import clean_environment

pytestmark = [pytest.mark.rasa, pytest.mark.timeout(300)]
READY_SECONDS = 120


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rasa") / "rasa.log"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def rasa(log: Path) -> AsyncIterator[RasaProcess]:
    process = RasaProcess(ROOT / "models", 0, log_file=log)
    process.start()
    await asyncio.wait_for(process.ready.wait(), READY_SECONDS)
    yield process
    await process.stop()


@pytest.mark.asyncio(loop_scope="module")
class TestRealModel:
    @pytest.mark.parametrize(
        ("text", "intent", "form"),
        [
            ("ນາຍຈ້າງບໍ່ຈ່າຍເງິນເດືອນ 3 ເດືອນແລ້ວ", "unpaid_wages", "lao"),
            ("นายจ้างไม่จ่ายเงินเดือน", "unpaid_wages", "thai"),
            ("my boss does not pay my salary", "unpaid_wages", "english"),
            ("ຢາກໄປເຮັດວຽກໄທແບບຖືກກົດໝາຍ ມີທາງໃດແດ່", "legal_ways", "lao"),
            ("ບໍລິສັດຈັດຫາງານນີ້ມີໃບອະນຸຍາດແທ້ບໍ ກວດແນວໃດ", "check_agency", "lao"),
        ],
    )
    async def test_plain_questions(self, rasa: RasaProcess, text: str, intent: str, form: str) -> None:
        client = NluClient(rasa.url, rasa.token, 10)
        parse = await client.parse(text)
        await client.close()
        assert parse.best is not None
        assert (parse.best.intent, parse.form) == (intent, form)
        assert sum(r.confidence for r in parse.ranking) <= 1.001

    @pytest.mark.parametrize("text", ["ຊ່ວຍແດ່ ຂ້ອຍຖືກຂັງຢູ່ໃນຫ້ອງ ອອກບໍ່ໄດ້", "ถูกขังอยู่ ออกไปไหนไม่ได้ ช่วยด้วย"])
    async def test_a_cry_for_help_scores_high(self, rasa: RasaProcess, text: str) -> None:
        client = NluClient(rasa.url, rasa.token, 10)
        parse = await client.parse(text)
        await client.close()
        assert parse.urgent_score > 0.5

    async def test_it_asks_for_its_token_and_logs_no_text(self, rasa: RasaProcess, log: Path) -> None:
        async with httpx.AsyncClient(trust_env=False) as http:
            refused = await http.post(f"{rasa.url}/model/parse", json={"text": "canary-7731"})
            taken = await http.post(f"{rasa.url}/model/parse?token={rasa.token}", json={"text": "canary-7731"})
        assert (refused.status_code, taken.status_code) == (401, 200)
        written = read(log)
        assert "canary-7731" not in written
        assert rasa.token not in written

    async def test_it_listens_on_loopback_only_and_holds_no_secret(self, rasa: RasaProcess) -> None:
        assert rasa.pid
        environment, command = read(Path(f"/proc/{rasa.pid}/environ")), read(Path(f"/proc/{rasa.pid}/cmdline"))
        assert "TELEGRAM_TOKEN" not in environment
        assert "DATABASE_URL" not in environment
        assert rasa.token not in command
        assert listening_addresses(rasa.port) == {"127.0.0.1"}

    async def test_it_comes_back_after_a_kill(self, rasa: RasaProcess) -> None:
        assert rasa.pid
        os.kill(rasa.pid, signal.SIGKILL)
        await asyncio.sleep(2)
        await asyncio.wait_for(rasa.ready.wait(), READY_SECONDS)
        client = NluClient(rasa.url, rasa.token, 10)
        assert (await client.parse("ສະບາຍດີ")).best is not None
        await client.close()


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def listening_addresses(port: int) -> set[str]:
    """IPv4 and IPv6 addresses on which something listens at `port`, from the kernel's own table."""
    found = set()
    for name in ("tcp", "tcp6"):
        for line in read(Path(f"/proc/net/{name}")).splitlines()[1:]:
            local, state = line.split()[1], line.split()[3]
            address, _, number = local.rpartition(":")
            if state == "0A" and int(number, 16) == port:
                found.add("127.0.0.1" if address == "0100007F" else address)
    return found


def test_chat_as_json_lines() -> None:
    lines = ["ນາຍຈ້າງບໍ່ຈ່າຍເງິນເດືອນ", "ຖືກຂັງໄວ້ ອອກບໍ່ໄດ້ ຊ່ວຍແດ່", "พรุ่งนี้ฝนตกไหม", "", "x" * 5000]
    done = subprocess.run(
        [sys.executable, "-m", "bot", "chat", "--json", "--wait", "--fresh"],
        input="\n".join(lines) + "\n",
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=clean_environment(),
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(lines)
    promised = "text language intent confidence alternatives urgent danger_check action reply buttons"
    assert set(answers[0]) >= set(promised.split())
    assert (answers[0]["intent"], answers[0]["action"], answers[0]["language"]) == ("unpaid_wages", "answer", "lo")
    assert answers[0]["alternatives"][0]["intent"] == "unpaid_wages"
    assert (answers[1]["urgent"], answers[1]["action"]) == (True, "help_card")
    assert answers[2]["action"] == "out_of_scope"
    assert all(answer["reply"] for answer in answers)
