"""S5: sessions with a moved clock, beside what test_sign_in.py shows (idle, twelve hours, sign-out)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select
from starlette.applications import Starlette
from typer.testing import CliRunner

from bot.cli import app as commands
from bot.console.app import build
from bot.console.roles import ROUTES
from bot.services import staff, staff_sessions
from bot.services.staff_sessions import IDLE, LONGEST
from bot.settings import Settings
from bot.storage.db import Database
from bot.storage.models import AuditEntry, Case, CaseState, Role, StaffSession
from tests.integration.console.conftest import PASSWORD, Browser, Chat, Content, TestClient
from tests.integration.console.test_doors import routes
from tests.support.clock import START, Clock

NEW = "another long password"


def again(browser: Callable[[], Browser], first: Browser, name: str = "dao", password: str = PASSWORD) -> Browser:
    """The same account in another browser."""
    first.clock.forward(minutes=1)
    one = browser()
    one.secret = first.secret
    one.get("/sign-in")
    one.post("/sign-in", name=name, password=password)
    assert one.post("/code", code=one.code()).headers["location"] == "/"
    one.page = ""
    return one


def living(one: Browser) -> bool:
    return one.get("/account").status_code == 200


def change(one: Browser, current: str = PASSWORD, new: str = NEW, repeated: str | None = None) -> object:
    return one.post("/account/password", current=current, password=new, again=new if repeated is None else repeated)


def test_limits_are_those_of_the_goal() -> None:
    assert timedelta(minutes=15) <= IDLE <= timedelta(minutes=30)
    assert timedelta(hours=12) == LONGEST


def test_a_cookie_planted_before_the_sign_in_is_worth_nothing(signed_in, browser) -> None:
    first = signed_in(Role.COUNSELLOR, "dao")
    one, planted = browser(), "planted-by-a-thief-0123456789abcdef"
    one.http.cookies.set("console", planted)
    one.secret = first.secret
    one.clock.forward(minutes=1)
    one.get("/sign-in")
    one.post("/sign-in", name="dao", password=PASSWORD)
    half = one.http.cookies.get("console", domain="localhost.local")
    one.http.cookies.delete("console", domain="")
    assert one.post("/code", code=one.code()).headers["location"] == "/"
    full = one.http.cookies.get("console", domain="localhost.local")
    assert len({planted, half, full}) == 3
    for worthless in (planted, half):
        thief = browser()
        thief.http.cookies.set("console", worthless)
        assert thief.get("/account").status_code == 303


def test_a_new_password_ends_all_other_sessions_and_renews_this_one(signed_in, browser, database: Database) -> None:
    one = signed_in(Role.COUNSELLOR, "dao")
    other = again(browser, one)
    assert living(one) and living(other)
    before = one.http.cookies["console"]
    answer = change(one)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?did=password")
    assert "Your password is changed" in one.get("/account?did=password").text
    assert one.http.cookies["console"] != before
    assert living(one) and not living(other)
    thief = browser()
    thief.http.cookies.set("console", before)
    assert not living(thief)
    assert living(again(browser, one, password=NEW))
    with database.read() as session:
        assert "password_changed" in session.scalars(select(AuditEntry.action)).all()


def test_a_new_password_needs_the_present_one(signed_in, database: Database) -> None:
    one = signed_in(Role.EDITOR, "dao")
    with database.read() as session:
        before = staff.password_of(session, "dao", one.clock())
    for answer, words in (
        (change(one, current="wrong"), "not your present password"),
        (change(one, new="short"), "at least 14"),
        (change(one, repeated="different"), "not the same"),
    ):
        assert answer.status_code == 422 and words in answer.text
    assert [change(one, current="wrong").status_code for _ in range(6)] == [422] * 4 + [429] * 2
    with database.read() as session:
        assert staff.password_of(session, "dao", one.clock()) == before
        assert session.scalars(select(AuditEntry.action)).all().count("password_failed") == 5
    assert living(one)


def test_other_rights_end_the_session(signed_in, browser, database: Database, chat: Chat, monkeypatch) -> None:
    one = signed_in(Role.COUNSELLOR, "dao")
    one.post(f"/cases/{chat.case}/claim")
    monkeypatch.setattr("bot.cli.console.settings", lambda: Settings(_env_file=None, database_url=database.url))
    done = CliRunner().invoke(commands, ["staff", "role", "dao", "--to", "editor"])
    assert done.exit_code == 0, done.output
    assert "1 cases are back" in done.output
    assert not living(one)
    other = again(browser, one)
    assert other.get("/queue").status_code == 403
    assert other.get("/editing").status_code == 200
    with database.read() as session:
        assert session.get_one(Case, chat.case).state == CaseState.OPEN
        rows = session.execute(select(AuditEntry.action, AuditEntry.object, AuditEntry.reason)).all()
        assert ("role_changed", "dao", "editor") in rows and ("release", f"case {chat.case}", "role_changed") in rows


def test_a_shut_account_and_a_reset_end_every_session(signed_in, browser, database: Database) -> None:
    for number, what in enumerate(("disable", "reset")):
        one = signed_in(Role.COUNSELLOR, name := f"dao{number}")
        both = (one, again(browser, one, name))
        with database.write() as session:
            getattr(staff, what)(session, name, one.clock())
        assert [living(b) for b in both] == [False, False]
    with database.read() as session:
        assert session.scalars(select(StaffSession)).all() == []


def test_signing_out_leaves_ones_other_browsers_alone_and_clears_this_one(signed_in, browser) -> None:
    one = signed_in(Role.COUNSELLOR, "dao")
    other = again(browser, one)
    assert one.post("/sign-out").headers["clear-site-data"] == '"cache", "storage"'
    assert not living(one) and living(other)


@pytest.mark.parametrize("role", list(Role))
def test_nothing_behind_the_door_is_kept_by_a_browser(
    site: Starlette, signed_in, chat: Chat, database: Database, clock: Clock, role: Role
) -> None:
    one, seen = signed_in(role), 0
    for name, method, pattern in routes(site):
        path = re.sub(r"\{\w+:int\}|\{kind\}|\{key\}|\{code\}", lambda m: {"{kind}": "faq", "{key}": "passport",
                      "{code}": "lo"}.get(m[0], "1"), pattern)  # fmt: skip
        if name == "sign_out":
            continue
        answer = one.get(path) if method == "GET" else one.post(path)
        assert answer.headers["cache-control"] == "no-store", (name, answer.status_code)
        seen += 1
    assert seen >= len(ROUTES) - 1


def test_the_clock_of_the_machine_counts(database: Database) -> None:
    """Without a clock of the tests: what a bot in service does."""
    address = "https://desk.example.org"
    with time_machine.travel(START, tick=False) as moved:
        with database.write() as session:
            staff.add(session, "dao", Role.SUPERVISOR, START)
            session.flush()
            session.query(staff.Staff).one().totp_confirmed_at = START
            cookie = staff_sessions.start(session, 1, START, full=True)
        house = build(Settings(_env_file=None, console_url=address), database, Content())  # type: ignore[arg-type,call-arg]
        client = TestClient(house, base_url=address, follow_redirects=False)
        client.cookies.set("__Host-console", cookie, domain="desk.example.org")
        assert client.get("/queue").status_code == 200
        moved.shift(IDLE - timedelta(minutes=1))
        assert client.get("/queue").status_code == 200
        moved.shift(IDLE + timedelta(minutes=1))
        assert client.get("/queue").status_code == 303
        moved.move_to(datetime(2026, 11, 25, tzinfo=UTC))
        client.cookies.clear()
        header = client.get("/sign-in").headers["set-cookie"]
    parts = {part.strip().lower() for part in header.split(";")}
    assert header.startswith("__Host-console=")
    assert {"secure", "httponly", "samesite=strict", "path=/"} <= parts
    assert not any(part.startswith(("domain", "max-age", "expires")) for part in parts)
