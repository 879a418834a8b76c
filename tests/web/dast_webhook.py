"""The webhook door of a running bot: a wrong secret, size, kind or body is not processed, nor is an update that came.

Deliveries that are repeated, out of order or refused in between: tests/chaos/doors.py and `kill9 --mode webhook`.
"""

from __future__ import annotations

import ast
import http.client
import json
import random
import statistics
import string
import time
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bot.settings import ROOT
from bot.storage.db import Database
from bot.storage.models import InboxUpdate, Message
from bot.telegram.webhook import HEADER, MAX_BODY, PATH
from tests.chaos.harness import Checks, World, world

SECRET, OLD = "a-secret-for-the-chaos-tests", "the-secret-of-last-month"
CHAT = 4100


def run(checks: Checks, examples: int, seed: int) -> None:
    """All tries at one bot, and one with another secret before it."""
    _constant_time(checks)
    with world("sqlite", "webhook") as here:
        with_old = here.start_bot(TELEGRAM_WEBHOOK_SECRET=OLD)
        answered = _post(here, _update(1, "m1"), OLD)[0]
        checks.check(f"with its secret an update is taken ({answered})", answered == 200)
        _settled(here, 1)
        with_old.stop()
        here.start_bot()
        _refused(checks, here)
        _taken_once(checks, here)
        _anything(checks, here, 20 * examples, seed)


def _constant_time(checks: Checks) -> None:
    """The secret meets `hmac.compare_digest` and nothing else, and before the body is read."""
    tree = ast.parse((ROOT / "bot" / "telegram" / "webhook.py").read_text(encoding="utf-8"))
    compared = [
        node for node in ast.walk(tree) if isinstance(node, ast.Compare)
        and any(isinstance(n, ast.Name) and n.id in ("secret", "given") for n in ast.walk(node))
    ]  # fmt: skip
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "attr", "") == "compare_digest"]
    reads = [n.lineno for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "_body"]
    checks.check(f"the secret is compared in constant time ({len(compared)} other comparisons), before the body",
                 len(calls) == 1 and not compared and calls[0].lineno < min(reads))  # fmt: skip


def _update(number: int, text: str) -> bytes:
    message = {"message_id": number, "date": int(time.time()), "text": text, "chat": {"id": CHAT, "type": "private"},
               "from": {"id": CHAT, "is_bot": False, "first_name": "x"}}  # fmt: skip
    return json.dumps({"update_id": number, "message": message}).encode()


def _post(
    here: World, body: bytes, secret: str | None = SECRET, kind: str | None = "application/json",
    method: str = "POST", path: str = PATH, *, chunked: bool = False,
) -> tuple[int, float]:  # fmt: skip
    """Status and seconds; 0 when the door was shut in our face."""
    connection = http.client.HTTPConnection("127.0.0.1", here.webhook_port, timeout=10)
    headers = {HEADER: secret, "Content-Type": kind}
    started = time.perf_counter()
    try:
        data: Any = (body[at : at + 65536] for at in range(0, len(body), 65536)) if chunked else body
        connection.request(method, path, data, {k: v for k, v in headers.items() if v is not None},
                           encode_chunked=chunked)  # fmt: skip
        return connection.getresponse().status, time.perf_counter() - started
    except OSError:
        return 0, time.perf_counter() - started
    finally:
        connection.close()


def _counts(here: World) -> tuple[int, int]:
    """Updates that were stored, and lines of transcripts from people."""
    database = Database(here.database_url)
    with database.read() as session:
        stored = session.scalar(select(func.count()).select_from(InboxUpdate)) or 0
        lines = session.scalar(select(func.count()).select_from(Message).where(Message.direction == "in")) or 0
    database.close()
    return stored, lines


def _settled(here: World, lines: int) -> tuple[int, int]:
    until = time.monotonic() + 15
    while _counts(here)[1] < lines and time.monotonic() < until:
        time.sleep(0.1)
    time.sleep(0.5)
    return _counts(here)


