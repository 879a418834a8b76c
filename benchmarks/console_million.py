"""The console on a million messages: fills a database and times every list, search, queue, review and numbers page.

`python -m benchmarks.console_million` (SQLite, then PostgreSQL by the wheel pgserver), or with --database URL on one
that is filled already. Each page is asked for --times times over HTTP in this process (Starlette's test client): guard,
session, queries and template are all in the time. Filling takes about ten minutes a database.
"""

from __future__ import annotations

import argparse
import statistics
import time
import warnings
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from sqlalchemy import func, select, text

from benchmarks.million import fill
from bot.console.app import build
from bot.services import numbers, staff, staff_sessions
from bot.services.content import ContentStore
from bot.services.conversations import utc_now
from bot.settings import load_settings
from bot.storage.db import Database
from bot.storage.migrate import upgrade
from bot.storage.models import Conversation, Message, Role, Staff

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

GOAL = 300.0
PAGES = {
    "queue": "/queue",
    "conversations": "/conversations",
    "conversations, one day": "/conversations?since={day}&until={day}",
    "conversations, topic": "/conversations?topic=passport",
    "conversations, topic nobody has": "/conversations?topic=korea&form=karaoke&below=1",
    "conversations, below 3 %": "/conversations?below=3",
    "conversations, 20-30 %, Thai": "/conversations?above=20&below=30&language=th",
    "conversations, karaoke below 10 %": "/conversations?form=karaoke&below=10",
    "conversations, what the bot did": "/conversations?action=answer&form=english",
    "conversations, urgent": "/conversations?urgent=1",
    "conversations, outcome": "/conversations?outcome=rescued",
    "conversations, tag": "/conversations?tag=minor",
    "conversations, tag and topic": "/conversations?tag=minor&topic=passport",
    "search, common word": "/search?q=" + quote("ຂ້ອຍ"),
    "search, Lao word": "/search?q=" + quote("ຖືກຂັງ"),
    "search, Thai word": "/search?q=" + quote("พาสปอร์ต"),
    "search, rare word": "/search?q=" + quote("ບຸນມີ"),
    "search, nowhere": "/search?q=" + quote("ກກກກ"),
    "search, two letters": "/search?q=" + quote("ໄທ"),
    "search, word and topic": "/search?topic=passport&q=" + quote("ຂ້ອຍ"),
    "search, word and rare filters": "/search?topic=korea&form=karaoke&q=" + quote("ຂ້ອຍ"),
    "review, unsure": "/review?pile=unsure",
    "review, not understood": "/review?pile=not_understood",
    "review, not useful": "/review?pile=negative",
    "review, urgent": "/review?pile=urgent",
    "review, sample": "/review?pile=sample",
    "agreement": "/review/agreement",
    "one conversation": "/conversations/{talk}",
    "numbers by day": "/numbers?period=day",
    "numbers by week": "/numbers?period=week",
    "numbers by month": "/numbers?period=month",
    "numbers as CSV": "/numbers/export?kind=csv",
    "audit": "/audit",
}


def prepare(url: str, messages: int) -> None:
    """Migrate, and fill when there is nothing in it."""
    upgrade(url)
    database = Database(url)
    with database.read() as session:
        there = session.scalar(select(func.count()).select_from(Staff))
    if not there:
        now = utc_now()
        with database.write() as session:
            for name in ("reviewer.one", "reviewer.two", "reviewer.three"):
                staff.add(session, name, Role.REVIEWER, now)
        with database.read() as session:
            ids = list(session.scalars(select(Staff.id)))
        begun = time.monotonic()
        fill(database, messages, now, ids)
        print(f"filled in {time.monotonic() - begun:.0f} s", flush=True)
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
    begun = time.monotonic()
    counted = numbers.catch_up(database, utc_now(), 1000)
    print(f"{counted} closed periods counted in {time.monotonic() - begun:.1f} s", flush=True)
    database.close()


def measure(url: str, times: int) -> list[tuple[str, float, float]]:
    """(page, p50, p95) in milliseconds."""
    settings = load_settings(database_url=url)
    database = Database(url)
    client = TestClient(build(settings, database, ContentStore(settings.content_dir)), base_url="http://localhost")
    _enter(database, client, utc_now())
    with database.read() as session:
        talk = session.scalar(select(func.max(Conversation.id))) or 1
        day = (session.scalar(select(func.max(Message.created_at))) or utc_now()).date()
    rows = []
    for name, path in PAGES.items():
        spent = []
        for _ in range(times):
            begun = time.perf_counter()
            answer = client.get(path.format(talk=talk, day=day))
            spent.append((time.perf_counter() - begun) * 1000)
            if answer.status_code != 200 or answer.url.path == "/sign-in":
                raise RuntimeError(f"{path}: {answer.status_code} {answer.url.path}")
        p95 = statistics.quantiles(spent, n=20, method="inclusive")[18]
        rows.append((name, statistics.median(spent), p95))
        print(f"{name:36} {rows[-1][1]:7.0f} {p95:7.0f}{' !' if p95 > GOAL else ''}", flush=True)
    database.close()
    return rows


def _enter(database: Database, client: TestClient, now: datetime) -> None:
    """A session of a supervisor, without the door."""
    with database.write() as session:
        name = f"bench{int(now.timestamp())}"
        staff.add(session, name, Role.SUPERVISOR, now)
        session.flush()
        row = session.scalars(select(Staff).where(Staff.name == name)).one()
        row.totp_confirmed_at = now
        cookie = staff_sessions.start(session, row.id, now, full=True)
    client.cookies.set("console", cookie)
    client.cookies.set("console-language", "en")


def main() -> None:
    """Both databases, or the one that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", help="address of a database; filled when it is empty")
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=20)
    asked = parser.parse_args()
    if asked.database:
        prepare(asked.database, asked.messages)
        measure(asked.database, asked.times)
        return
    from tests.support.postgres import fresh_database

    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'million.sqlite3'}"
        prepare(url, asked.messages)
        measure(url, asked.times)
    with fresh_database() as url:
        prepare(url, asked.messages)
        measure(url, asked.times)


if __name__ == "__main__":
    main()
