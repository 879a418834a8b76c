"""R7: the NLU dies, hangs or talks nonsense; people are answered within a second, and by the model once it is back.

`python -m tests.chaos.nlu --fault kill,stop,latency,500,garbage --seconds 4`; full: `--seconds 30 --rate 20`
"""

from __future__ import annotations

import os
import signal
import time
import urllib.request
from typing import Any

from tests.chaos.harness import Checks, World, arguments, percentile, world
from tests.support.processes import wait_for_port

PEOPLE = 10_000
"""The first of those who write during a fault; each fault has its own."""
DANGER = 90_000


def main() -> int:
    """Run and judge."""
    chosen = arguments(__doc__ or "", fault="kill,stop,latency,500,garbage", seconds=4.0, rate=10.0)
    checks = Checks("nlu")
    checks.figures = vars(chosen) | {"faults": {}}
    with world(chosen.db, "polling", chosen.seed, NLU_TIMEOUT="0.8") as here:
        process = here.start_bot()
        here.wait_answered(here.ask(1, 9_000), 10)
        for number, fault in enumerate(chosen.fault.split(",")):
            found = _one(here, fault, PEOPLE * (number + 1), chosen.seconds, chosen.rate)
            checks.figures["faults"][fault] = found
            checks.check(f"{fault}: answered p95 <= 1.0 s ({found['p95_s']} s)", found["p95_s"] <= 1.0)
            checks.check(f"{fault}: at most 2 s ({found['max_s']} s)", found["max_s"] <= 2.0)
            checks.check(f"{fault}: 0 of {found['asked']} lost", found["lost"] == 0)
            checks.check(f"{fault}: a cry for help gets the numbers ({found['danger_s']} s)", found["danger_s"] <= 1.5)
            checks.check(f"{fault}: the model again <= 5 s ({found['back_s']} s)", found["back_s"] <= 5.0)
            checks.check(f"{fault}: 0 questions left without the model's answer", found["promised_left"] == 0)
        alive = process.alive
        checks.check("the bot lives, without a trace in its log", alive and "Traceback" not in here.log)
        process.stop()
    return checks.finish()


def _one(here: World, fault: str, first: int, seconds: float, rate: float) -> dict[str, Any]:
    _begin(here, fault)
    since = time.time()
    asked: dict[int, float] = {}
    danger = here.ask(1, first + DANGER, "ຖືກຂັງໄວ້ໃນຫ້ອງ ອອກໄປບໍ່ໄດ້")
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        asked |= here.ask(1, first + len(asked), "m" + str(len(asked) + 1))
        time.sleep(max(0.0, len(asked) / rate - (time.monotonic() - started)))
    here.wait_answered(asked | danger, 5, contains="")
    sent = here.first_sends("", since)
    times = [sent.get(chat, float("inf")) - made for chat, made in asked.items()]
    numbers = here.first_sends("191", since)
    danger_s = max(numbers.get(chat, float("inf")) - made for chat, made in danger.items())
    _end(here, fault)
    back = _until_model(here, first + 2 * DANGER)
    here.wait_answered(asked, 15)
    left = asked.keys() - here.first_sends("topic=", since).keys()
    return {
        "asked": len(asked),
        "lost": sum(t == float("inf") for t in times),
        "p50_s": percentile(times, 0.5),
        "p95_s": percentile(times, 0.95),
        "max_s": percentile(times, 1),
        "danger_s": round(danger_s, 3),
        "back_s": round(back, 2),
        "promised_left": len(left),
    }


def _begin(here: World, fault: str) -> None:
    pid = here.nlu.popen.pid
    if fault == "kill":
        here.nlu.kill()
    elif fault == "stop":
        os.kill(pid, signal.SIGSTOP)
    else:
        _set(here, {"latency": "slow"}.get(fault, fault))


def _end(here: World, fault: str) -> None:
    """The NLU is well again when this returns."""
    if fault == "kill":
        here.start_nlu()
        wait_for_port(here.nlu_port)
    elif fault == "stop":
        os.kill(here.nlu.popen.pid, signal.SIGCONT)
    else:
        _set(here, "none")


def _set(here: World, kind: str) -> None:
    body = f'{{"kind": "{kind}", "seconds": 10}}'.encode()
    request = urllib.request.Request(f"{here.nlu_url}/_fault", body, {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=5).close()


def _until_model(here: World, first: int) -> float:
    """Seconds until a new question is answered by the model, asking anew twice a second."""
    started, people = time.monotonic(), 0
    while time.monotonic() - started < 10:
        asked = here.ask(1, first + people, "m3")
        people += 1
        if here.wait_answered(asked, 0.5) < 1:
            return time.monotonic() - started
    return float("inf")


if __name__ == "__main__":
    raise SystemExit(main())
