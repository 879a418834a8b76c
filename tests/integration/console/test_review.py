"""Review by two, corrections that become training candidates, figures, files and saved views."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from bot.services import agreement, numbers, people, questions, review
from bot.services.demo import DemoError, is_demo, refuse_real
from bot.services.numbers import Period
from bot.services.review import Pile
from bot.storage.db import Database
from bot.storage.models import (
    AuditEntry,
    Direction,
    Feedback,
    Message,
    QuestionState,
    Role,
    SavedView,
    TrainingQuestion,
)
from tests.integration.console.conftest import Chat
from tests.support.clock import START

TEXT = "ຂ້ອຍຊື່ບຸນມີ ໂທ 020 5551 2345 ເຮັດພາສປອດຢູ່ໃສ"


def candidates(database: Database) -> list[tuple[str, str]]:
    with database.read() as session:
        return [(q.text, q.intent) for q in questions.candidates(session)]


@pytest.fixture
def question(database: Database, chat: Chat) -> int:
    """A question with a name and a number in it, read as urgent_trapped."""
    with database.write() as session:
        session.get_one(Message, chat.message).text = TEXT
    return chat.message


def test_a_correction_becomes_a_candidate_without_name_and_number(signed_in, question: int, database: Database) -> None:
    one = signed_in(Role.REVIEWER)
    one.post(f"/review/{question}", intent="passport", pile="unsure")
    assert candidates(database) == [("ຂ້ອຍຊື່•••••• ໂທ •••••• ເຮັດພາສປອດຢູ່ໃສ", "passport")]
    one.post(f"/review/{question}", intent="visa", pile="unsure")
    assert [intent for _, intent in candidates(database)] == ["visa"]
    one.post(f"/review/{question}", intent="urgent_trapped", pile="unsure")  # right after all
    assert candidates(database) == []


def test_what_was_decided_stays(signed_in, question: int, database: Database) -> None:
    one = signed_in(Role.REVIEWER)
    one.post(f"/review/{question}", intent="passport")
    with database.write() as session:
        row = questions.candidates(session)[0]
        assert row.form == "lao"
        assert questions.accept(session, row.id, "editor", START)
        assert not questions.reject(session, row.id, "editor", START)
    one.post(f"/review/{question}", intent="visa")
    with database.read() as session:
        assert session.scalars(select(TrainingQuestion.state)).all() == [QuestionState.ACCEPTED]


def test_two_reviewers_and_a_supervisor(
    signed_in, question: int, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.console.views.review._twice", lambda _: review.Twice({"": 100}))
    one, two, boss = (signed_in(role, name) for role, name in (
        (Role.REVIEWER, "dao"), (Role.REVIEWER, "noy"), (Role.SUPERVISOR, "boun")))  # fmt: skip
    one.post(f"/review/{question}", intent="passport", pile="unsure")
    assert candidates(database) == []  # a second opinion is missing
    assert one.get("/review?pile=urgent").status_code == 200  # not offered to the same person again
    assert two.get("/review?pile=urgent").headers["location"].startswith(f"/review/{question}")
    two.post(f"/review/{question}", intent="visa", pile="unsure")
    assert candidates(database) == []
    page = boss.get("/review/agreement").text
    assert "dao" in page
    assert f"/review/{question}/settle" in page
    assert one.get("/review/agreement").status_code == 403
    assert boss.post(f"/review/{question}/settle", intent="no such").status_code == 422
    assert boss.post(f"/review/{question}/settle", intent="visa").status_code == 303
    assert [intent for _, intent in candidates(database)] == ["visa"]
    with database.read() as session:
        assert agreement.disagreements(session) == []
        pair = agreement.pairs(session)[0]
        assert (pair.names, pair.messages, pair.same) == (("dao", "noy"), 1, 0)


def test_piles(database: Database, chat: Chat, signed_in) -> None:
    signed_in(Role.REVIEWER, "dao")
    with database.write() as session:
        session.add(
            Feedback(person_id=1, topic="passport", language="lo", useful=False, created_at=START + timedelta(hours=1))
        )
    with database.read() as session:
        assert review.next_one(session, Pile.NEGATIVE, 1, 0) == 1
        assert review.next_one(session, Pile.URGENT, 1, 0) == chat.message
        assert review.next_one(session, Pile.URGENT, 1, 0, before=chat.message) is None
        sampled = [n for n in range(1, 20_000) if (n * 104_729) % 1_000_003 % 100 < 1]
        assert 150 < len(sampled) < 250
        assert review.next_one(session, Pile.SAMPLE, 1, 0) in (None, *sampled)


def test_saved_views_are_ones_own(signed_in, chat: Chat, database: Database) -> None:
    one, other = signed_in(Role.REVIEWER, "dao"), signed_in(Role.REVIEWER, "noy")
    query = "topic=passport&below=50&evil=1"
    saved = one.post("/views", page="conversations", name="Unsure passports", query=query)
    assert saved.headers["location"] == "/conversations?topic=passport&below=50"
    assert "Unsure passports" in one.get("/conversations").text
    assert "Unsure passports" not in other.get("/conversations").text
    with database.read() as session:
        number = session.scalars(select(SavedView.id)).one()
    other.post("/views/drop", view=str(number))
    assert "Unsure passports" in one.get("/conversations").text
    one.post("/views/drop", view=str(number))
    assert "Unsure passports" not in one.get("/conversations").text
    assert one.post("/views", page="nowhere", name="x", query="").status_code == 422
    assert "problem=view" in one.post("/views", page="search", name=" ", query="q=abc").headers["location"]


def test_every_filter_finds_and_leaves_out(signed_in, chat: Chat) -> None:
    one = signed_in(Role.REVIEWER)
    for query, found in (
        ("above=40&below=43", True), ("above=43", False), ("action=help_card&urgent=1", True),
        ("action=answer", False), ("form=thai", False), ("tag=none", False), ("outcome=none", False),
    ):  # fmt: skip
        assert (f'/conversations/{chat.talk}"' in one.get(f"/conversations?{query}").text) is found, query
    assert f"#m{chat.message}" in one.get("/search?q=ຖືກຂັງ&topic=urgent_trapped").text
    assert f"#m{chat.message}" not in one.get("/search?q=ຖືກຂັງ&topic=passport").text


def test_transcripts_leave_masked_with_a_reason(signed_in, chat: Chat, database: Database) -> None:
    with database.write() as session:
        session.get_one(Message, 1).text = "=HYPERLINK(1)"
    boss = signed_in(Role.SUPERVISOR, "boun")
    refused = boss.post("/export", reason="no", kind="csv")
    assert (refused.status_code, "ຖືກຂັງ" in refused.text) == (422, False)
    given = boss.post("/export", reason="report to the ministry", kind="csv", topic="urgent_trapped")
    assert given.headers["content-disposition"] == 'attachment; filename="transcripts.csv"'
    assert "ຖືກຂັງ" in given.text
    assert "໑໒໓໔໕" not in given.text
    assert "HYPERLINK" not in given.text
    book = load_workbook(io.BytesIO(boss.post("/export", reason="report again", kind="xlsx").content))
    texts = [row[-1] for row in book.active.iter_rows(values_only=True)]  # type: ignore[union-attr]
    assert "'=HYPERLINK(1)" in texts
    with database.read() as session:
        rows = session.scalars(select(AuditEntry).where(AuditEntry.action == "export")).all()
        assert [row.reason for row in rows] == ["report to the ministry", "report again"]
    assert signed_in(Role.COUNSELLOR).post("/export", reason="curious", kind="csv").status_code == 403


def test_a_file_says_where_it_was_cut(signed_in, chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.services.exports.MOST_MESSAGES", 1)
    text = signed_in(Role.SUPERVISOR).post("/export", reason="report again", kind="csv").text
    assert "The file ends here" in text.splitlines()[-1]


def many(database: Database, count: int, intent: str, day: date) -> None:
    with database.write() as session:
        for number in range(count):
            at = numbers.midnight(day) + timedelta(hours=9, minutes=number)
            person = people.find_or_add(session, "telegram", f"{intent}{number}", at)
            talk = people.conversation(session, person, at)
            session.add(people.note(talk, Direction.IN, at, text="x", intent=intent, language="lo", action="answer"))


def test_figures_hide_few_and_outlive_the_messages(signed_in, database: Database) -> None:
    day = date(2026, 11, 20)
    many(database, 12, "passport", day)
    many(database, 2, "visa", day)
    many(database, 6, "work_permit", day)
    one = signed_in(Role.EDITOR)  # figures are no transcripts
    page = one.get("/numbers?period=day").text
    assert "Numbers" in page
    with database.write() as session:
        assert numbers.read(session, Period.DAY, START).of(day, "people") == 20
        assert numbers.read(session, Period.DAY, START).of(day, "topic", "visa") == 2
        session.query(Message).delete()
    with database.read() as session:
        kept = numbers.read(session, Period.DAY, START, first=day)
        assert (kept.of(day, "questions"), kept.missing) == (20, [])
    text = one.get("/numbers/export?period=day&kind=csv").text
    topics = text.split("\nTopics\r\n")[1].split("\r\n\r\n")[0] if "\nTopics\r\n" in text else text
    assert "hidden" in topics
    book = load_workbook(io.BytesIO(one.get("/numbers/export?period=day&kind=xlsx").content))
    assert len(book.sheetnames) == 7


def test_the_demonstration_refuses_real_people(database: Database, chat: Chat) -> None:
    with database.read() as session:
        assert not is_demo(session)
        with pytest.raises(DemoError, match="real people"):
            refuse_real(session)
