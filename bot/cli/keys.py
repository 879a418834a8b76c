"""`bot keys ...`, `bot purge`, `bot staff erase`, `bot staff keep`: keys, retention, erasure."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.sealing import key_file, master_keys, new_key, where, write_key_file
from bot.services import audit, erasure, keyring, retention
from bot.services import rotation as turning
from bot.services.conversations import utc_now
from bot.settings import settings
from bot.storage.db import Database
from bot.storage.migrate import upgrade
from bot.storage.models import Case

app = typer.Typer(no_args_is_help=True)
SHELL = "(command line)"


@app.command("new")
def new() -> None:
    """Print a new key for DATA_KEY or DATA_KEY_FILE."""
    typer.echo(new_key())


@app.command("rotate")
def rotate() -> None:
    """Take a new data key: the database's keys are wrapped anew; the bot may run meanwhile.

    The old key stays behind the new one, since older backups need it; take it out when those are gone.
    """
    chosen = settings()
    path = key_file(chosen)
    if path is not None:
        old = path.read_text(encoding="ascii")
        write_key_file(path, f"{new_key()}\n# older, for backups:\n{old}", replace=True)
    database = Database(chosen.database_url)
    try:
        count = turning.rewrap(database)
        keyring.write(database, keyring.place(chosen))
    finally:
        database.close()
    typer.echo(f"{count} keys wrapped by {master_keys(chosen).newest} from {where(chosen)}. Keep a copy of it.")


def purge() -> None:
    """Delete what is older than the settings say, and say what went."""
    chosen = settings()
    upgrade(chosen.database_url)
    database = Database(chosen.database_url)
    try:
        with database.write() as session:
            went = retention.purge(session, chosen, utc_now())
        clean = erasure.clean_up(database, keyring.place(chosen))
    finally:
        database.close()
    typer.echo(", ".join(f"{kind} {rows}" for kind, rows in went.items()) + " deleted.")
    if not clean:
        typer.echo("Traces are still in the write-ahead log: somebody reads; the running bot removes them.", err=True)


def erase(
    name: Annotated[str, typer.Argument(help="Pseudonym of the person, from the console.")],
    staff: Annotated[str, typer.Option("--as", help="Who you are.")] = "hotline",
) -> None:
    """Erase a person everywhere, backups included."""
    chosen = settings()
    upgrade(chosen.database_url)
    database = Database(chosen.database_url)
    try:
        with database.write() as session:
            receipt = erasure.erase_by_name(session, name, staff, utc_now())
            audit.note(session, staff, "erase", receipt.at, object=f"receipt {receipt.number}")
        erasure.clean_up(database, keyring.place(chosen))
    finally:
        database.close()
    typer.echo(f"Erased: {receipt.messages} messages. Receipt {receipt.number}, {receipt.at:%Y-%m-%d %H:%M} UTC.")


def keep(
    number: Annotated[int, typer.Argument(help="Number of the case.")],
    reason: Annotated[str, typer.Option(help="Why it must be kept.")],
    days: Annotated[int, typer.Option(min=1, max=3650, help="For how long.")] = 365,
    staff: Annotated[str, typer.Option("--as", help="Who you are.")] = "hotline",
) -> None:
    """Keep a case longer than others, for a reason that is written down."""
    database = Database(settings().database_url)
    try:
        with database.write() as session:
            case = session.get(Case, number)
            if case is None or not reason.strip():
                raise erasure.ErasureError(f"There is no case {number}, or the reason is empty.")
            why = audit.typed(reason)
            retention.hold(session, case, why, staff, days, utc_now())
            audit.note(session, staff, "keep", utc_now(), object=f"case {number}", reason=why)
    finally:
        database.close()
    typer.echo("Kept.")
