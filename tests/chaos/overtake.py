"""R3: a cry for help does not wait behind a backlog.

`python -m tests.chaos.overtake --backlog 10000 --cries 50 [--db pg]`

A backlog waits at Telegram when the bot starts. While it is worked off, people cry for help. Some had cried before the
bot was back, behind everything else: how long they waited, counted from the start, is said beside.
"""

from __future__ import annotations

import time

from tests.chaos.harness import FIRST_USER, Checks, World, arguments, percentile, wait_until_quiet, world

CRIES, EARLY = 800_000, 900_000
"""People who cry while the backlog is worked off, and before."""
CRY = "ຊ່ວຍແດ່ ເຂົາຂັງຂ້ອຍໄວ້ອອກໄປບໍ່ໄດ້ m{n}"
GOAL_SECONDS, GOAL_RATE = 5.0, 25.0
SOS = "1191"
"""Stands on the help card only."""


def main() -> int:
    """Run and judge."""
    chosen = arguments(__doc__ or "", backlog=10000, chats=500, cries=50)
    checks = Checks("overtake")
    with world(chosen.db, "polling", chosen.seed) as here:
        here.emulator.feed(count=chosen.backlog, chats=chosen.chats, rate=0, first_user_id=FIRST_USER)
        early = here.ask(10, EARLY, CRY)
        started = time.time()
        process = here.start_bot()
        late = _cry(here, chosen.cries)
        here.wait_answered(late, 120, SOS)
        answered_meanwhile = sum(1 for chat in here.first_sends("topic=", started) if chat < CRIES)
        wait_until_quiet(here, process, 900)
        seconds = time.time() - started
        process.stop()
        sent = here.first_sends(SOS)
    waits = [sent.get(chat, float("inf")) - made for chat, made in late.items()]
    before = [sent.get(chat, float("inf")) - started for chat in early]
    checks.figures = vars(chosen) | {
        "cries_p50_s": percentile(waits, 0.5),
        "cries_p95_s": percentile(waits, 0.95),
        "cried_before_p95_s": percentile(before, 0.95),
        "others_answered_when_the_last_cry_was": answered_meanwhile,
        "a_second": round(chosen.backlog / seconds, 1),
        "seconds": round(seconds, 1),
    }
    checks.check(f"cries answered within {GOAL_SECONDS:.0f} s (p95)", percentile(waits, 0.95) <= GOAL_SECONDS)
    checks.check("every cry answered", not {*late, *early} - sent.keys())
    checks.check(f"the rest at {GOAL_RATE:.0f} a second or more", chosen.backlog / seconds >= GOAL_RATE)
    return checks.finish()


def _cry(here: World, people: int) -> dict[int, float]:
    """One after the other, while the backlog is worked off."""
    asked: dict[int, float] = {}
    for number in range(people):
        asked |= here.ask(1, CRIES + number, CRY)
        time.sleep(0.1)
    return asked


if __name__ == "__main__":
    raise SystemExit(main())
