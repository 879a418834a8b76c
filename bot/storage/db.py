"""Engines and sessions, on SQLite and PostgreSQL alike.

SQLite: write-ahead log, full sync (an acknowledged update must survive a power cut), `secure_delete`, and writers begin
IMMEDIATE, since a deferred transaction that reads first fails with SQLITE_BUSY_SNAPSHOT when another wrote meanwhile.

PostgreSQL: a statement, a lock and a dead connection all end in seconds, on both sides: the client notices a half-open
socket, and the server ends the session (and its advisory locks) of a machine that vanished.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sqlite3
import stat
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import get_ident
from typing import Any, TypeVar
from weakref import WeakSet

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

import bot.storage.sealing  # noqa: F401 (its listeners seal whatever is written)
from bot.sealing import MasterKeys, master_keys
from bot.settings import settings
from bot.storage.vault import Vault

T = TypeVar("T")
Job = tuple[Future[Any], Callable[[Session], Any]]

GROUP = 32
"""How many waiting jobs share one SQLite commit. A commit costs 4 ms of disk here, a job less than 3 ms of work."""

BUSY_SECONDS = 2.0
"""How long one SQLite transaction waits for another process's lock; its caller tries again."""
PG_SESSION = {
    "statement_timeout": "10s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "15s",
    # The server's side of a dead connection: without these a vanished machine keeps its locks for two hours.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "15s",
}
PG_CLIENT = {
    "connect_timeout": 3,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 8000,
}
HUNG_AFTER = 15.0
"""Seconds of one transaction on PostgreSQL after which its connection counts as dead; above statement_timeout."""
BROKEN = ("readonly database", "read-only transaction", "disk I/O error", "unable to open database", "disk image")
"""Errors after which a connection stays useless although the database is well again."""


def is_outage(error: BaseException) -> bool:
    """True when the database is at fault and the same work may succeed later; False when the data are."""
    if isinstance(error, (DataError, IntegrityError)):
        return False
    return isinstance(error, DBAPIError) or (isinstance(error, SQLAlchemyError) and not hasattr(error, "statement"))


def in_transaction(connection: Connection) -> bool:
    """Is SQLite still inside the transaction that was begun?"""
    return bool(getattr(connection.connection.dbapi_connection, "in_transaction", True))


