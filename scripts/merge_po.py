"""Git's merge driver for catalogues: every message of both sides; ours where both have a translation.

Set up in a clone by: git config merge.po.driver "python scripts/merge_po.py %A %B" (.gitattributes names it).
`make messages` afterwards drops what the code does not say any more.
"""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages.pofile import read_po, write_po


def merge(ours: Path, theirs: Path) -> None:
    """Add to `ours` what only `theirs` has."""
    with ours.open("rb") as first, theirs.open("rb") as second:
        catalogue, other = read_po(first), read_po(second)
    for message in other:
        if not message.id:
            continue
        known = catalogue.get(message.id, message.context)
        if known is None or not known.string or (isinstance(known.string, tuple) and not any(known.string)):
            catalogue[message.id] = message
    with ours.open("wb") as out:
        write_po(out, catalogue, omit_header=True, sort_output=True, width=76)


if __name__ == "__main__":
    merge(Path(sys.argv[1]), Path(sys.argv[2]))
