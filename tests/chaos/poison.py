"""R4: updates that cannot be read harm only themselves, and words that can be read in them are answered.

`python -m tests.chaos.poison --updates 200 [--db pg] [--mode webhook]` (these are the full figures; it takes seconds)
"""

from __future__ import annotations

import argparse
import time
from typing import Any

from sqlalchemy import select

from bot.storage.db import Database
from bot.storage.models import InboxState, InboxUpdate
from tests.chaos.harness import FIRST_USER, Checks, World, arguments, count, wait_until_quiet, world

POISON = ("callback", "no_chat", "bad_type", "empty", "no_date")
UNREADABLE = ("no_chat",)
"""Those that we cannot read. python-telegram-bot cannot read any but `empty`, and stops polling for everybody."""
IN_A_ROW = 20
READABLE_WORDS = 777_777


def main() -> int:
    """Run and judge."""
    chosen = arguments(__doc__ or "", updates=200, chats=50, rate=100.0, mode="polling")
    checks = Checks("poison")
    with world(chosen.db, chosen.mode, chosen.seed) as here:
        process = here.start_bot()
        started = time.monotonic()
        here.emulator.add_user(user_id=READABLE_WORDS)
        half = chosen.updates // 2
        _feed(here, half, chosen)
        here.emulator.poison(kind="no_chat")
        _feed(here, chosen.updates - half, chosen)
        for number in range(IN_A_ROW):
            here.emulator.poison(kind=POISON[number % len(POISON)])
        for update in _strange():
            here.emulator.raw_update(update=update, chat_id=READABLE_WORDS)
        asked = here.ask(1, FIRST_USER + chosen.chats)
        after = here.wait_answered(asked, 30)
        wait_until_quiet(here, process, 60)
        seconds = time.monotonic() - started
        recovered = _answers(here, READABLE_WORDS)
        redelivered = here.emulator.stats()["redelivered"]
        alive = process.alive
        process.stop()
        found = count(here, chosen.updates, chosen.chats)
        quarantined, slowest, unexplained = _quarantined(here)
        trace = "Traceback" in here.log
    expected = 1 + sum(POISON[n % len(POISON)] in UNREADABLE for n in range(IN_A_ROW)) + len(_strange())
    checks.figures = vars(chosen) | {
        "lost": found.lost,
        "quarantined": quarantined,
        "slowest_quarantine_s": slowest,
        "answer_after_poison_s": round(after, 2),
        "recovered": recovered,
        "redelivered": redelivered,
        "seconds": round(seconds, 1),
    }
    checks.check(f"0 of {chosen.updates} others lost", found.lost == 0)
    checks.check("order kept in every chat", found.disordered_chats == 0)
    checks.check(f"{expected} bad ones in quarantine, with a reason", quarantined == expected and not unexplained)
    checks.check(f"each within 1 s of its turn ({slowest} s)", slowest <= 1.0)
    checks.check("0 fetched again", redelivered == 0)
    checks.check(
        f"words that can be read are answered ({recovered} of {len(_strange())})", recovered == len(_strange())
    )
    checks.check("the bot lives, without a trace in its log", alive and not trace)
    checks.check("nothing left unfinished", found.unfinished == 0)
    return checks.finish()


def _feed(here: World, number: int, chosen: argparse.Namespace) -> None:
    here.emulator.feed(count=number, chats=chosen.chats, rate=chosen.rate, first_user_id=FIRST_USER)
    while not here.emulator.feed_state()["done"]:
        time.sleep(0.05)


def _strange() -> list[dict[str, Any]]:
    """Updates that are wrong, with words in them that can be read."""
    chat = {"id": READABLE_WORDS, "type": "private"}
    return [
        {"message": {"message_id": 1, "chat": chat, "text": 7, "caption": "m1"}},
        {"message": {"message_id": 2, "chat": chat, "text": ["x"], "caption": "m2 \ud800\u0000"}},
        {"callback_query": {"id": 5, "from": chat, "message": {"chat": chat, "message_id": 2**70}, "data": "m3"}},
        {"message": {"message_id": 3, "chat": chat, "location": {"latitude": "north"}, "caption": "m4"}},
    ]


def _answers(here: World, chat: int) -> int:
    return sum(m["from_bot"] and "topic=" in m["text"] for m in here.emulator.view(chat_id=chat)["messages"])


def _quarantined(here: World) -> tuple[int, float, int]:
    """How many, the longest time from the inbox to the quarantine, and how many without a reason."""
    database = Database(here.database_url)
    with database.read() as session:
        rows = session.scalars(select(InboxUpdate).where(InboxUpdate.state == InboxState.QUARANTINED)).all()
        times = [(r.done_at - r.received_at).total_seconds() for r in rows if r.done_at]
    database.close()
    return len(rows), round(max(times, default=0.0), 2), sum(not r.error for r in rows)


if __name__ == "__main__":
    raise SystemExit(main())
