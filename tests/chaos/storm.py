"""R6: Telegram answers 429, 5xx, resets and time-outs; our real sending limits against Telegram's.

`python -m tests.chaos.storm --seconds 20`; full: `--seconds 600 --p429 .05 --p5xx .05 --preset .05 --ptimeout .05`
"""

from __future__ import annotations

import time
from collections import defaultdict

from tests.chaos.harness import FIRST_USER, Checks, World, arguments, count, world

LIMITS = {"SEND_RATE": "28.0", "SEND_RATE_CHAT": "1.0"}
"""What the product has by default; the other chaos commands switch it off."""
SLACK = 0.05
"""Seconds by which the emulator may see two messages closer together than they left us."""


def main() -> int:
    """Run and judge."""
    chosen = arguments(
        __doc__ or "", seconds=20.0, rate=8.0, chats=200, p429=0.05, p5xx=0.05, preset=0.05, ptimeout=0.05
    )
    checks = Checks("storm")
    with world(chosen.db, "polling", chosen.seed, flood=True, **LIMITS) as here:
        process = here.start_bot()
        updates = int(chosen.seconds * chosen.rate)
        chosen.chats = min(chosen.chats, updates)
        faults = (
            ("429", chosen.p429, {"retry_after": 1, "scope": "chat", "methods": ["send*"]}),
            ("5xx", chosen.p5xx, {"status": 502}),
            ("reset_before", chosen.preset / 2, {}),
            ("reset_after", chosen.preset / 2, {}),
            ("timeout_after", chosen.ptimeout, {"methods": ["send*"]}),
        )
        for kind, probability, more in faults:
            here.emulator.fault(kind=kind, probability=probability, **more)
        here.emulator.feed(count=updates, chats=chosen.chats, rate=chosen.rate, first_user_id=FIRST_USER)
        # One person writes ten messages at once: three answers at once, then one a second.
        hasty = FIRST_USER + chosen.chats
        for number in range(10):
            here.emulator.send_text(user_id=hasty, text=f"m{number + 1}")
        while not here.emulator.feed_state()["done"]:
            time.sleep(0.2)
        here.emulator.clear_faults()
        back = _until_answered(here, updates, chosen.chats)
        stats = here.emulator.stats()
        time.sleep(12)  # the last time-outs are repeated
        alive, code = process.alive, process.stop()
        found = count(here, updates + 10, chosen.chats + 1)
        sends = [c for c in here.emulator.requests(method="sendMessage") if c["status"] == 200]
        violations = here.emulator.violations()
        trace = "Traceback" in here.log
    for one in violations[:5]:
        print(f"  early by {one['early']:.2f} s ({'overall' if one['scope'] == 'global' else 'chat'})")
    accepted_unheard = stats["faults"].get("timeout_after", 0) + stats["faults"].get("reset_after", 0)
    overall = _most_in(1 - SLACK, [c["time"] for c in sends])
    chat = max(_above_rate(times) for times in _by_chat(sends).values())
    checks.figures = vars(chosen) | {
        "updates": updates + 10,
        "lost": found.lost,
        "faults": stats["faults"],
        "duplicates": found.duplicates,
        "accepted_unheard": accepted_unheard,
        "violations": len(violations),
        "most_in_a_second": overall,
        "most_above_one_a_second": round(chat, 2),
        "back_s": round(back, 2),
    }
    checks.check(f"0 of {updates + 10} lost", found.lost == 0)
    checks.check("0 effects done twice, order kept", found.double_effects == 0 and found.disordered_chats == 0)
    checks.check("0 sends inside a retry_after window", not violations)
    checks.check(f"at most 30 a second overall ({overall})", overall <= 30)
    checks.check(f"at most one a second and chat beside a burst of 3 ({chat:.2f})", chat <= 3 + SLACK)
    checks.check(
        f"texts twice only where Telegram took them and we did not hear it ({found.duplicates} of {accepted_unheard})",
        found.duplicates <= accepted_unheard,
    )
    checks.check(f"all answered <= 5 s after the storm ({back:.1f} s)", back <= 5)
    checks.check("the bot lives and ends well, without a trace", alive and code == 0 and not trace)
    return checks.finish()


def _until_answered(here: World, updates: int, chats: int) -> float:
    started = time.monotonic()
    while time.monotonic() - started < 120:
        if count(here, updates, chats).lost == 0:
            return time.monotonic() - started
        time.sleep(0.1)
    return float("inf")


def _by_chat(sends: list[dict]) -> dict[str, list[float]]:  # type: ignore[type-arg]
    chats = defaultdict(list)
    for call in sends:
        chats[str(call["args"]["chat_id"])].append(call["time"])
    return chats


def _most_in(window: float, times: list[float]) -> int:
    """The most calls in any window of this length."""
    times, most, start = sorted(times), 0, 0
    for end, moment in enumerate(times):
        while moment - times[start] >= window:
            start += 1
        most = max(most, end - start + 1)
    return most


def _above_rate(times: list[float]) -> float:
    """The deepest that a bucket of one token a second ever went, in tokens taken."""
    level, at, deepest = 0.0, 0.0, 0.0
    for moment in sorted(times):
        level = max(0.0, level - (moment - at)) + 1
        at, deepest = moment, max(deepest, level)
    return deepest


if __name__ == "__main__":
    raise SystemExit(main())
