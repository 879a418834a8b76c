"""Nothing is lost between console, files, spreadsheets and PO files."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.knowledge.bodies import body_hash, path_of, read_bodies
from bot.services.editing import difference, exchange, files, merge
from bot.settings import LANGUAGES, ROOT

CONTENT = ROOT / "content"
BODIES = read_bodies(CONTENT)
LETTERS = st.characters(exclude_categories=("Cs", "Cc", "Cn"), include_characters="\n")
WORDS = st.text(
    st.one_of(st.sampled_from("ກຂຄງ່້າກິນเขาไป=+-@'\"{}<b>&:# \n\\"), LETTERS), min_size=1, max_size=60
).filter(lambda text: text.strip() == text)
QUICK = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(CONTENT, tmp_path_factory.mktemp("files") / "content"))


@QUICK
@given(texts=st.fixed_dictionaries(dict.fromkeys(LANGUAGES, WORDS)), steps=st.lists(WORDS, max_size=4))
def test_any_answer_written_into_its_file_is_read_back(folder: Path, texts: dict[str, str], steps: list[str]) -> None:
    body = copy.deepcopy(BODIES["faq", "visa"])
    for code, text in texts.items():
        body["answers"][code] |= {"answer": text, "steps": steps, "more": text}
    files.write(folder, "faq", "visa", body)
    assert read_bodies(folder)["faq", "visa"] == body


@settings(QUICK, max_examples=4)
@given(text=WORDS, value=st.one_of(st.integers(0, 10**6), st.just("2030-01-01"), st.just("yes"), WORDS))
def test_any_fact_is_read_back_and_its_neighbours_stay(folder: Path, text: str, value: object) -> None:
    body = BODIES["fact", "th_min_wage_low"] | {"means": text, "value": value, "expires_on": "2031-02-03"}
    files.write(folder, "fact", "th_min_wage_low", body)
    read = read_bodies(folder)
    assert read["fact", "th_min_wage_low"] == body
    assert {p: b for p, b in read.items() if p[0] == "fact" and p[1] != "th_min_wage_low"} == {
        p: b for p, b in BODIES.items() if p[0] == "fact" and p[1] != "th_min_wage_low"
    }


def test_one_change_is_a_small_difference_in_the_file(tmp_path: Path) -> None:
    copied = Path(shutil.copytree(CONTENT, tmp_path / "content"))
    for kind, key in (("faq", "passport"), ("fact", "mou_signed"), ("contact", "th_1300")):
        path = path_of(copied, kind, key)
        before = path.read_text(encoding="utf-8").splitlines()
        body = copy.deepcopy(BODIES[kind, key])
        if kind == "faq":
            body["answers"]["en"]["watch"] = "Other words."
        else:
            body["checked_on"] = "2026-12-01"
        files.write(copied, kind, key, body)
        after = path.read_text(encoding="utf-8").splitlines()
        assert len(after) == len(before), path
        assert sum(a != b for a, b in zip(after, before, strict=True)) == 1, path


def test_a_new_topic_and_a_removed_contact(tmp_path: Path) -> None:
    copied = Path(shutil.copytree(CONTENT, tmp_path / "content"))
    files.write(copied, "topic", "rainy_days", {"group": "work_rights", "means": "work in the rain"})
    files.write(copied, "contact", "th_1300_abroad", None)
    read = read_bodies(copied)
    assert read["topic", "rainy_days"] == {"group": "work_rights", "means": "work in the rain"}
    assert ("contact", "th_1300_abroad") not in read
    rest = {p: b for p, b in read.items() if p != ("topic", "rainy_days")}
    assert rest == {p: b for p, b in BODIES.items() if p != ("contact", "th_1300_abroad")}


CELLS = st.dictionaries(
    st.tuples(st.just("faq"), st.sampled_from(["visa", "passport"]), st.sampled_from(["title", "answer", "steps.1"])),
    st.fixed_dictionaries(dict.fromkeys(LANGUAGES, WORDS)),
    min_size=1,
)


@QUICK
@given(cells=CELLS)
def test_a_spreadsheet_loses_nothing(folder: Path, cells: exchange.Cells) -> None:
    path = folder / "texts.xlsx"
    exchange.write_xlsx(cells, path)
    assert exchange.read_xlsx(path) == cells


@QUICK
@given(cells=CELLS)
def test_a_po_file_loses_nothing(folder: Path, cells: exchange.Cells) -> None:
    path = folder / "th.po"
    exchange.write_po_file(cells, "th", path)
    assert exchange.read_po_file(path, "th") == {
        place: {"lo": texts["lo"], "th": texts["th"]} for place, texts in cells.items()
    }


def test_the_whole_content_goes_through_both(tmp_path: Path) -> None:
    cells = exchange.cells_of(BODIES)
    exchange.write_xlsx(cells, tmp_path / "a.xlsx")
    assert exchange.read_xlsx(tmp_path / "a.xlsx") == cells
    for (kind, key, field), texts in cells.items():
        body = BODIES[kind, key]
        for language, text in texts.items():
            if text:
                assert body_hash(exchange.with_cell(kind, body, field, language, text)) == body_hash(body), (key, field)


@QUICK
@given(text=st.text(max_size=80))
def test_words_joined_are_the_text(text: str) -> None:
    assert "".join(difference.words(text)) == text


def test_differences_are_whole_words() -> None:
    assert difference.pieces("ເຮັດໜັງສືຜ່ານແດນ", "ເຮັດໜັງສືຜ່ານແດນໃໝ່") == [("same", "ເຮັດໜັງສືຜ່ານແດນ"), ("in", "ໃໝ່")]
    assert ("in", "ใบ") in difference.pieces("ขอเดินทาง", "ขอใบเดินทาง")


def test_merging_keeps_both_sides_and_shows_conflicts() -> None:
    base = {"a": {"x": "1", "y": "1"}, "b": ["1"]}
    done = merge.merge(base, {"a": {"x": "2", "y": "1"}, "b": ["1"]}, {"a": {"x": "1", "y": "3"}, "b": ["1"], "c": 1})
    assert (done.body, done.conflicts) == ({"a": {"x": "2", "y": "3"}, "b": ["1"], "c": 1}, [])
    done = merge.merge(base, {"a": {"x": "2"}}, {"a": {"x": "3"}, "b": ["2"]})
    assert done.conflicts == [("a.x", "2", "3"), ("b", None, ["2"])]
