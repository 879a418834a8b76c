"""What people may do with training questions: add, accept, change, reject; with guards against poison.

Whoever teaches the model many or wrong questions can make it deaf. So: nobody gives or accepts more than a number in a
day; questions of danger (by topic, now or before a change, or by their words) need a second person; a question that
models are judged by is never taught; one that stands under another topic needs a second look.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from bot.i18n import N_
from bot.knowledge.model import Topic
from bot.nlu.lexicon import SafetyLexicon
from bot.services import audit
from bot.services.errors import DeskError
from bot.services.likeness import Kind, Known, findings
from bot.services.questions import EDITOR, clean
from bot.storage.models import Message, QuestionState, TrainingQuestion
from nlu.text.scripts import detect_form
from nlu.text.zones import URGENT

WAS_DANGER = "was_danger"
"""A source that stays with a question that was about danger once."""
SHORTEST, LONGEST = 2, 300
DAY = timedelta(days=1)
MARKUP = re.compile(r"[\[\]{}]")

HELD_OUT = N_("Models are judged by this question (or one that sounds the same), so it must not be taught: {text}")
CONTRADICTS = N_("A question that sounds the same stands under another topic ({topic}). Look again: {text}")
TOO_MANY = N_("{who} has {count} accepted questions in 24 hours. More have to wait until tomorrow.")
SECOND = N_("This is a topic of danger: a second person must accept the question.")
NO_TOPIC = N_("There is no such topic.")
NO_WORDS = N_("Write a question of 2 to 300 characters.")
NO_MARKUP = N_("Leave out square and curly brackets.")
TAKEN_OUT = N_("You have rejected {count} questions of danger in 24 hours. Talk to a supervisor first.")
MOST_TAKEN_OUT = 20
"""Questions of danger, waiting or accepted, that one person may reject in a day: without them the model grows deaf."""
DECIDED = N_("Somebody else has decided about it already.")


@lru_cache(maxsize=1)
def _lexicon() -> SafetyLexicon:
    return SafetyLexicon()


@dataclass(frozen=True)
class Teaching:
    """The desk of training questions for one request."""

    session: Session
    topics: Mapping[str, Topic]
    known: Known
    a_day: int
    who: str
    now: datetime

    def add(self, text: str, intent: str, *, anyway: bool = False, message_id: int | None = None) -> TrainingQuestion:
        """A new question of this person: accepted, or waiting for a second person. Raises DeskError.

        `message_id`: whose words they are; erasing the writer takes the question too.
        """
        text = self._sound(text, intent, None, anyway=anyway)
        row = TrainingQuestion(
            text=text, form=detect_form(text)[0] or "mixed", intent=intent, source=EDITOR,
            state=QuestionState.CANDIDATE, created_by=self.who[:40], created_at=self.now, message_id=message_id,
        )  # fmt: skip
        self.session.add(row)
        self.session.flush()
        if not self._danger_of(row):
            self._accept(row)
        return row

    def change(self, number: int, text: str, intent: str, *, anyway: bool = False) -> TrainingQuestion:
        """Other words or another topic; the one who changes it is its author from then on. Raises DeskError."""
        row = self._waiting(number)
        text = self._sound(text, intent, number, anyway=anyway)
        if text == row.text and intent == row.intent:
            return row
        if self._danger_of(row):
            row.source = WAS_DANGER
        row.text, row.intent, row.form = text, intent, detect_form(text)[0] or row.form
        row.created_by = self.who[:40]
        return row

    def accept(self, number: int, text: str, intent: str, *, anyway: bool = False) -> TrainingQuestion:
        """Into the training data, with other words or another topic if given. Raises DeskError.

        With other words, or taken out of a topic of danger, a question of danger waits for a further person.
        """
        row = self._waiting(number)
        danger = self._danger_of(row) or self._danger(text, intent)
        changed = (clean(text), intent) != (row.text, row.intent)
        row = self.change(number, text, intent, anyway=anyway)
        self._sound(row.text, row.intent, number, anyway=anyway)
        if danger and changed:
            return row
        if danger and row.created_by == self.who:
            raise DeskError(SECOND)
        self._accept(row)
        return row

    def reject(self, number: int) -> None:
        """Not into the training data; an accepted one is taken out again. Raises DeskError."""
        row = self.session.get(TrainingQuestion, number, with_for_update=True)
        if row is None or row.state == QuestionState.REJECTED:
            raise DeskError(DECIDED)
        if self._danger_of(row):
            self._cap_of_losses()
        row.state, row.decided_by, row.decided_at = QuestionState.REJECTED, self.who[:40], self.now
        audit.note(self.session, self.who, "question_rejected", self.now, object=f"question {number}")

    def _cap_of_losses(self) -> None:
        """Raises DeskError when this person has thrown out too many questions of danger, waiting or accepted."""
        rejected = self.session.scalars(
            select(TrainingQuestion).where(
                TrainingQuestion.state == QuestionState.REJECTED,
                TrainingQuestion.decided_by == self.who[:40],
                TrainingQuestion.decided_at > self.now - DAY,
            )
        )
        if sum(map(self._danger_of, rejected)) >= MOST_TAKEN_OUT:
            raise DeskError(TAKEN_OUT, count=MOST_TAKEN_OUT)

    def _accept(self, row: TrainingQuestion) -> None:
        for name in {row.created_by, self.who}:
            self._cap(name)
        row.state, row.decided_by, row.decided_at = QuestionState.ACCEPTED, self.who[:40], self.now
        audit.note(self.session, self.who, "question_accepted", self.now, object=f"question {row.id}")

    def _cap(self, name: str) -> None:
        given = self.session.scalar(
            select(func.count())
            .select_from(TrainingQuestion)
            .where(
                TrainingQuestion.state == QuestionState.ACCEPTED,
                TrainingQuestion.decided_at > self.now - DAY,
                or_(TrainingQuestion.created_by == name, TrainingQuestion.decided_by == name),
            )
        )
        if (given or 0) >= self.a_day:
            raise DeskError(TOO_MANY, who=name, count=self.a_day)

    def _sound(self, text: str, intent: str, own: int | None, *, anyway: bool) -> str:
        if intent not in self.topics:
            raise DeskError(NO_TOPIC)
        text = clean(text)
        if not SHORTEST <= len(text) <= LONGEST:
            raise DeskError(NO_WORDS)
        if MARKUP.search(text):
            raise DeskError(NO_MARKUP)
        for found in findings(self.session, self.known, text, intent, own):
            if found.kind is Kind.HELD_OUT:
                raise DeskError(HELD_OUT, text=text)
            if found.kind is Kind.OTHER_TOPIC and not anyway:
                raise DeskError(CONTRADICTS, topic=found.intent, text=found.text)
        return text

    def _danger(self, text: str, intent: str) -> bool:
        """Is it about danger, by its topic or by its words? Taught wrongly, the model would miss a cry for help."""
        topic, heard = self.topics.get(intent), _lexicon().look(text)
        return bool((topic and topic.urgent) or heard.sure or heard.possible)

    def _danger_of(self, row: TrainingQuestion) -> bool:
        """Is this question about danger, was it once, or did the bot hear danger in the message that it came from?

        A cry in words that the lexicon does not know would else become small talk by one person's will.
        """
        if row.source == WAS_DANGER or self._danger(row.text, row.intent):
            return True
        message = self.session.get(Message, row.message_id) if row.message_id else None
        return message is not None and (
            message.urgent or message.danger_check or (message.intent or "").startswith(URGENT)
        )

    def _waiting(self, number: int) -> TrainingQuestion:
        row = self.session.get(TrainingQuestion, number, with_for_update=True)
        if row is None or row.state != QuestionState.CANDIDATE:
            raise DeskError(DECIDED)
        return row
