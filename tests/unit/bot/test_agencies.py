"""The list of licensed agencies: import, round trip, and names with typos in any writing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.knowledge.agencies import SURE, AgenciesError, Agency, find, load_agencies, save
from bot.settings import ROOT

LIST = [
    Agency(
        name_en="Vientiane Sunrise Employment Co., Ltd.", name_lo="ບໍລິສັດ ວຽງຈັນ ຊັນໄຣສ໌", licence="12/MoLSW", country="la",
        source_title="Ministry list", source_url="https://example.org", checked_on=date(2026, 11, 24),
    ),
    Agency(
        name_en="Champa Labour Agency", country="la", source_title="Ministry list", source_url="https://example.org",
        checked_on=date(2026, 11, 24),
    ),
]  # fmt: skip


@pytest.mark.parametrize("name", ["list.csv", "list.xlsx"])
def test_round_trip(tmp_path: Path, name: str) -> None:
    save(LIST, tmp_path / name)
    assert load_agencies(tmp_path / name) == LIST


def test_the_shipped_list_can_be_read() -> None:
    assert all(a.source_url.startswith("http") for a in load_agencies(ROOT / "content" / "agencies.csv"))


def test_every_wrong_row_is_named_and_nothing_is_imported(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    save(LIST, path)
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines, "A,,,,xx,,t,u,n.d.,2026-01-01", "A,,,,la,,,,n.d.,soon"]), encoding="utf-8")
    with pytest.raises(AgenciesError) as caught:
        load_agencies(path)
    text = str(caught.value)
    assert "row 4: country" in text
    assert "row 5: source_title" in text
    assert "row 5: checked_on" in text


def test_a_file_of_another_shape_says_which_columns_are_missing(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("name,phone\nA,1\n", encoding="utf-8")
    with pytest.raises(AgenciesError, match="country"):
        load_agencies(path)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("Vientiane Sunrise", "Vientiane Sunrise Employment Co., Ltd."),
        ("vientian sunrise company", "Vientiane Sunrise Employment Co., Ltd."),
        ("ວຽງຈັນຊັນໄຣ", "Vientiane Sunrise Employment Co., Ltd."),
        ("จำปา", "Champa Labour Agency"),
    ],
)
def test_a_name_is_found_in_any_writing(asked: str, found: str) -> None:
    assert find(LIST, asked)[0].agency.name_en == found


def test_an_exact_name_is_sure_and_another_is_not() -> None:
    assert find(LIST, "Champa Labour Agency")[0].likeness >= SURE
    assert not [m for m in find(LIST, "Bangkok Golden Star") if m.likeness >= SURE]
    assert find(LIST, "") == []
