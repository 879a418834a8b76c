"""The registry of models on both databases: one training at a time, the gate, promotion, roll-back."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.services.errors import DeskError
from bot.services.models import registry
from bot.services.models.gate import Margins, Reason
from bot.services.models.registry import Progress
from bot.storage.db import Database
from bot.storage.models import Model, ModelState
from tests.unit.bot.test_gate import PRESENT, changed

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
MARGINS = Margins(2.0, 0.5)


def later(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def figures(own: dict[str, Any], against: int = 0) -> dict[str, Any]:
    serve = {"number": 0, "file": "nlu-old.tar.gz", "code": "c", "content": "x", "thresholds": {}}
    return {
        "own": own,
        "present": PRESENT,
        "changed": [],
        "against": {"number": against, "file": "nlu-old.tar.gz", "serve": serve},
        "serve": serve,
    }


def made(database: Database, own: dict[str, Any] = PRESENT, against: int = 0, at: datetime = NOW) -> int:
    """A measured candidate."""
    with database.write() as session:
        row = registry.begin(session, "noy", at)
        registry.made(session, row.id, f"registry/{row.id}.tar.gz", "hash")
        assert registry.judged(session, row.id, figures(own, against), [], at) is ModelState.CANDIDATE
        return row.id


def state(database: Database, number: int) -> str:
    with database.read() as session:
        return registry.one(session, number).state


def promote(database: Database, number: int, at: datetime = NOW, margins: Margins = MARGINS) -> str:
    with database.write() as session:
        return registry.promote(session, number, "noy", at, margins).state


def test_one_training_at_a_time(database: Database) -> None:
    with database.write() as session:
        first = registry.begin(session, "noy", NOW).id
    with database.write() as session, pytest.raises(DeskError, match="already"):
        registry.begin(session, "dao", NOW)
    with database.write() as session:
        assert registry.say(session, first, Progress("train", 40, later(5)))
    with database.write() as session:
        assert registry.running(session, later(5.5))
        assert registry.running(session, later(7)) is None  # silent for more than a minute: dead
    assert state(database, first) == ModelState.FAILED
    with database.write() as session:
        registry.begin(session, "dao", later(7))


def test_a_cancelled_training_is_told_so_and_cannot_come_back(database: Database) -> None:
    with database.write() as session:
        number = registry.begin(session, "noy", NOW).id
        registry.cancel(session, number, "dao", NOW)
    with database.write() as session:
        assert not registry.say(session, number, Progress("train", 50, NOW))
        assert registry.judged(session, number, figures(PRESENT), [], NOW) is None
    assert state(database, number) == ModelState.FAILED


def test_promotion_and_the_way_back(database: Database) -> None:
    first = made(database)
    assert promote(database, first, later(1)) == ModelState.PROMOTED
    second = made(database, against=first, at=later(2))
    assert promote(database, second, later(3)) == ModelState.PROMOTED
    assert state(database, first) == ModelState.RETIRED
    for expected in (f"registry/{first}.tar.gz", "nlu-old.tar.gz"):
        with database.write() as session:
            assert registry.roll_back(session, "dao", later(4)).file == expected
    with database.write() as session, pytest.raises(DeskError, match="before"):
        registry.roll_back(session, "dao", later(5))
    with database.read() as session:
        assert [row.file for row in session.query(Model).filter_by(state=ModelState.PROMOTED)] == ["nlu-old.tar.gz"]


def test_the_gate_is_asked_again_and_nobody_gets_past_it(database: Database) -> None:
    number = made(database, changed("urgent_card", 89.0))
    assert promote(database, number) == ModelState.REFUSED
    with pytest.raises(DeskError, match="let through"):
        promote(database, number, margins=Margins(100, 100))
    with database.read() as session:
        assert registry.promoted(session) is None
        assert registry.one(session, number).reasons


@pytest.mark.parametrize("end", [ModelState.REFUSED, ModelState.FAILED, ModelState.TRAINING])
def test_only_what_passed_can_be_promoted(database: Database, end: ModelState) -> None:
    with database.write() as session:
        number = registry.begin(session, "noy", NOW).id
        if end is ModelState.REFUSED:
            registry.judged(session, number, figures(PRESENT), [Reason("x")], NOW)
        elif end is ModelState.FAILED:
            registry.fail(session, number, NOW, Reason("x"))
    with pytest.raises(DeskError, match="let through"):
        promote(database, number)


def test_a_candidate_that_was_measured_against_another_model_is_measured_again(database: Database) -> None:
    one, other = made(database), made(database)
    promote(database, one)
    with pytest.raises(DeskError, match="another one"):
        promote(database, other)
    with database.write() as session:
        assert registry.again(session, other, "noy", NOW).state == ModelState.TRAINING


def test_two_who_promote_at_once_leave_one_model(database: Database) -> None:
    numbers = [made(database), made(database)]
    refused: list[Exception] = []

    def do(number: int) -> None:
        try:
            promote(database, number)
        except DeskError as error:
            refused.append(error)

    threads = [threading.Thread(target=do, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        assert session.query(Model).filter_by(state=ModelState.PROMOTED).count() == 1
    assert len(refused) == 1


def test_what_cannot_be_served_gives_way_to_the_one_before(database: Database) -> None:
    number = made(database)
    promote(database, number)
    with database.write() as session:
        before = registry.fell_back(session, number, 0, "deaf_to_a_cry", later(1))
        assert before is not None and before.file == "nlu-old.tar.gz"
    with database.write() as session:
        assert registry.fell_back(session, number, 0, "deaf_to_a_cry", later(1)) is None  # another process said it too
    assert state(database, number) == ModelState.REFUSED


def test_a_roll_back_to_what_cannot_be_served_keeps_what_serves(database: Database) -> None:
    number = made(database)
    promote(database, number, later(1))
    with database.write() as session:
        old = registry.roll_back(session, "dao", later(2)).id
    with database.write() as session:
        back = registry.fell_back(session, old, number, "file_missing", later(3))
        assert back is not None and back.id == number
    with database.read() as session:
        assert not registry.can_roll_back(session)


def test_measuring_an_old_model_again_does_not_bar_the_way_back(database: Database) -> None:
    first = made(database)
    promote(database, first, later(1))
    with database.read() as session:
        old = session.query(Model).filter_by(file="nlu-old.tar.gz").one().id
    with database.write() as session:
        registry.again(session, old, "noy", later(2))
    with database.write() as session:
        registry.judged(session, old, figures(PRESENT, first), [Reason("x")], later(3))
    with database.write() as session:
        assert registry.roll_back(session, "dao", later(4)).id == old
