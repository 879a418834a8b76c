"""R11: a clean end under load; migrations are in tests/chaos/migrate.py.

`python -m tests.chaos.drain [--part all] --ends 3`; full: `--ends 20 --updates 3000`.
Parts: term (SIGTERM under load), slow (the same while NLU and Telegram are slow).
"""

from __future__ import annotations

import os
import random
import subprocess
import time
from dataclasses import asdict
from typing import Any

from tests.chaos.harness import FIRST_USER, Checks, World, arguments, count, wait_until_quiet, world
from tests.chaos.nlu import _set as set_nlu

CHATS = 50
ENDS_WITHIN = 10.0


def main() -> int:
    """Run and judge."""
    chosen = arguments(__doc__ or "", part="all", ends=3, updates=300, rate=60.0)
    parts = {"term": _term, "slow": _slow}
    checks = Checks("drain")
    checks.figures = vars(chosen) | {"parts": {}}
    for name, part in parts.items():
        if chosen.part in ("all", name):
            checks.figures["parts"][name] = part(checks, chosen)
    return checks.finish()


# ------------------------------------------------------------------ SIGTERM


def _term(checks: Checks, chosen: Any) -> dict[str, Any]:
    chance = random.Random(chosen.seed)
    with world(chosen.db, seed=chosen.seed) as here:
        here.emulator.feed(count=chosen.updates, chats=CHATS, rate=chosen.rate, first_user_id=FIRST_USER)
        ends, codes = [], set()
        for _ in range(chosen.ends):
            process = here.start_bot()
            time.sleep(chance.uniform(0.3, 1.5))
            seconds, code = _end(process)
            ends.append(seconds)
            codes.add(code)
        process = here.start_bot()
        while not here.emulator.feed_state()["done"]:
            time.sleep(0.1)
        wait_until_quiet(here, process, 120)
        ends.append(_end(process)[0])
        found = count(here, chosen.updates, CHATS)
        trace = "Traceback" in here.log
    checks.check(f"term: each of {len(ends)} ends <= {ENDS_WITHIN:g} s ({max(ends):.1f} s)", max(ends) <= ENDS_WITHIN)
    checks.check("term: exit code 0, no trace", codes <= {0} and not trace)
    checks.check(f"term: 0 of {chosen.updates} lost", found.lost == 0)
    checks.check(f"term: 0 texts twice ({found.duplicates})", found.duplicates == 0)
    checks.check("term: 0 effects done twice, order kept", found.double_effects + found.disordered_chats == 0)
    return {"longest_s": round(max(ends), 2), **asdict(found)}


def _slow(checks: Checks, chosen: Any) -> dict[str, Any]:
    """The NLU hangs and Telegram takes eight seconds for a message."""
    with world(chosen.db, seed=chosen.seed) as here:
        process = here.start_bot()
        set_nlu(here, "slow")
        here.emulator.fault(kind="latency", probability=1.0, methods=["send*"], seconds=8.0)
        here.emulator.feed(count=100, chats=CHATS, rate=0, first_user_id=FIRST_USER)
        time.sleep(1.5)
        seconds, code = _end(process)
        here.emulator.clear_faults()
        set_nlu(here, "none")
        process = here.start_bot()
        lost = _until_none_lost(here)
        process.stop()
        found = count(here, 100, CHATS)
    checks.check(
        f"slow: ends <= {ENDS_WITHIN:g} s ({seconds:.1f} s), code {code}", seconds <= ENDS_WITHIN and code == 0
    )
    checks.check(f"slow: 0 of 100 lost ({lost})", lost == 0)
    checks.check(f"slow: texts twice at most those under way ({found.duplicates})", found.duplicates <= 32)
    return {"seconds": round(seconds, 2), "duplicates": found.duplicates}


def _until_none_lost(here: World) -> int:
    """Questions answered "later" are answered twice, so here only those without any answer of the model count."""
    lost = 100
    until = time.monotonic() + 40
    while time.monotonic() < until and lost:
        lost = 0
        for chat in range(FIRST_USER, FIRST_USER + CHATS):
            messages = here.emulator.view(chat_id=chat)["messages"]
            asked = sum(not m["from_bot"] for m in messages)
            lost += max(0, asked - sum(m["from_bot"] and "topic=" in m["text"] for m in messages))
        time.sleep(0.2)
    return lost


def _end(process: Any) -> tuple[float, int]:
    started = time.monotonic()
    try:
        code = process.stop(20)
    except subprocess.TimeoutExpired:
        process.kill()
        return float("inf"), -9
    return time.monotonic() - started, code


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    raise SystemExit(main())
