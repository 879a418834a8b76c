"""Health and metrics pages: alive, ready, and the figures for Prometheus."""

from __future__ import annotations

from collections.abc import Callable

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Checks = Callable[[], dict[str, bool]]


def health_app(alive: Checks, ready: Checks, alarms: Checks = dict) -> Starlette:
    """`/healthz` red = restart this process; `/readyz` red = do not send it work; `/metrics`.

    `alarms` are said by both and turn neither red: somebody must look, but a restart would mend nothing.
    """

    async def healthz(_request: Request) -> Response:
        return _answer(alive(), alarms())

    async def readyz(_request: Request) -> Response:
        return _answer(alive() | ready(), alarms())

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(), headers={"content-type": CONTENT_TYPE_LATEST})

    return Starlette(routes=[Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)])


def _answer(checks: dict[str, bool], alarms: dict[str, bool]) -> Response:
    return JSONResponse(checks | alarms, status_code=200 if all(checks.values()) else 503)


def web_server(app: object, host: str, port: int) -> uvicorn.Server:
    """A server for a web application inside a running event loop, which leaves the signals to the bot."""
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    return server
