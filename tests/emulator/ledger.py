"""Book-keeping: which update was delivered, confirmed and answered, and what went wrong on the way.

How an answer finds its update ("attribution", Options.attribution):
reply   the message replies to the person's message;
marker  the text repeats a marker word (Options.marker, such as m17) of the person's text;
fifo    the oldest delivered, unanswered update of that chat, else the last answered one;
auto    the three above in this order.
Callback and inline queries are answered by their id, or by an edit of the pressed message.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, deque
from dataclasses import asdict, dataclass, field

from .config import Clock, Options
from .errors import Json


@dataclass(slots=True)
class Record:
    """The life of one update."""

    update_id: int
    kind: str
    chat_id: int
    queue_key: str
    made_at: float
    expects_answer: bool
    delivered: int = 0
    gone: str = ""
    first_answer_at: float | None = None
    answers: list[str] = field(default_factory=list)


class Ledger:
    """Counts as things happen, so that `stats` costs nothing however long the run."""

    def __init__(self, options: Options, clock: Clock) -> None:
        self._clock = clock
        self._mode = options.attribution
        self._marker = re.compile(options.marker)
        self.records: dict[int, Record] = {}
        self.count: Counter[str] = Counter()
        self.latencies: list[float] = []
        self._by_message: dict[tuple[int, int], int] = {}
        self._by_marker: dict[str, int] = {}
        self._by_query: dict[str, int] = {}
        self._pressed: dict[tuple[int, int], int] = {}
        self._open: dict[int, deque[int]] = {}
        self._last: dict[int, int] = {}
        self._highest: dict[str, int] = {}

    def made(self, record: Record, text: str, message_id: int | None, query_id: str = "") -> None:
        """A new update; `message_id` is the person's message, or the pressed one for a callback query."""
        self.records[record.update_id] = record
        self.count["made"] += 1
        self._open.setdefault(record.chat_id, deque()).append(record.update_id)
        for marker in self._marker.findall(text) if text else ():
            self._by_marker.setdefault(marker, record.update_id)
        if query_id:
            self._by_query[query_id] = record.update_id
        if message_id is not None:
            known = self._pressed if query_id else self._by_message
            known[record.chat_id, message_id] = record.update_id

    def delivered(self, update_id: int) -> None:
        """Handed to the bot once more."""
        record = self.records.get(update_id)
        self.count["deliveries"] += 1
        if record is None:
            return
        record.delivered += 1
        self.count["delivered" if record.delivered == 1 else "redelivered"] += 1

    def gone(self, update_id: int, how: str) -> None:
        """Left the queue: acknowledged, expired or dropped."""
        self.count[how] += 1
        record = self.records.get(update_id)
        if record is not None:
            record.gone = how
            if record.expects_answer and not record.answers:
                self.count["lost"] += 1

    def sent(self, chat_id: int, method: str, text: str, reply_to: int | None) -> int | None:
        """The bot sent something; returns the update it answers."""
        update_id = self._find(chat_id, text, reply_to)
        if update_id is not None:
            self._answer(update_id, f"{method} {_digest(text)}", repeatable=False)
        return update_id

    def edited(self, chat_id: int, message_id: int, method: str, text: str) -> None:
        """The bot edited a message; an answer if a button of it was pressed."""
        update_id = self._pressed.get((chat_id, message_id))
        if update_id is not None:
            self._answer(update_id, f"{method} {_digest(text)}", repeatable=True)

    def query_answered(self, query_id: str, method: str) -> None:
        """answerCallbackQuery or answerInlineQuery."""
        update_id = self._by_query.get(query_id)
        if update_id is not None:
            self._answer(update_id, method, repeatable=True)

    def _find(self, chat_id: int, text: str, reply_to: int | None) -> int | None:
        mode = self._mode
        if reply_to and mode in {"auto", "reply"} and (chat_id, reply_to) in self._by_message:
            return self._by_message[chat_id, reply_to]
        if mode in {"auto", "marker"}:
            for marker in self._marker.findall(text):
                found = self._by_marker.get(marker)
                if found is not None and self.records[found].chat_id == chat_id:
                    return found
        return self._oldest_open(chat_id) if mode in {"auto", "fifo"} else None

    def _oldest_open(self, chat_id: int) -> int | None:
        waiting = self._open.get(chat_id, deque())
        while waiting:
            record = self.records[waiting[0]]
            if record.answers or not record.expects_answer:
                waiting.popleft()
            else:
                if record.delivered:
                    return record.update_id
                break
        return self._last.get(chat_id)

    def _answer(self, update_id: int, what: str, *, repeatable: bool) -> None:
        record = self.records[update_id]
        if what in record.answers and not repeatable:
            self.count["duplicates"] += 1
        if not record.answers:
            self._first_answer(record)
        record.answers.append(what)
        self.count["answers"] += 1
        self._last[record.chat_id] = update_id

    def _first_answer(self, record: Record) -> None:
        record.first_answer_at = self._clock.now()
        self.latencies.append(record.first_answer_at - record.made_at)
        self.count["answered"] += 1
        if record.gone and record.expects_answer:
            self.count["lost"] -= 1
        if not record.expects_answer:
            return
        for name, key in (
            ("order_violations", str(record.chat_id)),
            ("queue_order_violations", record.queue_key),
        ):
            if record.update_id < self._highest.get(key, 0):
                self.count[name] += 1
            else:
                self._highest[key] = record.update_id

    def lost(self) -> list[int]:
        """Ids of updates that left the queue and were never answered though a person would expect it."""
        return [r.update_id for r in self.records.values() if r.gone and r.expects_answer and not r.answers]

    def unanswered(self) -> list[int]:
        """Ids of all updates without an answer, still waiting or not."""
        return [r.update_id for r in self.records.values() if r.expects_answer and not r.answers]

    def duplicated(self) -> dict[int, list[str]]:
        """Updates that got the same text twice, with all their answers."""
        return {
            r.update_id: r.answers
            for r in self.records.values()
            if len({a for a in r.answers if " " in a}) < sum(1 for a in r.answers if " " in a)
        }

    def record(self, update_id: int) -> Json | None:
        """The life of one update as JSON."""
        found = self.records.get(update_id)
        return asdict(found) if found else None

    def latency(self) -> Json:
        """Seconds from an update's making to its first answer: n, p50, p95, p99, max."""
        values = sorted(self.latencies)
        if not values:
            return {"n": 0}
        at = {name: values[min(len(values) - 1, int(len(values) * part))] for name, part in _PARTS}
        return {"n": len(values), **at, "max": values[-1]}


_PARTS = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))


def _digest(text: str) -> str:
    return hashlib.blake2s(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
