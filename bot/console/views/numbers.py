"""Numbers: what was asked, by whom, how well it went; small groups hidden; the same tables as files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import format_date, format_timedelta
from starlette.responses import Response

from bot.console.guard import Refused, Visit
from bot.console.views.exports import KINDS, download
from bot.console.words import word
from bot.i18n import N_
from bot.services import audit, exports
from bot.services import numbers as service
from bot.services.exports import Row
from bot.services.numbers import Numbers, Period
from bot.services.suppression import SMALLEST, Shown, hide_small, rate, sum_of
from bot.settings import LANGUAGE_NAMES

TOPICS_OVER_TIME = 8
HIDDEN = N_("hidden")


@dataclass(frozen=True)
class Cell:
    """What a cell shows, and its number for the charts (None = hidden or no number)."""

    text: str
    value: float | None


@dataclass(frozen=True)
class Table:
    """A table with its chart: which columns are drawn as lines over time, and whether its rows are bars."""

    id: str
    title: str
    head: list[str]
    rows: list[tuple[str, str, list[Cell]]]
    """(name of the row, its day for the chart, cells)"""
    lines: tuple[int, ...] = ()
    bars: bool = False

    @property
    def highest(self) -> float:
        """The longest bar."""
        return max((cells[0].value or 0 for _, _, cells in self.rows), default=0) or 1


def page(visit: Visit) -> Response:
    """The tables and their charts."""
    period = _period(visit)
    numbers = _read(visit, period)
    return visit.page(
        "numbers.html",
        tables=_tables(visit, numbers),
        period=period,
        periods=list(Period),
        kinds=list(KINDS),
        missing=len(numbers.missing),
        smallest=SMALLEST,
        nothing=not any(numbers.counts.values()),
    )


def export(visit: Visit) -> Response:
    """The tables as a file."""
    period, kind = _period(visit), visit.asked("kind") or "csv"
    if kind not in KINDS:
        raise Refused(404)
    tables = _tables(visit, _read(visit, period))
    with visit.house.database.write() as session:
        audit.note(session, visit.who.name, "export", visit.now, object=f"figures {period} {kind}")
    if kind == "csv":
        rows: list[Row] = []
        for table in tables:
            rows += [[table.title], *_file_rows(table), []]
        return download(exports.csv_file(rows), kind, f"figures-{period}")
    sheets = [(table.title, _file_rows(table)) for table in tables]
    return download(exports.xlsx_file(sheets), kind, f"figures-{period}")


def _read(visit: Visit, period: Period) -> Numbers:
    database = visit.house.database
    service.catch_up(database, visit.now, service.AT_ONCE)
    with database.read() as session:
        return service.read(session, period, visit.now, service.first_day(session, period))


def _period(visit: Visit) -> Period:
    asked = visit.asked("period")
    return Period(asked) if asked in set(Period) else Period.WEEK


def _file_rows(table: Table) -> list[Row]:
    rows: list[Row] = [list(table.head)]
    for name, day, cells in table.rows:
        rows.append([day or name, *(c.value if c.value is not None else c.text for c in cells)])
    return rows


def _tables(visit: Visit, numbers: Numbers) -> list[Table]:
    topic = visit.house.content.published().title
    return [
        _over_time(visit, numbers),
        _replies(visit, numbers),
        _topics(visit, numbers),
        _parts(visit, numbers, "topic", visit.say(N_("Topics")), lambda key: topic(key, visit.language)),
        _parts(visit, numbers, "language", visit.say(N_("Languages")), lambda key: LANGUAGE_NAMES.get(key, key)),
        _parts(visit, numbers, "form", visit.say(N_("Ways of writing")), lambda key: visit.say(word("form", key))),
        _parts(visit, numbers, "source", visit.say(N_("Posters and links")), lambda key: key),
    ]


def _over_time(visit: Visit, numbers: Numbers) -> Table:
    measures = (
        ("people", N_("People")), ("new_people", N_("New people")), ("questions", N_("Questions")),
        ("urgent", N_("Urgent messages")), ("useful", N_("Useful")), ("not_useful", N_("Not useful")),
    )  # fmt: skip
    rows = []
    seen = _alone(numbers, [measure for measure, _ in measures])
    for start, shown in zip(numbers.starts, seen, strict=True):
        cells = [_shown(visit, value) for value in shown]
        share = rate(numbers.of(start, "fell_back"), numbers.of(start, "questions"))
        rows.append((_name(visit, numbers.period, start), start.isoformat(), [*cells, _percent(visit, share)]))
    names = [visit.say(name) for _, name in measures]
    head = [visit.say(N_("Period")), *names, visit.say(N_("Not answered at once"))]
    return Table("time", visit.say(N_("Over time")), head, rows, lines=(1, 3))


def _replies(visit: Visit, numbers: Numbers) -> Table:
    rows = []
    seen = _alone(numbers, ["urgent_cases", "answered"])
    for start, shown in zip(numbers.starts, seen, strict=True):
        answered = numbers.of(start, "answered")
        known = answered >= SMALLEST
        rows.append(
            (
                _name(visit, numbers.period, start),
                start.isoformat(),
                [
                    *(_shown(visit, value) for value in shown),
                    _minutes(visit, numbers.of(start, "reply_median"), known=known, none=not answered),
                    _minutes(visit, numbers.of(start, "reply_p90"), known=known, none=not answered),
                ],
            )
        )
    head = [N_("Urgent cases"), N_("Answered by a person"), N_("Half waited at most"), N_("Nine of ten waited at most")]
    names = [visit.say(N_("Period")), *(visit.say(name) for name in head)]
    return Table("replies", visit.say(N_("Urgent: time to the first answer of a person")), names, rows, lines=(3, 4))


def _topics(visit: Visit, numbers: Numbers) -> Table:
    """The most frequent topics over time, and all the others; with sums, so that sums do not give a cell away."""
    keys = numbers.keys("topic")
    most, others = keys[:TOPICS_OVER_TIME], keys[TOPICS_OVER_TIME:]
    counts = [
        [
            *(numbers.of(start, "topic", key) for key in most),
            sum(numbers.of(start, "topic", key) for key in others),
        ]
        for start in numbers.starts
    ]
    shown = hide_small(counts, groups=numbers.summed_elsewhere())
    title = visit.house.content.published().title
    head = [
        visit.say(N_("Period")),
        *(title(key, visit.language) for key in most),
        visit.say(N_("Others")),
        visit.say(N_("Sum")),
    ]
    rows = [
        (
            _name(visit, numbers.period, start),
            start.isoformat(),
            [*(_shown(visit, cell) for cell in seen), _shown(visit, sum_of(values, seen))],
        )
        for start, values, seen in zip(numbers.starts, counts, shown, strict=True)
    ]
    return Table("topics", visit.say(N_("Topics over time")), head, rows, lines=tuple(range(1, min(6, len(most) + 1))))


def _parts(visit: Visit, numbers: Numbers, measure: str, title: str, name: Callable[[str], str]) -> Table:
    """How often each was, in all periods shown together, with the sum."""
    keys = numbers.keys(measure)
    values = [sum(numbers.of(start, measure, key) for start in numbers.starts) for key in keys]
    shown = hide_small([values], column_sums=False)[0] if values else []
    rows = [(name(key), "", [_shown(visit, seen)]) for key, seen in zip(keys, shown, strict=True)]
    if rows:
        rows.append((visit.say(N_("Sum")), "", [_shown(visit, sum_of(values, shown))]))
    return Table(measure, title, [title, visit.say(N_("Number"))], rows, bars=True)


# ------------------------------------------------------------------ cells


def _alone(numbers: Numbers, measures: list[str]) -> list[list[Shown]]:
    """Measures of each period that have no sum in their table, but one in the table of a longer period."""
    counts = [[numbers.of(start, measure) for measure in measures] for start in numbers.starts]
    return hide_small(counts, row_sums=False, column_sums=False, groups=numbers.summed_elsewhere())


def _shown(visit: Visit, value: Shown) -> Cell:
    return Cell(visit.say(HIDDEN), None) if value is None else Cell(str(value), value)


def _percent(visit: Visit, value: float | None) -> Cell:
    return Cell(visit.say(HIDDEN), None) if value is None else Cell(f"{value:.0%}", round(value, 3))


def _minutes(visit: Visit, seconds: int, *, known: bool, none: bool) -> Cell:
    if none:
        return Cell("–", None)
    if not known:
        return Cell(visit.say(HIDDEN), None)
    text = format_timedelta(timedelta(seconds=seconds), threshold=1.5, locale=visit.language)
    return Cell(text, round(seconds / 60, 1))


def _name(visit: Visit, period: Period, start: date) -> str:
    pattern = "MMM y" if period == Period.MONTH else "d MMM y"
    return format_date(start, pattern, locale=visit.language)
