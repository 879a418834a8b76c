"""`bot i18n check`: every interface string is in every language, none fuzzy, placeholders equal, catalogues fresh."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import typer
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from bot.i18n import DOMAIN, LOCALES, catalogue_path
from bot.settings import LANGUAGES, ROOT

app = typer.Typer(no_args_is_help=True)
PLACEHOLDER = re.compile(r"\{[a-z_]*\}")
IN_BRACES = re.compile(r"\{t\(['\"]")
KEYWORDS = ("t", "N_", "t_reader")


@app.callback()
def group() -> None:
    """The interface's catalogues."""


@app.command("check")
def check() -> None:
    """Fail when a string is missing, fuzzy, out of date, or has other placeholders than its original."""
    found = list(problems())
    for problem in found:
        typer.echo(problem, err=True)
    if found:
        typer.echo("Run `make messages`, then fill in what is missing.", err=True)
        raise typer.Exit(1)
    typer.echo(f"Interface strings: complete in {', '.join(LANGUAGES)}.")


def hidden() -> Iterator[str]:
    """Strings inside an f-string's braces: the extraction does not see them, so nobody would translate them."""
    for path in sorted((ROOT / "bot").rglob("*.py")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if IN_BRACES.search(line):
                yield f"{path.relative_to(ROOT)}:{number}: a string inside braces is not extracted; take it out"


def problems() -> Iterator[str]:
    """Each problem as a line: file, string, what is wrong."""
    yield from hidden()
    wanted = {message.id for message in extracted() if message.id}
    for language in LANGUAGES:
        path = catalogue_path(language)
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language)
        name = path.relative_to(ROOT)
        for missing in sorted(wanted - {m.id for m in catalogue}, key=str):
            yield f"{name}: not in the catalogue: {missing!r}"
        for message in catalogue:
            if not message.id:
                continue
            if message.id not in wanted:
                yield f"{name}: no longer used: {message.id!r}"
            elif not message.string:
                yield f"{name}: not translated: {message.id!r}"
            elif message.fuzzy:
                yield f"{name}: fuzzy: {message.id!r}"
            elif sorted(PLACEHOLDER.findall(str(message.id))) != sorted(PLACEHOLDER.findall(str(message.string))):
                yield f"{name}: other placeholders than the original: {message.id!r}"


def extracted() -> Catalog:
    """The strings that the code holds now."""
    target = Path(LOCALES / f"{DOMAIN}.check.pot")
    keywords = [word for keyword in KEYWORDS for word in ("-k", keyword)]
    command = [
        sys.executable,
        "-m",
        "babel.messages.frontend",
        "-q",
        "extract",
        "-F",
        str(ROOT / "babel.cfg"),
        *keywords,
    ]
    try:
        subprocess.run([*command, "-o", str(target), str(ROOT)], check=True, cwd=ROOT)  # noqa: S603
        with target.open("rb") as file:
            return read_po(file)
    finally:
        target.unlink(missing_ok=True)
