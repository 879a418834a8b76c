"""What a check of the content finds: a problem with file, line and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Problem:
    """One finding. Errors stop a release, warnings want somebody's eye."""

    code: str
    level: Literal["error", "warning"]
    file: str
    line: int
    text: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.level} {self.code}: {self.text}. {self.remedy}."


class File:
    """Makes problems of one file; finds the line by the words that are wrong."""

    def __init__(self, folder: Path, path: Path) -> None:
        self._name = str(path.relative_to(folder.parent)) if folder.parent in path.parents else str(path)
        self._lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def error(self, code: str, text: str, remedy: str, near: str = "") -> Problem:
        return Problem(code, "error", self._name, self._line(near), text, remedy)

    def warning(self, code: str, text: str, remedy: str, near: str = "") -> Problem:
        return Problem(code, "warning", self._name, self._line(near), text, remedy)

    def _line(self, near: str) -> int:
        return next((n for n, line in enumerate(self._lines, 1) if near and near in line), 1)
