"""R11: databases of every earlier version reach the newest schema, also when the migration is killed again and again.

`python -m tests.chaos.migrate [--db pg] [--rows 40] [--kills 2] [--clock 1]`; full: `--rows 1000 --kills 12 --clock 6`.
A copy of a populated database is killed (kill -9) after `--kills` statements spread over the migration, and `--clock`
times in the middle of one. The next start must finish: every row there, every word readable with its key, the schema
that of the models, and nothing of what is sealed since 0006 in plain in any file (PostgreSQL: in the dump and in the
tables' files; its log is the disk encryption's affair).
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import tempfile
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url

from bot.storage.db import Database
from bot.storage.migrate import alembic_config, upgrade
from bot.storage.models import Base, CaseNote, InboxUpdate, Message, OutboxMessage, Person
from bot.storage.sealing import original
from tests.chaos.harness import Checks, arguments
from tests.privacy.canaries import hits
from tests.privacy.grep_disk import dump
from tests.support.postgres import fresh_database, server

LAST_PLAIN = "0005"
"""The last version that kept words and ids in plain."""
NO_ROWS = ("alembic_version", "sealing_key", "person_key", "erasure", "sqlite", "message_words")
"""Tables that fill themselves, or whose made-up rows would open nothing."""


@dataclass
class Tally:
    """What the kills of one version did."""

    kills: int = 0
    wrong: list[str] = field(default_factory=list)


def main() -> int:
    """Run and judge."""
    chosen = arguments(__doc__ or "", rows=40, kills=2, clock=1)
    os.environ.setdefault("DATA_KEY", "D" * 43 + "=")
    checks = Checks("migrate")
    versions = revisions()
    seconds: dict[str, float] = {}
    kills = 0
    for version in ["base", *versions[:-1]]:
        with _old_copy(chosen, version) as url:
            before = _rows(url)
            with _copy(url) as first:
                started = time.monotonic()
                statements = _migrate(first)
                seconds[version] = round(time.monotonic() - started, 2)
                faults = _faults(first, before, chosen.rows if version != "base" else 0)
            checks.check(f"{version} -> {versions[-1]}: {sum(before.values())} rows {faults}", not faults)
            tally = _killed(url, before, chosen, version, statements, seconds[version])
        kills += tally.kills
        checks.check(
            f"{version}: {tally.kills} kills within {statements} statements, each mended by the next start "
            f"{tally.wrong[:2]}",
            tally.kills > 0 and not tally.wrong,
        )
    checks.figures = vars(chosen) | {"versions": versions, "seconds": seconds, "kills": kills}
    return checks.finish()


def _killed(
    url: str, before: dict[str, int], chosen: Any, version: str, statements: int, seconds: float
) -> Tally:  # fmt: skip
    """Kill a copy after statements that are spread evenly, the last one among them, and by the clock."""
    chance, tally = random.Random(f"{chosen.seed} {version}"), Tally()
    points = {max(1, round(statements * part / chosen.kills)) for part in range(1, chosen.kills + 1)}
    ends = [(f"statement {n}", n, 0.0) for n in sorted(points)]
    ends += [(f"second {s:.3f}", 0, s) for s in (chance.uniform(0, seconds) for _ in range(chosen.clock))]
    for where, statement, moment in ends:
        with _copy(url) as copy:
            died = _migrate(copy, die_after=statement, die_at=moment) < 0
            tally.kills += died
            if _migrate(copy) < 0:
                tally.wrong.append(f"{where}: the next start does not finish")
            elif faults := _faults(copy, before, chosen.rows if version != "base" else 0):
                tally.wrong.append(f"{where}: {faults}")
    return tally


# ------------------------------------------------------------------ migrating in a process of its own


def _migrate(url: str, *, die_after: int = 0, die_at: float = 0.0) -> int:
    """Migrate; how many statements it took, -1 when it was killed or failed. In a fork: Python starts slowly."""
    told, tell = os.pipe()
    if not (child := os.fork()):
        os.close(told)
        _child(url, die_after, tell)
    os.close(tell)
    if die_at:
        time.sleep(die_at)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    with os.fdopen(told) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return int(said) if said else -1


def _child(url: str, die_after: int, tell: int) -> None:
    done = 0

    def count(*_: object) -> None:
        nonlocal done
        done += 1
        if done == die_after:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        event.listen(Engine, "after_cursor_execute", count)
        upgrade(url)
        os.write(tell, str(done).encode())
    except BaseException:  # whatever it is: the parent sees that nothing was told
        traceback.print_exc()
    os._exit(0)


def revisions() -> list[str]:
    """All schema versions, oldest first."""
    script = ScriptDirectory.from_config(alembic_config("sqlite://"))
    return [revision.revision for revision in reversed(list(script.walk_revisions()))]


# ------------------------------------------------------------------ databases


@contextlib.contextmanager
def _old_copy(chosen: Any, version: str) -> Iterator[str]:
    """A database of an earlier version with rows in every table. Words and ids were written before they were sealed."""
    with contextlib.ExitStack() as stack:
        if chosen.db == "pg":
            url = stack.enter_context(fresh_database())
        else:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="chaos-migrate-"))
            url = f"sqlite:///{Path(folder) / 'old' / 'bot.sqlite3'}"
            Path(folder, "old").mkdir()
        if version != "base":
            command.upgrade(alembic_config(url), min(version, LAST_PLAIN))
            _fill(url, chosen.rows)
            command.upgrade(alembic_config(url), version)
            _fill(url, chosen.rows)
        yield url


@contextlib.contextmanager
def _copy(url: str) -> Iterator[str]:
    """A copy that may be killed."""
    if not url.startswith("sqlite"):
        with fresh_database(like=str(make_url(url).database)) as copy:
            yield copy
        return
    with tempfile.TemporaryDirectory(prefix="chaos-copy-") as folder:
        shutil.copytree(_path(url).parent, folder, dirs_exist_ok=True)
        yield f"sqlite:///{Path(folder) / 'bot.sqlite3'}"


def _path(url: str) -> Path:
    return Path(str(make_url(url).database))


def _fill(url: str, rows: int) -> None:
    """Rows for the tables that have none yet."""
    engine = sa.create_engine(url, hide_parameters=True)
    tables = sa.MetaData()
    tables.reflect(engine)
    with engine.begin() as connection:
        for table in tables.sorted_tables:
            if table.name.startswith(NO_ROWS) or connection.scalar(sa.select(sa.func.count()).select_from(table)):
                continue
            connection.execute(table.insert(), [_row(table, number) for number in range(1, rows + 1)])
    engine.dispose()


def _secret(name: str, number: int) -> str:
    """Telegram id, telephone, file id or note of a person who does not exist."""
    return {"chat": f"77{number:08d}", "phone": f"020 5{number:03d} 7788", "file": f"FILE-OF-{number:05d}",
            "state": f"place-{number:05d}", "note": f"note-about-{number:05d}"}[name]  # fmt: skip


def _row(table: sa.Table, number: int) -> dict[str, Any]:
    known: dict[tuple[str, str], Any] = {
        ("person", "channel_key"): _secret("chat", number),
        ("person", "state"): {"topic": _secret("state", number)},
        ("message", "text"): f"call {_secret('phone', number)}",
        ("message", "direction"): "in",
        ("message", "file_id"): _secret("file", number),
        ("inbox", "chat_key"): _secret("chat", number),
        ("inbox", "payload"): {"text": f"call {_secret('phone', number)}"},
        ("outbox", "chat_key"): _secret("chat", number),
        ("outbox", "payload"): {"text": f"call {_secret('phone', number)}"},
        ("outbox", "state"): "queued",
        ("case_note", "text"): _secret("note", number),
    }
    return {c.name: known.get((table.name, c.name), _value(c, number)) for c in table.columns}


def _value(column: sa.Column[Any], number: int) -> Any:
    if column.foreign_keys or (column.primary_key and isinstance(column.type, sa.Integer)):
        return number
    if isinstance(column.type, sa.Boolean):
        return number % 2 == 0
    if isinstance(column.type, (sa.Integer, sa.Numeric, sa.Float)):
        return number
    if isinstance(column.type, sa.DateTime):
        return datetime.now(UTC)
    if isinstance(column.type, sa.Date):
        return datetime.now(UTC).date()
    if isinstance(column.type, sa.JSON):
        return {"text": f"m{number} ກ"}
    if isinstance(column.type, sa.LargeBinary):
        return b"x" * 16
    text = "new" if column.name == "state" else f"{number}-{column.name}"
    return text[: getattr(column.type, "length", None) or 40]


# ------------------------------------------------------------------ judging


def _faults(url: str, before: dict[str, int], people: int) -> list[str]:
    """What is wrong with a migrated database."""
    after = _rows(url)
    found = [
        f"{table}: {after.get(table)} of {rows} rows" for table, rows in before.items() if after.get(table) != rows
    ]
    if differences := _differences(url):
        found.append(f"{differences} differences from the models' schema")
    if people:
        found += _unreadable(url, people) + _in_plain(url, people)
    return found


def _unreadable(url: str, people: int) -> list[str]:
    """Words that cannot be opened any more, or are others than those that were said."""
    database, wrong = Database(url), []
    with database.read() as session:
        for number in range(1, people + 1):
            person, message = session.get_one(Person, number), session.get_one(Message, number)
            said = f"call {_secret('phone', number)}"
            same = (
                person.channel_id == _secret("chat", number),
                person.state == {"topic": _secret("state", number)},
                original(session, message) == said and message.file_id == _secret("file", number),
                session.get_one(InboxUpdate, number).payload == {"text": said},
                session.get_one(OutboxMessage, number).payload == {"text": said},
                not _had_notes(session, number) or session.get_one(CaseNote, number).text == _secret("note", number),
            )
            if not all(same):
                wrong.append(f"person {number}: {same}")
    database.close()
    return wrong[:3]


def _had_notes(session: Any, number: int) -> bool:
    return session.get(CaseNote, number) is not None


def _in_plain(url: str, people: int) -> list[str]:
    """Files in which something stands that should be sealed."""
    secrets = [_secret(name, n) for n in range(1, people + 1) for name in ("chat", "phone", "file", "state", "note")]
    with contextlib.ExitStack() as stack:
        if url.startswith("sqlite"):
            files = [file for file in _path(url).parent.iterdir() if file.is_file()]
        else:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chaos-dump-")))
            files = [dump(url, folder / "dump.sql"), *_table_files(url)]
        return [f"{name}: {count} in plain" for name, count in hits(files, secrets).items() if count]


def _table_files(url: str) -> list[Path]:
    """The files of a PostgreSQL database's tables, as they are on the disk after a checkpoint."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text("CHECKPOINT"))
        number = connection.scalar(sa.text("SELECT oid FROM pg_database WHERE datname = current_database()"))
        queries = sa.text(
            "SELECT pg_relation_filepath(oid) FROM pg_class WHERE relkind IN ('r', 'i', 't') AND oid > 16383"
        )
        names = [str(name) for name in connection.scalars(queries) if f"/{number}/" in str(name)]
    engine.dispose()
    return [file for name in names if (file := Path(server().pgdata) / name).exists()]


def _rows(url: str) -> dict[str, int]:
    engine = sa.create_engine(url, hide_parameters=True)
    tables = sa.MetaData()
    with engine.connect() as connection:
        tables.reflect(connection)
        found = {
            t.name: connection.scalar(sa.select(sa.func.count()).select_from(t)) or 0
            for t in tables.sorted_tables
            if t.name in Base.metadata.tables and t.name not in ("sealing_key", "person_key", "erasure")
        }
    engine.dispose()
    return found


def _differences(url: str) -> int:
    """Between the schema that is there and the models."""
    engine = sa.create_engine(url, hide_parameters=True)
    with engine.connect() as connection:
        known = MigrationContext.configure(connection, opts={"include_object": _ours})
        found = compare_metadata(known, Base.metadata)
    engine.dispose()
    return len(found)


def _ours(_object: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    """Leave out tables that a migration makes beside the models, such as a search index."""
    return kind != "table" or name in Base.metadata.tables


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    raise SystemExit(main())
