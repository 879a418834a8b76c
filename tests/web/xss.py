"""S1: what people and staff write never runs in a counsellor's browser.

`python -m tests.web.xss [--payloads 0 (all)]`: each payload as text, forwarded and edited text, caption, words of a
picture, button and command of a Telegram user, as note, tag, view, reason, hand-over, search and name at the sign-in,
read in Chromium on every page that shows them. A run of the payload, a request to a foreign address, a dialog or a
violation of the content security policy counts.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import tempfile
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import uvicorn
from playwright.async_api import Page, async_playwright
from sqlalchemy import select

from bot import logs
from bot.console.app import build
from bot.dialogue.types import ButtonEvent, CommandEvent, Event, MediaEvent, PictureEvent, TextEvent
from bot.services import staff, staff_sessions
from bot.services.content import ContentStore
from bot.services.conversations import ConversationService, Incoming
from bot.settings import ROOT, Settings
from bot.storage.db import Database
from bot.storage.migrate import upgrade
from bot.storage.models import Case, CaseState, Conversation, Message, Person, Role, Staff
from tests.chaos.harness import Checks
from tests.e2e.test_console import ARGUMENTS, CHROMIUM
from tests.privacy import canaries
from tests.support.processes import free_port, wait_for_port
from tests.web.payloads import payloads

WATCH = """
window.xss = () => { window.__ran = (window.__ran || 0) + 1; };
window.alert = window.confirm = window.prompt = window.xss;
window.__csp = [];
document.addEventListener('securitypolicyviolation', e => window.__csp.push(e.violatedDirective + ' ' + e.blockedURI));
"""
UNPROTECTED = """words => words.forEach(w => {
  const d = document.createElement('div'); d.innerHTML = w; document.body.append(d); })"""
"""On an empty page without protection: else nothing is known of the trap."""
KINDS = ("text", "forwarded", "edited", "caption", "picture", "button", "command")
OF_A_PERSON = 90
"""A case shows its newest hundred lines."""


def event(kind: str, words: str) -> Event:
    """What a Telegram user sends."""
    match kind:
        case "forwarded" | "edited":
            return TextEvent(words, **{kind: True})
        case "caption":
            return MediaEvent("document", caption=words, file_id="x")
        case "picture":
            return PictureEvent(text=words, caption=words)
        case "button":
            return ButtonEvent(words[:64])
        case "command":
            return CommandEvent("start", words)
        case _:
            return TextEvent(words)


@dataclass
class Watched:
    """A page of Chromium, and what happened in it that must not."""

    page: Page
    address: str
    ran: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    trap: int = 0
    """How much ran on a page without any protection."""
    visited: int = 0
    seen: int = 0
    """How often a payload's own letters stood in a page, escaped: without that nothing was tried."""

    async def visit(self, path: str) -> None:
        """Open a page and look what ran."""
        await self.page.goto(self.address + path, wait_until="load")
        await self.look(path)

    async def look(self, path: str) -> None:
        """Move over the page, and count."""
        await self.page.evaluate(
            "document.querySelectorAll('main *').forEach(e => { for (const k of ['mouseover', 'focus', 'toggle'])"
            " e.dispatchEvent(new Event(k, {bubbles: true})); })"
        )
        found = await self.page.evaluate(
            "[window.__ran || 0, window.__csp, document.body.innerText.includes('xss(1)')]"
        )
        self.visited += 1
        self.seen += bool(found[2])
        self.ran += [path] * found[0]
        self.violations += [f"{path}: {v}" for v in found[1]]


