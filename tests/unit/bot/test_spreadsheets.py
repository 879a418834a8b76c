"""S14: spreadsheets from outside: bombs, foreign names of parts, other kinds of files, formulas."""

from __future__ import annotations

import contextlib
import time
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from bot.knowledge import spreadsheet
from bot.knowledge.agencies import AgenciesError, load_agencies
from bot.knowledge.spreadsheet import SpreadsheetError, rows_of
from bot.services.editing import exchange


def book(path: Path, rows: list[list[object]]) -> Path:
    made = Workbook()
    for row in rows:
        made.active.append(row)  # type: ignore[union-attr]
    made.save(path)
    return path


def bomb(path: Path, part: str, megabytes: int) -> Path:
    """A sound spreadsheet with one part that unpacks to so much."""
    book(path, [["a"]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as packed, packed.open(part, "w", force_zip64=True) as file:
        for _ in range(megabytes):
            file.write(b" " * 1_000_000)
    return path


@pytest.mark.parametrize("part", ["xl/worksheets/sheet2.xml", "xl/sharedStrings2.xml", "x"])
def test_a_bomb_is_not_opened(tmp_path: Path, part: str) -> None:
    path = bomb(tmp_path / "bomb.xlsx", part, 70)
    assert path.stat().st_size < 200_000
    started = time.monotonic()
    for read in (rows_of, exchange.read_xlsx):
        with pytest.raises(SpreadsheetError, match="more than 64 MB"):
            read(path)
    with pytest.raises(AgenciesError, match="more than 64 MB"):
        load_agencies(path)
    assert time.monotonic() - started < 5


def test_a_bomb_of_parts_and_of_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = book(tmp_path / "many.xlsx", [["a"]])
    with zipfile.ZipFile(path, "a") as packed:
        for number in range(600):
            packed.writestr(f"x/{number}", b"")
    with pytest.raises(SpreadsheetError):
        rows_of(path)
    monkeypatch.setattr(spreadsheet, "MOST_ROWS", 10)
    with pytest.raises(SpreadsheetError, match="more than 10 rows"):
        rows_of(book(tmp_path / "rows.xlsx", [["a"]] * 11))
    assert len(rows_of(book(tmp_path / "wide.xlsx", [list(range(300))]))[0]) == spreadsheet.MOST_COLUMNS


def test_names_of_parts_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    path = book(tmp_path / "in" / "x.xlsx", [["a"]])
    with zipfile.ZipFile(path, "a") as packed:
        for name in ("../out.txt", str(tmp_path / "absolute.txt"), "..\\out.txt"):
            packed.writestr(name, b"canary")
    assert rows_of(path) == [("a",)]
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["x.xlsx"]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"<html><script>1</script></html>", b"a,b\n1,2", b"\x00" * 5000])
def test_another_kind_of_file_is_said(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "other.xlsx"
    path.write_bytes(data)
    with pytest.raises(SpreadsheetError, match="no spreadsheet"):
        exchange.read_xlsx(path)


def test_entities_are_not_blown_up(tmp_path: Path) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    xml = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><worksheet>&l9;</worksheet>'
    source, path = book(tmp_path / "a.xlsx", [["a"]]), tmp_path / "laughs.xlsx"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w") as new:
        for part in old.namelist():
            new.writestr(part, xml if part == "xl/worksheets/sheet1.xml" else old.read(part))
    started = time.monotonic()
    with contextlib.suppress(SpreadsheetError):
        assert "hahaha" not in str(rows_of(path))
    assert time.monotonic() - started < 5


def test_a_formula_of_a_translator_is_not_counted(tmp_path: Path) -> None:
    header = list(exchange.HEADER)
    path = book(tmp_path / "formula.xlsx", [header, ["faq", "visa", "title", '=HYPERLINK("http://x","y")', "ok", "ok"]])
    assert exchange.read_xlsx(path)["faq", "visa", "title"]["lo"] == ""
