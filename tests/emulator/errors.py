"""What can go wrong, for the bot (ApiError) and for the test that drives the emulator (ControlError)."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


class ApiError(Exception):
    """An answer with "ok": false. `retry_after` also becomes a header (HttpConnection.cpp 71-73)."""

    def __init__(self, code: int, description: str, *, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after

    def body(self) -> Json:
        """The JSON the client receives."""
        body: Json = {"ok": False, "error_code": self.code, "description": self.description}
        if self.retry_after is not None:
            body["parameters"] = {"retry_after": self.retry_after}
        return body


class ControlError(Exception):
    """A test asked for something a person could not do, such as pressing a button that is not there."""


def bad_request(what: str) -> ApiError:
    """400 with Telegram's prefix."""
    return ApiError(400, f"Bad Request: {what}")


def forbidden(what: str) -> ApiError:
    """403 with Telegram's prefix."""
    return ApiError(403, f"Forbidden: {what}")


def too_many(retry_after: int) -> ApiError:
    """429 with `parameters.retry_after` (Query.cpp 105-112)."""
    return ApiError(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)
