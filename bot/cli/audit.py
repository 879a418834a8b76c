"""`bot audit verify`, `bot audit accept`: was the audit tampered with?"""

from __future__ import annotations

import time
from typing import Annotated

import typer

from bot.cli.shell import somebody
from bot.services import audit, audit_chain
from bot.services.audit_chain import Head, Report
from bot.services.conversations import utc_now
from bot.settings import SettingsError, settings
from bot.storage.db import Database

app = typer.Typer(no_args_is_help=True)
SHOWN = 20
LOOKS = 4
"""An entry is committed a moment before its head is written: whoever finds them apart looks again."""


@app.command("verify")
def verify(
    head: Annotated[str, typer.Option(help="An older head, of a log line `audit_head`: id:hash.")] = "",
) -> None:
    """Find every entry that was changed, put in, taken out or moved, and whether the end was cut off."""
    chosen = settings()
    try:
        witness = Head.parse(head) if head else None
    except ValueError as error:
        raise SettingsError(f"--head: {error}") from error
    path, database = audit_chain.place(chosen), Database(chosen.database_url)
    report = Report()
    try:
        for look in range(LOOKS):
            time.sleep(0.5 if look else 0)
            with database.read() as session:
                report = audit_chain.verify(session, audit_chain.read_head(path), witness)
            if not report.problems:
                break
    finally:
        database.close()
    for problem in report.problems[:SHOWN]:
        typer.echo(problem)
    if len(report.problems) > SHOWN:
        typer.echo(f"and {len(report.problems) - SHOWN} more")
    typer.echo(f"{report.entries} entries, {len(report.problems)} problems; head {report.head}; compared with {path}")
    if report.problems:
        raise typer.Exit(1)


@app.command("accept")
def accept(reason: Annotated[str, typer.Option(help="Why the chain is as it is, such as a restored backup.")]) -> None:
    """Take the chain's end as the head, after a restored backup or a file that was lost; it is written down."""
    if len(reason.strip()) < audit.SHORTEST_REASON:
        raise SettingsError("--reason: say why in a few words.")
    chosen = settings()
    path, database = audit_chain.place(chosen), Database(chosen.database_url)
    try:
        with database.write() as session:
            audit.note(session, somebody(), "head_accepted", utc_now(), reason=reason)
        with database.read() as session:
            report = audit_chain.verify(session, None)
        if report.head is not None:
            audit_chain.write_head(path, report.head, force=True)
    finally:
        database.close()
    typer.echo(f"Head {report.head} in {path}.")
