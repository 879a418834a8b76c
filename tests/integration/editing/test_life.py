"""The life of a change, on both databases."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from bot.services.app import PublishedKeywords
from bot.services.content import ContentStore
from bot.services.editing import texts, versions
from bot.services.editing.desk import ConflictError, EditorsDesk, UnsoundError
from bot.services.errors import DeskError
from bot.storage.db import Database
from bot.storage.models import ContentVersion, DraftState, LanguageCheck, NativeReviewer
from tests.integration.editing.conftest import People
from tests.support.clock import Clock

NEW = "Ask at the provincial labour office first."


def changed(desk: EditorsDesk, topic: str = "passport", language: str = "en", watch: str = NEW) -> dict:
    body = copy.deepcopy(desk.bodies()["faq", topic])
    body["answers"][language]["watch"] = watch
    return body


def published(desk: EditorsDesk, people: People, body: dict, topic: str = "passport") -> int:
    draft = desk.save("faq", topic, body, people.ann, -1)
    desk.submit(draft.id, people.ann, "clearer")
    return desk.approve(draft.id, people.ben).id


def store(desk: EditorsDesk) -> ContentStore:
    found = ContentStore(desk.folder, desk.database, clock=desk.clock)
    found.close()
    return found


def watch(content: ContentStore, topic: str = "passport") -> str | None:
    content.refresh()
    return content.published().answers[topic].answers["en"].watch


def test_a_change_is_published_after_a_second_person_said_yes(desk: EditorsDesk, people: People) -> None:
    content = store(desk)
    draft = desk.save("faq", "passport", changed(desk), people.ann, -1)
    desk.submit(draft.id, people.ann, "clearer")
    with pytest.raises(DeskError, match="yourself"):
        desk.approve(draft.id, people.ann)
    assert watch(content) != NEW
    desk.approve(draft.id, people.ben)
    assert watch(content) == NEW
    with desk.database.read() as session:
        rows = versions.history(session, "faq", "passport")
    assert [(r.number, r.author, r.approved_by) for r in rows] == [(2, "ann", "ben"), (1, "files", None)]


def test_whoever_touched_a_draft_cannot_approve_it(desk: EditorsDesk, people: People) -> None:
    draft = desk.save("faq", "passport", changed(desk), people.ann, -1)
    desk.save("faq", "passport", changed(desk, watch="Ben was here."), people.ben, 0)
    desk.submit(draft.id, people.ann, "")
    with pytest.raises(DeskError):
        desk.approve(draft.id, people.ben)
    desk.approve(draft.id, people.chief)


@pytest.mark.parametrize(("kind", "key", "free"), [
    ("faq", "passport", True), ("faq", "urgent_trapped", False), ("contact", "th_1300", False),
])  # fmt: skip
def test_contacts_and_urgent_cards_always_need_two(
    desk: EditorsDesk, people: People, kind: str, key: str, free: bool
) -> None:
    alone = EditorsDesk(desk.database, desk.folder, desk.clock, four_eyes=False)
    body = desk.bodies()[kind, key]
    draft = alone.save(kind, key, body, people.ann, -1)
    assert alone.may_approve(draft, "ann") is free
    assert not desk.may_approve(draft, "ann")


def test_two_editors_do_not_overwrite_each_other(desk: EditorsDesk, people: People) -> None:
    desk.save("faq", "passport", changed(desk), people.ann, -1)
    with pytest.raises(ConflictError) as caught:
        desk.save("faq", "passport", changed(desk, watch="Mine."), people.ben, -1)
    assert caught.value.revision == 0
    assert caught.value.theirs["answers"]["en"]["watch"] == NEW
    assert caught.value.placeholders == {"name": "ann"}


def test_an_unsound_change_is_refused(desk: EditorsDesk, people: People) -> None:
    draft = desk.save("faq", "passport", changed(desk, watch="Pay 500 baht."), people.ann, -1)
    with pytest.raises(UnsoundError) as caught:
        desk.submit(draft.id, people.ann, "")
    assert [p.code for p in caught.value.problems] == ["C26"]
    body = {name: value for name, value in desk.bodies()["fact", "th_visa_fee_2y"].items() if name != "source"}
    other = desk.save("fact", "th_visa_fee_2y", body, people.ann, -1)
    with pytest.raises(UnsoundError):
        desk.submit(other.id, people.ann, "")
    used = desk.save("contact", "th_1300", None, people.ann, -1)
    with pytest.raises(UnsoundError):
        desk.submit(used.id, people.ann, "no longer there")


def test_publishing_waits_for_its_hour_and_ends(desk: EditorsDesk, people: People, clock: Clock) -> None:
    content, before = store(desk), changed(desk)["answers"]["lo"]["watch"]
    draft = desk.save("faq", "passport", changed(desk), people.ann, -1)
    begin, end = clock().replace(hour=5), clock().replace(hour=7)
    with pytest.raises(DeskError, match="end"):
        desk.submit(draft.id, people.ann, "", end, begin)
    desk.submit(draft.id, people.ann, "", begin, end)
    assert desk.approve(draft.id, people.ben).state == DraftState.APPROVED
    old = watch(content)
    assert old != NEW and before
    clock.forward(hours=2, seconds=1)
    assert watch(content) == NEW
    clock.forward(hours=2)
    assert watch(content) == old


def test_a_newer_publication_makes_a_draft_wait(desk: EditorsDesk, people: People) -> None:
    late = desk.save("faq", "passport", changed(desk, language="lo", watch="ຖາມຫ້ອງການກ່ອນ."), people.chief, -1)
    desk.submit(late.id, people.chief, "")
    with desk.database.write() as session:
        from bot.services.editing.publishing import add_version

        add_version(session, desk.folder, "faq", "passport", changed(desk), "ann", "ben", "", desk.clock())
    with pytest.raises(DeskError, match="newer text"):
        desk.approve(late.id, people.ben)
    assert desk.update(late.id, people.chief) == []
    desk.submit(late.id, people.chief, "")
    desk.approve(late.id, people.ben)
    body = desk.bodies()["faq", "passport"]
    assert body["answers"]["en"]["watch"] == NEW
    assert body["answers"]["lo"]["watch"] == "ຖາມຫ້ອງການກ່ອນ."


def test_restoring_goes_the_usual_way_and_a_supervisors_at_once(desk: EditorsDesk, people: People) -> None:
    old = desk.bodies()["faq", "passport"]
    published(desk, people, changed(desk))
    draft = desk.restore("faq", "passport", 1, people.ann)
    assert desk.bodies()["faq", "passport"] != old
    with pytest.raises(DeskError, match="open draft"):
        desk.restore("faq", "passport", 1, people.ben)
    desk.discard(draft.id, people.ann)
    with pytest.raises(DeskError):
        desk.restore_now("faq", "passport", 1, people.ann, "wrong text")
    desk.restore_now("faq", "passport", 1, people.chief, "wrong text")
    assert desk.bodies()["faq", "passport"] == old


def test_a_changed_text_loses_its_native_approval(desk: EditorsDesk, people: People, database: Database) -> None:
    with pytest.raises(DeskError, match="native"):
        desk.approve_language("passport", "en", people.ben)
    with database.write() as session:
        session.add(NativeReviewer(staff_id=people.ben.id, language="en"))
        session.add(NativeReviewer(staff_id=people.ann.id, language="en"))
    desk.approve_language("passport", "en", people.ben)
    assert desk.bodies()["faq", "passport"]["status"] == {"lo": "draft", "th": "draft", "en": "approved"}
    with database.read() as session:
        note = session.get_one(LanguageCheck, ("passport", "en", "native"))
    assert (note.staff_name, note.at) == ("ben", desk.clock())
    published(desk, people, changed(desk))
    assert desk.bodies()["faq", "passport"]["status"]["en"] == "draft"
    with pytest.raises(DeskError, match="wrote"):
        desk.approve_language("passport", "en", people.ann)


def test_a_new_topic_needs_no_file(desk: EditorsDesk, people: People) -> None:
    body = copy.deepcopy(desk.bodies()["faq", "passport"]) | {
        "topic": "rainy_days", "related": [], texts.NEW_TOPIC: {"group": "work_rights", "means": "work in the rain"},
    }  # fmt: skip
    published(desk, people, body, "rainy_days")
    content = store(desk)
    content.refresh()
    shown = content.published()
    assert shown.topics["rainy_days"].group == "work_rights"
    assert shown.answers["rainy_days"].topic == "rainy_days"


def test_keywords_know_a_topic_as_soon_as_it_is_published(desk: EditorsDesk, people: People) -> None:
    content = store(desk)
    search = PublishedKeywords(content.published)
    title = {"lo": "ເຮັດວຽກຕອນຝົນຕົກໜັກ", "th": "ทำงานตอนฝนตกหนัก", "en": "Working in heavy rainstorms"}
    assert "rainy_days" not in {reading.intent for reading in search.search(title["lo"])}
    body = copy.deepcopy(desk.bodies()["faq", "passport"]) | {
        "topic": "rainy_days", "title": title, texts.NEW_TOPIC: {"group": "work_rights", "means": "work in the rain"},
    }  # fmt: skip
    published(desk, people, body, "rainy_days")
    content.refresh()
    for words in title.values():
        assert search.search(words)[0].intent == "rainy_days"


def test_broken_content_never_replaces_the_last_good_one(desk: EditorsDesk, people: People, database: Database) -> None:
    published(desk, people, changed(desk))
    content = store(desk)
    assert watch(content) == NEW
    with database.write() as session:  # as a bug or a hand in the database would
        for number, body in ((3, {"topic": "passport"}), (4, changed(desk, watch="Call 02 123 4567."))):
            session.add(ContentVersion(
                kind="faq", key="passport", number=number, body=body, author="x", published_at=desk.clock()
            ))  # fmt: skip
            session.flush()
    assert watch(content) == NEW
    assert content.trouble
    fresh = ContentStore(
        desk.folder, database, clock=desk.clock
    )  # a restart: the sound rest is shown, and for this topic the file
    assert fresh.trouble
    assert fresh.published().answers["passport"].answers["en"].watch not in (NEW, "Call 02 123 4567.")


def test_a_process_follows_by_itself(desk: EditorsDesk, people: People) -> None:
    import time

    content = ContentStore(desk.folder, desk.database, clock=desk.clock)
    try:
        published(desk, people, changed(desk))
        until = time.monotonic() + 5
        while content.published().answers["passport"].answers["en"].watch != NEW and time.monotonic() < until:
            time.sleep(0.05)
        assert content.published().answers["passport"].answers["en"].watch == NEW
    finally:
        content.close()


def test_files_are_read_again_too(desk: EditorsDesk, folder: Path) -> None:
    content, path = store(desk), folder / "faq" / "passport.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("The office has its own express service.", NEW), encoding="utf-8")
    assert NEW in str(watch(content))
