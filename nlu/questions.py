"""Questions in files: how they are read, when two are the same, and the hash of what goes into a model.

Pure Python: the trainer, the checks and the bot's console share it. It stands outside nlu/text, whose files are part of
every model: a change here must not make all models old.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from nlu.text.skeleton import skeleton

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "nlu" / "data"
EVAL = ROOT / "nlu" / "eval"
FORMS = ("lao", "thai", "roman", "thaiscript", "karaoke", "english", "mixed")
CODE = ("config.yml", "nlu/components", "nlu/text", "nlu/lexicon")
"""What a model is made with beside the questions. A model made with other code cannot be served by this one."""

_INTENT = re.compile(r"^- intent: *([a-z0-9_]+) *$")
_EXAMPLE = re.compile(r"^\s+- +(.*\S)\s*$")
_PARTICLES = re.compile(
    "(?:ແດ່|ເດີ້|ເດ້|ເນາະ|ຄັບ|ຄ່າ|ຄະ|ครับ|คับ|ค่ะ|คะ|จ้า|เด้อ|แด่|นะ|หน่อย|ໜ່ອຍ|\\b(?:krub|krap|kha|ka|dae|der|deu|pls|please)\\b)"
)


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


def key_of(text: str) -> str:
    """The sound skeleton without particles and numbers: near-duplicates have the same, in whatever script."""
    return re.sub(r"\d+", "0", skeleton(_PARTICLES.sub(" ", text)))


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


def write_training_file(path: Path, rows: Iterable[Row]) -> None:
    """The counterpart, sorted, so that the same questions give the same file."""
    by_intent: dict[str, set[str]] = {}
    for row in rows:
        by_intent.setdefault(row.intent, set()).add(" ".join(row.text.split()))
    lines = ['version: "3.1"', "nlu:"]
    for intent, texts in sorted(by_intent.items()):
        lines += [f"- intent: {intent}", "  examples: |", *(f"    - {text}" for text in sorted(texts))]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


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


def hash_of(*places: Path, root: Path = ROOT) -> str:
    """A hash over files and folders (without Python's caches); what is missing counts as nothing."""
    digest = hashlib.sha256()
    for place in places:
        files = sorted(p for p in place.rglob("*") if p.is_file()) if place.is_dir() else [place] * place.exists()
        for file in files:
            if "__pycache__" not in file.parts:
                name = str(file.relative_to(root)) if file.is_relative_to(root) else file.name
                digest.update(name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def code_hash() -> str:
    """A hash of the code that models are made with."""
    return hash_of(*(ROOT / name for name in CODE))
