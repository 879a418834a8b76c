"""The table of security requirements is complete, and its evidence is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import asvs

TABLE = asvs.ROOT / "docs" / "asvs.csv"


def test_the_table_is_whole_and_its_evidence_exists() -> None:
    found, states = asvs.problems(TABLE)
    assert not found
    assert sum(states.values()) == len(asvs.wanted()) == 253 + 6


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("V1.2.4,1,pass", "V1.2.4,2,pass", "level"),
        ("V1.2.4,1,pass", "V1.2.4,1,yes", "status"),
        ("V1.2.4,", "V99.2.4,", "no such requirement"),
        ("V1.2.4,", "V1.2.5,", "twice"),
        ("V1.2.4,", "V1.2.5,", "V1.2.4: missing"),
        ("::test_odd_questions", "::test_odder_questions", "no such evidence"),
        ("tests/integration/console/test_doors.py", "tests/integration/console/test_gone.py", "no such evidence"),
        (",n.a.,,no GraphQL", ",n.a.,,", "without a reason"),
    ],
)
def test_a_defect_is_noticed(tmp_path: Path, old: str, new: str, said: str) -> None:
    changed = tmp_path / "asvs.csv"
    changed.write_text(TABLE.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    found, _ = asvs.problems(changed)
    assert said in "\n".join(found)


def test_the_command_counts(capsys: pytest.CaptureFixture[str]) -> None:
    assert asvs.main([str(TABLE)]) == 0
    assert "passed, 0 failed" in capsys.readouterr().out


@pytest.mark.parametrize("page", ["threat-model.md", "iom.md"])
def test_the_evidence_that_a_page_names_exists(page: str) -> None:
    named = re.findall(r"`((?:tests|bot|deploy)/[\w./@-]+(?:::\w+)?)`", (asvs.ROOT / "docs" / page).read_text())
    assert named
    assert [piece for piece in named if not asvs.exists(piece)] == []
