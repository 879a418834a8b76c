"""`bot agencies ...`: the list of licensed agencies from a ministry's spreadsheet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.knowledge import agencies as listing
from bot.settings import settings

app = typer.Typer(no_args_is_help=True)


def _path() -> Path:
    return settings().content_dir / "agencies.csv"


@app.command("import")
def import_list(
    file: Annotated[Path, typer.Argument(help="CSV or XLSX file.")],
    write: Annotated[
        bool, typer.Option("--write", help="Replace the list; without it only a preview is shown.")
    ] = False,
) -> None:
    """Show what an import would change, and make it with --write. A single wrong row stops all."""
    new, old = listing.load_agencies(file), listing.load_agencies(_path())
    added = [a for a in new if a not in old]
    gone = [a for a in old if a not in new]
    for mark, rows in (("+", added), ("-", gone)):
        for agency in rows:
            typer.echo(f"{mark} {' / '.join(agency.names)}  {agency.licence or 'no licence number'}  {agency.country}")
    typer.echo(f"{len(new)} in the file, {len(added)} new or changed, {len(gone)} that would go.")
    if write:
        listing.save(new, _path())
        typer.echo(f"Written: {_path()}")
    else:
        typer.echo("Nothing was written; add --write.")


@app.command("export")
def export_list(file: Annotated[Path, typer.Argument(help="CSV or XLSX file to write.")]) -> None:
    """Write the list to a file."""
    listing.save(listing.load_agencies(_path()), file)
    typer.echo(f"Written: {file}")


@app.command("find")
def find_name(name: Annotated[str, typer.Argument(help="Name in any writing.")]) -> None:
    """Look a name up as the chat does."""
    for match in listing.find(listing.load_agencies(_path()), name):
        typer.echo(f"{match.likeness:5.1f}  {' / '.join(match.agency.names)}  ({match.agency.source_title})")
