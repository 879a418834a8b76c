"""R1-R3: the process is killed again and again; nothing may be lost, done twice, or put out of order.

`python -m tests.chaos.kill9 --updates 10000 --rate 200 --kills 50 [--mode webhook] [--backlog 1] [--db pg]`
"""

from __future__ import annotations

import random
import time
from dataclasses import asdict

from bot.telegram.failpoints import NAMES
from tests.chaos.harness import FIRST_USER, Checks, World, arguments, count, wait_until_quiet, world
from tests.support.processes import Process

DRAIN_SECONDS = 400


def main() -> int:
    """Run and judge."""
    chosen = arguments(
        __doc__ or "", updates=10000, rate=200.0, chats=500, kills=50, failpoints="all", mode="polling", backlog=0
    )
    checks = Checks("kill9")
    with world(chosen.db, chosen.mode, chosen.seed) as here:
        started = time.monotonic()
        rate = 0 if chosen.backlog else chosen.rate
        if chosen.mode == "webhook":
            # The webhook must be set before Telegram has something to deliver.
            here.start_bot().kill()
        here.emulator.feed(count=chosen.updates, chats=chosen.chats, rate=rate, first_user_id=FIRST_USER)
        kills = _kill_again_and_again(here, chosen.kills)
        if chosen.failpoints == "all":
            kills += _kill_at_failpoints(here)
        process = here.start_bot()
        wait_until_quiet(here, process, DRAIN_SECONDS)
        seconds = time.monotonic() - started
        process.stop()
        found = count(here, chosen.updates, chosen.chats)
    checks.figures = vars(chosen) | asdict(found) | {"kills_done": kills, "seconds": round(seconds, 1)}
    checks.check(f"0 of {chosen.updates} lost", found.lost == 0)
    checks.check("0 effects done twice", found.double_effects == 0)
    checks.check("order kept in every chat", found.disordered_chats == 0)
    checks.check("nothing left unfinished", found.unfinished == 0)
    checks.check(
        f"duplicate texts at most one a chat and kill ({found.duplicates} in {kills} kills)",
        found.most_duplicates_of_a_chat <= kills and found.duplicates <= 32 * kills,
    )
    return checks.finish()


def _kill_again_and_again(here: World, kills: int) -> int:
    for _ in range(kills):
        process = here.start_bot()
        time.sleep(random.uniform(0.2, 1.6))
        process.kill()
    return kills


def _kill_at_failpoints(here: World) -> int:
    """One kill at each named place, when it is passed for the third time."""
    done = 0
    for name in NAMES:
        process: Process = here.start_bot(wait=False, BOT_FAILPOINT=f"{name}:3")
        until = time.monotonic() + 15
        while process.alive and time.monotonic() < until:
            time.sleep(0.05)
        done += not process.alive
        if process.alive:
            process.kill()
    return done


if __name__ == "__main__":
    raise SystemExit(main())
