"""What lies in the database is sealed; older databases are sealed by the migration; a wrong key is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import select, text

from bot.dialogue.types import MediaEvent, TextEvent
from bot.masking import MASK
from bot.sealing import DataKeyError, MasterKeys
from bot.storage.db import Database
from bot.storage.migrate import alembic_config, upgrade
from bot.storage.models import InboxUpdate, Message, OutboxMessage, Person, PersonKey
from bot.storage.sealing import original
from tests.integration.bot.test_storage import incoming, service

CHAT, PHONE = "7712345678", "020 5551 7788"


def raw(database: Database) -> str:
    """Every value of every table of people, as it lies in the database."""
    found = []
    with database.read() as session:
        for table in ("person", "message", "inbox", "outbox", "case_note", "person_key", "sealing_key"):
            for row in session.execute(text(f"SELECT * FROM {table}")):
                found += [bytes(v).decode("latin-1") if isinstance(v, (bytes, memoryview)) else str(v) for v in row]
    return "\n".join(found)


async def test_what_lies_in_the_database_is_sealed(database: Database) -> None:
    await service(database).handle(incoming(TextEvent(f"ໂທຫາ {PHONE}"), key=CHAT))
    await service(database).handle(incoming(MediaEvent("voice", file_id="FILE-OF-THE-VOICE"), key=CHAT, update_id=2))
    lying = raw(database)
    for plain in (CHAT, PHONE, "FILE-OF-THE-VOICE", '"topic"'):
        assert plain not in lying
    with database.read() as session:
        first, *_, voice, _ = session.scalars(select(Message).order_by(Message.id)).all()
        assert (first.text, original(session, first)) == (f"ໂທຫາ {MASK}", f"ໂທຫາ {PHONE}")
        assert voice.file_id == "FILE-OF-THE-VOICE"
        person = session.scalars(select(Person).where(Person.channel_key == CHAT)).one()
        assert (person.channel_id, person.state["topic"]) == (CHAT, "passport")


async def test_an_answer_that_may_repeat_personal_data_is_masked_too(database: Database) -> None:
    await service(database).handle(incoming(TextEvent(f"ໂທຫາ {PHONE}"), key=CHAT))
    with database.write() as session:
        answer = session.scalars(select(Message).where(Message.direction == "out")).one()
        said, answer.echoes = f"You wrote {PHONE}", True  # type: ignore[misc]
        answer.text = said
        session.flush()
        assert (answer.text, original(session, answer)) == (f"You wrote {MASK}", said)


OLD = (
    "INSERT INTO person (id, pseudonym, channel, channel_key, language, state, created_at, last_seen_at) VALUES "
    f"""(1, 'Calm Bird 1', 'telegram', '{CHAT}', 'lo', '{{"topic": "visa"}}', '2026-01-01', '2026-01-01')""",
    "INSERT INTO conversation (id, person_id, started_at, last_message_at, urgent) VALUES "
    "(1, 1, '2026-01-01', '2026-01-01', false)",
    "INSERT INTO message (id, conversation_id, person_id, direction, kind, text, urgent, danger_check, created_at, "
    f"file_id) VALUES (1, 1, 1, 'in', 'text', 'call {PHONE}', false, false, '2026-01-01', 'FILE-1')",
    "INSERT INTO inbox (id, channel, update_id, chat_key, priority, payload, state, attempts, received_at) VALUES "
    f"""(1, 'telegram', 5, '{CHAT}', 1, '{{"message": "{PHONE}"}}', 'new', 0, '2026-01-01')""",
    "INSERT INTO outbox (id, channel, chat_key, method, payload, priority, at_most_once, state, attempts, created_at) "
    f"""VALUES (1, 'telegram', '{CHAT}', 'message', '{{"text": "bye"}}', 1, false, 'queued', 0, '2026-01-01')""",
)


def test_a_populated_older_database_is_sealed(database_url: str) -> None:
    command.upgrade(alembic_config(database_url), "0005")
    old = Database(database_url)
    with old.write() as session:
        for statement in OLD:
            session.execute(text(statement.replace(":", r"\:")))
    old.close()
    upgrade(database_url)
    database = Database(database_url)
    lying = raw(database)
    assert CHAT not in lying
    assert PHONE not in lying
    assert "FILE-1" not in lying
    with database.read() as session:
        message = session.scalars(select(Message)).one()
        assert (original(session, message), message.file_id) == (f"call {PHONE}", "FILE-1")
        person = session.scalars(select(Person).where(Person.channel_key == CHAT)).one()
        assert (person.channel_id, person.state) == (CHAT, {"topic": "visa"})
        waiting = session.scalars(select(InboxUpdate).where(InboxUpdate.chat_key == CHAT)).one()
        assert waiting.payload == {"message": PHONE}
        receipt = session.scalars(select(OutboxMessage)).one()
        assert (receipt.chat_id, receipt.payload) == (CHAT, {"text": "bye"})
    database.close()
    if database_url.startswith("sqlite"):
        path = Path(database_url.removeprefix("sqlite:///"))
        for file in path.parent.glob(f"{path.name}*"):
            assert PHONE.encode() not in file.read_bytes(), file.name


def test_a_wrong_key_is_said(database: Database) -> None:
    other = Database(database.url, lambda: MasterKeys([b"x" * 32]))
    with pytest.raises(DataKeyError, match="does not open"):
        other.vault.load()
    other.close()


async def test_without_its_key_nobody_can_read_what_a_person_said(database: Database) -> None:
    from bot.sealing import SealError

    await service(database).handle(incoming(TextEvent("secret"), key=CHAT))
    with database.write() as session:
        for key in session.scalars(select(PersonKey)).all():
            database.vault.forget(key.id)
            session.delete(key)
        session.flush()
        message = session.scalars(select(Message).order_by(Message.id)).first()
        assert message is not None
        with pytest.raises(SealError):
            original(session, message)
