"""News by consent on both databases: who is told, once each whatever dies, behind every answer, while wanted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot.dialogue.types import ButtonEvent, State, TextEvent
from bot.knowledge.alerts import News
from bot.services import alert_queue, broadcasts, outbox, retention
from bot.services.errors import DeskError
from bot.services.outbox import Sent
from bot.settings import Settings
from bot.storage.db import Database
from bot.storage.models import (
    AuditEntry,
    Broadcast,
    BroadcastDelivery,
    BroadcastState,
    Conversation,
    Message,
    OutboxMessage,
    OutboxState,
    Person,
    Subscription,
)
from tests.factories.content import published
from tests.integration.bot.test_storage import NOW, incoming, service

CONTENT = published()
SETTINGS = Settings(_env_file=None, alert_rate=4)  # type: ignore[call-arg]
NEWS = News(0, "scam", "", {"lo": "ລະວັງ {contact:th_191}", "en": "Beware {contact:th_191}"})


def crowd(database: Database, count: int, *, first: int = 100, topic: str = "scam", destination: str = "") -> list[int]:
    """Subscribers; what they were sent before is done."""
    with database.write() as session:
        people = [
            Person(
                pseudonym=f"p{first + n}", channel="telegram", channel_key=str(first + n), state={}, language="lo",
                created_at=NOW, last_seen_at=NOW,
            )
            for n in range(count)
        ]  # fmt: skip
        session.add_all(people)
        session.flush()
        for person in people:
            session.add(Subscription(person_id=person.id, topic=topic, destination=destination, created_at=NOW))
        return [person.id for person in people]


def running(database: Database, news: News = NEWS) -> int:
    """A broadcast that two people let go."""
    with database.write() as session:
        row = broadcasts.save(session, None, news, "ed", CONTENT, NOW)
        broadcasts.approve(session, row.id, broadcasts.seal(row), "sue", CONTENT, NOW)
        broadcasts.move(session, row.id, "start", "sue", CONTENT, NOW)
        return row.id


def step(database: Database, seconds: int = 0, *, killed: bool = False) -> int:
    """One second of the keeper; `killed`: the process dies before the commit."""
    try:
        with database.write() as session:
            count = alert_queue.step(session, "telegram", CONTENT, SETTINGS, NOW + timedelta(seconds=seconds))
            if killed:
                raise KeyboardInterrupt
            return count
    except KeyboardInterrupt:
        return 0


def deliver(database: Database, state: OutboxState = OutboxState.DELIVERED, error: str | None = None) -> list[str]:
    """What the sender would send now, marked with `state`; the texts."""
    with database.write() as session:
        rows, _ = outbox.due(session, "telegram", set(), 32, NOW)
        outbox.record(session, [Sent(row, state, error=error) for row in rows], NOW)
        return [row.payload.get("text", "") for row in rows]


def state_of(database: Database, number: int) -> str:
    with database.read() as session:
        return broadcasts.known(session, number).state


def told(database: Database) -> Counter[int]:
    """How many messages were queued for each person."""
    with database.read() as session:
        return Counter(session.scalars(select(OutboxMessage.person_id).where(OutboxMessage.method == "message")))


def test_everybody_is_told_once_though_it_dies_at_every_step(database: Database) -> None:
    people = crowd(database, 11)
    number = running(database)
    for second in range(12):
        step(database, second, killed=True)  # before the commit: nothing happened
        assert step(database, second) <= SETTINGS.alert_rate
        step(database, second, killed=True)
        deliver(database)
    assert told(database) == Counter(people)
    assert state_of(database, number) == BroadcastState.DONE
    with database.read() as session:
        assert broadcasts.progress(session, number).parts["delivered"] == 11
        assert session.scalar(select(func.count()).select_from(BroadcastDelivery)) == 11
        assert {row for row in session.scalars(select(OutboxMessage.at_most_once))} == {True}
        done = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
        assert done == ["alert_save", "alert_approve", "alert_start", "alert_done"]


def test_a_cursor_that_was_lost_tells_nobody_twice(database: Database) -> None:
    people = crowd(database, 3)
    running(database)
    step(database)
    with database.write() as session:
        session.execute(update(Broadcast).values(last_person_id=0))
    deliver(database)
    step(database)
    assert told(database) == Counter(people)


def test_a_message_under_way_when_we_die_is_not_sent_again(database: Database) -> None:
    crowd(database, 2)
    number = running(database)
    step(database)
    with database.write() as session:
        assert len(outbox.due(session, "telegram", set(), 32, NOW)[0]) == 2
    with database.write() as session:
        outbox.recover(session, "telegram")  # the next start
    assert deliver(database) == []
    step(database)
    assert state_of(database, number) == BroadcastState.DONE


def test_no_more_than_the_rate_waits_at_a_time(database: Database) -> None:
    crowd(database, 10)
    running(database)
    assert [step(database, n) for n in range(3)] == [4, 0, 0]
    deliver(database)
    assert step(database, 4) == 4


async def test_answers_go_first_and_one_behind_an_alert_pulls_it_along(database: Database) -> None:
    crowd(database, 1, first=7)
    running(database)
    step(database)
    await service(database).handle(incoming(TextEvent("passport"), key="8", update_id=1))
    await service(database).handle(incoming(TextEvent("passport"), key="7", update_id=2))
    with database.write() as session:
        rows, _ = outbox.due(session, "telegram", set(), 32, NOW)
        assert [row.priority for row in rows] == [1, alert_queue.PRIORITY]
        session.rollback()
    step(database, 1)
    with database.read() as session:
        waiting = session.scalars(select(OutboxMessage.priority).where(OutboxMessage.at_most_once)).all()
        assert waiting == [1]


def test_nothing_is_added_while_answers_wait_or_the_network_is_away(database: Database) -> None:
    crowd(database, 20)
    running(database)
    with database.write() as session:
        session.add_all(
            OutboxMessage(channel="telegram", chat_key=f"5{n}", method="message", payload={"text": "x"}, created_at=NOW)
            for n in range(alert_queue.CROWD)
        )
    assert step(database) == 0
    deliver(database)
    assert step(database) == 4
    deliver(database, OutboxState.UNKNOWN, "network")
    assert step(database, 1) == 4
    deliver(database, OutboxState.UNKNOWN, "network")
    assert step(database, 2) == 0
    assert step(database, 40) == 4


def test_pause_resume_and_cancel(database: Database) -> None:
    people = crowd(database, 10)
    number = running(database)
    step(database)
    with database.write() as session:
        broadcasts.move(session, number, "pause", "terminal", CONTENT, NOW)
    deliver(database)
    assert [step(database, n) for n in range(3)] == [0, 0, 0]
    assert state_of(database, number) == BroadcastState.PAUSED
    with database.write() as session:
        broadcasts.move(session, number, "resume", "terminal", CONTENT, NOW)
    assert step(database, 5) == 4
    with database.write() as session:
        broadcasts.move(session, number, "cancel", "sue", CONTENT, NOW)
    assert deliver(database) == []
    assert step(database, 6) == 0
    assert told(database) == Counter(people[:8])
    with database.read() as session, pytest.raises(DeskError):
        broadcasts.move(session, number, "resume", "sue", CONTENT, NOW)


@pytest.mark.parametrize(
    "change",
    [
        lambda p: setattr(p, "blocked_at", NOW),
        lambda p: setattr(p, "state", State(quiet=True).to_json()),
        lambda p: setattr(p, "state", State(handed_over=True).to_json()),
    ],
    ids=["blocked", "quiet", "with a counsellor"],
)
def test_who_must_not_be_disturbed_is_left_out(database: Database, change: Callable[[Person], Any]) -> None:
    people = crowd(database, 3)
    number = running(database)
    with database.write() as session:
        change(session.get_one(Person, people[1]))
    step(database)
    deliver(database)
    step(database, 1)
    assert told(database) == Counter([people[0], people[2]])
    assert state_of(database, number) == BroadcastState.DONE


def test_news_goes_to_its_kind_and_country(database: Database) -> None:
    everywhere, korea = crowd(database, 1), crowd(database, 1, first=200, destination="kr")
    crowd(database, 1, first=300, destination="th")
    crowd(database, 1, first=400, topic="rules")
    with database.write() as session:  # wants it for two countries: one message
        session.add(Subscription(person_id=korea[0], topic="scam", destination="th", created_at=NOW))
    with database.read() as session:
        assert broadcasts.subscribers(session, "scam", "kr") == 2
        assert broadcasts.subscribers(session, "scam", "") == 3
    running(database, News(0, "scam", "kr", dict(NEWS.texts)))
    step(database)
    assert told(database) == Counter([everywhere[0], korea[0]])


async def test_a_tap_subscribes_one_tap_ends_it_and_forgetting_takes_it(database: Database) -> None:
    talk = service(database)

    async def tap(data: str) -> None:
        await talk.handle(incoming(ButtonEvent(data, 5)))

    def rows() -> list[tuple[str, str]]:
        with database.read() as session:
            return [(r.topic, r.destination) for r in session.scalars(select(Subscription).order_by(Subscription.id))]

    await tap("f:alerts")
    assert rows() == []
    await tap("f:alerts:k:scam")
    assert rows() == [("scam", "")]
    await tap("f:alerts:d:kr")
    await tap("f:alerts:d:th")
    assert rows() == [("scam", "kr"), ("scam", "th")]
    deliver(database)
    running(database)
    step(database)
    await tap("f:alerts:stop")
    assert rows() == []
    with database.read() as session:
        assert session.scalars(select(OutboxMessage.error).where(OutboxMessage.at_most_once)).all() == ["unsubscribed"]
    await tap("f:alerts:k:scam")
    await tap("forget:yes")
    assert rows() == []
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(BroadcastDelivery)) == 0


async def test_neutral_words_open_with_a_tap_until_the_news_is_taken_back(database: Database) -> None:
    talk = service(database)
    for data in ("l:lo", "f:alerts:k:scam", "f:alerts:q"):
        await talk.handle(incoming(ButtonEvent(data, 5)))
        deliver(database)
    number = running(database)
    step(database)
    with database.read() as session:
        sent = session.scalars(select(OutboxMessage).where(OutboxMessage.at_most_once)).one()
    assert "ລະວັງ" not in str(sent.payload)
    assert sent.payload["silent"]
    opening = sent.payload["buttons"][0][0]["data"]
    shown = await talk.handle(incoming(ButtonEvent(opening, 6)))
    assert "ລະວັງ" in shown.decision.replies[0].text
    assert "191" in shown.decision.replies[0].text
    with database.write() as session:
        broadcasts.move(session, number, "cancel", "sue", CONTENT, NOW)
    for data in (opening, "f:alerts:r:999", "f:alerts:r:x", f"f:alerts:r:{'9' * 30}"):
        shown = await talk.handle(incoming(ButtonEvent(data, 6)))
        assert "ລະວັງ" not in shown.decision.replies[0].text


def test_four_eyes(database: Database) -> None:
    with database.write() as session:
        number = broadcasts.save(session, None, NEWS, "ed", CONTENT, NOW).id
        row = broadcasts.known(session, number)
        read = broadcasts.seal(row)
        with pytest.raises(DeskError, match="Another person"):
            broadcasts.approve(session, number, read, "ed", CONTENT, NOW)
        with pytest.raises(DeskError):
            broadcasts.move(session, number, "start", "sue", CONTENT, NOW)
        broadcasts.save(session, number, News(0, "scam", "", {"lo": "ອື່ນ"}), "sue", CONTENT, NOW)
        with pytest.raises(DeskError):  # she wrote it now
            broadcasts.approve(session, number, broadcasts.seal(row), "sue", CONTENT, NOW)
        with pytest.raises(DeskError, match="changed"):
            broadcasts.approve(session, number, read, "ed", CONTENT, NOW)
        broadcasts.approve(session, number, broadcasts.seal(row), "ed", CONTENT, NOW)
        broadcasts.save(session, number, NEWS, "ed", CONTENT, NOW)
        assert (row.state, row.approved_by) == (BroadcastState.DRAFT, None)


@pytest.mark.parametrize(
    "news",
    [
        News(0, "nothing", "", {"lo": "ຂ່າວ"}),
        News(0, "scam", "xx", {"lo": "ຂ່າວ"}),
        News(0, "scam", "", {"lo": "  "}),
        News(0, "scam", "", {"lo": "ໂທ 020 5551 2345"}),
        News(0, "scam", "", {"lo": "ໂທ {contact:nobody}"}),
        News(0, "scam", "", {"lo": "ໂທ {phone:nobody}"}),
        News(0, "scam", "", {"lo": "ໂທ {contact:th_191}", "en": "call"}),
        News(0, "scam", "", {"en": "<b>call"}),
        News(0, "scam", "", {"en": "word " * 300}),
    ],
)
def test_what_could_mislead_is_not_kept(database: Database, news: News) -> None:
    with database.write() as session, pytest.raises(DeskError):
        broadcasts.save(session, None, news, "ed", CONTENT, NOW)


def test_a_number_that_is_taken_back_meanwhile_pauses_the_broadcast(database: Database) -> None:
    crowd(database, 2)
    number = running(database)
    gone = CONTENT.model_copy(update={"contacts": {}})
    with database.write() as session:
        assert alert_queue.step(session, "telegram", gone, SETTINGS, NOW) == 0
    assert state_of(database, number) == BroadcastState.PAUSED
    assert told(database) == Counter()


async def test_an_alert_is_hidden_with_the_chat_and_opens_no_new_talk(database: Database) -> None:
    await service(database).handle(incoming(ButtonEvent("f:alerts:k:scam", 5)))
    deliver(database)
    running(database)
    with database.write() as session:
        session.execute(update(Conversation).values(last_message_at=NOW - timedelta(days=3)))
    step(database)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Conversation)) == 1
        line = session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
        assert "ລະວັງ" in line.text
    await service(database).handle(incoming(ButtonEvent("hide")))
    assert not any("ລະວັງ" in text for text in deliver(database))


@pytest.mark.parametrize(("days", "kept"), [(100, 1), (400, 0)])
def test_who_waits_for_news_is_kept_for_a_year(database: Database, days: int, kept: int) -> None:
    crowd(database, 1)
    with database.write() as session:
        session.add(
            Person(pseudonym="x", channel="telegram", channel_key="1", state={}, created_at=NOW, last_seen_at=NOW)
        )
    with database.write() as session:
        retention.purge(session, SETTINGS, NOW + timedelta(days=days))
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == kept
