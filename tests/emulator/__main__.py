"""`python -m tests.emulator --port 8081 [--token 1:T]`: runs until SIGTERM or Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal

from .config import FloodLimits, Options
from .server import Emulator


def _options(arguments: argparse.Namespace) -> Options:
    return Options(
        token=arguments.token,
        webhook_scale=arguments.webhook_scale,
        attribution=arguments.attribution,
        seed=arguments.seed,
        flood=FloodLimits(enabled=arguments.flood),
    )


async def _serve(arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with Emulator(host=arguments.host, port=arguments.port, options=_options(arguments)) as emulator:
        print(f"emulator ready at {emulator.base_url} token {emulator.token}", flush=True)
        await stop.wait()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.emulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8081, help="0 takes a free one; the line printed says which")
    parser.add_argument("--token", default=Options().token)
    parser.add_argument("--flood", action="store_true", help="send limits on from the start")
    parser.add_argument("--webhook-scale", type=float, default=1.0, help="factor on webhook retry times")
    parser.add_argument("--attribution", choices=["auto", "reply", "marker", "fifo"], default="auto")
    parser.add_argument("--seed", type=int, default=1)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
