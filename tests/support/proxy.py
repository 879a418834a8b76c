"""A TCP proxy on loopback that can be a bad network: black hole, half-open connections, refusal; or a load balancer.

Modes, switched at any time with `proxy.mode = ...`:
pass       bytes go both ways
blackhole  connections are accepted and nothing goes through; afterwards what was held goes on, as after a cable is back
halfopen   connections that exist now are dead for ever though the client's side stays open, as after a NAT that forgot;
           the server's side ends after SERVER_NOTICES, as by its TCP keep-alives
refuse     new connections are reset, existing ones are cut
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from types import TracebackType
from typing import Self

from tests.support.processes import free_port

TICK = 0.02
SERVER_NOTICES = 10.0


class _Link:
    """One client connection and its upstream."""

    def __init__(self, client: asyncio.StreamWriter) -> None:
        self.writers = [client]
        self.dead = False
        self.begun = time.monotonic()
        self.answered = float("inf")
        """When the server last said something that the client has not replied to."""

    def cut_upstream(self) -> None:
        for writer in self.writers[1:]:
            writer.transport.abort()

    def cut(self) -> None:
        for writer in self.writers:
            writer.transport.abort()


class Proxy:
    """Forwards to the first of `upstreams` (ports) in turn that accepts. Use as a context manager."""

    def __init__(self, *upstreams: int, longest: float = float("inf")) -> None:
        """`longest`: connections older than this are closed between two requests, so that a balancer balances."""
        self.upstreams, self._longest = list(upstreams), longest
        self.port = free_port()
        self.connections = 0
        self._mode = "pass"
        self._links: set[_Link] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def mode(self) -> str:
        """What the network is like now."""
        return self._mode

    @mode.setter
    def mode(self, mode: str) -> None:
        if mode not in ("pass", "blackhole", "halfopen", "refuse"):
            raise ValueError(mode)
        asyncio.run_coroutine_threadsafe(self._change(mode), self._loop).result(5)

    async def _change(self, mode: str) -> None:
        self._mode = mode
        for link in list(self._links):
            if mode == "halfopen":
                link.dead = True
                self._loop.call_later(SERVER_NOTICES, link.cut_upstream)
            elif mode == "refuse":
                link.cut()

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(5)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, backlog=512)

    async def _close(self) -> None:
        self._server.close()
        for link in list(self._links):
            link.cut()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        link = _Link(writer)
        self._links.add(link)
        try:
            if self._mode == "refuse":
                return
            if self._mode == "halfopen":
                link.dead = True
            await self._held(link)
            up_reader, up_writer = await self._upstream()
            link.writers.append(up_writer)
            pumps = [
                asyncio.create_task(self._pump(link, reader, up_writer)),
                asyncio.create_task(self._pump(link, up_reader, writer)),
            ]
            while not (await asyncio.wait(pumps, timeout=0.1, return_when=asyncio.FIRST_COMPLETED))[0]:
                now = time.monotonic()
                if now - link.begun > self._longest and now - link.answered > 0.05:
                    break
            await self._held(link)  # what the other side said last still has to arrive
            for pump in pumps:
                pump.cancel()
        except OSError:
            pass
        finally:
            self._links.discard(link)
            link.cut()

    async def _upstream(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        for _ in self.upstreams:
            self.upstreams.append(self.upstreams.pop(0))
            with contextlib.suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", self.upstreams[-1])
        raise ConnectionRefusedError

    async def _pump(self, link: _Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                await self._held(link)
                link.answered = time.monotonic() if writer is link.writers[0] else float("inf")
                writer.write(data)
                await writer.drain()

    async def _held(self, link: _Link) -> None:
        while link.dead or self._mode == "blackhole":
            if link.writers[0].transport.is_closing():
                raise ConnectionResetError
            await asyncio.sleep(TICK)


def reachable(port: int) -> bool:
    """Does something listen?"""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
