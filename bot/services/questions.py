"""Questions that may become training data: proposed by corrections, accepted or rejected by people.

A text comes here without what may lead to a person, as far as bot/masking.py sees it. It is read by a person before it
trains a model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.masking import MASK, mask
from bot.storage.models import QuestionState, TrainingQuestion
from nlu.questions import Row, training_rows, write_training_file
from nlu.text.scripts import detect_form

CORRECTION, EDITOR = "correction", "editor"
"""Where a question comes from: a person's words, or an editor's."""
WRITER = "desk"
"""Writer of the files that hold accepted questions."""
PAGE = 50


def clean(text: str) -> str:
    """The text without what leads to a person."""
    return " ".join(mask(text).split())


def propose(
    session: Session, text: str, intent: str, by: str, now: datetime, message_id: int | None = None
) -> TrainingQuestion | None:
    """Make a cleaned text a candidate; one that waits already gets the new intent. None when nothing is left of it.

    What was accepted or rejected before stays so. `message_id`: the message that it came from, which takes it along
    when its writer is erased.
    """
    text = clean(text)
    form, _ = detect_form(text.replace(MASK, ""))
    if form is None:
        return None
    row = _same(session, text)
    if row is None:
        row = TrainingQuestion(text=text, source=CORRECTION, state=QuestionState.CANDIDATE)
        session.add(row)
    elif row.state != QuestionState.CANDIDATE:
        return row
    row.form, row.intent, row.created_by, row.created_at = form, intent, by[:40], now
    row.message_id = message_id
    return row


def withdraw(session: Session, text: str) -> None:
    """Take a candidate back whose correction was taken back."""
    session.execute(
        delete(TrainingQuestion).where(
            TrainingQuestion.text == clean(text),
            TrainingQuestion.source == CORRECTION,
            TrainingQuestion.state == QuestionState.CANDIDATE,
        )
    )


def candidates(session: Session, limit: int = PAGE, before: int | None = None) -> list[TrainingQuestion]:
    """Questions that wait for a decision, newest first."""
    query = select(TrainingQuestion).where(TrainingQuestion.state == QuestionState.CANDIDATE)
    if before:
        query = query.where(TrainingQuestion.id < before)
    return list(session.scalars(query.order_by(TrainingQuestion.id.desc()).limit(limit)))


def accepted(session: Session) -> list[TrainingQuestion]:
    """Questions that belong to the training data, oldest first."""
    query = select(TrainingQuestion).where(TrainingQuestion.state == QuestionState.ACCEPTED)
    return list(session.scalars(query.order_by(TrainingQuestion.id)))


def accept(
    session: Session, question_id: int, by: str, now: datetime, text: str | None = None, intent: str | None = None
) -> bool:
    """Take a candidate into the training data, with another text or intent if given; False when it waits no more."""
    row = _decide(session, question_id, QuestionState.ACCEPTED, by, now)
    if row is None:
        return False
    if text is not None and text.strip():
        row.text = clean(text)
        row.form = detect_form(row.text)[0] or row.form
    row.intent = intent or row.intent
    return True


def reject(session: Session, question_id: int, by: str, now: datetime) -> bool:
    """Say no to a candidate; False when it waits no more."""
    return _decide(session, question_id, QuestionState.REJECTED, by, now) is not None


def export(rows: Iterable[TrainingQuestion], folder: Path, groups: Mapping[str, str]) -> int:
    """Write questions as files of training data, `groups` being the groups of the topics; says how many files."""
    files: dict[Path, list[Row]] = {}
    for row in rows:
        path = _file(folder, row.form, groups[row.intent])
        files.setdefault(path, []).append(Row(row.text, row.intent, row.form, "", WRITER))
    for path, found in files.items():
        write_training_file(path, found)
    return len(files)


def pull(rows: Iterable[TrainingQuestion], folder: Path, groups: Mapping[str, str]) -> int:
    """Add accepted questions to the files that come with the program; says how many were new."""
    there = training_rows(folder)
    known = {(row.text, row.intent) for row in there}
    new = [row for row in rows if (row.text, row.intent) not in known and row.intent in groups]
    for path in {_file(folder, row.form, groups[row.intent]) for row in new}:
        where = f"{path.parent.name}/{path.name}"
        mine = [Row(r.text, r.intent, r.form, where) for r in new if _file(folder, r.form, groups[r.intent]) == path]
        write_training_file(path, [*(row for row in there if row.where == where), *mine])
    return len(new)


def _file(folder: Path, form: str, group: str) -> Path:
    return folder / form / f"{group}.{WRITER}.yml"


def _decide(session: Session, number: int, state: QuestionState, by: str, now: datetime) -> TrainingQuestion | None:
    row = session.scalar(
        select(TrainingQuestion)
        .where(TrainingQuestion.id == number, TrainingQuestion.state == QuestionState.CANDIDATE)
        .with_for_update()
    )
    if row is not None:
        row.state, row.decided_by, row.decided_at = state, by[:40], now
    return row


def _same(session: Session, text: str) -> TrainingQuestion | None:
    return session.scalar(
        select(TrainingQuestion).where(TrainingQuestion.text == text, TrainingQuestion.source == CORRECTION).limit(1)
    )
