"""Files and database as one truth: pull, push, translators' files and the sources' links.

On SQLite alone: nothing here asks what test_life.py has not asked of both databases.
"""

from __future__ import annotations

import copy
from pathlib import Path

import httpx
import pytest

from bot.knowledge.bodies import Body, path_of, read_bodies
from bot.services.editing import exchange, files, links, needs
from bot.services.editing.desk import EditorsDesk
from bot.storage.db import Database
from bot.storage.models import ContentDraft, LinkCheck
from tests.integration.editing.conftest import People
from tests.integration.editing.test_life import changed, published
from tests.support.clock import START

PLACE = ("faq", "passport")
OURS = "Written in the file."


def in_file(folder: Path) -> Body:
    return read_bodies(folder)[PLACE]


def edit_file(folder: Path, language: str, field: str, text: str) -> None:
    body = copy.deepcopy(in_file(folder))
    body["answers"][language][field] = text
    files.write(folder, *PLACE, body)


def drafts(desk: EditorsDesk) -> list[ContentDraft]:
    with desk.database.read() as session:
        return [d for d in session.query(ContentDraft) if d.author == "files"]


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'bot.sqlite3'}"


@pytest.fixture
def agreed(desk: EditorsDesk, people: People) -> EditorsDesk:
    """Published once and pulled: file and database say the same."""
    published(desk, people, changed(desk))
    assert [(m.key, m.what) for m in files.pull(desk)] == [("passport", "written")]
    assert files.pull(desk) == []
    return desk


def test_pull_writes_what_is_published_into_its_file(agreed: EditorsDesk, folder: Path) -> None:
    assert in_file(folder)["answers"]["en"]["watch"] == "Ask at the provincial labour office first."
    assert path_of(folder, *PLACE).read_text(encoding="utf-8").startswith("topic: passport")


def test_a_changed_file_becomes_a_draft_that_nobody_has_approved(agreed: EditorsDesk, folder: Path) -> None:
    edit_file(folder, "en", "watch", OURS)
    assert [m.what for m in files.push(agreed)] == ["draft"]
    assert [d.body["answers"]["en"]["watch"] for d in drafts(agreed) if d.body] == [OURS]
    assert agreed.bodies()[PLACE]["answers"]["en"]["watch"] != OURS
    assert [m.what for m in files.push(agreed)] == ["open draft"]


def test_what_both_sides_changed_is_shown_and_left_alone(agreed: EditorsDesk, folder: Path, people: People) -> None:
    edit_file(folder, "en", "watch", OURS)
    published(agreed, people, changed(agreed, watch="Published meanwhile."))
    for moved in (files.push(agreed), files.push(agreed, files.Take.MERGE), files.pull(agreed)):
        assert [(m.what, m.conflicts) for m in moved] == [
            ("conflict", (("answers.en.watch", OURS, "Published meanwhile."),))
        ]
    assert in_file(folder)["answers"]["en"]["watch"] == OURS
    assert drafts(agreed) == []


def test_the_file_can_be_taken(agreed: EditorsDesk, folder: Path, people: People) -> None:
    edit_file(folder, "en", "watch", OURS)
    published(agreed, people, changed(agreed, watch="Published meanwhile."))
    assert [m.what for m in files.push(agreed, files.Take.FILE)] == ["draft"]
    assert [d.body["answers"]["en"]["watch"] for d in drafts(agreed) if d.body] == [OURS]


def test_what_is_published_can_be_taken(agreed: EditorsDesk, folder: Path, people: People) -> None:
    edit_file(folder, "en", "watch", OURS)
    published(agreed, people, changed(agreed, watch="Published meanwhile."))
    assert [m.what for m in files.push(agreed, files.Take.PUBLISHED)] == ["written"]
    assert in_file(folder)["answers"]["en"]["watch"] == "Published meanwhile."
    assert files.push(agreed) == []


def test_changes_in_different_places_are_merged(agreed: EditorsDesk, folder: Path, people: People) -> None:
    edit_file(folder, "th", "watch", "เขียนในไฟล์")
    published(agreed, people, changed(agreed, watch="Published meanwhile."))
    assert [m.what for m in files.push(agreed)] == ["conflict"]
    assert [m.what for m in files.push(agreed, files.Take.MERGE)] == ["draft"]
    (draft,) = drafts(agreed)
    assert draft.body is not None
    assert draft.body["answers"]["th"]["watch"] == "เขียนในไฟล์"
    assert draft.body["answers"]["en"]["watch"] == "Published meanwhile."


