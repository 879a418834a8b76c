"""The rest of the editors' desk: what needs work, new topics, a chat with drafts."""

from __future__ import annotations

import json
import re

from starlette.responses import Response

from bot.console.guard import Refused, Visit
from bot.console.telegram_html import shown
from bot.console.views.editing import desk_of, listed
from bot.console.views.teaching import teaching_of
from bot.dialogue.menu import GROUP_TITLES
from bot.dialogue.types import State
from bot.i18n import N_
from bot.knowledge.bodies import Body, ContentError, Kind
from bot.knowledge.model import Topic
from bot.services import audit
from bot.services.editing import gaps as gap_service
from bot.services.editing import needs, texts, trial
from bot.services.editing.drafts import open_drafts
from bot.services.errors import DeskError
from bot.settings import LANGUAGES

TAKEN = N_("There is a topic of this id already.")
BAD_ID = N_("An id has 3 to 39 of: small letters, digits, underscore; a letter first.")
ID = re.compile(r"[a-z][a-z0-9_]{2,38}")
NEW_ENTRY = (Kind.FACT, Kind.CONTACT)


def work(visit: Visit) -> Response:
    """What needs work."""
    bodies = desk_of(visit).bodies()
    with visit.house.database.read() as session:
        found = needs.needs(session, bodies, visit.house.content.published(), visit.now.date())
    return visit.page("editing_work.html", needs=found)


def gaps(visit: Visit) -> Response:
    """Unanswered questions in groups; they are words of people, so that it is written down who read them."""
    with visit.house.database.write() as session:
        found = gap_service.unanswered(session, visit.now)
        audit.note(session, visit.who.name, "read", visit.now, object="unanswered questions")
    return visit.page("editing_gaps.html", groups=gap_service.groups(found)[:60])


def new(visit: Visit) -> Response:
    """The form of a new topic."""
    return _new(visit, {})


def new_from_gap(visit: Visit) -> Response:
    """The form of a new topic with questions of a group."""
    lines = [text for name, text in visit.form.items() if name.startswith("question_")]
    return _new(visit, {"questions": "\n".join(sorted(lines))})


def new_save(visit: Visit) -> Response:
    """Begin a topic: a draft of its answer, and its training questions."""
    form, desk = visit.form, desk_of(visit)
    key, published = form.get("id", "").strip(), visit.house.content.published()
    try:
        if not ID.fullmatch(key):
            raise DeskError(BAD_ID)
        if key in published.topics or key in published.answers:
            raise DeskError(TAKEN)
        group = form.get("group", "")
        if group not in {topic.group for topic in published.topics.values()}:
            raise Refused(404)
        draft = desk.save(Kind.FAQ, key, _blank(key, group, form), visit.who, -1)
        try:
            with visit.house.database.write() as session:
                lines = form.get("questions", "").splitlines()
                topics = {key: Topic(id=key, group=group, means=form.get("means", ""))}
                gap_service.add_questions(teaching_of(visit, session, topics), key, lines)
        except DeskError:
            desk.discard(draft.id, visit.who)
            raise
    except DeskError as error:
        return _new(visit, form, visit.say(error.message, **error.placeholders), 422)
    return visit.go("editing_text", kind=Kind.FAQ.value, key=key) if _edits(visit) else visit.go("editing_gaps")


def new_entry(visit: Visit) -> Response:
    """A new fact or contact: an empty draft."""
    kind, key = visit.asked("kind"), visit.asked("key")
    if kind not in NEW_ENTRY:
        raise Refused(404)
    if not ID.fullmatch(key):
        return listed(visit, visit.say(BAD_ID), 422)
    return visit.go("editing_text", kind=kind, key=key)


def try_it(visit: Visit) -> Response:
    """The chat, empty."""
    return _try(visit, State())


def try_say(visit: Visit) -> Response:
    """The next message of the chat."""
    if visit.form.get("again"):
        return _try(visit, State())
    return _try(visit, trial.state_of(visit.form.get("state", "")), speaks=True)


# ------------------------------------------------------------------ inside


def _edits(visit: Visit) -> bool:
    from bot.console.roles import may

    return may(visit.who.role, "editing_text")


def _new(visit: Visit, values: dict[str, str], error: str = "", status: int = 200) -> Response:
    groups = [*GROUP_TITLES, "urgent"]
    return visit.page("editing_new.html", status, values=values, groups=groups, error=error)


def _blank(key: str, group: str, form: dict[str, str]) -> Body:
    return {
        "topic": key,
        "status": dict.fromkeys(LANGUAGES, "draft"),
        "title": {language: form.get(f"title_{language}", "").strip() for language in LANGUAGES},
        "related": [],
        "where": "any",
        "answers": {language: {"answer": "", "steps": []} for language in LANGUAGES},
        "sources": [],
        texts.NEW_TOPIC: {"group": group, "means": form.get("means", "").strip()[:200]},
    }


def _try(visit: Visit, state: State, *, speaks: bool = False) -> Response:
    desk, form = desk_of(visit), visit.form
    with visit.house.database.read() as session:
        drafts = open_drafts(session)
    chosen = {draft.id for draft in drafts if form.get(f"draft_{draft.id}")}
    said, tap = form.get("text", "").strip()[:2000], form.get("tap", "")[:64]
    values: dict[str, object] = {"replies": (), "action": "", "topic": None, "source": "–", "error": ""}
    if speaks and (said or tap):
        try:
            published = desk.with_drafts([draft for draft in drafts if draft.id in chosen])
            tried = trial.say(visit.house.settings, published, state, trial.event_of(said, tap), visit.now)
            state = tried.decision.state
            values |= {
                "replies": tried.decision.replies,
                "action": tried.decision.action,
                "topic": tried.decision.topic,
                "source": tried.source,
            }
        except ContentError as error:
            values["error"] = str(error)
    packed = json.dumps(state.to_json(), ensure_ascii=False)
    return visit.page(
        "editing_try.html", drafts=drafts, chosen=chosen, said=said or tap, state=packed, render=shown, **values
    )
