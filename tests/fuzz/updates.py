"""R5: mutated updates through the real bot process; each is answered, ignored by rule, or in quarantine.

`python -m tests.fuzz.updates --n 2000` as in CI; full: `--n 100000 --seed 7 [--db pg]`
"""

from __future__ import annotations

import copy
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bot.storage.db import Database
from bot.storage.models import InboxState, InboxUpdate, OutboxMessage, OutboxState
from tests.chaos.harness import FIRST_USER, Checks, World, arguments, world
from tests.support.processes import Process

CHATS = 200
WAITING = 300
"""So many updates may wait at a time: a stall must be one of the bot and not of our own making."""
STALL = 2.0
WARM = 0.1
"""Part of the run after which the resident memory is first taken."""

TEXTS = (
    *("m1", "/start", "/sos", "🆘", "ຖືກຂັງໄວ້", "ราคาพาสปอร์ต", "\u202etxet LTR", "a" * 4096, "ກ" * 4096, "\u0000"),
    *("\ud800x", "👩\u200d👩\u200d👧" * 300, "<b>&lt;<script>", "/", "//", "/start@bot x", "%s%n{0}{fact:x}"),
    *("'; DROP TABLE inbox; --", "\u202e\u200b\ufeff", "١٢٣", "", " \n\t "),
)
JUNK: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), 10**40, 1.5, -0.0, 1e308),
    *("", "x", "-1", [], [[]], {}, {"id": {}}, [None] * 50, {"a": {"b": {"c": []}}}, *TEXTS),
)


def main() -> int:
    """Run and judge."""
    chosen = arguments(__doc__ or "", n=2000)
    checks = Checks("fuzz")
    with world(chosen.db, "polling", chosen.seed) as here:
        for user in range(FIRST_USER, FIRST_USER + CHATS):
            here.emulator.add_user(user_id=user)
        process = here.start_bot()
        run = _Run(here, process, chosen.n, random.Random(chosen.seed))
        run.feed()
        run.settle()
        crashed = not process.alive
        pages = here.health()
        code = process.stop()
        states, reasons, outbox = _stored(here)
        log = here.log
    taken = sum(states.values())
    grown = run.memory[-1] - run.memory[0]
    checks.figures = vars(chosen) | {
        "states": dict(states),
        "reasons": dict(reasons.most_common(8)),
        "messages_sent": run.sent,
        "longest_stall_s": round(run.stall, 2),
        "rss_mb": [round(m) for m in (run.memory[0], max(run.memory), run.memory[-1])],
        "per_second": round(chosen.n / run.seconds),
        "seconds": round(run.seconds, 1),
    }
    checks.check("0 crashes, and a clean end", not crashed and code == 0)
    checks.check("0 traces in the log", "Traceback" not in log)
    checks.check(f"0 stalls above {STALL} s ({run.stall:.2f} s)", run.stall <= STALL)
    checks.check(f"memory grows by at most 50 MB ({grown:.0f} MB)", grown <= 50)
    checks.check(f"each of {chosen.n} taken once", taken == chosen.n)
    checks.check("each answered, ignored by rule or in quarantine", states[InboxState.NEW] == 0)
    checks.check("every reply sent or refused for good", outbox == 0)
    checks.check("health page green at the end", pages == 200)
    return checks.finish()


class _Run:
    """Feeds and watches."""

    def __init__(self, here: World, process: Process, number: int, chance: random.Random) -> None:
        self.here, self.process, self.number, self.chance = here, process, number, chance
        self.memory: list[float] = []
        self.stall = self.seconds = 0.0
        self.sent = 0
        self._database = Database(here.database_url)
        self._moved = time.monotonic()
        self._seen: tuple[int, ...] = ()

    def feed(self) -> None:
        """All updates, never more than WAITING ahead of the bot."""
        started, done = time.monotonic(), 0
        with ThreadPoolExecutor(4) as threads:
            while done < self.number:
                if self._look() > WAITING:
                    time.sleep(0.02)
                    continue
                batch = [make(self.chance) for _ in range(min(100, self.number - done))]
                list(threads.map(self._give, batch))
                done += len(batch)
                if done >= self.number * WARM:
                    self.memory.append(resident_mb(self.process.popen.pid))
        self.seconds = time.monotonic() - started

    def settle(self) -> None:
        """Until all is done."""
        until = time.monotonic() + 60
        while time.monotonic() < until and (self._look() or self._unsent()) and self.process.alive:
            time.sleep(0.05)
        self.memory.append(resident_mb(self.process.popen.pid))
        self._database.close()

    def _give(self, update: dict[str, Any]) -> None:
        self.here.emulator.raw_update(update=update)

    def _look(self) -> int:
        """How many wait; takes note of stalls."""
        pending = self.here.emulator.stats()
        with self._database.read() as session:
            new = _number(session, InboxUpdate, InboxUpdate.state == InboxState.NEW)
        self.sent = pending["methods"].get("sendmessage", 0)
        waiting = pending["pending"] + new
        seen = (pending["acknowledged"], new, self.sent)
        now = time.monotonic()
        if seen != self._seen or not waiting:
            self._seen, self._moved = seen, now
        self.stall = max(self.stall, now - self._moved)
        return int(waiting)

    def _unsent(self) -> int:
        with self._database.read() as session:
            return _number(session, OutboxMessage, OutboxMessage.state == OutboxState.QUEUED)


