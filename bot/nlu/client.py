"""The client of the Rasa process: text in, parse out, with a time-out and a circuit breaker."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.nlu.parse import Clause, Parse, Reading
from nlu.text.zones import URGENT


class NluUnavailableError(Exception):
    """The NLU did not give a usable answer in time. `reason` is a word for logs and metrics, never the text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


PROBE_TEXT = "ສະບາຍດີ"
_STROKES = re.compile(r"^[\s/]+")
"""Rasa believes a text that begins with a stroke: "/x" is its intent x, for certain. People only write so."""


@dataclass
class CircuitBreaker:
    """After `limit` failures in a row nobody asks any more, until a probe found the NLU well."""

    limit: int = 3
    pause: float = 0.5
    """Seconds between probes."""
    failures: int = 0

    @property
    def open(self) -> bool:
        """True while calls should not even be tried."""
        return self.failures >= self.limit

    def succeeded(self) -> None:
        """A call went well."""
        self.failures = 0

    def failed(self) -> None:
        """A call failed."""
        self.failures += 1


class NluClient:
    """Asks one Rasa server (or a load balancer before several)."""

    def __init__(self, url: str, token: str | None, timeout: float) -> None:
        self.retarget(url)
        self._params = {"token": token} if token else {}
        self._timeout = aiohttp.ClientTimeout(total=timeout, connect=min(0.3, timeout))
        self._session: aiohttp.ClientSession | None = None
        self._probing: asyncio.Task[None] | None = None
        self.breaker = CircuitBreaker()

    def retarget(self, url: str) -> None:
        """Ask there from now on; calls under way end where they began."""
        self._url = url.rstrip("/") + "/model/parse"

    async def parse(self, text: str) -> Parse:
        """The parse of `text`. Raises NluUnavailableError; at once while the breaker is open: nobody waits then."""
        if self.breaker.open:
            self._probe_until_well()
            raise NluUnavailableError("breaker_open")
        try:
            parse = await self._try(text)
        except NluUnavailableError:
            self.breaker.failed()
            if self.breaker.open:
                self._probe_until_well()
            raise
        self.breaker.succeeded()
        return parse

    async def _try(self, text: str) -> Parse:
        try:
            return parse_from_json(await self._ask(text))
        except TimeoutError as error:
            raise NluUnavailableError("timeout") from error
        except (aiohttp.ClientError, OSError) as error:
            # The error's own text may hold the address with the token.
            raise NluUnavailableError(type(error).__name__) from None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise NluUnavailableError("garbage") from error

    def _probe_until_well(self) -> None:
        """One task asks again and again, so that no person waits for a time-out while the NLU is away."""
        if self._probing is None or self._probing.done():
            self._probing = asyncio.create_task(self._probe(), name="nlu-probe")

    async def _probe(self) -> None:
        while self.breaker.open:
            await asyncio.sleep(self.breaker.pause)
            with contextlib.suppress(NluUnavailableError):
                await self._try(PROBE_TEXT)
                self.breaker.succeeded()

    async def _ask(self, text: str) -> Any:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=16), timeout=self._timeout, trust_env=False
            )
        async with self._session.post(
            self._url, params=self._params, json={"text": _STROKES.sub("", text) or "?"}
        ) as response:
            response.raise_for_status()
            return json.loads(await response.read())

    async def close(self) -> None:
        """Close the connections."""
        if self._probing is not None:
            self._probing.cancel()
            await asyncio.gather(self._probing, return_exceptions=True)
        if self._session is not None:
            await self._session.close()


def parse_from_json(body: dict[str, Any]) -> Parse:
    """Rasa's answer as a typed parse. Raises ValueError, KeyError or TypeError when it has another shape.

    An answer that says nothing (no ranking, all nought, not a number) must count as none at all: beside a model that
    "sees no danger" a sure cry of the lexicon would only be asked about.
    """
    ranking = tuple(Reading(str(r["name"]), _share(r["confidence"])) for r in body["intent_ranking"])
    if not any(reading.confidence for reading in ranking):
        raise ValueError("empty ranking")
    told = body.get("urgent_score")
    # A model of another make has no such figure: its urgent topics together are what it means.
    urgent = sum(r.confidence for r in ranking if r.intent.startswith(URGENT)) if told is None else _share(told)
    return Parse(
        ranking=ranking,
        form=_named(body.get("form")),
        language=_named(body.get("language")),
        urgent_score=min(1.0, urgent),
        clauses=tuple(_clause(c) for c in body.get("clauses") or ()),
    )


def _share(value: Any) -> float:
    """A number from 0 to 1 (rounding may pass it by a hair). Raises ValueError for NaN and all others."""
    share = float(value)
    if not 0.0 <= share <= 1.001:
        raise ValueError("no share")
    return share


def _named(value: Any) -> str | None:
    """Our pipeline says {"name": ..., "confidence": ...}; another one may say nothing."""
    return str(value["name"]) if isinstance(value, dict) and value.get("name") else None


def _clause(value: dict[str, Any]) -> Clause:
    best = value["intent_ranking"][0]
    return Clause(str(best["name"]), _share(best["confidence"]), _share(value.get("urgent_score") or 0.0))
