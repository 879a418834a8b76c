"""A clock that the test moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 24, 3, tzinfo=UTC)


@dataclass
class Clock:
    """Stands still until it is moved forward."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> None:
        """So many days, hours, minutes, seconds later."""
        self.at += timedelta(**span)
