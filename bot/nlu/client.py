"""The client of the Rasa process: text in, parse out, with a time-out and a circuit breaker."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.nlu.parse import Parse, Reading


class NluUnavailableError(Exception):
    """The NLU did not give a usable answer in time. `reason` is a word for logs and metrics, never the text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass
class CircuitBreaker:
    """After `limit` failures in a row nobody waits; one probe every `pause` seconds finds out when the NLU is back."""

    limit: int = 3
    pause: float = 1.0
    failures: int = 0
    opened_at: float = 0.0

    @property
    def open(self) -> bool:
        """True while calls should not even be tried."""
        return self.failures >= self.limit and time.monotonic() - self.opened_at < self.pause

    @property
    def healthy(self) -> bool:
        """True while the NLU is trusted to answer."""
        return self.failures < self.limit

    def succeeded(self) -> None:
        """A call went well."""
        self.failures = 0

    def failed(self) -> None:
        """A call failed; the pause starts anew."""
        self.failures += 1
        self.opened_at = time.monotonic()


class NluClient:
    """Asks one Rasa server (or a load balancer before several)."""

    def __init__(self, url: str, token: str | None, timeout: float) -> None:
        self._url = url.rstrip("/") + "/model/parse"
        self._params = {"token": token} if token else {}
        self._timeout = aiohttp.ClientTimeout(total=timeout, connect=min(0.3, timeout))
        self._session: aiohttp.ClientSession | None = None
        self.breaker = CircuitBreaker()

    async def parse(self, text: str) -> Parse:
        """The parse of `text`. Raises NluUnavailableError at once while the breaker is open."""
        if self.breaker.open:
            raise NluUnavailableError("breaker_open")
        try:
            parse = parse_from_json(await self._ask(text))
        except TimeoutError as error:
            self.breaker.failed()
            raise NluUnavailableError("timeout") from error
        except aiohttp.ClientError as error:
            self.breaker.failed()
            # The error's own text may hold the address with the token.
            raise NluUnavailableError(type(error).__name__) from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            self.breaker.failed()
            raise NluUnavailableError("garbage") from error
        self.breaker.succeeded()
        return parse

    async def _ask(self, text: str) -> Any:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=16), timeout=self._timeout, trust_env=False
            )
        async with self._session.post(self._url, params=self._params, json={"text": text}) as response:
            response.raise_for_status()
            return json.loads(await response.read())

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()


def parse_from_json(body: dict[str, Any]) -> Parse:
    """Rasa's answer as a typed parse. Raises ValueError, KeyError or TypeError when it has another shape."""
    ranking = tuple(Reading(str(r["name"]), float(r["confidence"])) for r in body["intent_ranking"])
    if not ranking:
        raise ValueError("empty ranking")
    return Parse(
        ranking=ranking,
        form=_named(body.get("form")),
        language=_named(body.get("language")),
        urgent_score=float(body.get("urgent_score") or 0.0),
        clauses=tuple(Reading(str(c["intent"]), float(c["confidence"])) for c in body.get("clauses") or ()),
    )


def _named(value: Any) -> str | None:
    """Our pipeline says {"name": ..., "confidence": ...}; another one may say nothing."""
    return str(value["name"]) if isinstance(value, dict) and value.get("name") else None
