"""Texts for translators: a spreadsheet with all languages, or a PO file for one; and back as drafts."""

from __future__ import annotations

import copy
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from openpyxl import Workbook
from openpyxl.styles import Alignment

from bot.knowledge.bodies import Bodies, Body, Kind
from bot.knowledge.spreadsheet import SpreadsheetError, rows_of
from bot.services.editing.desk import EditorsDesk
from bot.services.editing.drafts import open_draft
from bot.services.editing.texts import ORIGINAL
from bot.services.staff import Member
from bot.settings import LANGUAGES

HEADER = ("kind", "key", "field", *LANGUAGES)
BLOCKS = {Kind.FACT: ("text", "fallback"), Kind.CONTACT: ("name", "for", "hours", "address", "note")}
PARTS = ("answer", "steps", "watch", "help", "more")
Cells = dict[tuple[str, str, str], dict[str, str]]
"""(kind, key, field) -> language -> text"""


@dataclass(frozen=True)
class Imported:
    """One text that came back: `draft`, `conflict` (the original changed since), or `open draft`."""

    kind: str
    key: str
    what: str
    fields: tuple[str, ...]


def cells_of(bodies: Bodies) -> Cells:
    """Every text of answers, facts and contacts."""
    found: Cells = {}
    for (kind, key), body in bodies.items():
        if kind == Kind.FAQ:
            found[kind, key, "title"] = _texts(body.get("title"))
            for part in PARTS:
                said = {code: (body["answers"].get(code) or {}).get(part) for code in LANGUAGES}
                if part == "steps":
                    for number in range(max((len(steps or []) for steps in said.values()), default=0)):
                        line = {code: steps[number] for code, steps in said.items() if steps and number < len(steps)}
                        found[kind, key, f"steps.{number + 1}"] = _texts(line)
                else:
                    found[kind, key, part] = _texts(said)
        elif kind in BLOCKS:
            for part in BLOCKS[Kind(kind)]:
                found[kind, key, part] = _texts(body.get(part))
    return {place: texts for place, texts in found.items() if any(texts.values())}


def _texts(value: Any) -> dict[str, str]:
    return {code: str((value or {}).get(code) or "") for code in LANGUAGES}


def with_cell(kind: str, body: Body, field: str, language: str, text: str) -> Body:
    """The body with another text in one place; an empty text takes it away."""
    body = copy.deepcopy(body)
    if kind == Kind.FAQ and field != "title":
        answer = body["answers"].setdefault(language, {"answer": ""})
        part, _, number = field.partition(".")
        if part == "steps":
            steps = list(answer.get("steps") or [])
            place = int(number) - 1
            steps += [""] * (place + 1 - len(steps))
            steps[place] = text
            answer["steps"] = steps
        else:
            answer[part] = text or ("" if part == "answer" else None)
        return body
    block = dict(body.get(field) or {})
    if text:
        block[language] = text
    else:
        block.pop(language, None)
    body[field] = block or None
    return body


# ------------------------------------------------------------------ spreadsheet


def write_xlsx(cells: Cells, path: Path) -> None:
    """All languages side by side."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101 -- a new workbook has one
    sheet.title = "texts"
    sheet.append(HEADER)
    for number, ((kind, key, field), texts) in enumerate(cells.items(), 2):
        for column, value in enumerate((kind, key, field, *(texts[code] for code in LANGUAGES)), 1):
            cell = sheet.cell(number, column)
            cell.value = value
            cell.data_type = "s"  # a text that begins with "=" is no formula
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "D2"
    for letter, width in zip("ABCDEF", (9, 22, 10, 60, 60, 60), strict=True):
        sheet.column_dimensions[letter].width = width
    book.save(path)


def read_xlsx(path: Path) -> Cells:
    """The cells of such a spreadsheet. Raises SpreadsheetError when it is another one."""
    rows = rows_of(path)
    if not rows or rows[0][: len(HEADER)] != HEADER:
        raise SpreadsheetError(f"{path}: the first line must be {', '.join(HEADER)}")
    found: Cells = {}
    for row in rows[1:]:
        if row[0]:
            texts = {code: str(row[3 + n] or "") for n, code in enumerate(LANGUAGES)}
            found[str(row[0]), str(row[1]), str(row[2])] = texts
    return found


# ------------------------------------------------------------------ PO


def write_po_file(cells: Cells, language: str, path: Path) -> None:
    """The original and one translation, as translators' programs read them."""
    catalogue = Catalog(locale=language, project="content", fuzzy=False)
    for (kind, key, field), texts in cells.items():
        if texts[ORIGINAL]:
            catalogue.add(texts[ORIGINAL], texts[language], context=f"{kind}/{key}/{field}")
    out = io.BytesIO()
    write_po(out, catalogue, width=0)
    path.write_bytes(out.getvalue())


def read_po_file(path: Path, language: str) -> Cells:
    """What such a file says: the original and the translation of each place."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    found: Cells = {}
    for message in catalogue:
        if message.id and message.context and message.context.count("/") == 2:
            kind, key, field = message.context.split("/")
            found[kind, key, field] = {ORIGINAL: str(message.id), language: str(message.string or "")}
    return found


# ------------------------------------------------------------------ and back


def bring_in(desk: EditorsDesk, cells: Cells, before: Cells, who: Member) -> list[Imported]:
    """Drafts of what differs from `before`, the texts at the time of the export.

    Raises DeskError. A place whose published text is not that of `before` any more is a conflict and left alone.
    """
    bodies = desk.bodies()
    now, done = cells_of(bodies), []
    wanted: dict[tuple[str, str], dict[tuple[str, str], str]] = {}
    for (kind, key, field), texts in cells.items():
        for language, text in texts.items():
            old = before.get((kind, key, field), {}).get(language, "")
            if text != old:
                wanted.setdefault((kind, key), {})[field, language] = text
    for (kind, key), changes in wanted.items():
        fields = tuple(f"{field}.{language}" for field, language in changes)
        body = bodies.get((kind, key))
        moved = [
            place for place in changes
            if now.get((kind, key, place[0]), {}).get(place[1], "") != before.get((kind, key, place[0]), {}).get(
                place[1], ""
            )
        ]  # fmt: skip
        with desk.database.read() as session:
            there = open_draft(session, kind, key)
        if body is None or moved:
            done.append(Imported(kind, key, "conflict", fields))
        elif there is not None:
            done.append(Imported(kind, key, "open draft", fields))
        else:
            for (field, language), text in changes.items():
                body = with_cell(kind, body, field, language, text)
            desk.save(kind, key, body, who, -1, note="import")
            done.append(Imported(kind, key, "draft", fields))
    return done


def before_of_po(cells: Cells, now: Cells, language: str) -> Cells:
    """A PO file holds its original: where that is still the one, the translation may change; else it is a conflict."""
    before: Cells = {}
    for place, texts in cells.items():
        current = now.get(place, dict.fromkeys(LANGUAGES, ""))
        same = current[ORIGINAL] == texts[ORIGINAL]
        before[place] = {ORIGINAL: texts[ORIGINAL], language: current[language] if same else "\0"}
    return before
