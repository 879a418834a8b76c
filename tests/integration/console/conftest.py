"""A console in this process, with somebody signed in in each role."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pyotp
import pytest
from argon2 import PasswordHasher
from starlette.applications import Starlette

from bot.console.app import build
from bot.console.views import live
from bot.services import people, staff
from bot.settings import Settings
from bot.storage.db import Database
from bot.storage.models import Broadcast, Case, CaseState, Direction, Role
from tests.factories.content import published
from tests.support.clock import Clock

with warnings.catch_warnings():  # it asks for httpx2, which the product does not need
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

PASSWORD = "a long enough password"
TOKEN = re.compile(r'name="token" value="([0-9a-f]{64})"')
FIRST = re.compile(r'id="secret">([A-Z2-7 ]+)<')


class Content:
    """Published content that never changes."""

    def published(self) -> object:
        return published()


@dataclass
class Browser:
    """A client with cookies that fills the form token in by itself."""

    http: TestClient
    clock: Clock
    secret: str = ""
    page: str = field(default="")

    def get(self, path: str, **more: object) -> object:
        answer = self.http.get(path, **more)
        self.page = answer.text
        return answer

    def token(self) -> str:
        found = TOKEN.search(self.page) or TOKEN.search(self.http.get("/account").text)
        return found[1] if found else ""

    def post(self, path: str, **fields: str) -> object:
        answer = self.http.post(path, data={"token": self.token()} | fields)
        if TOKEN.search(answer.text):
            self.page = answer.text
        return answer

    def code(self) -> str:
        return pyotp.TOTP(self.secret).at(self.clock())


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staff, "HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@pytest.fixture(autouse=True)
def _short_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's client waits for the end of an answer."""
    monkeypatch.setattr(live, "LASTS", 0.0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def site(database: Database, clock: Clock) -> Starlette:
    settings = Settings(_env_file=None)  # type: ignore[call-arg]
    return build(settings, database, Content(), clock)  # type: ignore[arg-type]


@pytest.fixture
def browser(site: Starlette, clock: Clock) -> Callable[[], Browser]:
    """A new browser that nobody has used."""

    def opened() -> Browser:
        client = TestClient(site, base_url="http://localhost", follow_redirects=False, raise_server_exceptions=False)
        client.cookies.set("console-language", "en")
        return Browser(client, clock)

    return opened


@pytest.fixture
def signed_in(database: Database, browser: Callable[[], Browser]) -> Callable[..., Browser]:
    """Makes an account and goes through its first sign-in."""

    def enter(role: Role, name: str | None = None) -> Browser:
        name = name or f"{role}.one"
        one = browser()
        with database.write() as session:
            first = staff.add(session, name, role, one.clock())
        one.get("/sign-in")
        assert one.post("/sign-in", name=name, password=first).headers["location"] == "/enrol"
        one.get("/enrol")
        one.secret = FIRST.search(one.page)[1].replace(" ", "")  # type: ignore[index]
        done = one.post("/enrol", password=PASSWORD, again=PASSWORD, code=one.code())
        assert (done.status_code, done.headers["location"]) == (303, "/")
        one.page = ""
        return one

    return enter


@dataclass(frozen=True)
class Chat:
    """Rows of one person who waits."""

    person: int
    case: int
    talk: int
    message: int
    broadcast: int


@pytest.fixture
def chat(database: Database, clock: Clock) -> Iterator[Chat]:
    """Somebody in danger waits; somebody else is there too."""
    with database.write() as session:
        for number, words in enumerate(("noise", "ໂທຫາຂ້ອຍ ໐໒໐ ໕໕໕ ໑໒໓໔໕ ຖືກຂັງໄວ້ <script>alert(1)</script>")):
            person = people.find_or_add(session, "telegram", f"70{number}", clock() - timedelta(minutes=20))
            person.language = "lo"
            talk = people.conversation(session, person, clock())
            talk.urgent = bool(number)
            line = people.note(
                talk, Direction.IN, clock(), text=words, language="lo", confidence=0.42,
                intent="urgent_trapped" if number else "passport",
                alternatives=[["urgent_trapped", 0.42], ["passport", 0.3]], action="help_card",
                urgent=bool(number),
            )  # fmt: skip
            opened = clock() - timedelta(minutes=15)
            case = Case(person_id=person.id, urgent=bool(number), opened_at=opened, state=CaseState.OPEN)
            session.add_all([line, case])
            session.flush()
        alert = Broadcast(topic="scam", texts={"en": "Beware"}, state="draft", created_by="ed", created_at=clock())
        session.add(alert)
        session.flush()
    yield Chat(person.id, case.id, talk.id, line.id, alert.id)
