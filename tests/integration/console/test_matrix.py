"""S3: who may do what with whose object: own, a colleague's, and one that is not there, for every role and route.

The routes come from the router: one with an object in its address and no line in CELLS fails. All who answer chats
share one queue and read all cases (it is written down who read what); what somebody else holds cannot be changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest
from sqlalchemy.orm import Session
from starlette.applications import Starlette

from bot.console.roles import ROUTES
from bot.services import people, recordings, staff
from bot.services import views as saved_views
from bot.services.editing.desk import EditorsDesk
from bot.services.models import work
from bot.services.staff import Member
from bot.settings import ROOT
from bot.storage.db import Database
from bot.storage.models import (
    Broadcast,
    Case,
    CaseNote,
    CaseState,
    CaseTag,
    Direction,
    Model,
    ModelState,
    Role,
    SavedView,
    Staff,
    TrainingQuestion,
)
from tests.factories.recording import ogg_opus
from tests.integration.console.conftest import TOKEN, Browser
from tests.integration.console.test_doors import routes
from tests.support.clock import Clock

NOBODYS = (987_654, 987_655)
"""Numbers that nothing has."""
CANARY = "KANARIENVOGEL"
COLLEAGUE = "colleague"
NOTHING: dict[str, str] = {}
KEPT = re.compile(r'name="kept_case" value="\d+"')
"""The number that the visitor asked for, in a reply that waits for the sign-in."""


@dataclass(frozen=True)
class Cell:
    """What comes for one's own object and for a colleague's, by those who may use the route; a missing one is 404."""

    own: int
    other: int
    form: Mapping[str, str] = field(default_factory=dict)
    closed: bool = False
    """With a case that was closed."""
    missing: int = 404
    of: Mapping[Role, tuple[int, int]] = field(default_factory=dict)
    """Where it differs by role."""


CELLS: dict[tuple[str, str], Cell] = {
    ("case", "GET"): Cell(200, 200),
    ("case_live", "GET"): Cell(200, 200),
    ("case_messages", "GET"): Cell(200, 200),
    ("case_claim", "POST"): Cell(303, 409),
    ("case_release", "POST"): Cell(303, 409),
    ("case_reply", "POST"): Cell(303, 409, {"text": "good day"}),
    ("case_typing", "POST"): Cell(204, 204, missing=204),  # nothing is looked up, nothing is said
    ("case_close", "POST"): Cell(303, 409),
    ("case_reopen", "POST"): Cell(303, 303, closed=True),
    ("case_hand_over", "POST"): Cell(
        303, 409, {"to": "third", "why": "the night begins"}, of={Role.SUPERVISOR: (303, 303)}
    ),
    ("case_note", "POST"): Cell(303, 303, {"note": "rang the embassy"}),
    ("case_tags", "POST"): Cell(303, 303, {"tag": "embassy"}),
    ("case_result", "POST"): Cell(303, 303, {"outcome": "", "referred_to": ""}),
    ("conversation", "GET"): Cell(200, 200),
    ("conversation_test", "GET"): Cell(200, 200),
    ("review_one", "GET"): Cell(200, 200),
    ("review_judge", "POST"): Cell(303, 303, {"intent": "passport", "pile": "unsure"}),
    ("settle", "POST"): Cell(303, 303, {"intent": "passport"}),
    ("reveal", "POST"): Cell(200, 403, {"reason": "the embassy asks for it"}, of={Role.SUPERVISOR: (200, 200)}),
    ("note_reveal", "POST"): Cell(200, 403, {"reason": "the embassy asks for it"}, of={Role.SUPERVISOR: (200, 200)}),
    ("editing_decide", "POST"): Cell(303, 303, {"do": "discard"}),
    ("alert", "GET"): Cell(200, 200),
    ("alert_progress", "GET"): Cell(200, 200),
    ("alert_change", "POST"): Cell(200, 200, {"do": "look"}),
    ("alert_move", "POST"): Cell(303, 303, {"do": "cancel"}),
    ("question_decide", "POST"): Cell(303, 404, {"do": "reject"}, of={Role.SUPERVISOR: (303, 303)}),
    ("model", "GET"): Cell(200, 200),
    ("model_do", "POST"): Cell(422, 422, {"do": "promote"}),  # a failed one cannot be promoted
}
"""`other`: what somebody else holds or wrote. Of a training question: what came from a person's words."""
OF_ALL = {
    "editing_text", "editing_save", "editing_autosave", "editing_preview", "editing_history", "editing_restore",
    "editing_language", "editing_recordings", "editing_recording_add", "editing_recording_drop",
    "editing_recording_play",
}  # fmt: skip
"""Texts of the bot: nobody's own, named by kind and key; test_doors.py asks for missing ones."""


