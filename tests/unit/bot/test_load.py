"""Broken content files: the error names the file and what is wrong in it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from openpyxl import Workbook

from bot.knowledge.agencies import AgenciesError, load_agencies
from bot.knowledge.bodies import ContentError
from bot.knowledge.load import load_offer_flags, load_pathways, load_published, model_of
from bot.settings import ROOT

CONTENT = ROOT / "content"


@pytest.fixture
def content(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CONTENT, tmp_path / "content"))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("topics.yml", "groups: [a]", "topics.yml: must hold one mapping named `groups`"),
        ("topics.yml", "groups: {chat: {hello: {}}}", "topics.yml: hello needs a group and a meaning"),
        ("facts.yml", "facts: {a: [}", "facts.yml: is not valid YAML"),
        ("contacts.yml", "- a", "contacts.yml: must hold one mapping named `contacts`"),
        ("pathways.yml", "[]", "pathways.yml: must hold `questions` and `leaves`"),
        ("fees.yml", "fees: {a: {label: 1}}", "fees.yml: a label"),
        ("alerts.yml", "kinds: {UPPER: {}}", "alerts.yml:  kinds.UPPER"),
        ("canned.yml", "replies: {a: {}}", "canned.yml: a title"),
        ("offer_flags.yml", "flags: {}", "offer_flags.yml: must hold one mapping named `words`"),
        ("offer_flags.yml", "flags: {}\nwords: {document: {}}", "offer_flags.yml: words: "),
        ("agencies.csv", "name,phone\n", "agencies.csv"),
    ],
)
def test_a_broken_file_is_named(content: Path, name: str, text: str, said: str) -> None:
    (content / name).write_text(text, encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        load_published(content)
    assert said in str(caught.value)


def test_a_missing_file_is_named(content: Path) -> None:
    (content / "facts.yml").unlink()
    with pytest.raises(ContentError, match=r"facts\.yml: cannot be read: No such file"):
        load_published(content)


def test_a_date_in_quotes_is_a_date_and_a_fact_may_be_nonsense(content: Path) -> None:
    with pytest.raises(ContentError, match="means"):
        model_of("fact", "signed", {"value": "2026-11-24"}, content)
    with pytest.raises(ContentError, match="signed"):
        model_of("fact", "signed", "nonsense", content)  # type: ignore[arg-type]


def test_lists_that_are_not_there_are_none(tmp_path: Path) -> None:
    assert load_pathways(tmp_path / "pathways.yml") is None
    assert load_offer_flags(tmp_path / "offer_flags.yml") is None


def test_content_without_the_optional_files_loads(content: Path) -> None:
    for name in ("pathways.yml", "fees.yml", "alerts.yml", "canned.yml", "offer_flags.yml", "agencies.csv"):
        (content / name).unlink()
    loaded = load_published(content)
    assert (loaded.pathways, loaded.offer_flags, loaded.alerts, loaded.agencies) == (None, None, None, ())
    assert (loaded.fees, loaded.canned) == ({}, {})


def test_a_list_of_agencies_that_is_no_table_is_named(tmp_path: Path) -> None:
    broken, latin, nameless = tmp_path / "a.xlsx", tmp_path / "a.csv", tmp_path / "b.xlsx"
    broken.write_bytes(b"no spreadsheet")
    latin.write_bytes("caf\u00e9".encode("latin-1"))
    book = Workbook()
    book.worksheets[0].append(["country", "source_title", "source_url", "checked_on", "name_en"])
    book.worksheets[0].append(["la", "list", "https://example.org", "2026-11-24", ""])
    book.worksheets[0].append([])
    book.save(nameless)
    for path, said in ((broken, "is no spreadsheet"), (latin, "cannot be read as UTF-8"), (nameless, "row 2: no name")):
        with pytest.raises(AgenciesError, match=said):
            load_agencies(path)
