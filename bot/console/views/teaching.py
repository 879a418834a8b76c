"""Training questions: waiting, accepted, in files.

Nobody sees more of a person's words than the masked text, and those who may not read what people write see no question
that came from a person: for them it is not there.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.console.guard import CHOOSE, Refused, Visit
from bot.console.reading import note_reading
from bot.console.roles import WORDS_OF_PEOPLE
from bot.knowledge.model import Topic
from bot.services.errors import DeskError
from bot.services.likeness import Finding, Known, findings, library_of
from bot.services.questions import EDITOR
from bot.services.teaching import Teaching
from bot.storage.models import QuestionState, TrainingQuestion
from nlu.questions import FORMS

WAITING, SHOWN = 30, 50


def teaching_of(visit: Visit, session: Session, topics: Mapping[str, Topic] | None = None) -> Teaching:
    """The desk of training questions; `topics`: the published ones if not given."""
    settings = visit.house.settings
    known = library_of(settings).known()
    there = topics if topics is not None else visit.house.content.published().topics
    return Teaching(session, there, known, settings.questions_a_day, visit.who.name, visit.now)


def page(visit: Visit) -> Response:
    """The questions of a topic and form."""
    return _page(visit)


def add(visit: Visit) -> Response:
    """New questions, one a line; all of them or none."""
    form = visit.form
    topic = form.get("topic", "")
    try:
        with visit.house.database.write() as session:
            desk = teaching_of(visit, session)
            for line in filter(str.strip, form.get("lines", "").splitlines()):
                desk.add(line, topic, anyway="anyway" in form)
    except DeskError as error:
        return _page(visit, visit.say(error.message, **error.placeholders), topic, form.get("lines", ""))
    return visit.go("questions", query={"topic": topic})


def decide(visit: Visit) -> Response:
    """Accept, change or reject one."""
    form, number = visit.form, visit.number("question")
    text, topic = form.get("text", ""), form.get("topic", "")
    try:
        with visit.house.database.write() as session:
            row = session.get(TrainingQuestion, number)
            if row is None or not (_reads(visit) or row.source == EDITOR):
                raise Refused(404)
            desk = teaching_of(visit, session)
            match form.get("do"):
                case "accept":
                    desk.accept(number, text, topic, anyway="anyway" in form)
                case "change":
                    desk.change(number, text, topic, anyway="anyway" in form)
                case "reject":
                    desk.reject(number)
                case _:
                    raise DeskError(CHOOSE)
    except DeskError as error:
        said = visit.say(error.message, **error.placeholders)
        return _page(visit, said, form.get("shown", ""), typed={number: (text, topic)})
    return visit.go("questions", query={"topic": form.get("shown", "")})


def _page(
    visit: Visit,
    error: str = "",
    topic: str | None = None,
    lines: str = "",
    typed: Mapping[int, tuple[str, str]] | None = None,
) -> Response:
    topics = visit.house.content.published().topics
    chosen = visit.asked("topic") if topic is None else topic
    chosen = chosen if chosen in topics else ""
    form = visit.asked("form") if visit.asked("form") in FORMS else ""
    number = visit.asked("page")
    start = SHOWN * int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0
    known = library_of(visit.house.settings).at_hand()
    seen = true() if _reads(visit) else TrainingQuestion.source == EDITOR
    with visit.house.database.read() as session:
        found = _rows(session, QuestionState.CANDIDATE, chosen, form, seen)
        waiting = [(row, _alike(session, known, row)) for row in found]
        accepted = _rows(session, QuestionState.ACCEPTED, chosen, form, seen)
        counted = session.execute(
            select(TrainingQuestion.intent, func.count())
            .where(TrainingQuestion.state == QuestionState.CANDIDATE, seen)
            .group_by(TrainingQuestion.intent)
        )
        counts = {intent: count for intent, count in counted}
        hidden = select(func.count()).where(TrainingQuestion.state == QuestionState.CANDIDATE, ~seen)
        others = 0 if _reads(visit) else session.scalar(hidden) or 0
    if any(row.source != EDITOR for row in (*found, *accepted)):
        note_reading(visit, "training questions")
    in_files = [row for row in (known.training if known else ()) if row.intent == chosen and form in ("", row.form)]
    return visit.page(
        "questions.html",
        422 if error else 200,
        error=error,
        topics=topics,
        chosen=chosen,
        form=form,
        forms=FORMS,
        waiting=waiting,
        accepted=accepted,
        counts=counts,
        others=others,
        lines=lines,
        typed=typed or {},
        ready=known is not None,
        in_files=in_files[start : start + SHOWN],
        in_all=len(in_files),
        here=start // SHOWN,
        pages=(len(in_files) + SHOWN - 1) // SHOWN,
    )


def _alike(session: Session, known: Known | None, row: TrainingQuestion) -> list[Finding]:
    return findings(session, known, row.text, row.intent, row.id)[:4] if known else []


def _reads(visit: Visit) -> bool:
    """May the visitor read what people wrote?"""
    return visit.who.role in WORDS_OF_PEOPLE


def _rows(
    session: Session, state: QuestionState, topic: str, form: str, seen: ColumnElement[bool]
) -> list[TrainingQuestion]:
    query = select(TrainingQuestion).where(TrainingQuestion.state == state, seen)
    if topic:
        query = query.where(TrainingQuestion.intent == topic)
    if form:
        query = query.where(TrainingQuestion.form == form)
    most = WAITING if state == QuestionState.CANDIDATE else SHOWN
    return list(session.scalars(query.order_by(TrainingQuestion.id.desc()).limit(most)))
