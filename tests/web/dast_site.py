"""The console on a populated database for the scanners, and its OpenAPI description made from the router."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import inspect
import re
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.console.app import HEADERS, build
from bot.console.guard import Door
from bot.console.views import live, saved
from bot.services import demo, staff, staff_sessions
from bot.services.content import ContentStore
from bot.services.editing.desk import EditorsDesk
from bot.services.models import work
from bot.services.staff import Member
from bot.settings import ROOT, Settings
from bot.storage.db import Database
from bot.storage.migrate import upgrade
from bot.storage.models import (
    Broadcast,
    Case,
    CaseNote,
    Conversation,
    Direction,
    Model,
    ModelState,
    Role,
    Staff,
    TrainingQuestion,
)
from bot.storage.models import Message as Line
from tests.support.processes import free_port, wait_for_port

COOKIE = "__Host-console"
ANSWERS = ("200", "204", "206", "303", "400", "401", "403", "404", "405", "409", "416", "422", "429")
ENDS_THE_SESSION = ("/sign-out",)
"""The tests of the console look at it; a scanner that pressed it would scan the door from then on."""


@dataclass
class Seen:
    """What the console answered, whoever asked: nothing that a scanner overlooks is lost."""

    statuses: Counter[int] = field(default_factory=Counter)
    by_route: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    bare: list[str] = field(default_factory=list)
    """Answers without one of the headers of safety."""


@dataclass
class Site:
    """A console that listens, and who is signed in."""

    address: str
    app: Starlette
    database: Database
    seen: Seen
    cookies: dict[Role, str]
    numbers: dict[str, int]
    """A number that is there, for each kind of object."""
    folder: Path

    def headers(self, role: Role | None) -> dict[str, str]:
        """Cookie and form token of somebody; of nobody, nothing."""
        if role is None:
            return {}
        cookie = self.cookies[role]
        token = hmac.new(cookie.encode(), b"form", hashlib.sha256).hexdigest()
        return {"Cookie": f"{COOKIE}={cookie}; console-language=en", "X-Form-Token": token}


class Watch:
    """Counts every answer, and looks at its headers."""

    def __init__(self, app: ASGIApp, seen: Seen) -> None:
        self._app, self._seen = app, seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._note(scope, message)
            await send(message)

        if scope["type"] == "http" and scope["path"] in ENDS_THE_SESSION:
            await Response(status_code=403, headers=HEADERS | {"cache-control": "no-store"})(scope, receive, send)
            return
        await self._app(scope, receive, watched if scope["type"] == "http" else send)

    def _note(self, scope: Scope, message: Message) -> None:
        status, place = message["status"], f"{scope['method']} {scope['path']}"
        self._seen.statuses[status] += 1
        self._seen.by_route[place] += 1
        if status >= 500:
            self._seen.faults.append(f"{status} {place}?{scope['query_string'].decode(errors='replace')[:80]}")
        there = {name.decode().lower() for name, _ in message["headers"]}
        if not (HEADERS.keys() | {"cache-control"}) <= there:
            self._seen.bare.append(place)


@contextlib.contextmanager
def site(folder: Path, people: int) -> Iterator[Site]:
    """A console as behind TLS, on a made-up month; no training is started, no live page waits."""
    url, port = f"sqlite:///{folder / 'demo.sqlite3'}", free_port()
    upgrade(url)
    settings = Settings(
        _env_file=None, database_url=url, console_port=port, console_url=f"https://127.0.0.1:{port}",
        ffmpeg_program="no-such-program", training_dir=folder / "training",
    )  # type: ignore[call-arg]  # fmt: skip
    database = Database(url)
    now = datetime.now(UTC)
    with database.write() as session:
        demo.accounts(session, now)
    asyncio.run(demo.Filler(settings, database, ContentStore(settings.content_dir), now).fill(people))
    content = ContentStore(settings.content_dir, database)
    before = work.start, live.LASTS
    work.start, live.LASTS = (lambda _settings, _number: None), 0.0
    app, seen = build(settings, database, content), Seen()
    server = uvicorn.Server(
        uvicorn.Config(Watch(app, seen), port=port, log_config=None, access_log=False, server_header=False)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for_port(port)
    try:
        yield Site(
            f"http://127.0.0.1:{port}", app, database, seen, _signed_in(database), _numbers(database), folder
        )  # fmt: skip
    finally:
        server.should_exit = True
        thread.join(10)
        work.start, live.LASTS = before
        content.close()
        database.close()


def _signed_in(database: Database) -> dict[Role, str]:
    now, found = datetime.now(UTC), {}
    with database.write() as session:
        for row in session.scalars(select(Staff)):
            row.totp_secret, row.totp_confirmed_at, row.password_until = "A" * 32, now, None
            row.password_hash = staff.hashed(staff.new_password())
            found[Role(row.role)] = staff_sessions.start(session, row.id, now, full=True)
    return found


def _numbers(database: Database) -> dict[str, int]:
    now = datetime.now(UTC)
    desk = EditorsDesk(database, ROOT / "content", lambda: now)
    draft = desk.save("fact", "th_min_wage_low", {"means": "wage"}, Member(0, "ann", Role.EDITOR, enrolled=True), -1)
    with database.write() as session:
        rows = [
            Broadcast(topic="scam", texts={"en": "Beware"}, state="draft", created_by="ann", created_at=now),
            Model(state=ModelState.FAILED, created_by="ann", created_at=now),
            TrainingQuestion(text="passport?", form="english", intent="passport", source="editor", created_by="ann",
                             created_at=now),
        ]  # fmt: skip
        session.add_all(rows)
        session.flush()
        there = {
            "case": session.scalar(select(Case.id).limit(1)),
            "talk": session.scalar(select(Conversation.id).limit(1)),
            "note": session.scalar(select(CaseNote.id).limit(1)),
            "message": session.scalar(select(Line.id).where(Line.direction == Direction.IN).limit(1)),
        }
        return {name: int(value or 0) for name, value in there.items()} | {
            "draft": draft.id, "broadcast": rows[0].id, "model": rows[1].id, "question": rows[2].id,
        }  # fmt: skip


# ------------------------------------------------------------------ description


def routes(app: Starlette) -> list[tuple[str, str, Route]]:
    """(method, path pattern, route) of every page and form but the sign-out."""
    return [
        (method, route.path, route)
        for route in app.routes
        if isinstance(route, Route) and route.path not in ENDS_THE_SESSION
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]


def fields_of(route: Route) -> tuple[list[str], list[str]]:
    """Names that the view of a route reads from the query and from the form, as its module says."""
    door = next(cell.cell_contents for cell in route.endpoint.__closure__ or () if isinstance(cell.cell_contents, Door))
    source = inspect.getsource(inspect.getmodule(door.view))  # type: ignore[arg-type]
    own = inspect.getsource(door.view)
    asked = set(re.findall(r'asked\("(\w+)"\)', source))
    form = set(re.findall(r'form\.get\(\s*"(\w+)"', source)) | set(re.findall(r'form\.get\(\s*"(\w+)"', own))
    if "filters_of" in source or "FILTERS" in source:
        asked |= set(saved.FILTERS)
    return sorted(asked), sorted(form - {"token"})


def address_of(path: str, numbers: dict[str, int]) -> str:
    """The address of something that is there."""
    path = re.sub(r"\{(\w+):int\}", lambda m: str(numbers.get(m[1], 1)), path)
    return path.replace("{kind}", "faq").replace("{key}", "passport").replace("{code}", "lo")


def openapi(app: Starlette, numbers: dict[str, int]) -> dict[str, Any]:
    """An OpenAPI description of every route, with numbers of objects that are there among its values."""
    paths: dict[str, Any] = {}
    for method, pattern, route in routes(app):
        asked, form = fields_of(route)
        parameters = [_place(*found, numbers) for found in re.findall(r"\{(\w+)(:int)?\}", pattern)]
        parameters += [
            {"name": name, "in": "query", "required": False, "schema": {"type": "string", "maxLength": 60}}
            for name in asked
        ]
        operation: dict[str, Any] = {
            "operationId": f"{method.lower()}_{route.name}",
            "parameters": parameters,
            "responses": {status: {"description": "as documented"} for status in ANSWERS},
        }
        if method == "POST":
            operation["requestBody"] = {"content": {"application/x-www-form-urlencoded": {"schema": {
                "type": "object",
                "properties": {name: {"type": "string", "maxLength": 200} for name in form},
            }}}}  # fmt: skip
        paths.setdefault(re.sub(r":int\}", "}", pattern), {})[method.lower()] = operation
    return {"openapi": "3.0.3", "info": {"title": "console", "version": "1"}, "paths": paths}


def _place(name: str, kind: str, numbers: dict[str, int]) -> dict[str, Any]:
    if kind:
        schema: dict[str, Any] = {"anyOf": [{"enum": [numbers.get(name, 1)]}, {"type": "integer", "minimum": 0}]}
    else:
        known = {"kind": ["faq", "fact", "contact", "document"], "key": ["passport", "th_min_wage_low"], "code": ["lo"]}
        schema = {"anyOf": [{"enum": known.get(name, ["1"])}, {"type": "string", "minLength": 1, "maxLength": 60}]}
    return {"name": name, "in": "path", "required": True, "schema": schema}
