"""`bot console`, and the accounts of the console: `bot staff add`, `reset`, `disable`, `list`."""

from __future__ import annotations

import ipaddress
import socket
import sys
import threading
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import structlog
import typer
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot import logs
from bot.cli.console_beside import bound, in_use
from bot.progress import slow
from bot.services import audit, numbers, staff
from bot.services.content import ContentStore
from bot.services.conversations import utc_now
from bot.settings import Settings, SettingsError, settings
from bot.storage.db import Database
from bot.storage.migrate import upgrade
from bot.storage.models import Role

if TYPE_CHECKING:
    import uvicorn
    from starlette.applications import Starlette

Name = Annotated[str, typer.Argument(help="Name to sign in with: small letters, digits, dot, dash.")]
SHELL = "(command line)"
COUNT_EVERY = 900.0
log = structlog.get_logger(__name__)


def console(
    beside: Annotated[bool, typer.Option("--beside", hidden=True, help="Started by the bot: end with it.")] = False,
) -> None:
    """Serve the console of the hotline in the browser."""
    chosen = settings()
    check_address(chosen)
    if not chosen.console_port:
        raise SettingsError("CONSOLE_PORT is 0, which turns the console off: set it to a port.")
    logs.set_up(chosen.log_level, chosen.log_format)
    with slow("Bringing the database up to date", quiet=beside):
        upgrade(chosen.database_url)
    console_on(chosen, beside=beside)


def console_on(chosen: Settings, *, beside: bool = False) -> None:
    """Serve the console on a migrated database until stopped. Raises SettingsError when its port is taken.

    `beside`: until the process that started us is gone, too; nothing but the address is said, a chat may be open there.
    """
    if reason := in_use(chosen.console_host, chosen.console_port):
        raise SettingsError(reason)
    database = Database(chosen.database_url)
    try:
        with slow("Reading the answers and preparing the pages", quiet=beside):
            content = ContentStore(chosen.content_dir, database)
            application = _application(chosen, database, content)
        try:
            with bound(chosen.console_host, chosen.console_port) as listening:
                _announce(chosen, database)
                _serve(chosen, database, application, listening, beside=beside)
        finally:
            content.close()
    finally:
        database.close()


def _announce(chosen: Settings, database: Database) -> None:
    """Where it is, and how to get in when nobody can yet: there is no default account."""
    typer.echo(f"Console: {chosen.console_url or f'http://{_shown_host(chosen)}:{chosen.console_port}/'}", err=True)
    with database.read() as session:
        nobody = not any(not closed for _, _, _, closed in staff.everybody(session))
    if nobody:
        typer.echo("Nobody has an account of it yet. Make one: uv run bot staff add NAME --role supervisor", err=True)


def _application(chosen: Settings, database: Database, content: ContentStore) -> Starlette:
    from bot.console.app import build

    return build(chosen, database, content)


def _serve(
    chosen: Settings, database: Database, application: Starlette, listening: socket.socket, *, beside: bool
) -> None:
    import uvicorn

    server = uvicorn.Server(
        uvicorn.Config(
            application,
            proxy_headers=chosen.console_url is not None,
            server_header=False,
            access_log=False,
            log_config=None,
            limit_concurrency=200,
            timeout_keep_alive=10,
            timeout_graceful_shutdown=2,
        )
    )
    stopped = threading.Event()
    threading.Thread(target=_count, args=(database, stopped), name="numbers", daemon=True).start()
    if beside:
        threading.Thread(target=_end_with_parent, args=(server,), daemon=True).start()
    try:
        server.run(sockets=[listening])
    finally:
        stopped.set()


def _count(database: Database, stopped: threading.Event) -> None:
    """Count closed periods for the numbers page now and then, so that no visitor waits for it."""
    while not stopped.is_set():
        try:
            numbers.catch_up(database, utc_now(), 1000, lambda: not stopped.wait(0.05))
        except SQLAlchemyError as error:
            log.warning("numbers_not_counted", error=type(error).__name__)
        stopped.wait(COUNT_EVERY)


def _end_with_parent(server: uvicorn.Server) -> None:
    """The pipe ends when whoever started us is gone."""
    while sys.stdin.buffer.read(1024):
        pass
    server.should_exit = True


def check_address(chosen: Settings) -> None:
    """Transcripts never go over a network without TLS. Raises SettingsError."""
    if _is_loopback(chosen.console_host):
        return
    if chosen.console_url is None or chosen.console_url.scheme != "https":
        raise SettingsError(
            "CONSOLE_HOST is not a loopback address: set CONSOLE_URL to the https address of the proxy before it."
        )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _shown_host(chosen: Settings) -> str:
    return f"[{chosen.console_host}]" if ":" in chosen.console_host else chosen.console_host


# ------------------------------------------------------------------ accounts


def add(name: Name, role: Annotated[Role, typer.Option(help="What they may do.")]) -> None:
    """Make an account of the console; prints its first password, which works once and for three days."""
    now = utc_now()
    with _database().write() as session:
        password = staff.add(session, name, role, now)
        audit.note(session, SHELL, "account_added", now, object=staff.tidy_name(name), reason=role)
    _say_password(name, password)


def reset(name: Name) -> None:
    """A new first password; the old one, the second factor and all sessions end. Opens a closed account again."""
    now = utc_now()
    with _database().write() as session:
        password = staff.reset(session, name, now)
        audit.note(session, SHELL, "account_reset", now, object=staff.tidy_name(name))
    _say_password(name, password)


def disable(name: Name) -> None:
    """Close an account of the console, end its sessions at once, and give its cases back to the queue."""
    now = utc_now()
    with _database().write() as session:
        back = staff.disable(session, name, now)
        audit.note(session, SHELL, "account_closed", now, object=staff.tidy_name(name))
        _note_returned(session, back, "account_closed", now)
    typer.echo(f"Closed; {len(back)} cases are back in the queue.")


def role(name: Name, to: Annotated[Role, typer.Option("--to", help="What they may do from now on.")]) -> None:
    """Give an account another role; its sessions end at once, and it signs in again with the new rights."""
    from bot.console.roles import may

    now = utc_now()
    with _database().write() as session:
        back = staff.change_role(session, name, to, answers=may(to, "case_reply"))
        audit.note(session, SHELL, "role_changed", now, object=staff.tidy_name(name), reason=to)
        _note_returned(session, back, "role_changed", now)
    typer.echo(f"Changed; {len(back)} cases are back in the queue.")


def accounts() -> None:
    """List the accounts of the console."""
    with _database().read() as session:
        for name, role, enrolled, closed in staff.everybody(session):
            state = "closed" if closed else ("" if enrolled else "has not signed in yet")
            typer.echo(f"{name:20} {role:12} {state}".rstrip())


def _note_returned(session: Session, numbers_back: list[int], why: str, now: datetime) -> None:
    for number in numbers_back:
        audit.note(session, SHELL, "release", now, object=f"case {number}", reason=why)


def _say_password(name: str, password: str) -> None:
    typer.echo(f"First password of {staff.tidy_name(name)}: {password}")
    typer.echo("Hand it over by a safe way. At the first sign-in they choose their own and set up the second factor.")


def _database() -> Database:
    upgrade(settings().database_url)
    return Database(settings().database_url)
