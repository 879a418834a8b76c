"""`bot i18n check`: every interface string is in every language, none fuzzy, placeholders equal, catalogues fresh."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from bot.i18n import DOMAIN, LOCALES, catalogue_path
from bot.settings import LANGUAGES, LANGUAGES_IN_WORK, ROOT

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
    for language, name in LANGUAGES_IN_WORK.items():
        done, wanted = progress(language)
        typer.echo(f"{language} ({name}): {done} of {wanted} translated; nobody is offered it yet.")


@app.command("add")
def add(language: Annotated[str, typer.Argument(help="Its code, such as my, kjg or vi.")]) -> None:
    """Begin a language: an empty catalogue and a line in locales/languages.txt. People are not offered it yet."""
    if not re.fullmatch(r"[a-z]{2,3}", language):
        raise typer.BadParameter("the code of a language is two or three small letters")
    try:
        name = Locale.parse(language).display_name or language
    except (UnknownLocaleError, ValueError) as error:
        raise typer.BadParameter(
            f"Babel has no data (dates, numbers) for {language}; see docs/translators.md"
        ) from error
    path = catalogue_path(language)
    if language in LANGUAGES or language in LANGUAGES_IN_WORK or path.exists():
        raise typer.BadParameter(f"{language} is there already")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, extracted(), omit_header=True, sort_output=True, no_location=True)
    with (LOCALES / "languages.txt").open("a", encoding="utf-8") as lines:
        lines.write(f"{language} {name.replace(' ', '_')} in_work\n")
    typer.echo(
        f"Translate {path.relative_to(ROOT)}; write the language's name into locales/languages.txt. docs/translators.md"
    )


def progress(language: str) -> tuple[int, int]:
    """How many strings a catalogue has translated, and how many there are."""
    with catalogue_path(language).open("rb") as file:
        messages = [message for message in read_po(file, locale=language) if message.id]
    return sum(bool(message.string) and not message.fuzzy for message in messages), len(messages)


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
