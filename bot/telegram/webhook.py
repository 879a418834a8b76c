"""The webhook door: the secret first, then the size, then the commit, and only then 200."""

from __future__ import annotations

import hmac
import json

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.telegram.intake import Intake, is_update

log = structlog.get_logger(__name__)
MAX_BODY = 1_000_000
PATH = "/telegram"
HEADER = "x-telegram-bot-api-secret-token"


def webhook_app(intake: Intake, secret: str) -> Starlette:
    """The web application that Telegram calls."""

    async def receive(request: Request) -> Response:
        given = request.headers.get(HEADER, "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            return PlainTextResponse("wrong secret", 403)
        if not request.headers.get("content-type", "").startswith("application/json"):
            return PlainTextResponse("application/json only", 415)
        body = await _body(request)
        if body is None:
            return PlainTextResponse("too large", 413)
        try:
            update = json.loads(body)
        except (ValueError, RecursionError):
            return PlainTextResponse("no JSON", 400)
        if not is_update(update):
            # Acknowledged and left aside: Telegram would repeat it for a day and hold up its chat.
            log.warning("webhook_no_update")
            return PlainTextResponse("ignored")
        if not await intake.store([update], "webhook"):
            return PlainTextResponse("try again", 503, headers={"Retry-After": "2"})
        return PlainTextResponse("stored")

    return Starlette(routes=[Route(PATH, receive, methods=["POST"])])


async def _body(request: Request) -> bytes | None:
    """The body, or None when it is longer than Telegram ever sends."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BODY:
            return None
        chunks.append(chunk)
    return b"".join(chunks)
