"""A stand-in for the Rasa process: answers /model/parse from a rule, and misbehaves on demand.

`python -m tests.support.fake_nlu --port N`. A text "m17" is read as topic number 17 of topics.yml (in turn), so that
a test can see from a reply which question it answers. POST /_fault {"kind": "500|garbage|slow|none", "seconds": 10}
switches faults.
"""

from __future__ import annotations

import argparse
import asyncio
import re
from typing import Any

from aiohttp import web

from bot.knowledge.load import load_topics
from bot.settings import ROOT

NUMBERED = re.compile(r"m(\d+)")
TOPICS = [
    t.id for t in load_topics(ROOT / "content" / "topics.yml").values() if t.group not in ("chat", "urgent", "help")
]


def topic_of(text: str) -> str:
    """The topic that this stand-in reads in a text."""
    found = NUMBERED.search(text)
    return TOPICS[int(found.group(1)) % len(TOPICS)] if found else "passport"


class FakeNlu:
    """The application and its present fault."""

    def __init__(self) -> None:
        self.fault, self.seconds, self.calls = "none", 10.0, 0

    async def parse(self, request: web.Request) -> web.Response:
        self.calls += 1
        body = await request.json()
        if self.fault == "500":
            return web.Response(status=500)
        if self.fault == "garbage":
            return web.Response(text="<html>oops", content_type="application/json")
        if self.fault == "slow":
            await asyncio.sleep(self.seconds)
        return web.json_response(_answer(str(body.get("text", ""))))

    async def set_fault(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.fault, self.seconds = body.get("kind", "none"), float(body.get("seconds", 10))
        return web.json_response({"calls": self.calls})

    def app(self) -> web.Application:
        """The web application."""
        app = web.Application()
        app.router.add_post("/model/parse", self.parse)
        app.router.add_post("/_fault", self.set_fault)
        return app


def _answer(text: str) -> dict[str, Any]:
    topic = topic_of(text)
    ranking = [{"name": topic, "confidence": 0.97}, {"name": "visa", "confidence": 0.01}]
    return {
        "text": text,
        "intent": ranking[0],
        "intent_ranking": ranking,
        "form": {"name": "lao", "confidence": 1.0},
        "language": {"name": "lo", "confidence": 1.0},
        "urgent_score": 0.3 if "ຂັງ" in text or "ขัง" in text else 0.0,
        "clauses": [],
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    web.run_app(FakeNlu().app(), host="127.0.0.1", port=parser.parse_args().port, print=None, access_log=None)