def _refused(checks: Checks, here: World) -> None:
    before, large = _counts(here), b'{"update_id": 2, "x": "' + b"a" * 2_000_000 + b'"}'
    tries = {
        "no secret": (_post(here, _update(10, "x"), None)[0], (403,)),
        "an empty one": (_post(here, _update(10, "x"), "")[0], (403,)),
        "a wrong one": (_post(here, _update(10, "x"), "wrong")[0], (403,)),
        "the old one": (_post(here, _update(10, "x"), OLD)[0], (403,)),
        "one letter too many": (_post(here, _update(10, "x"), SECRET + "x")[0], (403,)),
        "one too few": (_post(here, _update(10, "x"), SECRET[:-1])[0], (403,)),
        "capitals": (_post(here, _update(10, "x"), SECRET.upper())[0], (403,)),
        "2 MB": (_post(here, large)[0], (413, 0)),
        "2 MB in pieces": (_post(here, large, chunked=True)[0], (413, 0)),
        "2 MB and a wrong secret": (_post(here, large, "wrong")[0], (403, 0)),
        "a form": (_post(here, b"update_id=10", kind="application/x-www-form-urlencoded")[0], (415,)),
        "plain text": (_post(here, _update(10, "x"), kind="text/plain")[0], (415,)),
        "no kind": (_post(here, _update(10, "x"), kind=None)[0], (415,)),
        "GET": (_post(here, b"", method="GET")[0], (405,)),
        "PUT": (_post(here, _update(10, "x"), method="PUT")[0], (405,)),
        "another path": (_post(here, _update(10, "x"), path="/telegram/x")[0], (404,)),
        "no JSON": (_post(here, b"{update_id: 10")[0], (400,)),
        "half a letter": (_post(here, b'{"update_id": 10, "message": "\xff"}')[0], (400,)),
        "100,000 brackets": (_post(here, b"[" * 100_000)[0], (400,)),
        "a list": (_post(here, b"[1]")[0], (200,)),
        "no number": (_post(here, b'{"message": {"text": "x"}}')[0], (200,)),
        "a number as text": (_post(here, b'{"update_id": "10"}')[0], (200,)),
        "a negative number": (_post(here, b'{"update_id": -1}')[0], (200,)),
        "a huge number": (_post(here, b'{"update_id": ' + b"9" * 30 + b"}")[0], (200,)),
    }
    wrong = {what: status for what, (status, right) in tries.items() if status not in right}
    checks.check(f"{len(tries)} tries: {len(wrong)} answered otherwise than they should {wrong}", not wrong)
    time.sleep(1)
    after = _counts(here)
    checks.check(f"of these {after[0] - before[0]} stored, {after[1] - before[1]} processed", after == before)
    checks.figures["webhook_tries"] = len(tries)
    checks.check(f"a body of {MAX_BODY:,} bytes is the largest", MAX_BODY <= 1_000_000)


def _taken_once(checks: Checks, here: World) -> None:
    before = _counts(here)
    statuses = [_post(here, _update(20, "m7"))[0] for _ in range(5)]
    other = _post(here, _update(20, "m8"))[0]
    stored, lines = _settled(here, before[1] + 1)
    checks.check(
        f"one update five times, and its number with other words: {[*statuses, other]}, {stored - before[0]} stored, "
        f"{lines - before[1]} processed",
        {*statuses, other} == {200} and (stored - before[0], lines - before[1]) == (1, 1),
    )  # fmt: skip
    median = {}
    for what, secret in (("first letter wrong", "X" + SECRET[1:]), ("last letter wrong", SECRET[:-1] + "X")):
        median[what] = 1000 * statistics.median(_post(here, b"{}", secret)[1] for _ in range(150))
    apart = abs(median["first letter wrong"] - median["last letter wrong"])
    checks.check(f"a secret wrong at its first or last letter: medians {apart:.3f} ms apart", apart < 2)
    checks.figures["secret_ms_apart"] = round(apart, 4)


def _anything(checks: Checks, here: World, number: int, seed: int) -> None:
    """JSON of any shape with the right secret: never a 5xx, and the bot lives."""
    draw, bad = random.Random(seed), []
    for at in range(number):
        body = {
            "update_id": 1000 + at,
            draw.choice(("message", "callback_query", "edited_message", "x")): _any(draw, 4),
        }
        status, _ = _post(here, json.dumps(body).encode())
        if status != 200:
            bad.append(status)
    time.sleep(2)
    alive = here.bots[-1].alive and here.health() == 200
    checks.check(f"{number} updates of any shape: {len(bad)} not taken {bad[:3]}; the bot lives: {alive}",
                 not bad and alive)  # fmt: skip
    text = (Path(here.folder) / "bot.log").read_text(errors="replace")
    checks.check("neither secret stands in the log", SECRET not in text and OLD not in text)


def _any(draw: random.Random, depth: int) -> Any:
    kinds = ["int", "text", "null", "bool"] + ["dict", "list"] * (depth > 0)
    match draw.choice(kinds):
        case "int":
            return draw.choice((0, -1, 2**31, 2**63, 1.5, CHAT))
        case "text":
            return "".join(draw.choices(string.printable + "ກ\ud83d\x00", k=draw.randrange(30)))
        case "dict":
            names = ("chat", "from", "text", "id", "data", "message", "entities", "message_id", "date", "photo")
            return {draw.choice(names): _any(draw, depth - 1) for _ in range(draw.randrange(6))}
        case "list":
            return [_any(draw, depth - 1) for _ in range(draw.randrange(4))]
        case "bool":
            return True
        case _:
            return None
