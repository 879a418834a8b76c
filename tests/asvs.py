"""Check docs/asvs.csv: every requirement once, every piece of evidence there, no empty excuse.

    python -m tests.asvs docs/asvs.csv

Ids and levels: tests/data/asvs-5.0.txt, from OWASP ASVS 5.0.0 (`5.0/docs_en/*.flat.json` of the repository OWASP/ASVS).
Prints `N passed, N failed, N open`; ends with 1 when the table itself is wrong. What is open is no failure.
"""

from __future__ import annotations

import ast
import csv
import sys
from collections import Counter
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IDS = ROOT / "tests" / "data" / "asvs-5.0.txt"
COLUMNS = ["id", "level", "status", "evidence", "note"]
STATES = ("pass", "n.a.", "open")


def wanted() -> dict[str, str]:
    """Each requirement and its level."""
    lines = IDS.read_text(encoding="utf-8").splitlines()
    return dict(line.split() for line in lines if line and not line.startswith("#"))  # type: ignore[misc]


def problems(table: Path) -> tuple[list[str], Counter[str]]:
    """What is wrong with the table, a line each, and how many rows have which state."""
    with table.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != COLUMNS:
            return [f"{table}: the columns are not {', '.join(COLUMNS)}"], Counter()
        rows = list(reader)
    found, levels = [], wanted()
    seen = Counter(row["id"] for row in rows)
    found += [f"{name}: missing" for name in levels if name not in seen]
    found += [f"{name}: {'twice' if name in levels else 'no such requirement'}" for name, n in seen.items()
              if n > 1 or name not in levels]  # fmt: skip
    for row in rows:
        found += [f"{row['id']}: {what}" for what in _wrong(row, levels.get(row["id"], ""))]
    return found, Counter(row["status"] for row in rows)


def _wrong(row: dict[str, str], level: str) -> list[str]:
    found = []
    if row["status"] not in STATES:
        found.append(f"status {row['status']!r} is none of {', '.join(STATES)}")
    if row["level"] != level:
        found.append(f"level {row['level']!r} should be {level!r}")
    if row["status"] == "pass" and not row["evidence"]:
        found.append("passes without evidence")
    if row["status"] != "pass" and not row["note"].strip():
        found.append(f"{row['status']} without a reason")
    return found + [f"no such evidence: {piece}" for piece in row["evidence"].split() if not exists(piece)]


def exists(evidence: str) -> bool:
    """True for a file of the project, or `file::test` with a test in it."""
    path, _, test = evidence.partition("::")
    file = ROOT / path
    return file.is_file() and (not test or test in _tests(file))


@lru_cache
def _tests(file: Path) -> frozenset[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def main(arguments: list[str]) -> int:
    """The command."""
    found, states = problems(Path(arguments[0] if arguments else ROOT / "docs" / "asvs.csv"))
    for line in found:
        print(line)
    print(f"{states['pass']} passed, {len(found)} failed, {states['open']} open, {states['n.a.']} do not apply")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
