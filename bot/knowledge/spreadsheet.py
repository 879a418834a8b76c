"""Spreadsheets that come from outside, with limits: a file of some kilobytes may unpack to gigabytes."""

from __future__ import annotations

import zipfile
from itertools import islice
from pathlib import Path
from typing import Any

MOST_BYTES = 64_000_000
"""Unpacked, of all parts together; our own texts in three languages take two million."""
MOST_PARTS, MOST_ROWS, MOST_COLUMNS = 500, 100_000, 200


class SpreadsheetError(ValueError):
    """The file is no spreadsheet, or a larger one than anybody needs; the text says which."""


def rows_of(path: Path) -> list[tuple[Any, ...]]:
    """The values of the first sheet, row by row. Raises SpreadsheetError. Nothing is unpacked onto the disk."""
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(path) as packed:
            parts = packed.infolist()  # reading stops at the size that is declared here, whatever follows
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES:
            raise SpreadsheetError(f"{path}: unpacks to more than {MOST_BYTES // 1_000_000} MB; it was not opened.")
        sheet = load_workbook(path, read_only=True, data_only=True).worksheets[0]
        columns = min(sheet.max_column or MOST_COLUMNS, MOST_COLUMNS)
        rows = list(islice(sheet.iter_rows(values_only=True, max_col=columns), MOST_ROWS + 1))
    except SpreadsheetError:
        raise
    except Exception as error:  # openpyxl fails in many ways on a broken file
        raise SpreadsheetError(f"{path}: is no spreadsheet that can be opened ({type(error).__name__}).") from error
    if len(rows) > MOST_ROWS:
        raise SpreadsheetError(f"{path}: has more than {MOST_ROWS:,} rows.")
    return rows
