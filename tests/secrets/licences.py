"""S17: the licences of everything that is installed, read from the CycloneDX lists that `make sbom` writes.

`python -m tests.secrets.licences results/sbom-bot.json results/sbom-nlu.json`: every component has a licence that goes
with Apache-2.0, our own. Weak copyleft (LGPL, MPL) is allowed: these are used unchanged, as libraries of their own.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from tests.chaos.harness import Checks

FITS = re.compile(
    r"(?i)\b(?:MIT|0?BSD|Apache|ISC|PSF|Python-2\.0|Python Software Foundation|MPL|Mozilla|LGPL|Lesser General Public|"
    r"HPND|Unlicense|Zlib|TCL|CC0)\b"
)
FORBIDDEN = re.compile(
    r"(?i)\b(?:A?GPL|(?<!Lesser )General Public License|SSPL|BUSL|Commons Clause|proprietary|Elastic)"
)
IN_ITS_FILE = {
    "axe-playwright-python": "MIT", "partd": "BSD-3-Clause", "pgserver": "Apache-2.0", "protobuf": "BSD-3-Clause",
    "tarsafe": "MIT", "typing-utils": "Apache-2.0", "uharfbuzz": "Apache-2.0",
}  # fmt: skip
"""Name no licence where CycloneDX looks; what their metadata or licence files say, read 2026-11-24."""
FEWEST = 100
"""Components of either environment; fewer means that the list was cut."""


def fault(name: str, licences: list[str]) -> str | None:
    """What is wrong with the licences of a component; None when they fit."""
    named = licences or ([IN_ITS_FILE[name]] if name in IN_ITS_FILE else [])
    if not named:
        return f"{name} names no licence"
    choices = [part for text in named for part in re.split(r"(?i)\sor\s", text)]
    bad = [text for text in choices if FORBIDDEN.search(text)]
    if len(bad) == len(choices):
        return f"{name}: {', '.join(bad)}"
    return None if any(FITS.search(text) for text in choices) else f"{name}: nobody has looked at {', '.join(named)}"


def components(sbom: Path) -> dict[str, list[str]]:
    """Name -> licences, from a CycloneDX list."""
    found: list[dict[str, Any]] = json.loads(sbom.read_text(encoding="utf-8"))["components"]
    return {c["name"]: [_text(choice) for choice in c.get("licenses", [])] for c in found}


def _text(choice: dict[str, Any]) -> str:
    named = choice.get("license", {})
    return str(choice.get("expression") or named.get("id") or named.get("name", ""))


def main(arguments: list[str]) -> int:
    """The command."""
    checks = Checks("licences")
    for file in map(Path, arguments):
        listed = components(file)
        faults = [said for name, licences in listed.items() if (said := fault(name, licences))]
        checks.check(f"{file.name}: {len(listed)} components, each with a licence that fits {faults}", not faults)
        checks.check(f"{file.name}: at least {FEWEST} components", len(listed) >= FEWEST)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
