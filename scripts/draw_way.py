"""Draw docs/images/way.svg, a message's way, from docs/images/way.txt. `--check` fails when it is stale."""

from __future__ import annotations

import sys
from html import escape
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "images"
WIDE, HIGH, GAP_X, GAP_Y, EDGE = 190, 72, 34, 46, 12
LETTERS = 31
"""Letters of the second line's size that fit into a box."""


def drawn(source: str) -> str:
    """The picture. Raises KeyError for an arrow to a box that is not there, ValueError for another kind of line."""
    boxes: dict[str, tuple[int, int, str, str]] = {}
    arrows: list[tuple[str, str]] = []
    for line in source.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        kind, rest = line.split(" ", 1)
        if kind == "box":
            place, title, what = (part.strip() for part in rest.split("|"))
            name, column, row = place.split()
            boxes[name] = (EDGE + int(column) * (WIDE + GAP_X), EDGE + int(row) * (HIGH + GAP_Y), title, what)
        elif kind == "arrow":
            one, other = rest.split()
            arrows.append((one, other))
        else:
            raise ValueError(line)
    wide = max(x for x, *_ in boxes.values()) + WIDE + EDGE
    high = max(y for _, y, *_ in boxes.values()) + HIGH + EDGE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" role="img" font-family="sans-serif">',
        "<title>The way of a message through the house</title>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="#566"/></marker></defs>',
        f'<rect width="{wide}" height="{high}" fill="#fff"/>',
    ]
    parts += [_arrow(boxes[one], boxes[other]) for one, other in arrows]
    for x, y, title, what in boxes.values():
        parts.append(f'<rect x="{x}" y="{y}" width="{WIDE}" height="{HIGH}" rx="8" fill="#eef4f3" stroke="#2f6f68"/>')
        parts.append(f'<text x="{x + 10}" y="{y + 22}" font-size="14" font-weight="bold">{escape(title)}</text>')
        for number, text in enumerate(_wrapped(what)):
            parts.append(f'<text x="{x + 10}" y="{y + 41 + 16 * number}" font-size="11.5">{escape(text)}</text>')
    return "\n".join([*parts, "</svg>\n"])


def _arrow(one: tuple[int, int, str, str], other: tuple[int, int, str, str]) -> str:
    (x, y), (u, v) = one[:2], other[:2]
    if y == v:
        right = u > x
        ends = (x + WIDE if right else x, y + HIGH // 2, u if right else u + WIDE, v + HIGH // 2)
    elif x == u:
        down = v > y
        ends = (x + WIDE // 2, y + HIGH if down else y, u + WIDE // 2, v if down else v + HIGH)
    else:
        ends = (x, y, u + WIDE, v + HIGH)
    x1, y1, x2, y2 = ends
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="#566" stroke-width="1.6" marker-end="url(#tip)"/>'


def _wrapped(text: str) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= LETTERS:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


if __name__ == "__main__":
    picture, target = drawn((FOLDER / "way.txt").read_text(encoding="utf-8")), FOLDER / "way.svg"
    if "--check" in sys.argv:
        fresh = target.exists() and target.read_text(encoding="utf-8") == picture
        sys.exit(0 if fresh else "docs/images/way.svg is stale")
    target.write_text(picture, encoding="utf-8")
