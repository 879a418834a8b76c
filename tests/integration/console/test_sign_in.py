"""The way in and out."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.services import staff, staff_sessions
from bot.settings import Settings
from bot.storage.db import Database
from bot.storage.models import AuditEntry, Role, Staff, StaffSession
from tests.integration.console.conftest import PASSWORD, Browser


def enter(one: Browser, name: str, password: str = PASSWORD) -> object:
    one.get("/sign-in")
    return one.post("/sign-in", name=name, password=password)


def test_first_sign_in_sets_password_and_second_factor(signed_in, database: Database) -> None:
    one = signed_in(Role.COUNSELLOR, "dao")
    assert one.get("/").headers["location"] == "/queue"
    assert one.get("/queue").status_code == 200
    with database.read() as session:
        row = session.scalars(select(Staff)).one()
        assert row.password_until is None
        assert "m=65536,t=3,p=1" not in row.password_hash  # the tests' own quick hasher was used
    assert (staff.PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1).memory_cost) == 65536


def test_the_second_time_asks_for_a_code_that_counts_once(signed_in, browser) -> None:
    one = signed_in(Role.COUNSELLOR, "dao")
    one.clock.forward(minutes=2)
    again = browser()
    again.secret = one.secret
    assert "authenticator" in enter(again, "dao").text
    assert again.http.get("/queue").headers["location"] == "/sign-in"  # half way is not in
    code = again.code()
    before = again.http.cookies["console"]
    assert again.post("/code", code=code).headers["location"] == "/"
    assert again.http.cookies["console"] != before
    third = browser()
    enter(third, "dao")
    assert third.post("/code", code=code).status_code == 401


def test_unknown_wrong_and_closed_are_answered_alike(signed_in, browser, database: Database) -> None:
    one = signed_in(Role.COUNSELLOR, "dao")
    signed_in(Role.EDITOR, "noy")
    with database.write() as session:
        staff.disable(session, "noy", one.clock())
    pages = []
    for name, password in (("nobody", PASSWORD), ("dao", "wrong"), ("noy", PASSWORD)):
        answer = enter(browser(), name, password)
        pages.append((answer.status_code, "wrong, or the account is closed" in answer.text))
    assert pages == [(401, True)] * 3


def test_five_tries_a_minute_then_slower(signed_in, browser, clock) -> None:
    signed_in(Role.COUNSELLOR, "dao")
    seen = [enter(browser(), "dao", "wrong").status_code for _ in range(7)]
    assert seen == [401] * 5 + [429] * 2
    assert enter(browser(), "dao").status_code == 429
    clock.forward(seconds=61)
    assert enter(browser(), "dao", "wrong").status_code == 401
    assert enter(browser(), "dao", "wrong").status_code == 429
    clock.forward(seconds=61)
    assert enter(browser(), "dao").status_code == 200


def test_a_stranger_with_the_password_cannot_guess_the_code(signed_in, browser) -> None:
    signed_in(Role.COUNSELLOR, "dao")
    one = browser()
    enter(one, "dao")
    assert [one.post("/code", code=f"{n:06}").status_code for n in range(6)] == [401] * 5 + [429]


def test_a_first_password_ends(browser, database: Database, clock) -> None:
    with database.write() as session:
        first = staff.add(session, "dao", Role.COUNSELLOR, clock())
    clock.forward(hours=73)
    assert enter(browser(), "dao", first).status_code == 401


def test_weak_passwords_are_refused(browser, database: Database, clock) -> None:
    one = browser()
    with database.write() as session:
        first = staff.add(session, "dao", Role.COUNSELLOR, clock())
    enter(one, "dao", first)
    one.get("/enrol")
    assert one.post("/enrol", password="short", again="short", code="1").status_code == 422
    assert one.post("/enrol", password=PASSWORD, again="other", code="1").status_code == 422
    easy = one.post("/enrol", password="dao dao hotline", again="dao dao hotline", code="1")
    assert (easy.status_code, "easy to guess" in easy.text) == (422, True)


@pytest.mark.parametrize(("idle", "living"), [(19, True), (21, False)])
def test_a_session_ends_when_nobody_clicks(signed_in, idle: int, living: bool) -> None:
    one = signed_in(Role.COUNSELLOR)
    one.clock.forward(minutes=idle)
    assert (one.get("/queue").status_code == 200) is living


def test_refreshing_by_itself_is_no_click(signed_in) -> None:
    one = signed_in(Role.COUNSELLOR)
    for _ in range(3):
        one.clock.forward(minutes=8)
        answer = one.get("/queue/rows", headers={"hx-request": "true"})
    assert answer.status_code == 401
    assert "session has ended" in answer.text


def test_a_session_ends_after_twelve_hours(signed_in) -> None:
    one = signed_in(Role.COUNSELLOR)
    for _ in range(12 * 4):
        one.clock.forward(minutes=15)
        assert one.get("/queue").status_code == 200
    one.clock.forward(minutes=1)
    assert one.get("/queue").status_code == 303


def test_signing_out_kills_the_session(signed_in, database: Database) -> None:
    one = signed_in(Role.COUNSELLOR)
    cookie = one.http.cookies["console"]
    answer = one.post("/sign-out")
    assert answer.headers["location"] == "/sign-in"
    assert "cache" in answer.headers["clear-site-data"]
    one.http.cookies.set("console", cookie)
    assert one.get("/queue").status_code == 303
    with database.read() as session:
        assert session.scalars(select(StaffSession)).all() == []
        assert "sign_out" in session.scalars(select(AuditEntry.action)).all()


@pytest.mark.parametrize("what", ["disable", "reset"])
def test_shutting_an_account_works_at_once(signed_in, database: Database, what: str) -> None:
    one = signed_in(Role.COUNSELLOR, "dao")
    with database.write() as session:
        getattr(staff, what)(session, "dao", one.clock())
    assert one.get("/queue").status_code == 303


def test_cookies_are_strict(browser, database: Database, clock, site) -> None:
    header = browser().get("/sign-in").headers["set-cookie"]
    assert "HttpOnly" in header
    assert "SameSite=strict" in header
    assert "Path=/" in header


def test_behind_tls_the_cookie_is_bound_to_the_host(database: Database) -> None:
    from bot.console.app import build
    from tests.integration.console.conftest import Content, TestClient

    settings = Settings(_env_file=None, console_url="https://desk.example.org")  # type: ignore[call-arg]
    client = TestClient(build(settings, database, Content()), base_url="https://desk.example.org")  # type: ignore[arg-type]
    answer = client.get("/sign-in")
    assert answer.headers["set-cookie"].startswith("__Host-console=")
    assert "Secure" in answer.headers["set-cookie"]
    assert "max-age" in answer.headers["strict-transport-security"]


def test_the_cookie_is_kept_as_a_hash(signed_in, database: Database) -> None:
    one = signed_in(Role.COUNSELLOR)
    with database.read() as session:
        assert one.http.cookies["console"] not in session.scalars(select(StaffSession.key)).all()
        assert staff_sessions.find(session, one.http.cookies["console"], one.clock()) is not None


def test_names_are_checked(database: Database, clock) -> None:
    with database.write() as session, pytest.raises(staff.StaffError):
        staff.add(session, "<b>", Role.ADMIN, clock())
