"""Queue views, notes, tags, outcome, handing over, ready replies, live pages."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.console.views import live
from bot.masking import MASK
from bot.services import cases, casework
from bot.services.cases import Wanted
from bot.services.errors import DeskError
from bot.storage.db import Database
from bot.storage.models import AuditEntry, Case, CaseNote, CaseTag, Feedback, Message, Role
from tests.integration.console.conftest import Chat
from tests.support.clock import START

TODAY = START.date()


def test_a_note_is_kept_once_and_never_sent(signed_in, chat: Chat, database: Database) -> None:
    one, path = signed_in(Role.COUNSELLOR, "dao"), f"/cases/{chat.case}"
    for _ in range(2):
        assert one.post(f"{path}/note", note="called the <b>police", once="n1").status_code == 303
    page = one.get(path).text
    assert "called the &lt;b&gt;police" in page
    assert 'aria-label="Notes"' in page
    refused = one.post(f"{path}/note", note="x" * 2001, once="n2")
    assert (refused.status_code, "x" * 2001 in refused.text) == (409, True)
    with database.read() as session:
        assert len(session.scalars(select(CaseNote)).all()) == 1
        audit = session.scalars(select(AuditEntry).where(AuditEntry.action == "note")).one()
        assert "police" not in repr(vars(audit))


def test_a_note_is_masked_for_all_but_its_author(signed_in, chat: Chat, database: Database) -> None:
    dao, noy, boun = (signed_in(role, name) for role, name in (
        (Role.COUNSELLOR, "dao"), (Role.COUNSELLOR, "noy"), (Role.SUPERVISOR, "boun")))  # fmt: skip
    path, words = f"/cases/{chat.case}", "ring her brother 020 5512 3456"
    assert dao.post(f"{path}/note", note=words, once="n1").status_code == 303
    assert words in dao.get(path).text
    for one in (noy, boun):
        page = one.get(path).text
        assert f"ring her brother {MASK}" in page
        assert "5512" not in page
    opener = "/notes/1/reveal"
    assert opener in boun.page
    assert opener not in noy.page
    assert noy.post(opener, reason="I am curious").status_code == 403
    assert boun.post(opener, reason="ab").status_code == 422
    assert words in boun.post(opener, reason="the police ask").text
    with database.read() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.object == "note 1")).all()
        assert [(e.staff_name, e.action, e.reason) for e in entries] == [("boun", "reveal", "the police ask")]


def test_who_holds_the_case_breaks_the_glass_and_supervisors_see_it(signed_in, chat: Chat, database: Database) -> None:
    dao, noy, boun = (signed_in(role, name) for role, name in (
        (Role.COUNSELLOR, "dao"), (Role.COUNSELLOR, "noy"), (Role.SUPERVISOR, "boun")))  # fmt: skip
    path, opener = f"/cases/{chat.case}", f"/messages/{chat.message}/reveal"
    assert dao.post(opener, reason="she is locked in").status_code == 403
    dao.post(f"{path}/claim")
    page = dao.get(path).text
    assert (opener in page, "Only in an emergency" in page) == (True, True)
    assert "໐໒໐ ໕໕໕ ໑໒໓໔໕" in dao.post(opener, reason="she is locked in").text
    assert noy.post(opener, reason="she is locked in").status_code == 403
    audit = boun.get("/audit").text
    assert "Opened in an emergency in the last seven days: 1" in audit
    narrowed = boun.get("/audit?kind=emergency").text
    assert ("she is locked in" in narrowed, "claimed" in narrowed) == (True, False)
    dao.post(f"{path}/close")
    assert dao.post(opener, reason="once more please").status_code == 403


def test_supervisors_see_who_read_a_case(signed_in, chat: Chat) -> None:
    dao, boun = signed_in(Role.COUNSELLOR, "dao"), signed_in(Role.SUPERVISOR, "boun")
    dao.get(f"/conversations/{chat.talk}")
    dao.get("/cases/1")
    link = f"/audit?case={chat.case}"
    assert link in boun.get(f"/cases/{chat.case}").text
    table = boun.get(link).text.split("<tbody>")[1]
    assert f"<td>dao</td><td>read</td><td>conversation {chat.talk}</td>" in table
    assert f"<td>boun</td><td>read</td><td>case {chat.case}</td>" in table
    assert "case 1<" not in table
    assert "<td>dao</td>" not in boun.get("/audit?who=boun").text
    assert boun.get("/audit?case=99999999999999999999").status_code == 200


def test_a_referral_holds_no_number_of_a_person(signed_in, chat: Chat, database: Database) -> None:
    one, path = signed_in(Role.COUNSELLOR, "dao"), f"/cases/{chat.case}"
    refused = one.post(f"{path}/result", referred_to="her aunt 020 5512 3456", consent="yes")
    assert (refused.status_code, "her aunt 020 5512 3456" in refused.text) == (409, True)
    with database.write() as session:  # from before it was refused
        case = session.get_one(Case, chat.case)
        case.referred_to, case.referred_at, case.referral_consent = "shelter 020 5512 3456", START, True
    page = one.get(path).text
    assert (f"shelter {MASK}" in page, "5512" in page) == (True, False)
    assert one.post(f"{path}/result", referred_to=f"shelter {MASK}", consent="no").status_code == 303
    with database.read() as session:
        assert session.get_one(Case, chat.case).referred_to == "shelter 020 5512 3456"


def test_tags_filter_the_queue(signed_in, chat: Chat, database: Database) -> None:
    one, path = signed_in(Role.COUNSELLOR), f"/cases/{chat.case}"
    for tag in ("wages", " My  Own ", "my own"):
        assert one.post(f"{path}/tags", tag=tag).status_code == 303
    with database.read() as session:
        assert sorted(session.scalars(select(CaseTag.tag))) == ["my own", "wages"]
    listed = one.get("/queue?tag=my+own").text
    assert (path in listed, '"/cases/1"' in listed) == (True, False)
    refused = one.post(f"{path}/tags", tag="a,b")
    assert (refused.status_code, 'value="a,b"' in refused.text) == (409, True)
    assert one.post(f"{path}/tags", off="wages").status_code == 303
    with database.read() as session:
        assert list(session.scalars(select(CaseTag.tag))) == ["my own"]


def test_views_of_the_queue(signed_in, chat: Chat, database: Database) -> None:
    one = signed_in(Role.COUNSELLOR, "dao")
    one.post("/cases/1/claim")
    for view, there in (("mine", [False, True]), ("unclaimed", [True, False]), ("urgent", [True, False])):
        page = one.get(f"/queue?view={view}").text
        assert [f'id="case-{number}"' in page for number in (chat.case, 1)] == there, view
    assert "No follow-up is due" in one.get("/queue?view=due").text
    with database.write() as session:
        session.get_one(Case, 1).follow_up_on = TODAY
        cases.close(session, 1, "dao", START)
        assert [row.id for row in cases.queue(session, Wanted(due=TODAY))] == [1]
        assert cases.follow_ups_due(session, TODAY - timedelta(days=1)) == 0
    assert 'id="case-1"' in one.get("/queue?view=due").text
    assert "Follow-ups due (1)" in one.page
    assert one.post("/cases/1/reopen").status_code == 303
    assert one.post("/cases/1/reopen").status_code == 409


@pytest.mark.parametrize(("minutes", "level"), [(1, 1), (5, 2), (10, 3)])
def test_an_urgent_case_calls_louder_until_a_human_answers(database: Database, chat: Chat, minutes, level) -> None:
    with database.write() as session:
        opened = session.get_one(Case, chat.case).opened_at
        row = cases.queue(session)[0]
        assert row.alarm(opened + timedelta(minutes=minutes)) == level
        cases.claim(session, chat.case, "dao", START)
        assert cases.queue(session)[0].alarm(opened + timedelta(minutes=minutes)) == level
        cases.reply(session, chat.case, "dao", "here", START)
        assert cases.queue(session)[0].alarm(opened + timedelta(minutes=minutes)) == 0
        assert cases.queue(session)[1].alarm(opened + timedelta(hours=5)) == 0


def test_the_alarm_is_seen_and_heard(signed_in, chat: Chat) -> None:
    page = signed_in(Role.COUNSELLOR).get("/queue").text
    assert "alarm3" in page
    assert "waits far too long: answer now" in page
    assert f'data-calls="{chat.case}:3"' in page


def test_outcome_referral_and_follow_up(signed_in, chat: Chat, database: Database) -> None:
    one, path = signed_in(Role.COUNSELLOR), f"/cases/{chat.case}"
    filled = {"outcome": "referred", "referred_to": "Line 1300", "follow_up_on": "2026-12-01"}
    refused = one.post(f"{path}/result", **filled)
    assert (refused.status_code, "Line 1300" in refused.text, "agreed to the referral" in refused.text) == (
        409, True, True,
    )  # fmt: skip
    assert one.post(f"{path}/result", consent="yes", **filled).status_code == 303
    assert one.post(f"{path}/result", consent="yes", **filled | {"follow_up_on": "2020-01-01"}).status_code == 409
    assert one.post(f"{path}/result", outcome="king").status_code == 409
    page = one.get(path).text
    for seen in ("referred to another body", "Line 1300", "with consent", "Dec 1, 2026"):
        assert seen in page or seen == "Dec 1, 2026"
    with database.write() as session:
        case = session.get_one(Case, chat.case)
        assert (case.outcome, case.referral_consent, case.referred_at) == ("referred", True, START)
        casework.set_result(session, chat.case, casework.Result(), TODAY, START)
        assert (case.outcome, case.referred_to, case.referral_consent, case.referred_at) == (None, None, None, None)


def test_hand_over_with_a_note(signed_in, chat: Chat, database: Database) -> None:
    one, other, boss = (
        signed_in(Role.COUNSELLOR, "dao"), signed_in(Role.COUNSELLOR, "noy"), signed_in(Role.SUPERVISOR, "boun"),
    )  # fmt: skip
    signed_in(Role.REVIEWER, "som")
    path = f"/cases/{chat.case}"
    one.post(f"{path}/claim")
    assert one.post(f"{path}/hand-over", to="som", why="x").status_code == 409  # reads, but does not answer
    refused = one.post(f"{path}/hand-over", to="noy", why=" ")
    assert "The note is empty" in refused.text
    assert other.post(f"{path}/hand-over", to="boun", why="mine?").status_code == 409
    assert one.post(f"{path}/hand-over", to="noy", why="speaks Thai").status_code == 303
    assert "→ noy: speaks Thai" in other.get(path).text
    assert one.post(f"{path}/reply", text="too late", once="1").status_code == 409
    assert boss.post(f"{path}/hand-over", to="dao", why="noy is ill").status_code == 303
    with database.read() as session:
        assert session.get_one(Case, chat.case).claimed_by == "dao"


def test_only_one_of_two_can_reopen_and_not_beside_a_newer_case(database: Database, chat: Chat) -> None:
    with database.write() as session:
        cases.close(session, chat.case, "dao", START)
        session.add(Case(person_id=chat.person, opened_at=START, state="open"))
        session.flush()
        with pytest.raises(DeskError, match="newer case"):
            cases.reopen(session, chat.case, "dao", START)


def test_ready_replies_come_in_the_persons_language_with_ours_beside(signed_in, chat: Chat) -> None:
    page = signed_in(Role.COUNSELLOR).get(f"/cases/{chat.case}").text
    assert "ລາວ ສາຍ 191: 191" in page
    assert "Call Line 191: 191 (only in Thailand)" in page


def test_answers_show_feedback_and_the_readers_language(signed_in, chat: Chat, database: Database) -> None:
    with database.write() as session:
        line = session.get_one(Message, chat.message)
        line.intent = "passport"
        session.add_all(
            [
                Message(
                    conversation_id=line.conversation_id, person_id=line.person_id, direction="out", language="lo",
                    text="<b>lo:passport</b>\n\n• 1\n• 2", created_at=START,
                ),
                Feedback(person_id=line.person_id, topic="passport", language="lo", useful=False, created_at=START),
            ]
        )  # fmt: skip
    page = signed_in(Role.COUNSELLOR).get(f"/cases/{chat.case}").text
    assert "did not find this useful" in page
    assert "en:passport" in page
    with database.write() as session:
        session.scalars(select(Message).where(Message.direction == "out")).one().text = "something else"
    assert "en:passport" not in signed_in(Role.COUNSELLOR, "noy").get(f"/cases/{chat.case}").text


# ------------------------------------------------------------------ live


def events(text: str) -> list[str]:
    return re.findall(r"event: (\w+)", text)


def test_a_live_page_hears_of_a_change_without_any_text(signed_in, chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    marks = iter("aab")
    monkeypatch.setattr(live, "LASTS", 0.05)
    monkeypatch.setattr(live, "EVERY", 0.02)
    monkeypatch.setattr(live.Streams, "mark", lambda *_: next(marks, "b"))
    answer = signed_in(Role.COUNSELLOR).get(f"/cases/{chat.case}/live")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert events(answer.text)[0] == "hello"
    assert "ຖືກຂັງ" not in answer.text


@pytest.mark.parametrize("path", ["/queue/live", "/cases/1/live"])
def test_the_end_of_a_session_ends_the_stream(
    signed_in, chat: Chat, database: Database, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    one = signed_in(Role.COUNSELLOR)
    for name, seconds in (("LASTS", 20.0), ("EVERY", 0.05)):
        monkeypatch.setattr(live, name, seconds)
    monkeypatch.setattr(live.staff_sessions, "find", _dies_after(live.staff_sessions.find, 3))
    assert events(one.get(path).text)[-1] == "ended"
    assert live.STREAMS.open.total() == 0


def _dies_after(find, times):  # type: ignore[no-untyped-def]
    left = iter(range(times))
    return lambda *words: find(*words) if next(left, None) is not None else None


def test_connections_are_limited(signed_in, chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    one = signed_in(Role.COUNSELLOR)
    monkeypatch.setattr(live, "A_SESSION", 0)
    assert one.get("/queue/live").status_code == 204
    streams = live.Streams()
    monkeypatch.setattr(live, "A_SESSION", 1)
    assert [streams.enter("a"), streams.enter("a"), streams.enter("b")] == [True, False, True]
    streams.leave("a")
    assert streams.enter("a")


def test_the_mark_of_a_case_changes_with_what_its_page_shows(database: Database, chat: Chat) -> None:
    from bot.services import desk

    with database.write() as session:
        marks = [desk.mark(session, chat.case)]
        for change in (
            lambda: casework.add_note(session, chat.case, "dao", "a note", START),
            lambda: casework.add_tag(session, chat.case, "wages"),
            lambda: cases.reply(session, chat.case, "dao", "hello", START),
        ):
            change()
            session.flush()
            marks.append(desk.mark(session, chat.case))
        assert len({repr(mark) for mark in marks}) == 4
