"""The list of licensed agencies: read, import from a ministry's spreadsheet, export, and find a name in any writing."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator
from rapidfuzz import fuzz

from bot.knowledge.spreadsheet import SpreadsheetError, rows_of
from nlu.text.normalise import normalise
from nlu.text.skeleton import skeleton

COLUMNS = (
    "name_en", "name_lo", "name_th", "licence", "country", "phone",
    "source_title", "source_url", "source_date", "checked_on",
)  # fmt: skip
SURE, SIMILAR = 92.0, 72.0
"""Likeness (0..100) from which a name counts as found, and from which it is shown as similar."""
COMMON = ("company", "co", "ltd", "limited", "sole", "agency", "employment", "recruitment", "service", "services")
"""Words that nearly every agency's name has, and that therefore tell nothing."""


class AgenciesError(Exception):
    """The file cannot be used; the text lists each wrong row and what is wrong."""


class Agency(BaseModel):
    """One row of the list. `licence` and `phone` are empty where the source does not give them."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    name_en: str = ""
    name_lo: str = ""
    name_th: str = ""
    licence: str = ""
    country: Literal["la", "th", "kr", "jp", "my"]
    phone: str = ""
    source_title: str
    source_url: str
    source_date: str = "n.d."
    checked_on: date

    @field_validator("source_title", "source_url")
    @classmethod
    def _given(cls, value: str) -> str:
        if not value:
            raise ValueError("must not be empty: no agency without a source")
        return value

    @property
    def names(self) -> tuple[str, ...]:
        """All names that are known."""
        return tuple(name for name in (self.name_en, self.name_lo, self.name_th) if name)


@dataclass(frozen=True)
class Match:
    """An agency that is called like what was asked, and how alike (0..100)."""

    agency: Agency
    likeness: float


def load_agencies(path: Path) -> list[Agency]:
    """The rows of a CSV or XLSX file. Raises AgenciesError with every wrong row."""
    rows = _xlsx(path) if path.suffix.lower() == ".xlsx" else _csv(path)
    agencies, errors = [], []
    for number, row in rows:
        try:
            agency = Agency.model_validate(row)
        except ValidationError as error:
            errors += [f"row {number}: {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
            continue
        if agency.names:
            agencies.append(agency)
        else:
            errors.append(f"row {number}: no name in any writing")
    if errors:
        raise AgenciesError(f"{path}: nothing was imported.\n" + "\n".join(errors))
    return agencies


def _csv(path: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise AgenciesError(f"{path}: cannot be read as UTF-8 text: {error}") from error
    reader = csv.DictReader(io.StringIO(text))
    _check_columns(path, list(reader.fieldnames or ()))
    return [(n, {k: v or "" for k, v in row.items() if k in COLUMNS}) for n, row in enumerate(reader, 2)]


def _xlsx(path: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        rows = [[_cell(value) for value in row] for row in rows_of(path)]
    except SpreadsheetError as error:
        raise AgenciesError(str(error)) from error
    header = rows[0] if rows else []
    _check_columns(path, header)
    found = []
    for number, row in enumerate(rows[1:], 2):
        if any(row):
            found.append((number, {k: v for k, v in zip(header, row, strict=False) if k in COLUMNS}))
    return found


def _cell(value: object) -> str:
    if value is None:
        return ""
    return value.date().isoformat() if hasattr(value, "date") else str(value).strip()


def _check_columns(path: Path, header: list[str]) -> None:
    missing = [name for name in ("country", "source_title", "source_url", "checked_on") if name not in header]
    if missing:
        raise AgenciesError(f"{path}: columns are missing: {', '.join(missing)}. The columns are: {', '.join(COLUMNS)}")


def save(agencies: list[Agency], path: Path) -> None:
    """Write CSV or XLSX, by the file's ending; reading it again gives the same rows."""
    rows = [[_plain(getattr(agency, name)) for name in COLUMNS] for agency in agencies]
    if path.suffix.lower() == ".xlsx":
        from openpyxl import Workbook

        book = Workbook()
        sheet = book.worksheets[0]
        for row in [list(COLUMNS), *rows]:
            sheet.append(row)
        book.save(path)
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([list(COLUMNS), *rows])


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def find(agencies: list[Agency], name: str, most: int = 3) -> list[Match]:
    """Agencies called like `name`, in any writing and with typos, the most alike first; unlike ones are left out."""
    asked = _sound(name)
    if not asked:
        return []
    matches = [Match(a, max(fuzz.WRatio(asked, _sound(n)) for n in a.names)) for a in agencies]
    return sorted((m for m in matches if m.likeness >= SIMILAR), key=lambda m: -m.likeness)[:most]


def _sound(name: str) -> str:
    words = [w for w in normalise(name).lower().replace(".", " ").split() if w not in COMMON]
    return skeleton(" ".join(words))
