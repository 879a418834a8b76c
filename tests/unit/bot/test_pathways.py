"""The decision tree: the real one is sound, each kind of defect put into a copy is caught, costs are added up right."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.i18n import translator
from bot.knowledge.bodies import read_yaml
from bot.knowledge.check import check_content
from bot.knowledge.load import load_pathways, load_published
from bot.knowledge.model import Pathways
from bot.knowledge.pathways import faults, plan_text, render_plan, total
from bot.settings import LANGUAGES, ROOT
from tests.factories.content import fact

TODAY = date(2026, 11, 24)
PUBLISHED = load_published(ROOT / "content")
Change = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def tree() -> Pathways:
    assert PUBLISHED.pathways is not None
    return PUBLISHED.pathways


def copy_with(tmp_path: Path, mutate: Change) -> set[str]:
    """Codes of the errors in a copy of the content whose tree was changed."""
    folder = Path(shutil.copytree(ROOT / "content", tmp_path / "content"))
    path = folder / "pathways.yml"
    data = read_yaml(path)
    mutate(data)
    path.write_text(yaml.dump(data, Dumper=yaml.CSafeDumper, allow_unicode=True), encoding="utf-8")
    return {p.code for p in check_content(folder, TODAY) if p.level == "error"}


def option(data: dict[str, Any], question: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(o for o in data["questions"][question]["options"] if o["id"] == name)
    return found


def without(data: dict[str, Any], question: str, name: str) -> None:
    data["questions"][question]["options"].remove(option(data, question, name))


def step(data: dict[str, Any], **changes: Any) -> None:
    data["leaves"]["japan"]["steps"][0] = data["leaves"]["japan"]["steps"][0] | changes


def three(text: str) -> dict[str, str]:
    return dict.fromkeys(LANGUAGES, text)


def test_the_tree_is_as_large_as_meant(tree: Pathways) -> None:
    assert len(tree.questions) >= 10
    assert len(tree.leaves) >= 12
    assert list(faults(tree)) == []


@pytest.mark.parametrize(
    ("mutate", "code"),
    [
        (lambda d: d.update(start="nowhere"), "C40"),
        (lambda d: d["questions"].update(japan=d["questions"]["age"]), "C40"),
        (lambda d: d["questions"]["age"]["options"].append(option(d, "age", "adult")), "C40"),
        (lambda d: option(d, "country", "jp").update(goto="nowhere"), "C41"),
        (lambda d: option(d, "country", "jp").update(goto=None), "C41"),
        (lambda d: option(d, "country", "jp").update(urgent="urgent_trapped"), "C41"),
        (lambda d: option(d, "country", "jp").update(goto="korea_eps"), "C42"),
        (lambda d: d["leaves"].update(lost=d["leaves"]["japan"]), "C42"),
        (lambda d: without(d, "age", "dont_know"), "C43"),
        (lambda d: option(d, "passport", "yes").update(goto="age"), "C44"),
        (lambda d: option(d, "age", "dont_know").update(goto="age"), "C44"),
        (lambda d: option(d, "country", "jp").update(label=three("x" * 29)), "C45"),
        (lambda d: step(d, topic="no_such_topic"), "C46"),
        (lambda d: option(d, "country", "jp").update(topics=["no_such_topic"]), "C46"),
        (lambda d: option(d, "free", "no").update(urgent="passport"), "C46"),
        (lambda d: d["leaves"]["japan"]["costs"].append({"what": three("x"), "fact": "la_passport_days"}), "C47"),
        (lambda d: d["leaves"]["japan"]["costs"].append({"what": three("x"), "fact": "no_such_fact"}), "C47"),
        (lambda d: d["leaves"]["japan"].update(steps=[]), "C48"),
        (lambda d: d["leaves"]["japan"].update(watch=three("word " * 600)), "C48"),
        (lambda d: option(d, "country", "jp")["label"].pop("th"), "C04"),
        (lambda d: step(d, text=three("{fact:no_such_fact}")), "C24"),
        (lambda d: step(d, text=three("{contact:nobody}")), "C24"),
        (lambda d: step(d, text={"lo": "ໄປ", "th": "ไป", "en": "{fact:japan_ssw_since}"}), "C22"),
        (lambda d: step(d, text=three("{phone:th_1300}")), "C25"),
        (lambda d: step(d, text={"lo": "500 ບາດ", "th": "500 บาท", "en": "500 baht"}), "C26"),
        (lambda d: step(d, text={"lo": "<h1>ໄປ", "th": "ไป", "en": "go"}), "C28"),
        (lambda d: d["leaves"]["japan"].update(unknown=1), "C01"),
        (lambda d: d["questions"].update({"Too long an id for a button": d["questions"]["age"]}), "C01"),
    ],
)
def test_defect_is_caught(tmp_path: Path, mutate: Change, code: str) -> None:
    assert code in copy_with(tmp_path, mutate)


def test_a_missing_tree_is_reported(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(ROOT / "content", tmp_path / "content"))
    (folder / "pathways.yml").unlink()
    assert load_pathways(folder / "pathways.yml") is None
    assert "C40" in {p.code for p in check_content(folder, TODAY)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_plan_is_said_in_every_language(tree: Pathways, language: str) -> None:
    for leaf in tree.leaves.values():
        plan = render_plan(PUBLISHED, leaf, language, TODAY)
        assert plan.first
        assert plan.source
        assert "{" not in plan_text(plan, frozenset({0}))


def test_a_plan_shows_steps_papers_costs_and_what_is_done(tree: Pathways) -> None:
    text = plan_text(render_plan(PUBLISHED, tree.leaves["mou_start"], "en", TODAY), frozenset({0}))
    assert "✅ 1." in text
    assert "⬜ 2." in text
    assert "Done: 1 of 7" in text
    assert "Together about 60 US dollars + 6,100 baht" in text
    order = [text.index(mark) for mark in ("⬜ 2.", "☎️", "📄", "💵", "⏱", "🆓", "⚠️", "🔎")]
    assert order == sorted(order)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([("THB", 500), ("THB", 100)], "600 baht"),
        ([("THB/2 years", 500), ("THB", 100)], "600 baht"),
        ([("THB/2 years", 500), ("THB/2 years", 1900)], "2,400 baht"),
        ([("THB/2 years", 500), ("THB/year", 900)], None),
        ([("THB", 500), ("USD", 60)], "500 baht + 60 US dollars"),
        ([("THB", [100, 200]), ("THB", 50)], "150–250 baht"),
        ([("THB", 500), ("days", 7)], None),
        ([("THB", 500), ("% of wage", 3)], None),
    ],
)
def test_prices_are_added_up_where_their_units_allow(facts: list[tuple[str, Any]], expected: str | None) -> None:
    made = [
        fact(unit=unit, value=value, text=three("{low} {high}" if isinstance(value, list) else "{value}"))
        for unit, value in facts
    ]
    assert total(made, translator("en"), "en", TODAY) == expected


def test_an_expired_price_is_not_added_up() -> None:
    old = [fact(unit="THB"), fact(unit="THB", expires_on=date(2026, 11, 1))]
    assert total(old, translator("en"), "en", TODAY) is None