@dataclass(frozen=True)
class Thing:
    """Numbers of the objects of one owner."""

    case: int
    talk: int
    message: int
    draft: int
    broadcast: int
    question: int
    model: int
    view: int
    note: int


class Objects:
    """Makes what somebody has; a new one each time, since many routes change it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock, self._made = database, clock, 0

    def of(self, name: str, *, closed: bool = False, canary: str = "noise", source: str = "editor") -> Thing:
        """All objects of that member of staff."""
        self._made += 1
        desk = EditorsDesk(self._database, ROOT / "content", self._clock)
        key = f"matrix_{self._made}"
        draft = desk.save("fact", key, {"means": "wage"}, Member(0, name, Role.EDITOR, enrolled=True), -1)
        with self._database.write() as session:
            return self._rows(session, name, closed, canary, source, draft.id)

    def _rows(self, session: Session, name: str, closed: bool, canary: str, source: str, draft: int) -> Thing:
        now = self._clock()
        person = people.find_or_add(session, "telegram", f"8{self._made:06}", now)
        person.language = "lo"
        talk = people.conversation(session, person, now)
        line = people.note(
            talk, Direction.IN, now, text=f"{canary} {self._made}", language="lo", intent="visa", confidence=0.3,
            alternatives=[["visa", 0.3]], action="answer",
        )  # fmt: skip
        ours = people.note(talk, Direction.STAFF, now, text=f"{canary} staff", language="lo")
        state = CaseState.CLOSED if closed else CaseState.CLAIMED
        case = Case(person_id=person.id, urgent=True, opened_at=now, state=state, claimed_by=name, claimed_at=now)
        case.referred_to, case.referral_consent, case.referred_at = canary, True, now
        alert = Broadcast(topic="scam", texts={"en": "Beware"}, state="draft", created_by=name, created_at=now)
        question = TrainingQuestion(
            text=f"{canary if source != 'editor' else 'question'} {self._made}", form="english", intent="visa",
            source=source, created_by=name, created_at=now,
        )  # fmt: skip
        model = Model(state=ModelState.FAILED, created_by=name, created_at=now)
        session.add_all([line, ours, case, alert, question, model])
        session.flush()
        note = CaseNote(case_id=case.id, staff_name=name, text=canary, created_at=now)
        session.add(note)
        session.add(CaseTag(case_id=case.id, tag=canary.casefold()))
        owner = session.query(Staff.id).filter(Staff.name == name).scalar()
        saved_views.save(session, owner, "search", f"{canary} {self._made}", "q=" + canary, now)
        session.flush()
        view = session.query(SavedView.id).order_by(SavedView.id.desc()).first()
        return Thing(case.id, talk.id, line.id, draft, alert.id, question.id, model.id, view[0], note.id)


@pytest.fixture
def objects(database: Database, clock: Clock, signed_in: Callable[..., Browser], monkeypatch) -> Objects:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(work, "start", lambda settings, number: None)  # nothing is trained here
    signed_in(Role.COUNSELLOR, COLLEAGUE)
    signed_in(Role.COUNSELLOR, "third")
    return Objects(database, clock)


def address(pattern: str, thing: Thing | int) -> str:
    """The address of a thing, or of nothing."""
    return re.sub(r"\{(\w+):int\}", lambda m: str(thing if isinstance(thing, int) else getattr(thing, m[1])), pattern)


def ask(one: Browser, method: str, path: str, form: Mapping[str, str]) -> tuple[int, str]:
    """Status and page, without what differs by session and hour: the form token and our own address."""
    answer = one.get(path) if method == "GET" else one.post(path, **form)
    page = TOKEN.sub("", answer.text).replace(path, "")  # type: ignore[attr-defined]
    return answer.status_code, KEPT.sub("", page)  # type: ignore[attr-defined]


def with_objects(site: Starlette) -> list[tuple[str, str, str]]:
    return [(name, method, path) for name, method, path in routes(site) if "{" in path and name not in OF_ALL]


def test_every_route_with_an_object_has_its_line(site: Starlette) -> None:
    assert {(name, method) for name, method, _ in with_objects(site)} == set(CELLS)
    assert {name for name, _, path in routes(site) if "{" in path} - {name for name, _ in CELLS} == OF_ALL


@pytest.mark.parametrize("role", list(Role))
def test_own_and_others_and_missing(site: Starlette, signed_in, objects: Objects, role: Role) -> None:  # type: ignore[no-untyped-def]
    one, wrong, shut = signed_in(role, "me"), [], (objects.of("me"), objects.of(COLLEAGUE))
    for name, method, pattern in with_objects(site):
        cell, things = CELLS[name, method], shut
        if role in (ROUTES[name] or ()):
            things = (
                objects.of("me", closed=cell.closed),
                objects.of(COLLEAGUE, closed=cell.closed, source="correction"),
            )
        own, other = (ask(one, method, address(pattern, thing), cell.form) for thing in things)
        missing, another = (ask(one, method, address(pattern, number), cell.form) for number in NOBODYS)
        if role not in (ROUTES[name] or ()):
            expected = ((403, missing[1]),) * 3
        else:
            first, second = cell.of.get(role, (cell.own, cell.other))
            expected = (
                (first, own[1]),
                (second, missing[1] if second == 404 else other[1]),
                (cell.missing, another[1]),
            )
        if (own, other, missing) != expected:
            wrong.append((name, method, own[0], other[0], missing[0], [e[0] for e in expected]))
    assert wrong == []


def test_strangers_cannot_tell_what_is_there(site: Starlette, browser, objects: Objects) -> None:  # type: ignore[no-untyped-def]
    one, thing = browser(), objects.of(COLLEAGUE)
    one.get("/sign-in")
    for name, method, pattern in with_objects(site):
        there = ask(one, method, address(pattern, thing), CELLS[name, method].form)
        assert there == ask(one, method, address(pattern, NOBODYS[0]), CELLS[name, method].form), name
        assert there[0] in (303, 401), name


def test_a_colleagues_saved_view_is_like_none(signed_in, objects: Objects, database: Database) -> None:  # type: ignore[no-untyped-def]
    one, thing = signed_in(Role.COUNSELLOR, "me"), objects.of(COLLEAGUE)
    tries = [one.post("/views/drop", view=str(number)) for number in (thing.view, *NOBODYS)]
    assert {(t.status_code, t.headers["location"]) for t in tries} == {(303, "/conversations")}
    with database.read() as session:
        assert session.get(SavedView, thing.view) is not None
    assert CANARY not in one.get("/search").text


def test_a_line_of_ours_is_no_question_to_review(signed_in, objects: Objects) -> None:  # type: ignore[no-untyped-def]
    one, thing = signed_in(Role.REVIEWER), objects.of(COLLEAGUE)
    assert ask(one, "GET", f"/review/{thing.message + 1}", NOTHING) == ask(one, "GET", f"/review/{NOBODYS[0]}", NOTHING)


@pytest.mark.parametrize("role", [Role.EDITOR, Role.ADMIN])
def test_no_byte_of_a_transcript_on_any_page(  # type: ignore[no-untyped-def]
    site: Starlette, signed_in, objects: Objects, database: Database, clock: Clock, role: Role
) -> None:
    """Every route with what is there, and then every address that the pages themselves name."""
    things = [objects.of(COLLEAGUE, canary=CANARY, source=source) for source in ("correction", "was_danger")]
    with database.write() as session:
        recordings.add(session, "passport", "lo", ogg_opus(), "ann", clock())
    one, pages, links = signed_in(role, "me"), 0, set[str]()
    for name, method, pattern in routes(site):
        if name == "sign_out":
            continue
        for thing in things:
            path = address(pattern, thing).replace("{kind}", "faq").replace("{key}", "passport").replace("{code}", "lo")
            _, page = ask(one, method, path, CELLS[name, method].form if (name, method) in CELLS else NOTHING)
            assert CANARY not in page, (name, method)
            links |= set(re.findall(r'(?:href|hx-get|action|src)="(/[^"]*)"', page))
            pages += 1
    for link in sorted(links):
        answer = one.get(link.replace("&amp;", "&"))
        assert CANARY.encode() not in answer.content, link
        pages += 1
    assert pages > 150


def test_the_canary_can_be_seen_at_all(signed_in, objects: Objects) -> None:  # type: ignore[no-untyped-def]
    one, thing = signed_in(Role.SUPERVISOR, "me"), objects.of(COLLEAGUE, canary=CANARY, source="correction")
    for path in (f"/cases/{thing.case}", f"/conversations/{thing.talk}", f"/review/{thing.message}", "/questions"):
        assert CANARY in one.get(path).text, path


def test_there_is_nobody_without_a_name(database: Database, clock: Clock) -> None:
    """The matrix compares by name: two accounts never share one."""
    with database.write() as session:
        staff.add(session, "dao", Role.EDITOR, clock())
    with database.write() as session, pytest.raises(staff.StaffError):
        staff.add(session, " DAO ", Role.SUPERVISOR, clock())
