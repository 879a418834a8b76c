"""Roles, form tokens, headers: generated from the router, so that a new route is tested before anybody thinks of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from bot.console.roles import ROUTES
from bot.services import recordings
from bot.services.editing.desk import EditorsDesk
from bot.services.models import work
from bot.services.staff import Member
from bot.settings import ROOT
from bot.storage.db import Database
from bot.storage.models import CaseNote, Model, ModelState, Role, TrainingQuestion
from tests.factories.recording import ogg_opus
from tests.integration.console.conftest import Chat as Waiting
from tests.support.clock import Clock

MISSING = 999_999
QUERIES = {"editing_new_entry": ("?kind=fact&key=rain_fee", "?kind=nothing&key=rain_fee")}
"""Pages that need a question: what is there, and what is not."""


@dataclass(frozen=True)
class Chat(Waiting):
    """A person who waits, an open draft and a recording of the editors, a training question, a model, a note."""

    draft: int
    question: int
    model: int
    note: int


@pytest.fixture
def chat(chat: Waiting, database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Chat:
    monkeypatch.setattr(work, "start", lambda settings, number: None)  # nothing is trained here
    desk = EditorsDesk(database, ROOT / "content", clock)
    draft = desk.save("fact", "th_min_wage_low", {"means": "wage"}, Member(0, "ann", Role.EDITOR, enrolled=True), -1)
    with database.write() as session:
        recordings.add(session, "passport", "lo", ogg_opus(), "ann", clock())
        question = TrainingQuestion(
            text="passport?", form="english", intent="passport", source="editor", created_by="ann", created_at=clock()
        )
        model = Model(state=ModelState.FAILED, created_by="ann", created_at=clock())
        note = CaseNote(case_id=chat.case, staff_name="dao", text="rang", created_at=clock())
        session.add_all([question, model, note])
        session.flush()
        return Chat(**asdict(chat), draft=draft.id, question=question.id, model=model.id, note=note.id)


def routes(site: Starlette) -> list[tuple[str, str, str]]:
    """(name, method, path pattern) of every route."""
    return [
        (r.name, method, r.path)
        for r in site.routes
        if isinstance(r, Route)
        for method in sorted((r.methods or set()) - {"HEAD"})
    ]


def filled(name: str, path: str, chat: Chat, *, missing: bool = False) -> str:
    """The address of something that is there, or of something that is not."""
    numbers = {what: number for what, number in asdict(chat).items() if what != "person"}
    for what, number in numbers.items():
        path = path.replace(f"{{{what}:int}}", str(MISSING if missing else number))
    path = path.replace("{kind}", "faq").replace("{key}", "no_such_topic" if missing else "passport")
    path = path.replace("{code}", "kr" if missing else "lo")
    path += QUERIES.get(name, ("", ""))[missing]
    assert "{" not in path, f"{name}: say in `filled` what stands for {path}"
    return path


def test_the_table_names_exactly_the_routes(site: Starlette) -> None:
    assert {name for name, _, _ in routes(site)} == set(ROUTES)


def test_a_route_without_an_entry_does_not_start(site: Starlette) -> None:
    from bot.console.guard import route

    with pytest.raises(KeyError):
        route(None, "/new", "new_page", lambda visit: visit.go("home"))  # type: ignore[arg-type]


@pytest.mark.parametrize("role", [None, *Role])
def test_every_route_for_every_role(site: Starlette, signed_in, browser, chat: Chat, role: Role | None) -> None:
    wrong = []
    for name, method, pattern in routes(site):
        if name == "sign_out":
            continue
        for missing in (False, True):
            path = filled(name, pattern, chat, missing=missing)
            one = browser() if role is None else signed_in_once(signed_in, role)
            one.page = ""
            if role is None:
                one.get("/sign-in")
            answer = one.get(path) if method == "GET" else one.post(path)
            wrong += [(name, method, role, missing, answer.status_code)] * (
                not expected(name, method, role, missing=missing, path=path, pattern=pattern, status=answer.status_code)
            )
    assert wrong == []


_kept: dict[object, dict[Role, object]] = {}


def signed_in_once(signed_in, role: Role):  # type: ignore[no-untyped-def]
    """One account a role and test."""
    mine = _kept.setdefault(signed_in, {})
    if role not in mine:
        mine[role] = signed_in(role)
    return mine[role]


def expected(name: str, method: str, role: Role | None, *, missing: bool, path: str, pattern: str, status: int) -> bool:
    allowed = ROUTES[name]
    if allowed is None:
        return status in (200, 303, 401, 404)
    if role is None:
        return status == (303 if method == "GET" else 401)
    if role not in allowed:
        return status == 403
    if missing and path != pattern and "typing" not in name:
        return status == 404
    return status in (200, 204, 303, 409, 422)


def test_an_editor_receives_no_byte_of_a_transcript(site: Starlette, signed_in, chat: Chat) -> None:
    editor = signed_in(Role.EDITOR)
    for name, method, pattern in routes(site):
        if pattern == "/sign-out":
            continue
        path = filled(name, pattern, chat)
        answer = editor.get(path) if method == "GET" else editor.post(path)
        assert "ຖືກຂັງ" not in answer.text


def test_every_form_needs_its_token(site: Starlette, signed_in, chat: Chat) -> None:
    one, other = signed_in(Role.SUPERVISOR, "dao"), signed_in(Role.SUPERVISOR, "noy")
    stolen = other.token()
    for name, method, pattern in routes(site):
        if method != "POST":
            continue
        path = filled(name, pattern, chat)
        right = one.token()
        tries = [
            one.http.post(path, data={"text": "x", "reason": "because"}),
            one.http.post(path, data={"token": stolen, "text": "x", "reason": "because"}),
            one.http.post(path, data={"token": right, "text": "x"}, headers={"origin": "https://evil.example"}),
            one.http.post(path, data={"token": right, "text": "x"}, headers={"sec-fetch-site": "cross-site"}),
            one.http.post(path, content=f"token={right}&text=x", headers={"content-type": "text/plain"}),
        ]
        assert [a.status_code for a in tries] == [403] * 5, name


def test_headers(signed_in, browser) -> None:
    for answer in (browser().get("/sign-in"), signed_in(Role.SUPERVISOR).get("/queue"), browser().get("/nowhere")):
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "http" not in answer.text.replace("http://localhost", "").replace("http-equiv", "") or "//" not in policy


def test_other_host_names_are_refused(browser) -> None:
    assert browser().get("/sign-in", headers={"host": "evil.example"}).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        f"/cases/{10**40}", "/cases/0", "/conversations?mark=x~y&since=0000&below=999&topic=%00",
        "/search?q=%22%22%22%22",
        "/search?q=%25%25%25", "/search?q=abc%00def", "/conversations?mark=2026-01-01T00:00:00%2B00:00~5",
        "/audit?before=x",
        "/review?pile=%27&before=99999999999999999999", "/search?q=AND%20OR%20NOT", "/search?q=%ff%fe%fd",
    ],
)  # fmt: skip
def test_odd_questions_break_nothing(signed_in, path: str) -> None:
    assert signed_in(Role.SUPERVISOR).get(path).status_code in (200, 303, 404)


def test_large_and_broken_forms_are_refused(signed_in) -> None:
    one = signed_in(Role.COUNSELLOR)
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert one.http.post("/language", content=b"a=" + b"x" * 200_000, headers=kind).status_code == 403
    assert one.http.post("/language", content=b"\xff\xfe%ff%zz=1", headers=kind).status_code == 403
    assert one.http.post("/language", content=b"&".join(b"a=1" for _ in range(5000)), headers=kind).status_code == 403


def test_the_language_switch_stays_here(browser) -> None:
    one = browser()
    one.get("/sign-in")
    for back, there in (
        ("/queue?a=b", "/queue?a=b"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\\e", "/"),
    ):
        answer = one.post("/language", language="lo", back=back)
        assert answer.headers["location"] == there
    assert "ເຂົ້າ" in one.get("/sign-in").text
