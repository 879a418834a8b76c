"""The command line: `bot ...` or `python -m bot ...`."""

from __future__ import annotations

import resource
import sys

import typer

from bot import logs
from bot.cli import (
    agencies,
    audit,
    broadcast,
    chat,
    console,
    content,
    content_desk,
    data,
    demo,
    evaluate,
    i18n,
    keys,
    models,
    offer,
    operate,
    poster,
    questions,
    run,
    staff,
    telegram,
)
from bot.cli.settings_example import env_example
from bot.i18n import CatalogueError
from bot.knowledge.agencies import AgenciesError
from bot.knowledge.load import ContentError
from bot.knowledge.spreadsheet import SpreadsheetError
from bot.nlu.supervisor import NluMissingError
from bot.sealing import DataKeyError, SealError
from bot.services.backup import BackupError
from bot.services.demo import DemoError
from bot.services.erasure import ErasureError
from bot.services.errors import DeskError
from bot.services.judging import QuestionsError
from bot.services.keyring import KeyringError
from bot.services.staff import StaffError
from bot.settings import SettingsError

app = typer.Typer(
    name="bot",
    help="The safe-migration assistant.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("run")(run.run)
app.command("chat")(chat.chat)
app.command("console")(console.console)
app.command("demo")(demo.demo)
app.command("transcripts")(data.transcripts)
app.command("offer")(offer.offer)
app.command("poster")(poster.poster)
app.command("arrivals")(poster.arrivals)
app.command("eval")(evaluate.evaluate)
app.command("env-example")(env_example)
app.add_typer(keys.app, name="keys", help="The data key: new, rotate.")
app.command("purge")(keys.purge)
app.command("doctor")(operate.doctor)
app.command("backup")(operate.backup)
app.command("restore")(operate.restore)
app.command("backup-drill")(operate.backup_drill)
app.add_typer(operate.quarantine_app, name="quarantine", help="Updates that could not be processed.")
app.add_typer(staff.app, name="staff", help="The hotline on the terminal, and the console's accounts.")
staff.app.command("erase")(keys.erase)
staff.app.command("keep")(keys.keep)
staff.app.command("add")(console.add)
staff.app.command("reset")(console.reset)
staff.app.command("disable")(console.disable)
staff.app.command("role")(console.role)
staff.app.command("list")(console.accounts)
app.add_typer(audit.app, name="audit", help="Was the audit tampered with: verify, accept.")
app.add_typer(telegram.app, name="telegram", help="What Telegram shows of the bot: setup.")
app.add_typer(agencies.app, name="agencies", help="The list of licensed agencies: import, export, find.")
app.add_typer(models.app, name="models", help="Models: train, list, show, promote, rollback.")
app.add_typer(questions.app, name="questions", help="Training questions: pull.")
app.add_typer(data.db_app, name="db", help="The database: migrate, check.")
app.add_typer(i18n.app, name="i18n", help="The interface's catalogues: check.")
content.app.command("pull")(content_desk.pull)
content.app.command("push")(content_desk.push)
content.app.command("export")(content_desk.export)
content.app.command("import")(content_desk.bring_in)
content.app.command("links")(content_desk.links)
staff.app.command("native")(content_desk.native)
app.add_typer(broadcast.app, name="broadcast", help="Alerts to those who asked for news: list, show, pause, resume.")
app.add_typer(content.app, name="content", help="The answers, facts and contacts: check, show, stale.")


def main() -> None:
    """Run a command; an expected error is said in a sentence, without a stack trace."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold keys and words; children inherit it
    logs.set_up("WARNING")
    try:
        app()
    except (
        SettingsError,
        AgenciesError,
        ContentError,
        CatalogueError,
        NluMissingError,
        BackupError,
        DeskError,
        DemoError,
        StaffError,
        DataKeyError,
        SealError,
        ErasureError,
        KeyringError,
        QuestionsError,
        SpreadsheetError,
    ) as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from error