def main() -> int:
    """Run and judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--payloads", type=int, default=0)
    number = parser.parse_args().payloads
    os.environ.setdefault("DATA_KEY", "D" * 43 + "=")
    logs.set_up("ERROR")
    words = payloads()
    words = words[:: max(1, len(words) // number)] if number else words
    checks = Checks("xss")
    with tempfile.TemporaryDirectory(prefix="xss-") as folder:
        url = f"sqlite:///{Path(folder) / 'bot.sqlite3'}"
        upgrade(url)
        database = Database(url)
        asyncio.run(_fill(database, words))
        port = free_port()
        settings = Settings(_env_file=None, database_url=url, console_port=port)  # type: ignore[call-arg]
        content = ContentStore(ROOT / "content", database)
        server = uvicorn.Server(uvicorn.Config(build(settings, database, content), port=port, log_level="error"))
        threading.Thread(target=server.run, daemon=True).start()
        wait_for_port(port)
        watched = asyncio.run(_read(database, f"http://localhost:{port}", words))
        server.should_exit = True
        content.close()
        database.close()
    checks.check(f"{len(words)} payloads x {len(KINDS) + 8} fields: {watched.visited} pages read", watched.visited > 20)
    checks.check(f"without protection {watched.trap} ran: the trap works", watched.trap > len(words) // 10)
    checks.check(f"{watched.seen} pages show payloads, escaped", watched.seen > 10)
    checks.check(f"{len(watched.ran)} ran {watched.ran[:3]}", not watched.ran)
    checks.check(f"{len(watched.foreign)} requests to foreign addresses {watched.foreign[:3]}", not watched.foreign)
    checks.check(f"{len(watched.violations)} CSP violations {watched.violations[:3]}", not watched.violations)
    checks.figures = {"payloads": len(words), "pages": watched.visited, "pages_with_payloads": watched.seen}
    return checks.finish()


async def _fill(database: Database, words: list[str]) -> None:
    settings = Settings(_env_file=None, answers_per_minute=0)  # type: ignore[call-arg]
    clock = lambda: datetime.now(UTC)  # noqa: E731
    talking: Any = ConversationService(
        database, canaries._Content(), canaries._Nlu(), canaries.THRESHOLDS, settings, clock  # type: ignore[arg-type]
    )  # fmt: skip
    number = 0
    for kind in KINDS:
        for at, said in enumerate(words):
            number += 1
            chat = str(8_000_000 + KINDS.index(kind) * 1000 + at // OF_A_PERSON)
            await talking.handle(Incoming("telegram", chat, event(kind, said), number, number))
    with database.write() as session:
        opened = set(session.scalars(select(Case.person_id)))
        for person in session.scalars(select(Person).where(Person.id.not_in(opened))):
            session.add(Case(person_id=person.id, urgent=False, opened_at=clock(), state=CaseState.OPEN))


def _cookie(database: Database) -> str:
    with database.write() as session:
        staff.add(session, "dao", Role.SUPERVISOR, datetime.now(UTC))
        session.flush()
        row = session.scalars(select(Staff)).one()
        row.totp_secret, row.totp_confirmed_at = "A" * 32, datetime.now(UTC)
        return staff_sessions.start(session, row.id, datetime.now(UTC), full=True)


async def _read(database: Database, address: str, words: list[str]) -> Watched:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        context = await chromium.new_context()
        await context.add_init_script(WATCH)
        await context.add_cookies(
            [
                {"name": "console", "value": _cookie(database), "url": address, "httpOnly": True, "sameSite": "Strict"},
                {"name": "console-language", "value": "en", "url": address},
            ]
        )
        page = await context.new_page()
        watched = Watched(page, address)
        page.on("dialog", lambda d: watched.ran.append(f"dialog {d.message}"))
        page.on("request", lambda r: None if r.url.startswith(address) else watched.foreign.append(r.url))
        await page.evaluate(UNPROTECTED, words)
        await page.wait_for_timeout(500)
        watched.trap = await page.evaluate("window.__ran || 0") + len(watched.foreign)
        watched.foreign.clear()
        await _write_as_staff(watched, database, words)
        for path in _paths(database):
            await watched.visit(path)
        for said in words[:: max(1, len(words) // 60)]:
            for path in ("/search?q=", "/editing?q=", "/conversations?tag=", "/review?pile=", "/search?problem="):
                await watched.visit(path + quote(said[:190]))
        await context.clear_cookies(name="console")
        for said in words[:: max(1, len(words) // 10)]:  # the address may try so often before it must wait
            await watched.visit("/sign-in")
            await page.fill("#name", said[:90])
            await page.fill("#password", said)
            await page.click("main button")
            await watched.look("/sign-in")
        await chromium.close()
        return watched


async def _write_as_staff(watched: Watched, database: Database, words: list[str]) -> None:
    """The fields of the console itself."""
    page, address = watched.page, watched.address
    await page.goto(f"{address}/account")
    token = re.search(r'name="token" value="([0-9a-f]{64})"', await page.content())
    if token is None:
        raise RuntimeError("the sign-in of the test does not work any more")
    with database.read() as session:
        case = session.scalars(select(Case.id)).first()
        message = session.scalars(select(Message.id)).first()

    async def post(path: str, **fields: str) -> None:
        await page.request.post(address + path, form={"token": token[1], **fields}, headers={"origin": address})

    await post(f"/cases/{case}/claim")
    for said in words[:: max(1, len(words) // 40)]:
        await post(f"/cases/{case}/note", text=said)
        await post(f"/cases/{case}/tags", tag=said[:40], add=said[:40])
        await post(f"/cases/{case}/reply", text=said, once=said[:20])
        await post("/views", page="search", name=said[:60], query=f"q={quote(said[:100])}")
        await post(f"/messages/{message}/reveal", reason=said)
        await post(f"/cases/{case}/hand-over", to="dao", note=said)
        await post(f"/review/{message}", verdict="wrong", intent=said, note=said)


def _paths(database: Database) -> list[str]:
    """Every page that shows what people wrote, and every other one that needs nothing of its own."""
    with database.read() as session:
        cases = list(session.scalars(select(Case.id)))
        talks = list(session.scalars(select(Conversation.id)))
        messages = list(session.scalars(select(Message.id).limit(5)))
    paths = [
        "/queue",
        "/queue/rows",
        "/conversations",
        "/search?q=xss",
        "/search?q=alert",
        "/review",
        "/review?pile=all",
    ]
    paths += [
        "/audit",
        "/numbers",
        "/export",
        "/account",
        "/review/agreement",
        "/editing",
        "/editing/gaps",
        "/editing/work",
    ]
    paths += ["/editing/new", "/editing/try", "/questions", "/models"]
    paths += [f"/cases/{n}" for n in cases] + [f"/cases/{n}/messages" for n in cases]
    paths += [f"/conversations/{n}" for n in talks]
    return paths + [f"/review/{n}" for n in messages]


if __name__ == "__main__":
    raise SystemExit(main())
