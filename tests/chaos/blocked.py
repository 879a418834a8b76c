"""R12: people who blocked the bot, deactivated accounts, chats that do not exist: no retries, others unaffected.

`python -m tests.chaos.blocked --people 60` (these are the full figures; it takes seconds)
"""

from __future__ import annotations

import time
from collections import Counter

from sqlalchemy import func, select

from bot.storage.db import Database
from bot.storage.models import OutboxMessage, OutboxState
from tests.chaos.harness import Checks, World, arguments, percentile, world

BLOCKED, GONE, UNKNOWN, WELL = 710_001_000, 720_001_000, 730_001_000, 740_001_000
"""Numbers that cannot stand in a log by chance."""
MESSAGES = 3


def main() -> int:
    """Run and judge."""
    chosen = arguments(__doc__ or "", people=60)
    checks = Checks("blocked")
    some = max(1, chosen.people // 4)
    with world(chosen.db, "polling", chosen.seed, LOG_LEVEL="DEBUG") as here:
        quiet = _speed(here, chosen.people)
        away: dict[int, float] = {}
        for turn in range(MESSAGES):
            away |= here.ask(some, BLOCKED, f"m{turn + 1}") | here.ask(some, GONE, f"m{turn + 1}")
            for number in range(some):
                here.emulator.raw_update(update=_unknown(UNKNOWN + number, f"m{turn + 1}"))
        for number in range(some):
            here.emulator.block(user_id=BLOCKED + number)
            here.emulator.deactivate(user_id=GONE + number)
        process = here.start_bot()
        well = here.ask(chosen.people, WELL)
        here.wait_answered(well, 30)
        time.sleep(4)  # a retry would come within these
        sent = here.first_sends("topic=", min(well.values()))
        times = [sent.get(chat, float("inf")) - made for chat, made in well.items()]
        calls = here.emulator.requests(method="sendMessage")
        alive, code = process.alive, process.stop()
        states, most = _stored(here)
        log = here.log
    refused = Counter((str(c["args"]["chat_id"]), c["args"]["text"]) for c in calls if c["status"] in (400, 403))
    leaked = [number for number in map(str, [*away, *well, *range(UNKNOWN, UNKNOWN + some)]) if number in log]
    unanswered = sum(t == float("inf") for t in times)
    checks.figures = vars(chosen) | {
        "refused_calls": sum(refused.values()),
        "states": states,
        "most_attempts": most,
        "others_p95_s": percentile(times, 0.95),
        "quiet_p95_s": quiet,
        "leaked": len(leaked),
    }
    checks.check(f"0 retries ({sum(refused.values())} calls refused, most attempts {most})", most <= 1)
    checks.check("no text tried twice", max(refused.values(), default=0) <= 1)
    checks.check("what was queued for them is cancelled", states.get(OutboxState.QUEUED, 0) == 0)
    checks.check(f"0 of {chosen.people} others unanswered", unanswered == 0)
    checks.check(f"0 chat ids in the log at level DEBUG ({len(leaked)})", not leaked)
    checks.check("the bot lives and ends well, without a trace", alive and code == 0 and "Traceback" not in log)
    return checks.finish()


def _speed(here: World, people: int) -> float:
    """p95 of an answer when everybody is well."""
    process = here.start_bot()
    asked = here.ask(people, 750_001_000)
    here.wait_answered(asked, 30)
    sent = here.first_sends("topic=")
    process.stop()
    return percentile([sent.get(chat, float("inf")) - made for chat, made in asked.items()], 0.95)


def _unknown(chat: int, text: str) -> dict[str, object]:
    person = {"id": chat, "type": "private", "is_bot": False, "first_name": "x"}
    return {"message": {"message_id": 1, "date": int(time.time()), "chat": person, "from": person, "text": text}}


def _stored(here: World) -> tuple[dict[str, int], int]:
    database = Database(here.database_url)
    with database.read() as session:
        rows = session.execute(select(OutboxMessage.state, func.count()).group_by(OutboxMessage.state))
        states = {str(state): number for state, number in rows}
        most = session.scalar(select(func.max(OutboxMessage.attempts))) or 0
    database.close()
    return states, most


if __name__ == "__main__":
    raise SystemExit(main())
