"""Files for spreadsheets: CSV and XLSX in which no cell can become a formula, and transcripts with hidden numbers.

What starts a formula in a spreadsheet: OWASP, "CSV Injection", https://owasp.org/www-community/attacks/CSV_Injection
(read 2026-11-24): = + - @, tab, carriage return, and the full-width forms; the remedy there is an apostrophe before it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from tempfile import TemporaryFile
from typing import Final

from openpyxl import Workbook
from sqlalchemy import select

from bot.services import search
from bot.services.said import said
from bot.services.search import VIENTIANE, Filters
from bot.storage.db import Database
from bot.storage.models import Message, Person

Cell = str | int | float | bool | None
Row = list[Cell]
Word = Callable[[str, str], str]

MOST_MESSAGES: Final = 20_000
FORMULA: Final = re.compile(r"^[\s\u200b\ufeff]*[=+\-@\t\r\n＝＋－＠|%]")
CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
BOM: Final = "\ufeff"
"""Without it a spreadsheet on Windows reads Lao as garbage."""
PIECE: Final = 64 * 1024
NOT_IN_A_TITLE: Final = re.compile(r"[\\*?:/\[\]]")
"""Signs that Excel refuses in the name of a sheet."""
LONGEST_CELL: Final = 32_000
"""Excel takes 32,767 characters."""


def safe(value: Cell) -> Cell:
    """A cell that no spreadsheet takes for a formula, without characters that XLSX does not know."""
    if not isinstance(value, str):
        return value
    value = CONTROL.sub("", value)[:LONGEST_CELL]
    return f"'{value}" if FORMULA.match(value) else value


def csv_file(rows: Iterable[Row]) -> Iterator[bytes]:
    """The rows as CSV, piece by piece."""
    yield BOM.encode()
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow([safe(value) for value in row])
        if buffer.tell() > PIECE:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def xlsx_file(sheets: Iterable[tuple[str, Iterable[Row]]]) -> Iterator[bytes]:
    """The sheets as XLSX, from a file of its own on the disk that goes away when it was read."""
    book = Workbook(write_only=True)
    for title, rows in sheets:
        sheet = book.create_sheet(NOT_IN_A_TITLE.sub(" ", title)[:31])
        for row in rows:
            sheet.append([safe(value) for value in row])
    with TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece


def transcripts(database: Database, filters: Filters, head: Row, cut: str, word: Word) -> Iterator[Row]:
    """The head, then all messages of the conversations that fit, newest conversation first, numbers hidden.

    After MOST_MESSAGES one row says `cut`. Each page of conversations is read by itself: nothing is held for long.
    """
    yield head
    mark: str | None = None
    written = 0
    while True:
        with database.read() as session:
            page = search.conversations(session, filters, mark)
            ids = [row.id for row in page.rows]
            found = session.execute(
                select(Message, Person.pseudonym)
                .join(Person, Person.id == Message.person_id)
                .where(Message.conversation_id.in_(ids))
                .order_by(Message.conversation_id.desc(), Message.id)
            ).all()
        for message, pseudonym in found:
            if written == MOST_MESSAGES:
                yield [cut]
                return
            written += 1
            yield _line(message, pseudonym, word)
        mark = page.more
        if mark is None:
            return


def _line(message: Message, pseudonym: str, word: Word) -> Row:
    return [
        message.conversation_id,
        pseudonym,
        f"{message.created_at + VIENTIANE:%Y-%m-%d %H:%M:%S}",
        word("by", message.direction),
        message.kind,
        message.language,
        message.form,
        message.intent,
        None if message.confidence is None else round(message.confidence, 3),
        message.action,
        "1" if message.urgent else "",
        said(message),
    ]
