"""The daily work: queue, reply, review, search, hidden numbers."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select

from bot.services import search
from bot.services.search import Filters
from bot.storage.db import Database
from bot.storage.models import AuditEntry, Case, Correction, Direction, Message, OutboxMessage, Person, Role
from tests.integration.console.conftest import Chat

RAW, MASKED = "໐໒໐ ໕໕໕ ໑໒໓໔໕", "••••••"


def test_the_queue_puts_urgent_first(signed_in, chat: Chat) -> None:
    page = signed_in(Role.COUNSELLOR).get("/queue").text
    assert page.index(f"/cases/{chat.case}") < page.index("/cases/1")
    assert "15 minutes" in page


def test_a_case_shows_what_was_understood(signed_in, chat: Chat, database: Database) -> None:
    one = signed_in(Role.COUNSELLOR, "dao")
    page = one.get(f"/cases/{chat.case}").text
    for seen in ("urgent_trapped", "42%", "passport", "30%"):
        assert seen in page
    assert "<script>alert" not in page
    one.get(f"/cases/{chat.case}")
    with database.read() as session:
        reads = session.scalars(select(AuditEntry).where(AuditEntry.action == "read")).all()
        assert [(r.staff_name, r.object) for r in reads] == [("dao", f"case {chat.case}")]


def test_claim_reply_release_close(signed_in, chat: Chat, database: Database) -> None:
    one, other = signed_in(Role.COUNSELLOR, "dao"), signed_in(Role.COUNSELLOR, "noy")
    path = f"/cases/{chat.case}"
    assert one.post(f"{path}/claim").status_code == 303
    refused = other.post(f"{path}/claim")
    assert (refused.status_code, "dao has this case" in refused.text) == (409, True)
    refused = other.post(f"{path}/reply", text="long words of noy", once="n1")
    assert (refused.status_code, "long words of noy" in refused.text) == (409, True)
    for _ in range(2):
        assert one.post(f"{path}/reply", text="ສະບາຍດີ <b>", once="d1").status_code == 303
    with database.read() as session:
        sent = session.scalars(select(OutboxMessage).where(OutboxMessage.person_id == chat.person)).all()
        assert [row.payload["text"] for row in sent] == ["👤 ສະບາຍດີ &lt;b&gt;"]
        assert session.get_one(Person, chat.person).state["handed_over"] is True
    assert "waiting to be sent" in one.get(path).text
    assert one.post(f"{path}/release").headers["location"] == "/queue"
    assert other.post(f"{path}/claim").status_code == 303
    assert other.post(f"{path}/close").headers["location"] == "/queue"
    late = one.post(f"{path}/reply", text="too late", once="d2")
    assert (late.status_code, "too late" in late.text) == (409, True)
    with database.read() as session:
        assert session.get_one(Case, chat.case).state == "closed"


def test_an_empty_reply_is_not_sent(signed_in, chat: Chat) -> None:
    one = signed_in(Role.COUNSELLOR)
    assert one.post(f"/cases/{chat.case}/reply", text="  ", once="1").status_code == 409
    assert one.post(f"/cases/{chat.case}/reply", text="x" * 3600, once="2").status_code == 409


def test_a_reply_after_the_session_ended_comes_along(signed_in, chat: Chat, database: Database) -> None:
    from tests.integration.console.conftest import PASSWORD

    one = signed_in(Role.COUNSELLOR, "dao")
    one.get(f"/cases/{chat.case}")
    one.clock.forward(minutes=30)
    lost = one.post(f"/cases/{chat.case}/reply", text="typed for long", once="1")
    assert (lost.status_code, "typed for long" in lost.text) == (401, True)
    kept = {"kept": "typed for long", "kept_case": str(chat.case)}
    assert "typed for long" in one.post("/sign-in", name="dao", password=PASSWORD, **kept).text
    page = one.post("/code", code=one.code(), **kept).text
    assert "typed for long</textarea>" in page
    assert one.post(f"/cases/{chat.case}/reply", text="typed for long", once="2").status_code == 303
    with database.read() as session:
        assert len(session.scalars(select(OutboxMessage).where(OutboxMessage.person_id == chat.person)).all()) == 1


def test_a_stale_page_does_not_lose_the_text(signed_in, chat: Chat) -> None:
    one = signed_in(Role.COUNSELLOR)
    page = one.http.post(f"/cases/{chat.case}/reply", data={"token": "old", "text": "typed for long"})
    assert (page.status_code, "typed for long</textarea>" in page.text) == (403, True)


def test_the_transcript_refreshes_only_when_it_changed(signed_in, chat: Chat) -> None:
    one, other = signed_in(Role.COUNSELLOR, "dao"), signed_in(Role.COUNSELLOR, "noy")
    page = one.get(f"/cases/{chat.case}").text
    address = page.split('id="talk" hx-get="')[1].split('"')[0]
    assert one.get(address).status_code == 204
    other.get(f"/cases/{chat.case}")
    assert "Also reading: noy" in one.get(address).text
    other.post(f"/cases/{chat.case}/typing")
    assert "Typing a reply: noy" in one.get(address).text


@pytest.mark.parametrize("path", ["/cases/{case}", "/conversations/{talk}", "/search?q=ຖືກຂັງ", "/review/{message}"])
def test_numbers_are_hidden(signed_in, chat: Chat, path: str) -> None:
    page = signed_in(Role.COUNSELLOR).get(path.format(**vars(chat))).text
    assert "ຖືກຂັງ" in page
    assert MASKED in page
    assert RAW not in page


def test_hidden_numbers_cannot_be_found_by_guessing(signed_in, chat: Chat) -> None:
    one = signed_in(Role.COUNSELLOR)
    assert f"#m{chat.message}" in one.get("/search?q=ໂທຫາ").text
    assert f"#m{chat.message}" not in one.get("/search?q=໕໕໕").text


def test_a_supervisor_reveals_with_a_reason_that_is_kept(signed_in, chat: Chat, database: Database) -> None:
    one = signed_in(Role.SUPERVISOR, "boun")
    refused = one.post(f"/messages/{chat.message}/reveal", reason=" ")
    assert (refused.status_code, RAW in refused.text) == (422, False)
    assert RAW in one.post(f"/messages/{chat.message}/reveal", reason="police asked").text
    assert "police asked" in one.get("/audit").text
    one.post(f"/messages/{chat.message}/reveal", reason="call 020 5512 3456 back")
    assert "call •••••• back" in one.get("/audit").text  # the audit outlives an erasure
    other = signed_in(Role.COUNSELLOR)
    assert other.post(f"/messages/{chat.message}/reveal", reason="police asked").status_code == 403


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("urgent_trapped", ("confirmed", "urgent_trapped")),
        ("passport", ("corrected", "passport")),
        ("out_of_scope", ("out_of_scope", None)),
    ],
)
def test_review(signed_in, chat: Chat, database: Database, said: str, kept: tuple[str, str | None]) -> None:
    one = signed_in(Role.REVIEWER)
    assert one.get("/review").headers["location"] == f"/review/{chat.message}?pile=unsure"
    for _ in range(2):
        assert one.post(f"/review/{chat.message}", intent=said, pile="urgent").status_code == 303
    with database.read() as session:
        row = session.scalars(select(Correction)).one()
        assert ((row.verdict, row.intent), row.intent_before) == (kept, "urgent_trapped")
    assert "Nothing more to review" in one.get("/review?pile=urgent").text
    assert one.post(f"/review/{chat.message}", intent="no_such").status_code == 422


def test_filters_and_pages(signed_in, chat: Chat, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "PAGE", 1)
    with database.read() as session:
        first = search.conversations(session, Filters())
        second = search.conversations(session, Filters(), first.more)
        assert {first.rows[0].id, second.rows[0].id} == {chat.talk, 1}
        assert second.more is None
        for filters, found in (
            (Filters(urgent=True), [chat.talk]),
            (Filters(topic="passport"), [1]),
            (Filters(language="th"), []),
            (Filters(confidence_below=0.4), []),
        ):
            assert [row.id for row in search.conversations(session, filters).rows] == found
    one = signed_in(Role.REVIEWER)
    page = one.get("/conversations?urgent=1&since=2026-11-01&until=2026-11-30&below=50&language=lo").text
    assert f"/conversations/{chat.talk}" in page
    assert "/conversations/1?" not in page


def test_the_word_index_follows_the_messages(database: Database, chat: Chat) -> None:
    with database.write() as session:
        assert [h.message.id for h in search.words(session, "ຖືກຂັງ").rows] == [chat.message]
        session.get_one(Message, chat.message).text = "changed words"
        session.flush()
        assert [h.message.id for h in search.words(session, "CHANGED").rows] == [chat.message]
        assert search.words(session, "ຖືກຂັງ").rows == []
        session.execute(delete(Person).where(Person.id == chat.person))
        session.flush()
        assert search.words(session, "changed").rows == []
        assert search.words(session, "ab").rows == []


def test_our_own_answers_keep_their_numbers(database: Database, chat: Chat, signed_in) -> None:
    with database.write() as session:
        line = session.get_one(Message, chat.message)
        session.add(
            Message(
                conversation_id=line.conversation_id, person_id=line.person_id, direction=Direction.OUT,
                text="<b>+856 21 000 111</b> &amp; 1300", created_at=line.created_at,
            )
        )  # fmt: skip
    assert "+856 21 000 111 &amp; 1300" in signed_in(Role.COUNSELLOR).get(f"/cases/{chat.case}").text


def test_a_reply_is_kept_when_the_database_is_away(signed_in, chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    one = signed_in(Role.COUNSELLOR)
    token = one.token()

    def away(*_: object) -> None:
        raise RuntimeError("away")

    monkeypatch.setattr("bot.console.guard.staff_sessions.find", away)
    fields = {"token": token, "text": "typed for long", "once": "1"}
    page = one.http.post(f"/cases/{chat.case}/reply", data=fields)
    assert (page.status_code, "typed for long</textarea>" in page.text) == (500, True)
    assert one.http.get("/queue").status_code == 500


def test_thousands_of_messages_are_paged(signed_in, chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "PAGE", 1)
    one = signed_in(Role.REVIEWER)
    more = one.get("/conversations").text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert one.get(more).status_code == 200
    assert "/conversations/1" in one.page