class Database:
    """One engine and its sessions. `write()` commits at its end, `read()` never writes."""

    def __init__(self, url: str, keys: Callable[[], MasterKeys] = lambda: master_keys(settings())) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _engine(url)
        self.vault = Vault(self.engine, keys)
        self.engine.dialect.vault = self.vault  # type: ignore[attr-defined]  # where the column types find it
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._connections: WeakSet[Any] = WeakSet()
        self._begun: dict[int, float] = {}
        """When each database thread began what it does now."""
        if not self.is_sqlite:
            event.listen(self.engine, "connect", lambda connection, _record: self._connections.add(connection))
        self._first: deque[Job] = deque()
        self._others: deque[Job] = deque()
        # SQLite has one writer: one thread queues fairly, where several would poll for the lock.
        self._threads = ThreadPoolExecutor(1 if self.is_sqlite else 8, thread_name_prefix="database")

    async def run(self, work: Callable[[Session], T], *, first: bool = False) -> T:
        """Do `work` in a writing transaction on a database thread, so that the event loop goes on.

        `first` overtakes what waits for a thread: taking in an update must not wait behind the work of others.
        """
        job: Future[T] = Future()
        (self._first if first else self._others).append((job, work))
        self._threads.submit(self._next)
        result = asyncio.wrap_future(job)
        try:
            while not (await asyncio.wait({result}, timeout=HUNG_AFTER))[0]:
                self._cut_if_hung()
        except asyncio.CancelledError:
            result.cancel()
            raise
        return result.result()

    def _cut_if_hung(self) -> None:
        """A statement that outlives the server's own time limit waits for a peer that is gone: cut every connection.

        The operating system notices most dead connections; not those behind a balancer that holds them open.
        """
        if self.is_sqlite or not any(time.monotonic() - begun > HUNG_AFTER for begun in list(self._begun.values())):
            return
        for connection in list(self._connections):
            with contextlib.suppress(Exception), socket.socket(fileno=os.dup(connection.fileno())) as line:
                line.shutdown(socket.SHUT_RDWR)

    def _next(self) -> None:
        """The next jobs. There may be none left: on SQLite one turn takes all that wait."""
        jobs = self._take(GROUP if self.is_sqlite else 1)
        if len(jobs) == 1:
            self._alone(*jobs[0])
        elif jobs:
            self._together(jobs)

    def _take(self, most: int) -> list[Job]:
        jobs: list[Job] = []
        while len(jobs) < most:
            queue = self._first or self._others
            try:
                job = queue.popleft()
            except IndexError:
                break
            if job[0].set_running_or_notify_cancel():
                jobs.append(job)
        return jobs

    def _alone(self, job: Future[Any], work: Callable[[Session], Any]) -> None:
        self._begun[get_ident()] = time.monotonic()
        try:
            result = self._transact(work)
        except BaseException as error:
            job.set_exception(error)
        else:
            job.set_result(result)
        finally:
            del self._begun[get_ident()]

    def _together(self, jobs: list[Job]) -> None:
        """Several jobs, one commit: the disk is waited for once.

        Each has a savepoint, so that bad data of one are its own affair. But when the database itself fails (disk full)
        SQLite may have rolled everything back, and a commit would then succeed without a word: so all of them fail.
        """
        results: list[tuple[Future[Any], Any]] = []
        try:
            with self.engine.connect() as plain:
                connection = plain.execution_options(writes=True)
                with connection.begin():
                    for job, work in jobs:
                        try:
                            results.append((job, self._in_savepoint(connection, work)))
                        except BaseException as error:
                            if is_outage(error) or not in_transaction(connection):
                                raise
                            job.set_exception(error)
        except BaseException as error:
            for job, _ in jobs:
                if not job.done():
                    job.set_exception(error)
            return
        for job, result in results:
            job.set_result(result)

    def _in_savepoint(self, connection: Connection, work: Callable[[Session], T]) -> T:
        with Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as session:
            result = work(session)
            session.commit()
            return result

    def _transact(self, work: Callable[[Session], T]) -> T:
        with self.write() as session:
            return work(session)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session in a writing transaction, committed at the end, rolled back on an error."""
        with self._sessions() as session:
            session.connection(execution_options={"writes": True})
            yield session
            session.commit()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading."""
        with self._sessions() as session:
            yield session

    def close(self) -> None:
        """Give all connections back; what still waits for a thread is given up."""
        for job, _ in (*self._first, *self._others):
            job.cancel()
        self._threads.shutdown(wait=True, cancel_futures=True)
        self.engine.dispose()


def _engine(url: str) -> Engine:
    """The engine; an error's text never holds the values of a statement, since they are what people wrote."""
    if url.startswith("sqlite"):
        engine = _sqlite(url)
    else:
        given = make_url(url).query.get("options", "")
        options = " ".join(
            [*([given] if isinstance(given, str) else given), *(f"-c {k}={v}" for k, v in PG_SESSION.items())]
        )
        engine = create_engine(
            url,
            pool_size=8,
            max_overflow=8,
            pool_timeout=5,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={**PG_CLIENT, "options": options.strip()},
        )

    @event.listens_for(engine, "handle_error")
    def _drop_broken(context: ExceptionContext) -> None:
        if any(words in str(context.original_exception) for words in BROKEN):
            context.is_disconnect = True

    return engine


def _close_to_others(path: Path) -> None:
    """The file, with the log that SQLite makes like it, is for its owner: the masked transcripts in it are readable.

    A file that is there keeps what its group may do. Not ours to change: left as it is.
    """
    with contextlib.suppress(OSError):  # it is there, or cannot be made: SQLite says so at the first connection
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
    for part in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        with contextlib.suppress(OSError):
            mode = stat.S_IMODE(part.stat().st_mode)
            if mode & 0o007:
                part.chmod(mode & ~0o007)


def _sqlite(url: str) -> Engine:
    path = make_url(url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        _close_to_others(Path(path))
    engine = create_engine(
        url, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def _pragmas(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy's "begin" below decides how a transaction starts
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
            "temp_store=MEMORY",
            # The triggers that keep the search index are ours; with OFF SQLite refuses FTS5 inside a trigger.
            "trusted_schema=ON",
            "journal_size_limit=67108864",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        immediate = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine
