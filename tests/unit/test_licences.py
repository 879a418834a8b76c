"""Every dependency has a licence that goes with our own."""

from __future__ import annotations

import json
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest

from bot.settings import ROOT
from tests.secrets.licences import components, fault, main


@pytest.mark.parametrize(
    ("licences", "fits"),
    [
        (["MIT"], True),
        (["LGPL-3.0-only"], True),
        (["License :: OSI Approved :: GNU Library or Lesser General Public License (LGPL)"], True),
        (["Apache-2.0 OR GPL-2.0-only"], True),
        (["GPL-3.0-only"], False),
        (["MIT AND GPL-2.0-or-later"], False),
        (["AGPL-3.0"], False),
        (["License :: OSI Approved :: GNU General Public License v3 (GPLv3)"], False),
        (["SSPL-1.0"], False),
        (["Our own words"], False),
        ([], False),
    ],
)
def test_which_licences_fit(licences: list[str], fits: bool) -> None:
    assert (fault("something", licences) is None) == fits


@pytest.mark.parametrize("environment", [".venv", "nlu/.venv"])
def test_everything_installed_fits(environment: str) -> None:
    folders = [str(path) for path in (ROOT / environment).glob("lib/python3.*/site-packages")]
    if not folders:
        pytest.skip(f"{environment} is not installed")
    found = {d.metadata["Name"]: _licences(d) for d in distributions(path=folders)}
    ours = ("safe-migration", "nlu")
    assert [said for name, named in found.items() if not name.startswith(ours) and (said := fault(name, named))] == []
    assert len(found) > 100


def _licences(distribution: Distribution) -> list[str]:
    metadata = distribution.metadata
    named = [line for field in ("License-Expression", "License") for line in metadata.get_all(field, [])]
    named = [text.split("\n")[0] for text in named]
    named += [line for line in metadata.get_all("Classifier", []) if line.startswith("License ::")]
    return [text for text in named if text]


def test_a_list_that_was_cut_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "sbom.json"
    file.write_text(json.dumps({"components": [{"name": "one", "licenses": [{"license": {"id": "MIT"}}]}]}))
    assert components(file) == {"one": ["MIT"]}
    assert main([str(file)]) == 1
