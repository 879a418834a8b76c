"""Small groups are hidden: where fewer than five people or messages are behind a figure, it could point at somebody.

With sums in the table a single hidden cell could be worked out again, so a second one of its row and column is hidden
too (complementary suppression; Federal Committee on Statistical Methodology, "Statistical Policy Working Paper 22",
2005). Zero says nothing about anybody and stays.
"""

from __future__ import annotations

from collections.abc import Sequence

SMALLEST = 5

Shown = int | None
"""None = hidden."""


def hide_small(
    table: Sequence[Sequence[int]],
    *,
    row_sums: bool = True,
    column_sums: bool = True,
    groups: Sequence[Sequence[int]] = (),
) -> list[list[Shown]]:
    """The table with small cells hidden, and further ones, so that no sum of a row or column gives one away.

    A line whose hidden cells add up to less than `SMALLEST` gets another one too. When a line has no cell left to hide,
    its sum must not be shown: see `sum_of`. `groups`: rows whose sums stand somewhere else, as the days of a week do.
    """
    shown: list[list[Shown]] = [[None if 0 < value < SMALLEST else value for value in row] for row in table]
    lines: list[list[tuple[int, int]]] = []
    if row_sums:
        lines += [[(i, j) for j in range(len(row))] for i, row in enumerate(table)]
    if column_sums and table:
        lines += [[(i, j) for i in range(len(table))] for j in range(len(table[0]))]
    if table:
        lines += [[(i, j) for i in group] for group in groups for j in range(len(table[0]))]
    while any([_complete(table, shown, line) for line in lines]):
        pass
    return shown


def _complete(table: Sequence[Sequence[int]], shown: list[list[Shown]], line: list[tuple[int, int]]) -> bool:
    """Hide the smallest cell that is left when what is hidden could be worked out; True when it hid one."""
    hidden = [(i, j) for i, j in line if shown[i][j] is None]
    if not hidden or (len(hidden) > 1 and sum(table[i][j] for i, j in hidden) >= SMALLEST):
        return False
    left = [(i, j) for i, j in line if shown[i][j]]
    if not left:
        return False
    i, j = min(left, key=lambda cell: table[cell[0]][cell[1]])
    shown[i][j] = None
    return True


def sum_of(values: Sequence[int], shown: Sequence[Shown]) -> Shown:
    """The sum of a line; hidden when it is small itself, or would give the only hidden cell away."""
    hidden = [value for value, seen in zip(values, shown, strict=True) if seen is None]
    total = sum(values)
    if 0 < total < SMALLEST or len(hidden) == 1 or (hidden and sum(hidden) < SMALLEST):
        return None
    return total


def rate(part: int, whole: int) -> float | None:
    """A share; None when the whole is a small group, or part or rest of it are."""
    if whole < SMALLEST or 0 < part < SMALLEST or 0 < whole - part < SMALLEST:
        return None
    return part / whole
