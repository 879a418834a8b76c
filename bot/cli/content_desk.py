"""`bot content pull`, `push`, `export`, `import`, `links`; `bot staff native`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer
from sqlalchemy import select

from bot.services import audit, staff
from bot.services.conversations import utc_now
from bot.services.editing import exchange, files, needs
from bot.services.editing.desk import EditorsDesk
from bot.services.editing.links import OfflineError, check_links, keep
from bot.services.staff import Member, StaffError
from bot.settings import LANGUAGES, settings
from bot.storage.db import Database
from bot.storage.migrate import upgrade
from bot.storage.models import NativeReviewer, Role, Staff

SHELL = "(command line)"
Format = Literal["xlsx", "po"]


def desk() -> EditorsDesk:
    """The desk of the settings."""
    upgrade(settings().database_url)
    return EditorsDesk(Database(settings().database_url), settings().content_dir, utc_now)


def pull(force: Annotated[bool, typer.Option(help="Write over files that changed by themselves.")] = False) -> None:
    """Write what is published back into content/; exit code 1 when a file changed too."""
    _say(files.pull(desk(), force=force))


def push(
    take: Annotated[files.Take, typer.Option(help="What counts where file and console both changed.")] = files.Take.ASK,
) -> None:
    """Bring changed files in as drafts in review; exit code 1 when both sides changed one."""
    _say(files.push(desk(), take))


def _say(moved: list[files.Moved]) -> None:
    for row in moved:
        typer.echo(f"{row.what:10} {row.kind} {row.key}")
        for path, file, published in row.conflicts:
            typer.echo(f"    {path}\n      file:      {file}\n      published: {published}")
    if not moved:
        typer.echo("Files and database say the same.")
    if any(row.what in ("conflict", "open draft") for row in moved):
        raise typer.Exit(1)


def export(
    path: Annotated[Path, typer.Argument(help="File to write.")],
    format: Annotated[Format, typer.Option(help="xlsx: all languages; po: one.")] = "xlsx",
    lang: Annotated[str, typer.Option(help="Language of a PO file: th or en.")] = "th",
) -> None:
    """Write all texts for translators."""
    cells = exchange.cells_of(desk().bodies())
    if format == "xlsx":
        exchange.write_xlsx(cells, path)
    else:
        exchange.write_po_file(cells, lang, path)
    typer.echo(f"{len(cells)} texts written to {path}.")


def bring_in(
    path: Annotated[Path, typer.Argument(help="File that came back.")],
    by: Annotated[str, typer.Option(help="Account of the console that is responsible for the drafts.")],
    format: Annotated[Format, typer.Option(help="xlsx or po.")] = "xlsx",
    before: Annotated[Path | None, typer.Option(help="The spreadsheet as it was exported, to find conflicts.")] = None,
    lang: Annotated[str, typer.Option(help="Language of a PO file.")] = "th",
) -> None:
    """Make drafts of a translators' file; they go through review like all others."""
    one = desk()
    now = exchange.cells_of(one.bodies())
    if format == "xlsx":
        cells = exchange.read_xlsx(path)
        old = exchange.read_xlsx(before) if before else now
    else:
        cells = exchange.read_po_file(path, lang)
        old = exchange.before_of_po(cells, now, lang)
    done = exchange.bring_in(one, cells, old, _member(one.database, by))
    for row in done:
        typer.echo(f"{row.what:10} {row.kind} {row.key}: {', '.join(row.fields)}")
    typer.echo(f"{sum(row.what == 'draft' for row in done)} drafts.")
    if any(row.what != "draft" for row in done):
        raise typer.Exit(1)


def links() -> None:
    """Look whether the sources can still be opened; the console shows the dead ones."""
    one = desk()
    urls = sorted(needs.sources_of(one.bodies()))
    try:
        found = check_links(urls)
    except OfflineError:
        typer.echo("No source could be reached: this machine seems to be offline. Nothing was written down.", err=True)
        raise typer.Exit(1) from None
    with one.database.write() as session:
        keep(session, found, utc_now())
    dead = {url: reason for url, (alive, reason) in found.items() if not alive}
    for url, reason in dead.items():
        typer.echo(f"{reason:20} {url}")
    typer.echo(f"{len(urls)} sources, {len(dead)} cannot be opened.")


def native(
    name: Annotated[str, typer.Argument(help="Account of the console.")],
    language: Annotated[str, typer.Argument(help="Their own language.")],
    remove: Annotated[bool, typer.Option("--remove", help="Not any more.")] = False,
) -> None:
    """Set somebody down as a native reviewer of a language, or take it back."""
    if language not in LANGUAGES:
        raise typer.BadParameter(f"{language} is none of {', '.join(LANGUAGES)}")
    one = desk()
    member = _member(one.database, name)
    with one.database.write() as session:
        row = session.get(NativeReviewer, (member.id, language))
        if remove and row is not None:
            session.delete(row)
        elif not remove and row is None:
            session.add(NativeReviewer(staff_id=member.id, language=language))
        what = "native_removed" if remove else "native_added"
        audit.note(session, SHELL, what, utc_now(), object=member.name, reason=language)
    typer.echo("Done.")


def _member(database: Database, name: str) -> Member:
    with database.read() as session:
        row = session.scalar(select(Staff).where(Staff.name == staff.tidy_name(name)))
    if row is None:
        raise StaffError(f"There is no account {name!r}.")
    return Member(row.id, row.name, Role(row.role), True)
