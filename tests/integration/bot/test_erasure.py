"""Erasure, retention, backup and restore on both databases."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.dialogue.types import ButtonEvent, TextEvent
from bot.sealing import DataKeyError
from bot.services import backup, cases, drill, erasure, inbox, keyring, questions, retention, rotation
from bot.services.backup import BackupError
from bot.settings import Settings
from bot.storage.db import Database
from bot.storage.models import (
    Case,
    Conversation,
    Direction,
    Erasure,
    InboxUpdate,
    Message,
    OutboxMessage,
    Person,
    PersonKey,
    Purge,
    TrainingQuestion,
)
from tests.integration.bot.test_storage import NOW, incoming, service

WORDS = "ຄຳລັບສຸດທ້າຍ"


async def talk(database: Database, *keys: str) -> None:
    for number, key in enumerate(keys):
        await service(database).handle(incoming(TextEvent(f"{WORDS} {key}"), key=key, update_id=number + 1))


def names(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Person.pseudonym).order_by(Person.id)))


async def test_erasure_takes_the_key_and_leaves_a_line_in_the_ledger(database: Database, tmp_path: Path) -> None:
    await talk(database, "7", "8")
    await service(database).handle(incoming(ButtonEvent("forget:yes"), key="7", update_id=9))
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(PersonKey)) == 1
        assert session.scalars(select(Erasure.by)).all() == ["the person"]
    ring = tmp_path / "keyring"
    ring.touch()
    assert erasure.clean_up(database, ring)
    assert len(keyring.read(ring).keys) == 1
    if database.is_sqlite:
        path = Path(database.url.removeprefix("sqlite:///"))
        with database.write() as session:
            erasure.erase_by_name(session, names(database)[0], "noy", NOW)
        assert erasure.clean_up(database, ring)
        for file in path.parent.glob(f"{path.name}*"):
            data = file.read_bytes()
            assert WORDS.encode() not in data, file.name
            assert WORDS[3:6].encode() not in data, f"a trigram in {file.name}"


async def test_nobody_gets_a_number_of_an_erased_person(database: Database) -> None:
    """An open page of staff, a draft in a browser or `bot staff reply 1` would reach somebody else."""
    tables = (Person, Conversation, Message, Case, OutboxMessage, TrainingQuestion)

    async def one(key: str, update_id: int) -> dict[str, set[int]]:
        await talk_to_person(database, key, update_id)
        with database.write() as session:
            person = session.scalars(select(Person)).one()
            message = session.scalars(select(Message).where(Message.direction == Direction.IN)).first()
            assert message is not None
            questions.propose(session, message.text, "passport", "noy", NOW, message.id)
            session.flush()
            numbers = {table.__tablename__: set(session.scalars(select(table.id)).all()) for table in tables}
            erasure.erase(session, person, "noy", NOW)
        return numbers

    before, after = await one("7", 1), await one("8", 5)
    assert set(before) == set(after)
    for table, numbers in before.items():
        assert numbers, table
        assert after[table], table
        assert max(numbers) < min(after[table]), table


async def talk_to_person(database: Database, key: str, update_id: int) -> None:
    await service(database).handle(incoming(TextEvent(f"{WORDS} {key}"), key=key, update_id=update_id))
    await service(database).handle(incoming(ButtonEvent("person"), key=key, update_id=update_id + 1))


async def test_an_update_that_could_not_be_stored_goes_with_its_sender(database: Database) -> None:
    await talk(database, "7")
    with database.write() as session:
        row = inbox.NewUpdate(90, "7", {})
        inbox.put_aside(session, "telegram", row, WORDS, "DataError", NOW)
        inbox.put_aside(session, "telegram", inbox.NewUpdate(91, "\ud800", {}), WORDS, "DataError", NOW)
        erasure.erase(session, session.scalars(select(Person)).one(), "the person", NOW)
    with database.read() as session:
        aside = select(InboxUpdate.payload).where(InboxUpdate.update_id >= 90).order_by(InboxUpdate.update_id)
        assert session.scalars(aside).all() == [None, {"raw": WORDS}]


async def test_questions_for_training_go_with_their_writer(database: Database) -> None:
    await talk(database, "7", "8")
    with database.write() as session:
        said = session.scalars(select(Message).where(Message.direction == Direction.IN).order_by(Message.id)).all()
        for message, state in zip(said, ("accepted", "candidate"), strict=True):
            row = questions.propose(session, message.text, "passport", "noy", NOW, message.id)
            assert row is not None
            row.state = state
            row.text = f"{row.text} in other words"
        first, stays = session.get(Person, said[0].person_id), said[1].id
        assert first is not None
        erasure.erase(session, first, "the person", NOW)
    with database.read() as session:
        left = session.scalars(select(TrainingQuestion)).all()
        assert [row.message_id for row in left] == [stays]


async def test_an_old_backup_brings_nobody_back(database: Database, tmp_path: Path) -> None:
    await talk(database, "7", "8")
    copy, ring = tmp_path / "backup", tmp_path / "keyring"
    backup.back_up(database.url, copy, ring)
    assert WORDS.encode() not in copy.read_bytes()
    gone, stays = names(database)
    with database.write() as session:
        erasure.erase_by_name(session, gone, "noy", NOW)
    erasure.clean_up(database, ring)
    again = f"sqlite:///{tmp_path / 'again.sqlite3'}"
    done = backup.restore(again, copy, ring)
    assert done.erased > 0
    restored = Database(again)
    assert names(restored) == [stays]
    with restored.read() as session:
        assert session.scalar(select(func.count()).select_from(Erasure).where(Erasure.by == "keyring")) == 1
    restored.close()


async def test_the_drill_holds(database: Database) -> None:
    await talk(database, "7", "8")
    results = drill.run(database.url)
    assert [what for what, ok in results if not ok] == []
    assert len(results) > 20


async def test_a_stale_keyring_or_another_key_is_refused(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await talk(database, "7")
    old, copy, ring = tmp_path / "old", tmp_path / "backup", tmp_path / "ring"
    keyring.write(database, old)
    backup.back_up(database.url, copy, ring)
    with pytest.raises(BackupError, match="older than the backup"):
        backup.restore(f"sqlite:///{tmp_path / 'a'}", copy, old)
    monkeypatch.setattr("bot.services.backup.settings", lambda: Settings(_env_file=None, data_key="B" * 43 + "="))  # type: ignore[call-arg,arg-type]
    with pytest.raises(DataKeyError, match="does not open"):
        backup.check(copy)


async def test_rotation_lets_the_new_key_open_what_the_old_one_sealed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await talk(database, "7")
    fresh = "C" * 43 + "="
    both = Settings(_env_file=None, data_key=f"{fresh},{os.environ['DATA_KEY']}")  # type: ignore[call-arg,arg-type]
    monkeypatch.setattr("bot.services.rotation.settings", lambda: both)
    assert rotation.rewrap(database) == 2
    monkeypatch.setattr("bot.storage.db.settings", lambda: Settings(_env_file=None, data_key=fresh))  # type: ignore[call-arg,arg-type]
    again = Database(database.url)
    with again.read() as session:
        assert session.scalars(select(Person.channel_id)).all() == ["7"]
    again.close()


async def test_what_is_too_old_goes_with_a_proof_and_a_held_case_stays(database: Database) -> None:
    await talk(database, "7", "8")
    with database.write() as session:
        seven, _ = session.scalars(select(Person).order_by(Person.id)).all()
        case = Case(person_id=seven.id, opened_at=NOW, state=cases.CaseState.CLOSED, closed_at=NOW)
        session.add(case)
        session.flush()
        retention.hold(session, case, "court", "dao", 200, NOW)
    settings = Settings(_env_file=None)  # type: ignore[call-arg]
    with database.write() as session:
        assert retention.purge(session, settings, NOW + timedelta(days=29))["message"] == 0
        went = retention.purge(session, settings, NOW + timedelta(days=31))
        assert (went["message"], went["person"], went["case"]) == (2, 1, 0)
        assert {p.kind: p.rows for p in session.scalars(select(Purge))}["message"] == 2
    with database.write() as session:
        went = retention.purge(session, settings, NOW + timedelta(days=201))
        assert (went["case"], went["message"], went["person"]) == (1, 2, 1)
        assert session.scalar(select(func.count()).select_from(Message)) == 0


async def test_a_closed_case_waits_for_its_day_of_follow_up(database: Database) -> None:
    await talk(database, "7")
    settings = Settings(_env_file=None)  # type: ignore[call-arg]
    with database.write() as session:
        person = session.scalars(select(Person)).one()
        due = (NOW + timedelta(days=45)).date()
        closed = cases.CaseState.CLOSED
        session.add(Case(person_id=person.id, opened_at=NOW, state=closed, closed_at=NOW, follow_up_on=due))
    with database.write() as session:
        assert retention.purge(session, settings, NOW + timedelta(days=44))["message"] == 0
        went = retention.purge(session, settings, NOW + timedelta(days=46))
        assert (went["case"], went["person"]) == (1, 1) and went["message"] > 0
