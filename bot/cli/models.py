"""`bot models ...`: train, list, show, promote, roll back; the same registry and gate as the console."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot.nlu.supervisor import NluMissingError
from bot.services.conversations import utc_now
from bot.services.errors import DeskError
from bot.services.models import registry, work
from bot.services.models.gate import Reason
from bot.services.models.promotion import promote as promote_model
from bot.settings import settings
from bot.storage.db import Database
from bot.storage.migrate import upgrade
from bot.storage.models import Model, ModelState

app = typer.Typer(no_args_is_help=True)
Number = Annotated[int, typer.Argument(help="Number of the model, from `bot models list`.")]
SHOWN = ("urgent_card_or_check", "urgent_card", "false_card", "out_of_scope_recognised", "sure_and_wrong")


def _database() -> Database:
    upgrade(settings().database_url)
    return Database(settings().database_url)


def _who() -> str:
    return f"{getpass.getuser()} (terminal)"[:40]


@app.command("list")
def listed() -> None:
    """List the models, the newest first."""
    table = Table("no.", "state", "made", "by", "data", "top-1", "urgent", "promoted")
    database = _database()
    with database.write() as session:
        registry.running(session, utc_now())  # a dead training is marked so
        for row in registry.listed(session):
            own = (row.figures or {}).get("own") or {}
            table.add_row(
                str(row.id),
                row.state,
                f"{row.created_at:%Y-%m-%d %H:%M}",
                row.created_by,
                row.data_hash[:8],
                str(own["forms"]["all"]["top1"]) if own else "",
                str(own["urgent_card_or_check"]) if own else "",
                f"{row.promoted_at:%Y-%m-%d %H:%M} {row.promoted_by}" if row.promoted_at else "",
            )
    Console().print(table)


@app.command("show")
def show(number: Number) -> None:
    """Figures of a model beside those of the one that it was measured against, and why it was refused."""
    with _database().read() as session:
        row = registry.one(session, number)
    _show(row)


@app.command("train")
def train(
    wait: Annotated[bool, typer.Option("--wait", help="Train here, not in the background.")] = False,
) -> None:
    """Train a model from the files and the accepted questions, and measure it."""
    database = _database()
    with database.write() as session:
        number = registry.begin(session, _who(), utc_now()).id
    _start(database, number, wait=wait)


@app.command("measure")
def measure(
    number: Number, wait: Annotated[bool, typer.Option("--wait", help="Measure here, not in the background.")] = False
) -> None:
    """Measure a model again beside the present one."""
    database = _database()
    with database.write() as session:
        registry.again(session, number, _who(), utc_now())
    _start(database, number, wait=wait)


@app.command("promote")
def promote(number: Number) -> None:
    """Let a model count, if the gate lets it. Every bot changes within seconds, without a lost message."""
    row = promote_model(settings(), _database(), number, _who())
    if row.state != ModelState.PROMOTED:
        _show(row)
        raise typer.Exit(1)
    typer.echo(f"Model {number} counts now.")


@app.command("rollback")
def rollback() -> None:
    """Back to the model before."""
    with _database().write() as session:
        row = registry.roll_back(session, _who(), utc_now())
    typer.echo(f"Model {row.id} ({row.file}) counts again.")


@app.command("cancel")
def cancel(number: Number) -> None:
    """Cancel a training."""
    with _database().write() as session:
        registry.cancel(session, number, _who(), utc_now())


@app.command("work", hidden=True)
def run(number: Number) -> None:
    """What the background process does."""
    work.work(settings(), _database(), number)


def _start(database: Database, number: int, *, wait: bool) -> None:
    if wait:
        work.work(settings(), database, number)
        show(number)
        return
    try:
        work.start(settings(), number)
    except NluMissingError:
        with database.write() as session:
            registry.fail(session, number, utc_now(), Reason(registry.BROKE_OFF))
        raise
    typer.echo(f"Model {number} is being made: `bot models list`, log in {work.log_file(settings(), number)}.")


def _show(row: Model) -> None:
    console = Console()
    figures = row.figures or {}
    console.print(f"Model {row.id}: {row.state}, {row.file or 'no file'}, data {row.data_hash or '-'}")
    if "present" in figures:
        table = Table("per cent", "before", "this one")
        for name in SHOWN:
            table.add_row(name.replace("_", " "), str(figures["present"][name]), str(figures["own"][name]))
        for form, values in figures["own"]["forms"].items():
            before = figures["present"]["forms"][form]
            table.add_row(f"{form}: first guess right", str(before["top1"]), str(values["top1"]))
            table.add_row(f"{form}: answered or offered", str(before["served"]), str(values["served"]))
        console.print(table)
        console.print(f"{len(figures['changed'])} questions with another outcome.")
    for reason in row.reasons or ():
        console.print("- " + str(DeskError(reason["message"], **reason["values"])))
