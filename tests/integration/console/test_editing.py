"""The editors' desk in the console, on both databases."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from bot.console.app import build
from bot.dialogue.types import Action
from bot.services import erasure, people
from bot.services.content import ContentStore
from bot.settings import ROOT, Settings
from bot.storage.db import Database
from bot.storage.models import Direction, Person, Role, TrainingQuestion
from tests.integration.console.conftest import Browser
from tests.support.clock import Clock

NEW = "Ask at the provincial labour office first."
FIELD = re.compile(r'<(?:input|textarea|select)[^>]* name="([^"]+)"')


@pytest.fixture
def store(database: Database, clock: Clock, tmp_path: Path) -> Iterator[ContentStore]:
    folder = Path(shutil.copytree(ROOT / "content", tmp_path / "content"))
    content = ContentStore(folder, database, clock=clock)
    yield content
    content.close()


@pytest.fixture
def site(database: Database, clock: Clock, store: ContentStore) -> Starlette:
    settings = Settings(_env_file=None, content_dir=store.folder)  # type: ignore[call-arg]
    return build(settings, database, store, clock)


def fields(page: str) -> dict[str, str]:  # noqa: C901 -- one parser
    """What the form holds as a browser would send it."""
    import html
    from html.parser import HTMLParser

    found: dict[str, str] = {}

    class Reader(HTMLParser):
        area = select = ""
        inside = False

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            a = dict(attrs)
            if tag == "form":
                self.inside = a.get("id") == "edit"
            if not self.inside or ("name" not in a and tag != "option"):
                return
            if tag == "input" and (a.get("type") != "checkbox" or "checked" in a):
                found[str(a["name"])] = a.get("value") or ""
            elif tag == "textarea":
                self.area = str(a["name"])
                found[self.area] = ""
            elif tag == "select":
                self.select = str(a["name"])
            elif tag == "option" and self.select and ("selected" in a or self.select not in found):
                found[self.select] = "\0"

        def handle_data(self, data: str) -> None:
            if self.area:
                found[self.area] += data
            elif self.select and found.get(self.select) == "\0":
                found[self.select] = data

        def handle_endtag(self, tag: str) -> None:
            if tag == "textarea":
                self.area = ""
            elif tag == "select":
                self.select = ""
            elif tag == "form":
                self.inside = False

    Reader().feed(page)
    return {name: html.unescape(value) for name, value in found.items() if name != "token"}


def edited(one: Browser, place: str = "/editing/faq/passport", **changes: str) -> object:
    assert one.get(place).status_code == 200, one.page[-500:]
    return one.post(place, **fields(one.page) | changes)


def test_edit_review_publish(signed_in: Callable[..., Browser], store: ContentStore) -> None:
    ann, ben = signed_in(Role.EDITOR, "ann"), signed_in(Role.EDITOR, "ben")
    answer = edited(ann, watch_en=NEW, do="submit", note="clearer")
    assert answer.status_code == 303, answer.text[-2000:]
    ann.get("/editing/faq/passport")
    assert "A second person must approve this" in ann.page
    number = re.search(r"/editing/drafts/(\d+)", ann.page)[1]
    assert ann.post(f"/editing/drafts/{number}", do="approve").status_code == 422
    ben.get("/editing/faq/passport")
    assert "<ins>" in ben.page
    assert ben.post(f"/editing/drafts/{number}", do="approve").status_code == 303
    assert store.published().answers["passport"].answers["en"].watch == NEW
    ben.get("/editing/faq/passport/history")
    assert "approved by ben" in ben.page and "<del>" in ben.page
    assert ben.post("/editing/faq/passport/restore", version="1", do="draft").status_code == 303


@pytest.mark.parametrize("place", [
    "/editing/faq/passport", "/editing/faq/urgent_trapped", "/editing/fact/th_min_wage_low", "/editing/fact/mou_signed",
    "/editing/fact/th_renew_last_day", "/editing/fact/mou_duration", "/editing/contact/th_1300",
    "/editing/contact/th_1300_abroad", "/editing/document/pathways",
])  # fmt: skip
def test_saving_untouched_changes_nothing(signed_in: Callable[..., Browser], store: ContentStore, place: str) -> None:
    from bot.knowledge.bodies import body_hash, read_bodies
    from bot.services.editing.drafts import open_draft

    ann = signed_in(Role.EDITOR, "ann")
    assert edited(ann, place, do="save").status_code == 303
    _, _, kind, key = place.split("/")
    with store._database.read() as session:
        draft = open_draft(session, kind, key)
    assert draft.body == read_bodies(store.folder)[kind, key]
    assert body_hash(draft.body) == body_hash(read_bodies(store.folder)[kind, key])


def test_the_second_of_two_is_warned_and_keeps_the_words(signed_in: Callable[..., Browser]) -> None:
    ann, ben = signed_in(Role.EDITOR, "ann"), signed_in(Role.EDITOR, "ben")
    ben.get("/editing/faq/passport")
    old = fields(ben.page)
    edited(ann, watch_en=NEW, do="save")
    answer = ben.post("/editing/faq/passport", **old | {"watch_en": "Words of Ben.", "do": "save"})
    assert answer.status_code == 409
    assert "ann changed this draft meanwhile" in answer.text
    assert fields(answer.text)["watch_en"] == "Words of Ben."
    kept = ben.post("/editing/faq/passport/autosave", **old | {"watch_en": "Words of Ben."})
    assert (kept.status_code, "conflict" in kept.json()) == (409, True)


def test_preview_shows_buttons_length_and_faults(signed_in: Callable[..., Browser]) -> None:
    ann = signed_in(Role.EDITOR, "ann")
    ann.get("/editing/faq/passport")
    form = fields(ann.page)
    shown = ann.post("/editing/faq/passport/preview", **form | {"watch_en": "<script>x</script> pay 500 baht"})
    assert "C26" in shown.text and "C28" in shown.text
    assert "<script>" not in shown.text
    assert "1000 characters" in shown.text and 'class="keys"' in shown.text


def test_an_unsound_text_is_refused_and_nothing_typed_is_lost(signed_in: Callable[..., Browser]) -> None:
    ann = signed_in(Role.EDITOR, "ann")
    answer = edited(ann, watch_en="Pay 500 baht.", do="submit")
    assert answer.status_code == 422
    assert "bare figure" in answer.text
    assert fields(answer.text)["watch_en"] == "Pay 500 baht."


def test_a_new_topic_with_questions(signed_in: Callable[..., Browser], database: Database) -> None:
    ann = signed_in(Role.EDITOR, "ann")
    ann.get("/editing/new")
    titles = {"title_lo": "ຝົນຕົກ", "title_th": "ฝนตก", "title_en": "Rain"}
    topic = {"id": "rainy_days", "group": "work_rights", "means": "work in the rain"} | titles
    few = ann.post("/editing/new", **topic | {"questions": "one line"})
    assert few.status_code == 422 and "at least 5" in few.text
    lines = "\n".join(f"must I work in rain {n}" for n in "abcde")
    made = ann.post("/editing/new", **topic | {"questions": lines})
    assert made.headers["location"] == "/editing/faq/rainy_days"
    assert ann.get("/editing/faq/rainy_days").status_code == 200
    with database.read() as session:
        assert session.query(TrainingQuestion).filter_by(intent="rainy_days").count() == 5


def test_a_question_that_somebody_wrote_goes_with_them(
    signed_in: Callable[..., Browser], database: Database, clock: Clock
) -> None:
    words = [f"must I work in rain {n}" for n in "abcde"]
    with database.write() as session:
        writer = people.find_or_add(session, "telegram", "5", clock())
        talk = people.conversation(session, writer, clock())
        line = people.note(talk, Direction.IN, clock(), text=words[0], language="en", action=Action.NOT_UNDERSTOOD)
        session.add(line)
    chief = signed_in(Role.SUPERVISOR, "chief")
    assert words[0] in chief.get("/editing/gaps").text
    topic = {"id": "rainy_days", "group": "work_rights", "means": "work in rain", "questions": "\n".join(words)}
    assert chief.post("/editing/new", **topic).status_code == 303
    with database.write() as session:
        erasure.erase(session, session.scalars(select(Person)).one(), "the person", clock())
    with database.read() as session:
        left = session.scalars(select(TrainingQuestion.text).where(TrainingQuestion.intent == "rainy_days"))
        assert sorted(left) == words[1:]


def test_other_pages_open(signed_in: Callable[..., Browser]) -> None:
    chief = signed_in(Role.SUPERVISOR, "chief")
    for path in ("/editing", "/editing?kind=fact", "/editing?kind=contact", "/editing?kind=document", "/editing/work",
                 "/editing/gaps", "/editing/new", "/editing/try", "/editing/faq/visa/history"):  # fmt: skip
        assert chief.get(path).status_code == 200, path
    said = chief.post("/editing/try", text="/sos", state="{}")
    assert said.status_code == 200 and "1191" in said.text
    ann = signed_in(Role.EDITOR, "ann")
    for path in ("/editing/gaps", "/conversations/1/test", "/conversations"):
        assert ann.get(path).status_code == 403, path
