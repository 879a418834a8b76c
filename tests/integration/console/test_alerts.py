"""Alerts in the console: an editor writes, another approves, a supervisor lets it go; small groups stay hidden."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.services import people
from bot.storage.db import Database
from bot.storage.models import AuditEntry, Broadcast, Role, Subscription

WORDS = {"kind": "scam", "destination": "kr", "text_lo": "ລະວັງ {contact:th_191}", "text_en": "Beware {contact:th_191}"}


@pytest.fixture
def subscribers(database: Database, clock):
    def add(first: int, count: int) -> None:
        with database.write() as session:
            for number in range(first, first + count):
                person = people.find_or_add(session, "telegram", f"90{number}", clock())
                session.add(Subscription(person_id=person.id, topic="scam", created_at=clock()))

    return add


def test_from_draft_to_cancelled(database: Database, signed_in, subscribers) -> None:
    subscribers(0, 4)
    editor, boss = signed_in(Role.EDITOR, "ed"), signed_in(Role.SUPERVISOR, "sue")
    assert "fewer than 5" in editor.get("/alerts").text
    editor.get("/alerts/new")
    look = editor.post("/alerts/new", **WORDS, do="look")
    assert "only in Thailand" in look.text
    assert "ข้อความนี้ยังไม่ได้แปล" in look.text  # the Thai reader gets Lao with a note
    assert database_rows(database) == []
    made = editor.post("/alerts/new", **WORDS, do="save")
    assert made.status_code == 303
    place = made.headers["location"].partition("?")[0]
    assert "fewer than 5 people" in editor.get(place).text
    subscribers(4, 3)
    assert "7 people want it" in editor.get(place).text
    assert editor.post(f"{place}/move", do="approve").status_code == 403

    page = boss.get(place).text
    assert "Approve this text" in page
    read = page.partition('name="read" value="')[2].partition('"')[0]
    assert boss.post(f"{place}/move", do="start", read=read).status_code == 409
    assert boss.post(f"{place}/move", do="approve", read="another").status_code == 409
    for what in ("approve", "start", "pause", "resume", "cancel"):
        assert boss.post(f"{place}/move", do=what, read=read).status_code == 303, what
    assert boss.post(f"{place}/move", do="resume", read=read).status_code == 409
    assert "told: 0" in boss.get(f"{place}/progress").text
    assert "cancelled" in boss.get("/alerts/rows").text
    assert editor.post(place, **WORDS, do="save").status_code == 422
    with database.read() as session:
        actions = session.execute(select(AuditEntry.staff_name, AuditEntry.action).order_by(AuditEntry.id)).all()
    moves = [tuple(a) for a in actions if a[1].startswith("alert_")]
    assert moves == [
        ("ed", "alert_save"),
        *(("sue", f"alert_{what}") for what in ("approve", "start", "pause", "resume", "cancel")),
    ]


def test_nobody_approves_their_own_words(signed_in, database: Database) -> None:
    boss = signed_in(Role.SUPERVISOR, "sue")
    place = boss.post("/alerts/new", **WORDS, do="save").headers["location"].partition("?")[0]
    page = boss.get(place).text
    assert "A second person must approve this" in page
    read = page.partition('name="read" value="')[2].partition('"')[0]
    refused = boss.post(f"{place}/move", do="approve", read=read)
    assert refused.status_code == 409
    assert "Another person must approve it" in refused.text
    assert database_rows(database) == ["draft"]


def test_what_was_typed_is_not_lost_when_it_cannot_be_kept(signed_in, database: Database) -> None:
    editor = signed_in(Role.EDITOR)
    answer = editor.post("/alerts/new", **WORDS | {"text_en": "<script>x</script> call 020 5551 2345"}, do="save")
    assert answer.status_code == 422
    assert "bare figure" in answer.text
    assert "&lt;script&gt;x&lt;/script&gt; call 020 5551 2345</textarea>" in answer.text
    assert "<script>x" not in answer.text
    assert database_rows(database) == []


def database_rows(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Broadcast.state)))
