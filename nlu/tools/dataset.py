"""Reads the training questions and the held-out ones; a row keeps its form, its topic group and its writer."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "nlu" / "data"
EVAL = ROOT / "nlu" / "eval"
FORMS = ("lao", "thai", "roman", "thaiscript", "karaoke", "english", "mixed")

_INTENT = re.compile(r"^- intent: *([a-z0-9_]+) *$")
_EXAMPLE = re.compile(r"^\s+- +(.*\S)\s*$")


@dataclass(frozen=True)
class Row:
    text: str
    intent: str
    form: str
    where: str  # file, or id of a held-out row
    writer: str = ""
    also: frozenset[str] = field(default_factory=frozenset)

    @property
    def right(self) -> frozenset[str]:
        return self.also | {self.intent}


def read_training_file(path: Path) -> list[Row]:
    """Our own files only: the shape in docs/architecture.md, read without a YAML library (100 times faster)."""
    rows: list[Row] = []
    intent = ""
    writer = path.stem.rpartition(".")[2]
    for line in path.read_text(encoding="utf-8").splitlines():
        if found := _INTENT.match(line):
            intent = found.group(1)
        elif (found := _EXAMPLE.match(line)) and intent:
            rows.append(Row(found.group(1), intent, path.parent.name, f"{path.parent.name}/{path.name}", writer))
    return rows


def training_rows(folder: Path = DATA) -> list[Row]:
    return [row for path in sorted(folder.glob("*/*.yml")) for row in read_training_file(path)]


def read_held_out(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        table = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        missing = {"form", "intent", "text"} - set(table.fieldnames or ())
        if missing:
            raise ValueError(f"{path}: no column {', '.join(sorted(missing))}; needed: id form intent also text")
        return [
            Row(
                text=r["text"],
                intent=r["intent"].strip(),
                form=r["form"].strip(),
                where=r.get("id") or str(number),
                also=frozenset((r.get("also") or "").split()),
            )
            for number, r in enumerate(table, 1)
            if r["text"] and r["intent"]
        ]


def held_out_rows(folder: Path = EVAL) -> list[Row]:
    return [row for path in sorted(folder.glob("*.tsv")) for row in read_held_out(path)]