def test_a_file_that_is_behind_is_said_to_be_so(agreed: EditorsDesk, people: People) -> None:
    published(agreed, people, changed(agreed, watch="Published meanwhile."))
    assert [m.what for m in files.push(agreed)] == ["ahead"]


# ------------------------------------------------------------------ translators' files


def test_a_translation_comes_back_as_a_draft(desk: EditorsDesk, people: People) -> None:
    before = exchange.cells_of(desk.bodies())
    back = copy.deepcopy(before)
    back["faq", "passport", "watch"]["th"] = "ถามที่ห้องการแรงงานแขวงก่อน"
    assert [(i.key, i.what, i.fields) for i in exchange.bring_in(desk, back, before, people.ann)] == [
        ("passport", "draft", ("watch.th",))
    ]
    assert [i.what for i in exchange.bring_in(desk, back, before, people.ann)] == ["open draft"]


def test_a_translation_of_a_text_that_changed_meanwhile_is_a_conflict(desk: EditorsDesk, people: People) -> None:
    before = exchange.cells_of(desk.bodies())
    body = changed(desk)
    body["answers"]["th"]["watch"] = "เปลี่ยนไปแล้ว"
    published(desk, people, body)
    back = copy.deepcopy(before)
    back["faq", "passport", "watch"]["th"] = "ถามที่ห้องการแรงงานแขวงก่อน"
    assert [i.what for i in exchange.bring_in(desk, back, before, people.ann)] == ["conflict"]
    assert desk.bodies()[PLACE]["answers"]["th"]["watch"] == "เปลี่ยนไปแล้ว"


def test_a_po_file_of_an_older_original_is_a_conflict(desk: EditorsDesk, people: People, tmp_path: Path) -> None:
    path = tmp_path / "th.po"
    sent = exchange.cells_of(desk.bodies())
    sent["faq", "passport", "watch"]["th"] = "ถามที่ห้องการแรงงานแขวงก่อน"
    exchange.write_po_file(sent, "th", path)
    cells = exchange.read_po_file(path, "th")
    body = changed(desk, language=exchange.ORIGINAL, watch="ຖາມຫ້ອງການແຮງງານແຂວງກ່ອນ")
    published(desk, people, body)
    now = exchange.cells_of(desk.bodies())
    done = exchange.bring_in(desk, cells, exchange.before_of_po(cells, now, "th"), people.ann)
    assert ("passport", "conflict") in [(i.key, i.what) for i in done]
    assert all(i.what != "draft" for i in done)


# ------------------------------------------------------------------ links


def answering(statuses: dict[str, int | None]) -> httpx.Client:
    def answer(request: httpx.Request) -> httpx.Response:
        status = statuses[str(request.url)]
        if status is None:
            raise httpx.ConnectError("no route", request=request)
        return httpx.Response(status)

    return httpx.Client(transport=httpx.MockTransport(answer))


def test_dead_links_are_told_from_pages_that_refuse_programs(database: Database) -> None:
    waits: list[float] = []
    statuses = {"https://a.la/": 200, "https://a.la/gone": 404, "https://b.th/": 403, "https://c.th/": None}
    found = links.check_links(list(statuses), answering(statuses), waits.append)
    assert {url: alive for url, (alive, _) in found.items()} == {
        "https://a.la/": True,
        "https://a.la/gone": False,
        "https://b.th/": True,
        "https://c.th/": False,
    }
    assert waits == [links.PAUSE], "only the second page of one host waits"
    for _ in range(2):
        with database.write() as session:
            links.keep(session, found, START)
    with database.read() as session:
        assert {r.url for r in session.query(LinkCheck) if not r.alive} == {"https://a.la/gone", "https://c.th/"}


def test_an_offline_machine_says_nothing_about_the_sources(desk: EditorsDesk) -> None:
    urls = sorted(needs.sources_of(desk.bodies()))[:3]
    assert urls
    with pytest.raises(links.OfflineError):
        links.check_links(urls, answering(dict.fromkeys(urls)), lambda _: None)
