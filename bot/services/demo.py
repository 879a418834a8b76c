"""A made-up month for training and pictures: everything goes the way of real messages, only nobody wrote them.

Persons of the demonstration have the channel "demo", which no sender serves.
A database with anybody else in it is refused.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.dialogue.types import ButtonEvent, CommandEvent, TextEvent
from bot.nlu.lexicon import safety_lexicon
from bot.nlu.parse import Parse, Reading, load_thresholds
from bot.services import cases, review, staff
from bot.services.content import ContentStore
from bot.services.conversations import ConversationService, Incoming
from bot.services.staff import Member
from bot.settings import ROOT, Settings
from bot.storage.db import Database
from bot.storage.models import (
    Arrival,
    Case,
    CaseNote,
    CaseTag,
    Direction,
    Message,
    OutboxMessage,
    OutboxState,
    Person,
    Role,
    Staff,
)
from nlu.text.scripts import LANGUAGE_OF_FORM

CHANNEL = "demo"
DAYS, PEOPLE = 30, 140
QUESTIONS = ROOT / "nlu" / "eval"
ACCOUNTS = {
    "demo.counsellor": Role.COUNSELLOR,
    "demo.reviewer": Role.REVIEWER,
    "demo.second": Role.REVIEWER,
    "demo.editor": Role.EDITOR,
    "demo.supervisor": Role.SUPERVISOR,
    "demo.admin": Role.ADMIN,
}
SOURCES = ("poster-vientiane-bus", "poster-savan-bridge", "office-pakse", "radio", "village-meeting")
REPLIES = {
    "lo": ("ສະບາຍດີ, ພວກເຮົາຢູ່ນີ້. ຕອນນີ້ເຈົ້າປອດໄພບໍ່?", "ຂອບໃຈທີ່ບອກ. ພວກເຮົາຈະຊ່ວຍຫາທາງອອກນໍາກັນ."),
    "th": ("สวัสดี เราอยู่ตรงนี้ ตอนนี้คุณปลอดภัยไหม", "ขอบคุณที่บอก เราจะช่วยหาทางออกด้วยกัน"),
    "en": ("Hello, we are here. Are you safe now?", "Thank you for telling us. We will look for a way out together."),
}
NOTES = ("Called back, is safe for now.", "Waits for the embassy.", "Speaks softly, cannot talk in the evening.")
TAGS = ("passport", "wages", "minor", "broker", "health")


class DemoError(Exception):
    """The demonstration cannot be made here; the text says why."""


@dataclass(frozen=True)
class Question:
    """A held-out question with its right topic."""

    text: str
    form: str
    intent: str


class Known:
    """Stands in for the model: knows the topic of each question, and is unsure or wrong as often as the model is."""

    def __init__(self, questions: Sequence[Question], topics: Sequence[str], dice: random.Random) -> None:
        self._known = {question.text: question for question in questions}
        self._topics, self._dice, self._lexicon = list(topics), dice, safety_lexicon()

    async def understand(self, text: str) -> Parse:
        """The parse of a question; the safety lexicon is the real one."""
        seen, found = self._lexicon.look(text), self._known.get(text)
        if found is None:
            return Parse(lexicon=seen.sure, lexicon_possible=seen.possible)
        sure = self._dice.betavariate(5, 1.1)
        other = self._dice.choice(self._topics)
        right = [Reading(found.intent, sure), Reading(other, (1 - sure) * 0.7)]
        return Parse(
            ranking=tuple(right if self._dice.random() < 0.93 else right[::-1]),
            form=found.form,
            language=LANGUAGE_OF_FORM.get(found.form, "lo"),
            urgent_score=0.95 if found.intent.startswith("urgent_") else 0.02,
            lexicon=seen.sure,
            lexicon_possible=seen.possible,
        )


def is_demo(session: Session) -> bool:
    """True when the database holds the demonstration."""
    return session.scalar(select(Person.id).where(Person.channel == CHANNEL).limit(1)) is not None


def refuse_real(session: Session) -> None:
    """Raises DemoError when somebody real is in the database, or accounts of staff that are not ours."""
    if session.scalar(select(Person.id).where(Person.channel != CHANNEL).limit(1)) is not None:
        raise DemoError(
            "This database holds real people. The demonstration needs one of its own: bot demo --database FILE"
        )
    if session.scalar(select(Staff.id).where(Staff.name.not_like("demo.%")).limit(1)) is not None:
        raise DemoError("This database has accounts of real staff. Give another file: bot demo --database FILE")


def accounts(session: Session, now: datetime) -> dict[str, str]:
    """Make the accounts; returns their first passwords. Raises DemoError when they are there already."""
    if session.scalar(select(Staff.id).limit(1)) is not None:
        raise DemoError("There is a demonstration in this database. Delete the file to begin again.")
    return {name: staff.add(session, name, role, now) for name, role in ACCOUNTS.items()}


def questions(folder: Path = QUESTIONS) -> list[Question]:
    """The held-out questions: nobody's own words, and no training data."""
    found = []
    for path in sorted(folder.glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            found += [Question(row["text"], row["form"], row["intent"]) for row in rows]
    return found


class Filler:
    """Fills an empty database with a month that ends now. The same seed gives the same month."""

    def __init__(
        self, settings: Settings, database: Database, content: ContentStore, now: datetime, seed: int = 7
    ) -> None:
        self._database, self._content, self._end = database, content, now
        self._dice, self._at = random.Random(seed), now
        asked = questions()
        self._calm = [q for q in asked if not q.intent.startswith("urgent_")]
        self._urgent = [q for q in asked if q.intent.startswith("urgent_")]
        known = Known(asked, list(content.published().topics), self._dice)
        self._service = ConversationService(database, content, known, load_thresholds(), settings, lambda: self._at)

    async def fill(self, people: int = PEOPLE) -> None:
        """Everything: conversations in the order of time, then what staff did about them."""
        begins = sorted(self._end - timedelta(days=DAYS * self._dice.random() ** 1.2) for _ in range(people))
        for number, begin in enumerate(begins, 1):
            await self._talk(str(number), begin)
        with self._database.write() as session:
            self._sent(session)
            self._cases(session)
            self._reviews(session)

    async def _talk(self, key: str, begin: datetime) -> None:
        dice, self._at = self._dice, begin
        if dice.random() < 0.4:
            await self._say(key, CommandEvent("start"))
            self._arrived(key)
        in_danger = dice.random() < 0.12
        first = dice.choice(self._urgent if in_danger else self._calm)
        same = [q for q in self._calm if q.form == first.form]
        for question in [first, *dice.sample(same, k=dice.randint(0, 3))]:
            outcome = await self._say(key, TextEvent(question.text))
            if dice.random() < 0.25 and outcome:
                await self._say(key, ButtonEvent(f"fb:{outcome}:{int(dice.random() < 0.7)}"))
        if not in_danger and dice.random() < 0.06:
            await self._say(key, ButtonEvent("person"))

    async def _say(self, key: str, event: TextEvent | ButtonEvent | CommandEvent) -> str | None:
        outcome = await self._service.handle(Incoming(CHANNEL, key, event))
        self._at = min(self._end, self._at + timedelta(seconds=self._dice.randint(20, 400)))
        return outcome.decision.topic

    def _arrived(self, key: str) -> None:
        with self._database.write() as session:
            person = session.scalar(select(Person.id).where(Person.channel == CHANNEL, Person.channel_key == key))
            if person is not None:
                session.add(Arrival(person_id=person, source=self._dice.choice(SOURCES), created_at=self._at))

    def _sent(self, session: Session) -> None:
        """Nothing of this is ever sent; it looks delivered."""
        delivered = {"state": OutboxState.DELIVERED, "sent_at": OutboxMessage.created_at}
        session.execute(update(OutboxMessage).values(delivered))

    def _cases(self, session: Session) -> None:
        """The newest three wait, one is in hand, the others are closed."""
        rows = session.scalars(select(Case).order_by(Case.opened_at.desc())).all()
        for place, row in enumerate(rows):
            if place < 3:
                row.opened_at = self._end - timedelta(minutes=(4, 14, 45)[place])
                continue
            self._at = row.opened_at + timedelta(seconds=60 + self._dice.expovariate(1 / 500))
            language = session.get_one(Person, row.person_id).language or "lo"
            for text in REPLIES[language]:
                cases.reply(session, row.id, "demo.counsellor", text, self._at)
                self._at += timedelta(minutes=3)
            session.add(
                CaseNote(
                    case_id=row.id, staff_name="demo.counsellor", text=self._dice.choice(NOTES), created_at=self._at
                )
            )
            session.add(CaseTag(case_id=row.id, tag=self._dice.choice(TAGS)))
            if place > 3:
                cases.close(session, row.id, "demo.counsellor", self._at)
        self._sent(session)

    def _reviews(self, session: Session) -> None:
        """Two reviewers who mostly agree."""
        topics = set(self._content.published().topics)
        known = {q.text: q.intent for q in (*self._calm, *self._urgent)}
        names = ("demo.reviewer", "demo.second")
        members = [
            Member(row.id, row.name, Role.REVIEWER, enrolled=False)
            for row in session.scalars(select(Staff).where(Staff.name.in_(names)).order_by(Staff.name))
        ]
        asked = session.scalars(
            select(Message).where(
                Message.direction == Direction.IN, Message.intent.is_not(None), Message.kind == "text"
            )
        )
        for message in [m for m in asked if m.text in known and self._dice.random() < 0.3]:
            for who in members if self._dice.random() < 0.4 else members[:1]:
                right = known[message.text] if self._dice.random() < 0.92 else self._dice.choice(sorted(topics))
                found = review.one(session, message.id, who.id)
                if found is not None:
                    review.judge(session, found, who, right, topics, 0, message.created_at + timedelta(hours=5))
