"""Mutation proof of the content check: each kind of defect, put into a copy of the real content, is caught."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.knowledge.bodies import read_yaml
from bot.knowledge.check import Problem, check_content
from bot.settings import ROOT

TODAY = date(2026, 11, 24)
Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A copy of the real content."""
    return Path(shutil.copytree(ROOT / "content", tmp_path / "content"))


def change(content: Path, name: str, mutate: Change) -> None:
    path = content / name
    data = read_yaml(path)
    mutate(data)
    path.write_text(yaml.dump(data, Dumper=yaml.CSafeDumper, allow_unicode=True), encoding="utf-8")


def codes(content: Path, today: date = TODAY) -> set[str]:
    return {p.code for p in check_content(content, today) if p.level == "error"}


def test_the_real_content_is_clean() -> None:
    errors = [str(p) for p in check_content(ROOT / "content", TODAY) if p.level == "error"]
    assert errors == []


def steps(data: dict[str, Any], language: str, text: str) -> None:
    data["answers"][language]["steps"] = [text, *data["answers"][language]["steps"][1:]]


def fact(**changes: Any) -> Change:
    return lambda data: data["facts"]["la_passport_fee_e"].update(changes)


def contact(**changes: Any) -> Change:
    return lambda data: data["contacts"]["th_1300"].update(changes)


def canned(**text: str) -> Change:
    return lambda data: data["replies"]["hello"]["text"].update(text)


PASSPORT, URGENT = "faq/passport.yml", "faq/urgent_trapped.yml"


@pytest.mark.parametrize(
    ("name", "mutate", "code"),
    [
        ("canned.yml", canned(en="Call 1300"), "C26"),
        ("canned.yml", canned(lo=""), "C04"),
        ("canned.yml", canned(th="{contact:th_1300}"), "C22"),
        ("canned.yml", canned(en="{contact:nobody}"), "C24"),
        ("canned.yml", canned(en="<b>hello</b>"), "C71"),
        ("canned.yml", canned(en="hello " * 300), "C72"),
        ("canned.yml", lambda data: data["replies"].clear(), "C70"),
        (PASSPORT, lambda d: steps(d, "lo", "ລາຄາ 500000 ກີບ"), "C26"),
        (PASSPORT, lambda d: steps(d, "th", "ราคา ๕๐๐ บาท"), "C26"),
        (PASSPORT, lambda d: steps(d, "lo", "ລາຄາສອງໝື່ນບາດ"), "C26"),
        (PASSPORT, lambda d: steps(d, "en", "{fact:no_such_fact}"), "C24"),
        (PASSPORT, lambda d: steps(d, "en", "{contact:nobody}"), "C24"),
        (PASSPORT, lambda d: steps(d, "en", "{phone:th_hrdf}"), "C24"),
        (PASSPORT, lambda d: steps(d, "en", "{phone:th_1300}"), "C22"),
        (PASSPORT, lambda d: steps(d, "en", "a {brace}"), "C27"),
        (PASSPORT, lambda d: steps(d, "en", "<h1>Big</h1>"), "C28"),
        (PASSPORT, lambda d: steps(d, "en", "<b>open"), "C28"),
        (PASSPORT, lambda d: steps(d, "en", "this & that"), "C28"),
        (PASSPORT, lambda d: steps(d, "lo", "ກ\u200bຂ"), "C29"),
        (PASSPORT, lambda d: steps(d, "lo", "ນ\u0ecd\u0eb2"), "C29"),
        (PASSPORT, lambda d: steps(d, "lo", "หนังสือเดินทาง"), "C30"),
        (PASSPORT, lambda d: steps(d, "lo", "ໜັງສືຜ່ານແດນ"), "C31"),
        (PASSPORT, lambda d: steps(d, "th", "หนังสือผ่านแดน"), "C31"),
        (PASSPORT, lambda d: d["answers"].pop("th"), "C04"),
        (PASSPORT, lambda d: d["title"].update(lo=""), "C04"),
        (PASSPORT, lambda d: d["title"].update(en="x" * 60), "C20"),
        (PASSPORT, lambda d: d.update(related=["no_such_topic"]), "C21"),
        (PASSPORT, lambda d: d["answers"]["en"].update(steps=["a"] * 7), "C32"),
        (PASSPORT, lambda d: d["answers"]["en"].update(watch="word " * 300), "C33"),
        (PASSPORT, lambda d: d["answers"]["en"].update(more="word " * 900), "C33"),
        (PASSPORT, lambda d: d.update(topic="visa"), "C03"),
        (PASSPORT, lambda d: d.update(unknown_key=1), "C01"),
        (URGENT, lambda d: d["card"].update(la=[]), "C23"),
        (URGENT, lambda d: d["card"].update(la=["nobody"]), "C24"),
        (URGENT, lambda d: d["card"].update(la=["th_191"]), "C25"),
        ("facts.yml", fact(text={"lo": "{value}", "th": "{value}", "en": "no figure"}), "C10"),
        ("facts.yml", fact(text={"lo": "{value}", "en": "{value}"}), "C04"),
        ("facts.yml", fact(on_expiry="fallback", fallback=None), "C11"),
        ("facts.yml", fact(source={"title": "hearsay", "url": "", "date": "n.d."}), "C14"),
        ("facts.yml", fact(checked_on="2030-01-01"), "C15"),
        ("facts.yml", fact(grade="D"), "C01"),
        ("facts.yml", lambda d: d["facts"]["la_passport_fee_e"].pop("source"), "C01"),
        ("contacts.yml", contact(phones=[{"number": "1300", "short": True, "from": ["la"]}]), "C12"),
        ("contacts.yml", contact(phones=[{"number": "02 539 6667", "short": False, "from": ["th"]}]), "C13"),
    ],
)
def test_defect_is_caught(content: Path, name: str, mutate: Change, code: str) -> None:
    change(content, name, mutate)
    assert code in codes(content)


def test_a_contact_that_the_reader_cannot_dial_is_caught(content: Path) -> None:
    def thai_hotline_for_readers_in_laos(data: dict[str, Any]) -> None:
        data["where"] = "la"
        for text in data["answers"].values():
            text["help"] = "{contact:th_1300}"

    change(content, PASSPORT, thai_hotline_for_readers_in_laos)
    assert "C25" in codes(content)


def test_a_missing_answer_and_a_file_without_topic_are_caught(content: Path) -> None:
    (content / PASSPORT).rename(content / "faq" / "pasport.yml")
    assert {"C02", "C03"} <= codes(content)


def test_an_expired_fact_is_reported(content: Path) -> None:
    change(content, "facts.yml", fact(expires_on="2026-11-25"))
    problems = check_content(content, date(2026, 12, 1))
    assert any(p.code == "C16" and "la_passport_fee_e" in p.text for p in problems)


def test_a_problem_names_file_line_and_remedy(content: Path) -> None:
    change(content, PASSPORT, lambda d: steps(d, "en", "costs 99 dollars"))
    problem: Problem = next(p for p in check_content(content, TODAY) if p.code == "C26")
    assert problem.file.endswith("faq/passport.yml")
    assert problem.line > 1
    assert "{fact:" in problem.remedy
