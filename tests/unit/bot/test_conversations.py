"""Conversations that once went as they should go that way again: tests/conversations/*.yml."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from bot.knowledge.load import load_published
from bot.nlu.parse import load_thresholds
from bot.services.editing.regression import as_test, dump, replay
from bot.settings import ROOT
from bot.storage.models import Message

FILES = sorted((ROOT / "tests" / "conversations").glob("*.yml"))
NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
PUBLISHED = load_published(ROOT / "content")


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_goes_as_it_went(path: Path) -> None:
    test = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert replay(test, PUBLISHED, load_thresholds(), NOW) == []


def test_a_different_outcome_is_named() -> None:
    test = {"turns": [{"kind": "command", "say": "/sos", "expect": {"urgent": False}}]}
    assert replay(test, PUBLISHED, load_thresholds(), NOW) == ["turn 1 ('/sos'): urgent True, not False"]


def test_a_conversation_becomes_a_masked_test() -> None:
    said = Message(
        direction="in", kind="text", text="ໂທ 020 5551 2345 ແດ່", intent="passport", action="answer", urgent=False,
        alternatives=[["passport", 0.9]],
    )  # fmt: skip
    test = yaml.safe_load(dump(as_test("one", [said, Message(direction="out", kind="text", text="x")])))
    assert test["turns"] == [
        {
            "kind": "text",
            "say": "ໂທ •••••• ແດ່",
            "parse": {"ranking": [["passport", 0.9]]},
            "expect": {"action": "answer", "urgent": False},
        }
    ]
