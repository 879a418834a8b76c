"""Structured logs without personal data: numbers, states and reasons, never a text, a name, a chat id or a token."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

TOKEN = re.compile(r"\b\d{5,}:[A-Za-z0-9_-]{20,}\b|/bot[^/\s]+/")
NEVER = ("text", "chat_id", "chat_key", "name", "username", "token", "payload")
"""Keys that must not be logged, whoever tries."""


def set_up(level: str = "INFO", style: str = "text") -> None:
    """Set up logging for this process."""
    # httpx logs every address at INFO, and Telegram's addresses hold the token.
    for noisy in ("httpx", "httpcore", "telegram", "uvicorn.access", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.basicConfig(level=level, format="%(levelname)s %(name)s %(message)s", stream=sys.stderr, force=True)
    for handler in logging.getLogger().handlers:
        handler.addFilter(_scrub_record)
    renderer: Any = (
        structlog.processors.JSONRenderer() if style == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _scrub,
            renderer,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _scrub(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key in NEVER:
        event.pop(key, None)
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = TOKEN.sub("<token>", value)
    return event


def _scrub_record(record: logging.LogRecord) -> bool:
    record.msg = TOKEN.sub("<token>", record.getMessage())
    record.args = ()
    if record.exc_info and record.exc_info[0]:
        record.exc_text = None
        record.msg += f" [{record.exc_info[0].__name__}]"
        record.exc_info = None
    return True
