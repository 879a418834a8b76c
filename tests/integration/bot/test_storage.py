"""Inbox, outbox and transcript on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.dialogue.types import CommandEvent, Event, TextEvent
from bot.nlu.parse import Parse, Reading
from bot.services import cases, inbox, outbox, people
from bot.services.conversations import ConversationService, Incoming
from bot.services.errors import DeskError, MissingError
from bot.services.inbox import NewUpdate
from bot.services.later import answer_waiting
from bot.services.outbox import Sent
from bot.settings import Settings
from bot.storage.db import Database
from bot.storage.migrate import upgrade
from bot.storage.models import Base, Case, Conversation, InboxUpdate, Message, OutboxMessage, OutboxState, Person
from nlu.text.zones import Thresholds
from tests.factories.content import published

THRESHOLDS = Thresholds(answer=0.5, offer=0.1, out_of_scope=0.3, urgent_sure=0.5, urgent_possible=0.2)
NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
WORD_INDEX = ("message_words", "ix_message_words")
"""Made by migration 0004 in SQL: no model can say FTS5 or a trigram operator class."""


def claim(session: Session, channel: str, holder: str, limit: int, now: datetime) -> list[inbox.Claimed]:
    """What could be claimed."""
    return inbox.claim(session, channel, holder, limit, now)[0]


def due_now(session: Session, channel: str, busy: set[str], limit: int, now: datetime) -> list[outbox.Due]:
    """What may be sent."""
    return outbox.due(session, channel, busy, limit, now)[0]


class Content:
    def published(self) -> object:
        return published()


class Nlu:
    def __init__(self, parse: Parse) -> None:
        self.parse = parse

    async def understand(self, text: str) -> Parse:
        return self.parse


SURE = Parse(ranking=(Reading("passport", 0.9),), form="lao")


def service(database: Database, parse: Parse = SURE) -> ConversationService:
    settings = Settings(_env_file=None)  # type: ignore[call-arg]
    return ConversationService(database, Content(), Nlu(parse), THRESHOLDS, settings, lambda: NOW)  # type: ignore[arg-type]


def incoming(event: Event, key: str = "7", update_id: int | None = 1) -> Incoming:
    return Incoming("telegram", key, event, update_id, message_id=11)


def test_models_and_migrations_say_the_same(database: Database) -> None:
    with database.engine.connect() as connection:
        opts = {"compare_type": True, "include_name": lambda name, *_: not str(name or "").startswith(WORD_INDEX)}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, Base.metadata) == []


def test_an_update_counts_once(database: Database) -> None:
    with database.write() as session:
        assert inbox.add(session, "telegram", [NewUpdate(1, "7", {"a": 1}), NewUpdate(2, "7", {"a": 2})], NOW) == 2
    with database.write() as session:
        assert inbox.add(session, "telegram", [NewUpdate(2, "7", {}), NewUpdate(3, "7", {})], NOW) == 1


def test_a_chat_is_claimed_one_update_at_a_time_and_in_order(database: Database) -> None:
    with database.write() as session:
        inbox.add(session, "telegram", [NewUpdate(n, "7" if n < 3 else "8", {}) for n in (1, 2, 3)], NOW)
    with database.write() as session:
        first = claim(session, "telegram", "me", 10, NOW)
        assert [c.update_id for c in first] == [1, 3]
    with database.write() as session:
        assert claim(session, "telegram", "other", 10, NOW) == []
        inbox.done(session, first[0], NOW)
    with database.write() as session:
        assert [c.update_id for c in claim(session, "telegram", "other", 10, NOW)] == [2]


def test_an_unfinished_claim_ends_by_itself(database: Database) -> None:
    with database.write() as session:
        inbox.add(session, "telegram", [NewUpdate(1, "7", {})], NOW)
    with database.write() as session:
        claim(session, "telegram", "dead", 10, NOW)
    with database.write() as session:
        later = NOW + inbox.CLAIM_FOR + timedelta(seconds=1)
        again = claim(session, "telegram", "me", 10, later)
        assert [c.attempts for c in again] == [2]
        assert inbox.still_ours(session, again[0], "me")
        assert not inbox.still_ours(session, again[0], "dead")


def test_urgent_overtakes_and_pulls_its_chat_along(database: Database) -> None:
    with database.write() as session:
        inbox.add(session, "telegram", [NewUpdate(n, str(n), {}) for n in range(1, 6)], NOW)
        inbox.add(session, "telegram", [NewUpdate(9, "5", {}, priority=0)], NOW)
    with database.write() as session:
        assert [c.update_id for c in claim(session, "telegram", "me", 2, NOW)] == [5, 1]


def test_quarantine_and_replay(database: Database) -> None:
    with database.write() as session:
        inbox.add(session, "telegram", [NewUpdate(1, "7", {"x": 1})], NOW)
        claimed = claim(session, "telegram", "me", 1, NOW)[0]
        inbox.quarantine(session, claimed, "no chat", NOW)
    with database.write() as session:
        assert claim(session, "telegram", "me", 1, NOW) == []
        assert inbox.replay(session, claimed.id)
    with database.write() as session:
        assert [c.payload for c in claim(session, "telegram", "me", 1, NOW)] == [{"x": 1}]


async def test_one_transaction_stores_state_transcript_and_outbox(database: Database) -> None:
    await service(database).handle(incoming(TextEvent("ໜັງສືຜ່ານແດນ")))
    with database.read() as session:
        person = session.scalars(select(Person)).one()
        rows = session.scalars(select(Message).order_by(Message.id)).all()
        assert person.state["topic"] == "passport"
        assert person.pseudonym
        assert [(m.direction, m.intent, m.action) for m in rows] == [("in", "passport", "answer"), ("out", None, None)]
        assert rows[0].confidence == pytest.approx(0.9)
        assert rows[0].channel_message_id == 11
        sent = session.scalars(select(OutboxMessage)).one()
        assert "lo:passport" in sent.payload["text"]
        assert sent.message_id == rows[1].id


async def test_urgent_opens_one_case(database: Database) -> None:
    urgent = Parse(ranking=(Reading("urgent_trapped", 0.9),), urgent_score=0.95, form="lao")
    conversation = service(database, urgent)
    for number in (1, 2):
        await conversation.handle(incoming(TextEvent("..."), update_id=number))
    with database.read() as session:
        case = session.scalars(select(Case)).one()
        assert (case.urgent, case.topic) == (True, "urgent_trapped")
        assert session.scalars(select(Conversation)).one().urgent


async def test_a_new_conversation_begins_after_a_long_silence(database: Database) -> None:
    conversation = service(database)
    await conversation.handle(incoming(TextEvent("a")))
    with database.write() as session:
        person = session.scalars(select(Person)).one()
        talk = people.conversation(session, person, NOW + timedelta(hours=13))
        assert talk.started_at == NOW + timedelta(hours=13)


async def test_forgetting_leaves_nothing_but_the_receipt(database: Database) -> None:
    from bot.dialogue.types import ButtonEvent

    conversation = service(database)
    await conversation.handle(incoming(TextEvent("secret words")))
    await conversation.handle(incoming(ButtonEvent("forget:yes"), update_id=2))
    with database.read() as session:
        for table in (Person, Message, Conversation, Case):
            assert session.scalar(select(func.count()).select_from(table)) == 0
        left = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
        receipt = next(row for row in left if row.method == "message")
        assert {row.method for row in left} <= {"message", "delete"}  # what is on the phone goes too
        assert all(row.person_id is None for row in left)
        assert receipt.state == OutboxState.QUEUED


async def test_hiding_queues_the_deletion_of_both_sides(database: Database) -> None:
    conversation = service(database)
    await conversation.handle(incoming(TextEvent("a")))
    with database.write() as session:
        due = due_now(session, "telegram", set(), 10, NOW)
        outbox.record(session, [Sent(due[0], OutboxState.DELIVERED, channel_message_id=12)], NOW)
    await conversation.handle(incoming(CommandEvent("hide"), update_id=2))
    with database.read() as session:
        deletions = session.scalars(select(OutboxMessage).where(OutboxMessage.method == "delete")).all()
        assert sorted(number for row in deletions for number in row.payload["message_ids"]) == [11, 11, 12]


async def test_a_question_without_the_model_is_answered_when_it_is_back(database: Database) -> None:
    away = service(database, Parse(source="keywords", form="lao"))
    await away.handle(incoming(TextEvent("ໜັງສືຜ່ານແດນ")))
    back = service(database)
    assert await answer_waiting(back, database, Nlu(SURE), "telegram") == 1
    assert await answer_waiting(back, database, Nlu(SURE), "telegram") == 0
    with database.read() as session:
        texts = [row.payload["text"] for row in session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))]
        assert "lo:passport" in texts[-1]
        assert session.scalar(select(func.count()).where(Message.direction == "in")) == 1


def test_the_outbox_keeps_the_order_of_a_chat_and_puts_urgent_first(database: Database) -> None:
    with database.write() as session:
        for chat, priority in (("7", 1), ("7", 1), ("8", 0)):
            session.add(
                OutboxMessage(
                    channel="telegram", chat_key=chat, method="message", payload={}, priority=priority, created_at=NOW
                )
            )
    with database.write() as session:
        due = due_now(session, "telegram", set(), 10, NOW)
        assert [d.chat_id for d in due] == ["8", "7"]
        assert due_now(session, "telegram", {"7", "8"}, 10, NOW) == []
        retry = Sent(due[1], None, error="network", retry_at=NOW + timedelta(seconds=5))
        outbox.record(session, [Sent(due[0], OutboxState.DELIVERED), retry], NOW)
    with database.write() as session:
        assert due_now(session, "telegram", set(), 10, NOW) == []
        assert [d.id for d in due_now(session, "telegram", set(), 10, NOW + timedelta(seconds=6))] == [due[1].id]


async def test_a_blocked_person_gets_nothing_more(database: Database) -> None:
    conversation = service(database)
    await conversation.handle(incoming(TextEvent("a")))
    await conversation.handle(incoming(TextEvent("b"), update_id=2))
    with database.write() as session:
        due = due_now(session, "telegram", set(), 10, NOW)
        outbox.record(session, [Sent(due[0], OutboxState.BLOCKED, error="forbidden")], NOW)
    with database.read() as session:
        assert session.scalars(select(Person)).one().blocked_at == NOW
        states = session.scalars(select(OutboxMessage.state).order_by(OutboxMessage.id)).all()
        assert states == [OutboxState.BLOCKED, OutboxState.CANCELLED]


async def test_done_updates_are_forgotten_after_two_days(database: Database) -> None:
    with database.write() as session:
        inbox.add(session, "telegram", [NewUpdate(1, "7", {"text": "secret"})], NOW)
        inbox.done(session, claim(session, "telegram", "me", 1, NOW)[0], NOW)
        assert session.scalars(select(InboxUpdate)).one().payload is None
        assert inbox.forget_old(session, "telegram", NOW + timedelta(seconds=1)) == 1


async def test_staff_reply_silences_the_bot_until_the_case_is_closed(database: Database) -> None:
    conversation = service(database)
    await conversation.handle(incoming(CommandEvent("person")))
    with database.write() as session:
        (row,) = cases.queue(session)
        cases.reply(session, row.id, "dao", "ສະບາຍດີ <b>", NOW)
    await conversation.handle(incoming(TextEvent("ຂອບໃຈ"), update_id=2))
    with database.write() as session:
        texts = [m.payload["text"] for m in session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))]
        assert texts[-1] == "👤 ສະບາຍດີ &lt;b&gt;"
        with pytest.raises(DeskError, match="dao has this case"):
            cases.reply(session, row.id, "noy", "hello", NOW)
        with pytest.raises(MissingError, match="no case 99"):
            cases.close(session, 99, "dao", NOW)
        cases.close(session, row.id, "dao", NOW)
        for change in (cases.claim, cases.close, lambda s, c, n, at: cases.reply(s, c, n, "late", at)):
            with pytest.raises(DeskError, match="closed already"):
                change(session, row.id, "dao", NOW)
    outcome = await conversation.handle(incoming(TextEvent("ໜັງສືຜ່ານແດນ"), update_id=3))
    assert outcome.decision.topic == "passport"


async def test_an_urgent_case_alerts_the_staff_group_once_and_again_when_nobody_comes(database: Database) -> None:
    urgent = Parse(ranking=(Reading("urgent_trapped", 0.9),), urgent_score=0.95, form="lao")
    await service(database, urgent).handle(incoming(TextEvent("secret cry")))
    later = NOW + cases.ESCALATE_AFTER
    with database.write() as session:
        told = [len(cases.alert(session, "-100", "telegram", at)) for at in (NOW, NOW, later, later)]
        assert told == [1, 0, 1, 0]
        alerts = session.scalars(select(OutboxMessage).where(OutboxMessage.chat_key == "-100")).all()
        assert len(alerts) == 2
        assert not any("secret" in a.payload["text"] for a in alerts)


def test_several_calls_that_failed_at_once_are_tried_again_and_what_is_finished_is_not(database: Database) -> None:
    with database.write() as session:
        session.add_all(
            OutboxMessage(channel="telegram", chat_key=f"6{n}", method="message", payload={"text": "x"}, created_at=NOW)
            for n in range(4)
        )
    with database.write() as session:
        calls = due_now(session, "telegram", set(), 10, NOW)
    with database.write() as session:
        outbox.record(session, [outbox.Sent(calls[0], OutboxState.DELIVERED)], NOW)
        outbox.record(session, [outbox.Sent(call, None, error="network", retry_at=NOW) for call in calls[:3]], NOW)
    with database.read() as session:
        states = session.scalars(select(OutboxMessage.state).order_by(OutboxMessage.id)).all()
    assert states == ["delivered", "queued", "queued", "queued"]
    with database.write() as session:
        assert len(due_now(session, "telegram", set(), 10, NOW)) == 3


def test_the_files_of_the_database_are_their_owners_alone(tmp_path: Path) -> None:
    """The masked transcripts in them can be read without console and audit."""
    old = tmp_path / "old.sqlite3"
    old.touch()
    old.chmod(0o664)
    for path, mode in ((tmp_path / "new.sqlite3", 0o600), (old, 0o660)):
        upgrade(f"sqlite:///{path}")
        held = Database(f"sqlite:///{path}")
        with held.read() as session:
            session.execute(select(Person.id)).all()
            assert {file.stat().st_mode & 0o777 for file in tmp_path.glob(f"{path.name}*")} == {mode}, path
        held.close()
