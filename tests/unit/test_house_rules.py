"""Rules of this house that no linter knows: what must never stand in the code that is served."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from bot.settings import ROOT

SECRET = re.compile(r"(^|_)(secret|token|cookie|digest|password|password_hash)$")

ALLOWED = {
    "bot/services/recordings.py": "the digest of a file, no secret",
    "bot/console/guard.py": "the browser's cookie with what was read from it: both are the visitor's",
}


def nodes(kind: type[ast.AST]) -> Iterator[tuple[str, ast.AST]]:
    for file in sorted([*(ROOT / "bot").rglob("*.py"), ROOT / "nlu" / "serve.py"]):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, kind):
                yield f"{file.relative_to(ROOT)}:{node.lineno}", node  # type: ignore[attr-defined]


def name_of(node: ast.AST) -> str:
    return str(getattr(node, "id", getattr(node, "attr", "")))


def compares_a_secret(node: ast.AST) -> bool:
    """A secret against another value of the same kind: constants (is it empty?) tell nobody anything."""
    sides = [node.left, *node.comparators]  # type: ignore[attr-defined]
    equal = any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops)  # type: ignore[attr-defined]
    return (
        equal and any(SECRET.search(name_of(s)) for s in sides) and not any(isinstance(s, ast.Constant) for s in sides)
    )


def test_no_template_switches_the_escaping_off() -> None:
    wrong = [
        file.name
        for file in (ROOT / "bot" / "console" / "templates").glob("*.html")
        if re.search(r"\|\s*safe\b|autoescape\s+false", file.read_text(encoding="utf-8"))
    ]
    assert wrong == []


def test_secrets_are_compared_in_constant_time() -> None:
    found = [place for place, node in nodes(ast.Compare) if compares_a_secret(node)]
    assert [place for place in found if not place.startswith(tuple(ALLOWED))] == []


@pytest.mark.parametrize(("code", "wrong"), [
    ("given == secret", True), ("a.token != b.token", True), ("token == ''", False), ("secret in kept", False),
])  # fmt: skip
def test_the_rule_sees_what_it_should(code: str, wrong: bool) -> None:
    assert compares_a_secret(ast.parse(code, mode="eval").body) is wrong


def test_no_shell_and_no_evaluation() -> None:
    wrong = [
        place
        for place, node in nodes(ast.Call)
        if name_of(node.func) in ("eval", "exec", "create_subprocess_shell", "system", "popen")  # type: ignore[attr-defined]
        or any(k.arg == "shell" and getattr(k.value, "value", False) for k in node.keywords)  # type: ignore[attr-defined]
    ]
    assert wrong == []
