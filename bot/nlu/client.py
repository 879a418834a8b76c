"""The client of the Rasa process: text in, parse out, with a time-out and a circuit breaker."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import httpx

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

    def __init__(self, url: str, token: str | None, timeout: float, transport: httpx.AsyncBaseTransport | None = None):
        self._params = {"token": token} if token else {}
        self._http = httpx.AsyncClient(
            base_url=url,
            timeout=httpx.Timeout(timeout, connect=min(0.3, timeout)),
            transport=transport,
            limits=httpx.Limits(max_connections=16, max_keepalive_connections=16),
            trust_env=False,
        )
        self.breaker = CircuitBreaker()

    async def parse(self, text: str) -> Parse:
        """The parse of `text`. Raises NluUnavailableError at once while the breaker is open."""
        if self.breaker.open:
            raise NluUnavailableError("breaker_open")
        try:
            response = await self._http.post("/model/parse", params=self._params, json={"text": text})
            response.raise_for_status()
            parse = parse_from_json(response.json())
        except httpx.TimeoutException as error:
            self.breaker.failed()
            raise NluUnavailableError("timeout") from error
        except httpx.HTTPError as error:
            self.breaker.failed()
            raise NluUnavailableError(type(error).__name__) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            self.breaker.failed()
            raise NluUnavailableError("garbage") from error
        self.breaker.succeeded()
        return parse

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def parse_from_json(body: dict[str, Any]) -> Parse:
    """Rasa's answer as a typed parse. Raises ValueError, KeyError or TypeError when it has another shape."""
    ranking = tuple(Reading(str(r["name"]), float(r["confidence"])) for r in body["intent_ranking"])
    if not ranking:
        raise ValueError("empty ranking")
    return Parse(
        ranking=ranking,
        form=body.get("form"),
        language=body.get("language"),
        urgent_score=float(body.get("urgent_score") or 0.0),
        clauses=tuple(Reading(str(c["intent"]), float(c["confidence"])) for c in body.get("clauses") or ()),
    )
