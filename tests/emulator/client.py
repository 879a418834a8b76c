"""Drives an emulator in another process; standard library only."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from .errors import ControlError


class EmulatorClient:
    """Each verb of control.VERBS is a method: `client.send_text(user_id=1, text="hello")`."""

    def __init__(self, base_url: str, timeout: float = 120.0) -> None:
        """`base_url` as http://127.0.0.1:8081."""
        self.base_url = base_url.rstrip("/")
        self._timeout = timeout

    def call(self, verb: str, **arguments: Any) -> Any:
        """The verb's result as JSON; ControlError or TimeoutError when the emulator refuses."""
        body = json.dumps(arguments).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.base_url}/_emu/{verb}", data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=self._timeout) as response:
                return json.load(response)["result"]
        except urllib.error.HTTPError as error:
            message = json.load(error).get("error", str(error))
            raise (TimeoutError if error.code == 408 else ControlError)(message) from error

    async def acall(self, verb: str, **arguments: Any) -> Any:
        """`call` from a coroutine."""
        return await asyncio.to_thread(self.call, verb, **arguments)

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        if verb.startswith("_"):
            raise AttributeError(verb)

        def run(**arguments: Any) -> Any:
            return self.call(verb, **arguments)

        return run
