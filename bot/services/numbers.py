"""Numbers for reports: counted once for each closed day, week and month, small groups hidden.

What was counted stays in the table `figure` when messages are deleted after their time. Periods begin at midnight in
Vientiane, weeks on Monday.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from statistics import median, quantiles

from sqlalchemy import ColumnElement, delete, func, insert, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.dialogue.types import Action
from bot.services.search import FROM_PEOPLE, VIENTIANE, midnight
from bot.storage.db import Database
from bot.storage.models import Arrival, Case, Feedback, Figure, Message, Person

Key = tuple[str, str]
"""(measure, key)"""
Counts = dict[Key, int]

FELL_BACK = (Action.NOT_UNDERSTOOD, Action.OFFER, Action.OUT_OF_SCOPE)
AT_ONCE = 4
"""A page that finds closed periods uncounted counts so many; the console's own thread counts the rest."""
BROKEN_DOWN = ("topic", "language", "form", "source")


class Period(StrEnum):
    """How long the rows of the table are."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    @property
    def shown(self) -> int:
        """How many of them a page shows."""
        return {Period.DAY: 31, Period.WEEK: 26, Period.MONTH: 24}[self]

    def begin(self, day: date) -> date:
        """The first day of the period in which a day lies."""
        match self:
            case Period.DAY:
                return day
            case Period.WEEK:
                return day - timedelta(days=day.weekday())
            case Period.MONTH:
                return day.replace(day=1)

    def after(self, start: date) -> date:
        """The first day of the next one."""
        match self:
            case Period.DAY:
                return start + timedelta(days=1)
            case Period.WEEK:
                return start + timedelta(days=7)
            case Period.MONTH:
                return (start + timedelta(days=32)).replace(day=1)

    def newest(self, today: date, count: int) -> list[date]:
        """So many starts, oldest first, the running one last."""
        starts = [self.begin(today)]
        while len(starts) < count:
            starts.append(self.begin(starts[-1] - timedelta(days=1)))
        return starts[::-1]


@dataclass
class Numbers:
    """The counts of several periods, oldest first. `missing`: closed ones that are not counted yet."""

    period: Period
    starts: list[date]
    counts: dict[date, Counts]
    missing: list[date] = field(default_factory=list)

    def summed_elsewhere(self) -> list[list[int]]:
        """Which periods together make a longer one, whose figures can be read too: the days of a week, of a month."""
        if self.period is not Period.DAY:
            return []
        found: dict[tuple[Period, date], list[int]] = {}
        for number, start in enumerate(self.starts):
            for longer in (Period.WEEK, Period.MONTH):
                found.setdefault((longer, longer.begin(start)), []).append(number)
        return list(found.values())

    def of(self, start: date, measure: str, key: str = "") -> int:
        """A count; 0 when there was none."""
        return self.counts.get(start, {}).get((measure, key), 0)

    def keys(self, measure: str) -> list[str]:
        """The keys of a measure, the most frequent first."""
        total: dict[str, int] = {}
        for counts in self.counts.values():
            for (name, key), value in counts.items():
                if name == measure:
                    total[key] = total.get(key, 0) + value
        return sorted(total, key=lambda key: (-total[key], key))


def read(session: Session, period: Period, now: datetime, first: date | None = None) -> Numbers:
    """The newest periods: closed ones as they are kept, the running one counted now.

    `first`: the day of the first message; periods before it are left out.
    """
    today = (now + VIENTIANE).date()
    starts = period.newest(today, period.shown)
    if first is not None:
        starts = [start for start in starts if start >= period.begin(first)] or starts[-1:]
    counts: dict[date, Counts] = {}
    for start, measure, key, value in session.execute(
        select(Figure.start, Figure.measure, Figure.key, Figure.value).where(
            Figure.period == period, Figure.start >= starts[0]
        )
    ):
        counts.setdefault(start, {})[measure, key] = value
    missing = [start for start in starts[:-1] if start not in counts]
    counts[starts[-1]] = count(session, starts[-1], period.after(starts[-1]))
    return Numbers(period, starts, counts, missing)


def first_day(session: Session, period: Period | None = None) -> date | None:
    """The day of the first message that somebody wrote, or of the first figure that was kept for such periods."""
    at = session.scalar(select(func.min(Message.created_at)).where(FROM_PEOPLE))
    kept = session.scalar(select(func.min(Figure.start)).where(Figure.period == period)) if period else None
    days = [day for day in ((at + VIENTIANE).date() if at else None, kept) if day]
    return min(days) if days else None


def catch_up(database: Database, now: datetime, most: int, going_on: Callable[[], bool] = lambda: True) -> int:
    """Count closed periods that were not counted yet, the newest first; returns how many. Short transactions."""
    today = (now + VIENTIANE).date()
    with database.read() as session:
        first = first_day(session)
        if first is None:
            return 0
        counted = session.execute(select(Figure.period, Figure.start).where(Figure.measure == "counted"))
        known = {(period, start) for period, start in counted}
    done = 0
    for period in Period:
        closed = [s for s in period.newest(today, period.shown)[:-1][::-1] if s >= period.begin(first)]
        for start in (s for s in closed if (period.value, s) not in known):
            if done == most or not going_on():
                return done
            with database.read() as session:
                counts = count(session, start, period.after(start))
            with database.write() as session:
                _keep(session, period, start, counts)
            done += 1
    return done


def _keep(session: Session, period: Period, start: date, counts: Counts) -> None:
    session.execute(delete(Figure).where(Figure.period == period, Figure.start == start))
    rows = [(measure, key[:40], value) for (measure, key), value in (counts | {("counted", ""): 1}).items()]
    session.execute(
        insert(Figure),
        [{"period": period, "start": start, "measure": m, "key": k, "value": v} for m, k, v in rows],
    )


# ------------------------------------------------------------------ counting


def count(session: Session, start: date, end: date) -> Counts:
    """All figures of the days from `start` to before `end`."""
    found: Counts = {}
    _messages(session, start, end, found)
    _others(session, start, end, found)
    _replies(session, start, end, found)
    return {key: value for key, value in found.items() if value}


def _between(column: InstrumentedAttribute[datetime], start: date, end: date) -> list[ColumnElement[bool]]:
    return [column >= midnight(start), column < midnight(end)]


def _messages(session: Session, start: date, end: date, found: Counts) -> None:
    inside = _between(Message.created_at, start, end)
    people = select(func.count(func.distinct(Message.person_id))).where(FROM_PEOPLE, *inside)
    found["people", ""] = session.scalar(people) or 0
    groups = (Message.intent, Message.language, Message.form, Message.action, Message.urgent)
    query = select(*groups, func.count()).where(FROM_PEOPLE, *inside, Message.kind == "text").group_by(*groups)
    rows = session.execute(query)
    for intent, language, form, action, urgent, number in rows:
        marks: list[Key] = [("questions", "")]
        marks += [(name, key) for name, key in (("topic", intent), ("language", language), ("form", form)) if key]
        marks += [("fell_back", "")] * (action in FELL_BACK) + [("urgent", "")] * bool(urgent)
        for mark in marks:
            found[mark] = found.get(mark, 0) + number


def _others(session: Session, start: date, end: date, found: Counts) -> None:
    new = select(func.count()).select_from(Person).where(*_between(Person.created_at, start, end))
    found["new_people", ""] = session.scalar(new) or 0
    feedback = select(Feedback.useful, func.count()).where(*_between(Feedback.created_at, start, end))
    for useful, number in session.execute(feedback.group_by(Feedback.useful)):
        found["useful" if useful else "not_useful", ""] = number
    arrivals = select(Arrival.source, func.count()).where(*_between(Arrival.created_at, start, end))
    for source, number in session.execute(arrivals.group_by(Arrival.source)):
        found["source", source] = number


def _replies(session: Session, start: date, end: date, found: Counts) -> None:
    """Seconds until a human being first answered an urgent case: the median, and what nine of ten waited at most."""
    waits = [
        (replied - opened).total_seconds() if replied else None
        for opened, replied in session.execute(
            select(Case.opened_at, Case.first_reply_at).where(Case.urgent, *_between(Case.opened_at, start, end))
        )
    ]
    found["urgent_cases", ""] = len(waits)
    found["answered", ""] = len(known := [wait for wait in waits if wait is not None])
    if known:
        found["reply_median", ""] = max(1, round(median(known)))
        found["reply_p90", ""] = max(1, round(nine_of_ten(known)))


def nine_of_ten(values: Iterable[float]) -> float:
    """The 90th percentile, by the rule of `statistics.quantiles` (inclusive); the value itself when it is alone."""
    rows = list(values)
    return rows[0] if len(rows) == 1 else quantiles(rows, n=10, method="inclusive")[8]
