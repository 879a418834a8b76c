"""python-telegram-bot's requests over aiohttp, through its public interface for that.

httpx costs about 1.5 ms of CPU a request here, aiohttp (whose parser is C) about 0.4 ms; two requests were half of the
work of a message (docs/decisions/0004-aiohttp.md).
"""

from __future__ import annotations

import socket
import struct
from typing import Any

import aiohttp
from telegram._utils.defaultvalue import DefaultValue
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData


class AiohttpRequest(BaseRequest):
    """One pool of connections. `read_timeout` in seconds, as everywhere in python-telegram-bot."""

    def __init__(self, pool_size: int, read_timeout: float, connect_timeout: float = 5.0) -> None:
        self._pool_size, self._read, self._connect = pool_size, read_timeout, connect_timeout
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """The default read time-out."""
        return self._read

    async def initialize(self) -> None:
        """Open the pool."""
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(
                limit=self._pool_size, ttl_dns_cache=60, keepalive_timeout=50, socket_factory=_socket
            )
            self._session = aiohttp.ClientSession(connector=connector, trust_env=False)

    async def shutdown(self) -> None:
        """Close the pool."""
        if self._session is not None:
            await self._session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Make a call. Raises TimedOut and NetworkError as the library's own request class does."""
        if self._session is None:
            raise RuntimeError("the request is not initialised")
        read = self._read if isinstance(read_timeout, DefaultValue) else read_timeout
        # The time-out is for the whole call: a half-open connection must not hold us any longer than that.
        timeout = aiohttp.ClientTimeout(total=read, connect=self._connect)
        try:
            async with self._session.request(method, url, data=_form(request_data), timeout=timeout) as response:
                return response.status, await response.read()
        except TimeoutError as error:
            raise TimedOut from error
        except (aiohttp.ClientError, OSError) as error:
            # The text of an aiohttp error may hold the address, and the address holds the token.
            raise NetworkError(type(error).__name__) from None


def _socket(address: aiohttp.AddrInfoType) -> socket.socket:
    """A socket that forgets what it could not send once we give up on it.

    Otherwise the kernel goes on sending a request that timed out; when the network is back it arrives beside its
    repetitions, and a person gets the same text several times.
    """
    family, kind, protocol = address[:3]
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return made


def _form(data: RequestData | None) -> aiohttp.FormData | dict[str, str] | None:
    if data is None:
        return None
    if not data.multipart_data:
        return data.json_parameters
    form = aiohttp.FormData()
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=mime)
    return form
