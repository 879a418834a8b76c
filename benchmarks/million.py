"""A million messages in a database: a realistic mix, written in bulk. Used by benchmarks/console_million.py."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from bot.dialogue.types import Action
from bot.settings import ROOT
from bot.storage.db import Database
from bot.storage.models import (
    Arrival,
    Base,
    Case,
    CaseNote,
    CaseState,
    CaseTag,
    Conversation,
    Correction,
    Direction,
    Feedback,
    Message,
    OutboxMessage,
    Person,
    Verdict,
)

DAYS = 365
CHUNK = 20_000
A_CONVERSATION, A_PERSON = 8, 17
"""Messages of a conversation and of a person, on average."""
OUTCOMES = ("answered", "referred", "rescued", "no_contact")
TAGS = ("passport", "wages", "police", "minor", "health", "broker", "employer", "embassy")
SOURCES = ("poster-vientiane", "poster-savan", "office-pakse", "radio", "facebook", "rare-one")
ANSWER = (
    "<b>{title}</b>\nໄປຫ້ອງການທີ່ໃກ້ທີ່ສຸດ ພ້ອມເອກະສານທີ່ມີ. ຖາມລາຄາກ່ອນຈ່າຍ ແລະ ຂໍໃບບິນ.\n"
    "1. ກຽມປຶ້ມສຳມະໂນຄົວ\n2. ກຽມບັດປະຈຳຕົວ\n3. ຍື່ນຄຳຮ້ອງ\nຢ່າເອົາປຶ້ມໃຫ້ໃຜເກັບໄວ້."
)


def questions() -> list[tuple[str, str, str]]:
    """(form, intent, text) of the held-out questions."""
    rows = []
    for path in sorted((ROOT / "nlu" / "eval").glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows += [
                (r["form"], r["intent"], r["text"])
                for r in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            ]
    return rows


def fill(database: Database, messages: int, end: datetime, staff: list[int], seed: int = 7) -> None:
    """Write so many messages of the year before `end`, with their people, cases, feedback and reviews."""
    rows = _rows(random.Random(seed), messages, end, staff)
    waiting: dict[type[Base], list[dict[str, Any]]] = {}
    order = (Person, Conversation, Message, Case, CaseNote, CaseTag, Feedback, Arrival, Correction, OutboxMessage)

    def flush() -> None:
        with database.write() as session:
            for table in order:
                if waiting.get(table):
                    session.execute(insert(table), waiting.pop(table))

    for table, row in rows:
        waiting.setdefault(table, []).append(row)
        if table is Conversation and len(waiting[Message]) >= CHUNK:
            flush()
    flush()


def _rows(dice: random.Random, messages: int, end: datetime, staff: list[int]) -> Iterator[tuple[type[Base], Any]]:
    asked, talks = questions(), messages // A_CONVERSATION
    begin, people, message, case = end - timedelta(days=DAYS), 0, 0, 0
    wanted = max(1, messages // A_PERSON)
    language = {"lao": "lo", "roman": "lo", "thaiscript": "lo", "thai": "th", "karaoke": "th", "english": "en"}
    for talk in range(1, talks + 1):
        at = begin + timedelta(seconds=DAYS * 86400 * talk / (talks + 1))
        new = people < wanted and dice.random() < wanted / talks
        if new or not people:
            people += 1
            person, speaks = people, dice.choice(("lo", "lo", "lo", "th", "en"))
            yield Person, dict(
                id=person, pseudonym=f"Calm River {person}", channel="telegram", channel_key=str(person),
                language=speaks, state={}, created_at=at, last_seen_at=at, blocked_at=None,
            )  # fmt: skip
            if dice.random() < 0.3:
                yield Arrival, dict(person_id=person, source=dice.choice(SOURCES), created_at=at)
        else:
            person = dice.randint(1, people)
        urgent_talk, lines = dice.random() < 0.02, []
        for _ in range(A_CONVERSATION // 2):
            form, intent, text = dice.choice(asked)
            urgent = urgent_talk and not lines
            confidence = round(min(0.999, dice.betavariate(4, 1.2)), 4)
            action = _action(dice, confidence, urgent=urgent)
            message += 1
            lines.append(message)
            spoken = language.get(form, "lo")
            understood = dict(
                intent=intent, confidence=confidence, action=action, form=form, urgent=urgent,
                alternatives=[[intent, confidence], ["visa", 0.05]],
            )  # fmt: skip
            yield Message, _message(message, talk, person, Direction.IN, text, at, language=spoken, **understood)
            if dice.random() < 0.02:
                yield Correction, _correction(dice, message, intent, staff, at)
            at += timedelta(seconds=3)
            message += 1
            by = Direction.STAFF if urgent_talk and dice.random() < 0.5 else Direction.OUT
            yield Message, _message(message, talk, person, by, ANSWER.format(title=intent), at, language=spoken)
            if talk > talks - 5000:
                yield OutboxMessage, dict(
                    channel="telegram", chat_key=str(person), person_id=person, message_id=message, method="message",
                    payload={}, priority=1, state="delivered", attempts=1, created_at=at, at_most_once=False,
                )  # fmt: skip
            at += timedelta(seconds=dice.randint(10, 120))
            if dice.random() < 0.05:
                yield (
                    Feedback,
                    dict(person_id=person, topic=intent, language=spoken, useful=dice.random() < 0.7, created_at=at),
                )
        yield Conversation, dict(id=talk, person_id=person, started_at=begin, last_message_at=at, urgent=urgent_talk)
        if urgent_talk or dice.random() < 0.02:
            case += 1
            yield from _case(dice, case, person, urgent_talk, at, recent=talk > talks * 0.998)


def _message(number: int, talk: int, person: int, by: str, text: str, at: datetime, **more: Any) -> dict[str, Any]:
    row = dict.fromkeys(("language", "form", "intent", "confidence", "alternatives", "action"))
    return {
        **row, "id": number, "conversation_id": talk, "person_id": person, "direction": by, "kind": "text",
        "text": text, "urgent": False, "danger_check": False, "created_at": at, **more,
    }  # fmt: skip


def _action(dice: random.Random, confidence: float, *, urgent: bool) -> str:
    if urgent:
        return Action.HELP_CARD
    if confidence < 0.4:
        return Action.NOT_UNDERSTOOD
    return Action.OFFER if confidence < 0.55 else dice.choice((Action.ANSWER,) * 9 + (Action.FLOW,))


def _correction(dice: random.Random, message: int, intent: str, staff: list[int], at: datetime) -> dict[str, Any]:
    right = dice.random() < 0.8
    return dict(
        message_id=message, staff_id=dice.choice(staff), intent_before=intent, settles=False, created_at=at,
        verdict=Verdict.CONFIRMED if right else Verdict.CORRECTED, intent=intent if right else "visa",
    )  # fmt: skip


def _case(
    dice: random.Random, case: int, person: int, urgent: bool, at: datetime, *, recent: bool
) -> Iterator[tuple[type[Base], Any]]:
    open_still = recent and dice.random() < 0.7
    yield Case, dict(
        id=case, person_id=person, topic="urgent_trapped" if urgent else "passport", urgent=urgent, opened_at=at,
        state=CaseState.OPEN if open_still else CaseState.CLOSED, claimed_by=None if open_still else "dao",
        claimed_at=None if open_still else at,
        first_reply_at=None if open_still else at + timedelta(seconds=dice.expovariate(1 / 600)),
        closed_at=None if open_still else at + timedelta(hours=2),
        outcome=None if open_still else dice.choice(OUTCOMES),
    )  # fmt: skip
    if dice.random() < 0.5:
        yield CaseNote, dict(case_id=case, staff_name="dao", text="called back", created_at=at)
        yield CaseTag, dict(case_id=case, tag=dice.choice(TAGS))
