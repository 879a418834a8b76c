"""What staff asked for cannot be done: a sentence for people, in their language where there is one."""

from __future__ import annotations


class DeskError(Exception):
    """What was asked cannot be done now. `message` is a sentence of the catalogue with its placeholders."""

    def __init__(self, message: str, **placeholders: object) -> None:
        super().__init__(message.format(**placeholders))
        self.message, self.placeholders = message, placeholders


class MissingError(DeskError):
    """There is no such case."""