def _number(session: Any, table: Any, where: Any) -> int:
    return session.scalar(select(func.count()).select_from(table).where(where)) or 0


def _stored(here: World) -> tuple[Counter[str], Counter[str], int]:
    database = Database(here.database_url)
    with database.read() as session:
        states: Counter[str] = Counter()
        for state, rows in session.execute(select(InboxUpdate.state, func.count()).group_by(InboxUpdate.state)):
            states[state] = rows
        reasons = Counter(session.scalars(select(InboxUpdate.error).where(InboxUpdate.error.is_not(None))))
        unsent = _number(session, OutboxMessage, OutboxMessage.state.in_([OutboxState.QUEUED, OutboxState.SENDING]))
    database.close()
    return states, reasons, unsent  # type: ignore[return-value]


def resident_mb(pid: int) -> float:
    """Resident memory of a process; 0 when it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * 4096 / 1e6
    except OSError:
        return 0.0


# ------------------------------------------------------------------ updates


def make(chance: random.Random) -> dict[str, Any]:
    """One update: mostly mutated, sometimes sound."""
    user = FIRST_USER + chance.randrange(CHATS)
    person = {"id": user, "is_bot": False, "first_name": chance.choice(TEXTS)[:64], "language_code": "lo"}
    chat = {"id": user, "type": "private", "first_name": "U"}
    update: dict[str, Any] = copy.deepcopy(chance.choice(_kinds(person, chat, chance)))
    for _ in range(chance.choice((0, 1, 1, 1, 2, 3, 5))):
        _mutate(update, chance)
    return update


def _kinds(person: dict[str, Any], chat: dict[str, Any], chance: random.Random) -> list[dict[str, Any]]:
    message = {"message_id": chance.randrange(1, 10**6), "date": 1_764_000_000, "chat": chat, "from": person}
    file = {"file_id": "F" * 40, "file_unique_id": "U", "file_size": 10, "width": 1, "height": 1, "duration": 1}
    text = {"text": chance.choice(TEXTS)}
    data = chance.choice(("menu", "sos", "danger:yes", "l:lo", "t:passport", "x", "a" * 200))
    member = {"status": chance.choice(("kicked", "member", "left")), "user": person}
    return [
        {"message": message | text},
        {"message": message | text},
        {"message": message | text | {"entities": [{"type": "bot_command", "offset": 0, "length": 6}]}},
        {"edited_message": message | text | {"edit_date": 1_764_000_001}},
        {"message": message | text | {"forward_origin": {"type": "hidden_user", "sender_user_name": "x"}}},
        {"message": message | {"photo": [file, file], "caption": chance.choice(TEXTS)}},
        {"message": message | {"voice": file}},
        {"message": message | {"sticker": file | {"emoji": "x", "is_animated": False}}},
        {"message": message | {"document": file | {"file_name": "../../x"}}},
        {"message": message | {"location": {"latitude": 17.9, "longitude": 102.6}}},
        {"message": message | {"contact": {"phone_number": "+856", "first_name": "x"}}},
        {"message": message | {"new_chat_members": [person]}},
        {"message": message | {"chat": {"id": -(10**12), "type": "supergroup"}} | text},
        {"callback_query": {"id": "1", "from": person, "message": message | text, "chat_instance": "1", "data": data}},
        {"inline_query": {"id": "1", "from": person, "query": chance.choice(TEXTS), "offset": ""}},
        {"my_chat_member": {"chat": chat, "from": person, "date": 1, "old_chat_member": {}, "new_chat_member": member}},
        {"poll": {"id": "1", "question": "x", "options": []}},
        {"business_message": message | text},
        {chance.choice(("", "new_kind", "message\u0000", "update")): chance.choice(JUNK)},
    ]


def _mutate(update: dict[str, Any], chance: random.Random) -> None:
    """Change one place of the tree."""
    if not (places := _places(update)):
        return
    holder, key = chance.choice(places)
    how = chance.randrange(8)
    if how <= 3:
        holder[key] = copy.deepcopy(chance.choice(JUNK))
    elif how == 4:
        del holder[key]
    elif how == 5:
        holder[key] = [copy.deepcopy(holder[key])]
    elif how == 6:
        deep: Any = holder[key]
        for _ in range(chance.choice((2, 30, 90))):
            deep = {"message": deep} if chance.random() < 0.5 else [deep]
        holder[key] = deep
    elif isinstance(holder, dict):
        holder[chance.choice(("text", "chat", "from", "id", "data", "message", "x" * 300))] = copy.deepcopy(holder[key])


def _places(node: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    if not node:
        return found
    items = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in items:
        found.append((node, key))
        if isinstance(value, (dict, list)) and len(found) < 200:
            found += _places(value)
    return found


if __name__ == "__main__":
    raise SystemExit(main())
