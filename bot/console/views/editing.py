"""The editors' desk: lists, the form with its preview, review, history, restoring."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import yaml
from starlette.responses import JSONResponse, Response

from bot.console import editing_form as forms
from bot.console.guard import CHOOSE, Refused, Visit
from bot.console.telegram_html import shown
from bot.i18n import N_
from bot.knowledge.bodies import DOCUMENTS, Body, ContentError, Kind
from bot.services.editing import difference, texts, versions
from bot.services.editing.desk import NO_SUCH_VERSION, ConflictError, EditorsDesk, UnsoundError
from bot.services.editing.drafts import open_draft, open_drafts
from bot.services.editing.needs import languages_of
from bot.services.editing.preview import preview as make_preview
from bot.services.errors import DeskError
from bot.services.search import VIENTIANE
from bot.settings import LANGUAGES
from bot.storage.models import ContentDraft, DraftState

UPDATED = N_("Up to date now. Both sides had changed: {fields}. Your words were kept.")


def desk_of(visit: Visit) -> EditorsDesk:
    """The desk on the console's database and content."""
    house = visit.house
    return EditorsDesk(
        house.database, house.settings.content_dir, house.clock, four_eyes=house.settings.content_four_eyes
    )


def listed(visit: Visit, error: str = "", status: int = 200) -> Response:
    """All texts of a kind, those with open drafts first."""
    desk = desk_of(visit)
    kind = visit.asked("kind") if visit.asked("kind") in set(Kind) - {Kind.TOPIC} else Kind.FAQ
    wanted = visit.asked("q").lower()
    with visit.house.database.read() as session:
        drafts = {(d.kind, d.key): d for d in open_drafts(session)}
    bodies = desk.bodies()
    places = [place for place in bodies if place[0] == kind] + [p for p in drafts if p not in bodies and p[0] == kind]
    rows = [
        (key, _name(kind, key, (drafts[k, key].body if (k, key) in drafts else bodies[k, key]) or {}, visit.language))
        for k, key in sorted(set(places))
    ]
    rows = [row for row in rows if wanted in row[0].lower() or wanted in row[1].lower()]
    rows.sort(key=lambda row: ((kind, row[0]) not in drafts, row[0]))
    waiting = [d for d in drafts.values() if d.state == DraftState.IN_REVIEW]
    return visit.page(
        "editing.html", status, kind=kind, rows=rows, drafts=drafts, waiting=waiting, q=visit.asked("q"), error=error
    )


def text(visit: Visit) -> Response:
    """The form of one text."""
    return _page(visit)


def save(visit: Visit) -> Response:
    """Save the draft, and send it to review if that button was tapped. Nothing typed is lost."""
    kind, key = _place(visit)
    desk, form = desk_of(visit), visit.form
    begin = end = None
    try:
        draft = _save(visit, desk)
        if form.get("do") == "submit":
            begin, end = (_time(form.get(name, "")) for name in ("publish_from", "publish_until"))
            desk.submit(draft.id, visit.who, form.get("note", ""), begin, end)
    except ConflictError as error:
        return _page(visit, error, form.items(), conflict=error, status=409)
    except (DeskError, ContentError) as error:
        return _page(visit, error, form.items(), status=422)
    return visit.go("editing_text", kind=kind, key=key)


def autosave(visit: Visit) -> Response:
    """Save while somebody types; the answer is the new revision, or who saved meanwhile."""
    try:
        draft = _save(visit, desk_of(visit))
    except ConflictError as error:
        return JSONResponse({"conflict": visit.say(error.message, **error.placeholders)}, 409)
    except (DeskError, ContentError) as error:
        message = visit.say(error.message, **error.placeholders) if isinstance(error, DeskError) else str(error)
        return JSONResponse({"error": message}, 422)
    return JSONResponse({"revision": draft.revision})


def preview(visit: Visit) -> Response:
    """The text as Telegram will show it, and what the check says."""
    kind, key = _place(visit)
    desk = desk_of(visit)
    try:
        body = forms.write(kind, _body(desk, kind, key)[0], visit.form)
    except ContentError as error:
        return visit.page("editing_preview.html", preview=None, error=str(error), render=shown)
    found = make_preview(desk, kind, key, body, visit.now.date())
    return visit.page("editing_preview.html", preview=found, error="", render=shown)


def decide(visit: Visit) -> Response:
    """What is done with a draft: approve, send back, discard, bring up to date."""
    desk, number, form = desk_of(visit), visit.number("draft"), visit.form
    with visit.house.database.read() as session:
        draft = session.get(ContentDraft, number)
    if draft is None:
        raise Refused(404)
    visit.request.path_params.update(kind=draft.kind, key=draft.key)
    message = ""
    try:
        match form.get("do"):
            case "approve":
                desk.approve(number, visit.who)
                visit.house.content.refresh()
            case "send_back":
                desk.send_back(number, visit.who, form.get("note", ""))
            case "discard":
                desk.discard(number, visit.who)
            case "update":
                both = desk.update(number, visit.who)
                if both:
                    message = visit.say(UPDATED, fields=", ".join(path for path, _, _ in both))
            case _:
                raise DeskError(CHOOSE)
    except DeskError as error:
        return _page(visit, error, status=422)
    if not _there(desk, draft.kind, draft.key):  # a new text was discarded: nothing is left to show
        return visit.go("editing", query={"kind": draft.kind})
    return _page(visit, notice=message) if message else visit.go("editing_text", kind=draft.kind, key=draft.key)


def history(visit: Visit) -> Response:
    """All versions of a text, and what changed between two of them."""
    kind, key = _place(visit)
    with visit.house.database.read() as session:
        rows = versions.history(session, kind, key)
    numbers = {str(row.number): row for row in rows}
    new = numbers.get(visit.asked("to")) or (rows[0] if rows else None)
    old = numbers.get(visit.asked("from")) or (rows[1] if len(rows) > 1 else None)
    changes = difference.changes(old.body, new.body) if old and new else []
    return visit.page(
        "editing_history.html", kind=kind, key=key, rows=rows, old=old, new=new, changes=changes, error=""
    )


def restore(visit: Visit) -> Response:
    """An older version again: as a draft, or at once by a supervisor who says why."""
    kind, key = _place(visit)
    desk, number, reason = desk_of(visit), visit.form.get("version", ""), visit.form.get("reason", "").strip()
    try:
        if not (number.isascii() and number.isdigit() and len(number) < 9):
            raise DeskError(NO_SUCH_VERSION)
        if visit.form.get("do") == "now" and len(reason) >= 5:
            desk.restore_now(kind, key, int(number), visit.who, reason)
            visit.house.content.refresh()
        else:
            desk.restore(kind, key, int(number), visit.who)
    except DeskError as error:
        return _page(visit, error, status=422)
    return visit.go("editing_text", kind=kind, key=key)


def language(visit: Visit) -> Response:
    """A native reviewer approves a language, or somebody says that a translation still fits."""
    kind, key = _place(visit)
    desk, code = desk_of(visit), visit.form.get("code", "")
    if kind != Kind.FAQ:
        raise Refused(404)
    try:
        if code not in LANGUAGES:
            raise DeskError(CHOOSE)
        if visit.form.get("do") == "native":
            desk.approve_language(key, code, visit.who)
            visit.house.content.refresh()
        else:
            desk.confirm_translation(key, code, visit.who)
    except DeskError as error:
        return _page(visit, error, status=422)
    return visit.go("editing_text", kind=kind, key=key)


# ------------------------------------------------------------------ inside


def _save(visit: Visit, desk: EditorsDesk) -> ContentDraft:
    kind, key = _place(visit)
    given = visit.form.get("revision", "")
    revision = int(given) if given.lstrip("-").isdigit() and len(given) < 9 else -1
    body = forms.write(kind, _body(desk, kind, key)[0], visit.form)
    return desk.save(kind, key, body, visit.who, revision, visit.form.get("note", ""))


def _body(desk: EditorsDesk, kind: str, key: str) -> tuple[Body | None, ContentDraft | None, Body | None]:
    """What is edited, its open draft, and what is published."""
    with desk.database.read() as session:
        draft, base = open_draft(session, kind, key), desk.base(session, kind, key)
    return (draft.body if draft is not None else base.body), draft, base.body


def _place(visit: Visit) -> tuple[str, str]:
    kind, key = str(visit.request.path_params["kind"]), str(visit.request.path_params["key"])
    if kind not in set(Kind) - {Kind.TOPIC} or not key.replace("_", "a").isalnum() or len(key) > 60:
        raise Refused(404)
    if kind == Kind.DOCUMENT and key not in DOCUMENTS:
        raise Refused(404)
    if not _there(desk_of(visit), kind, key):
        raise Refused(404)
    return kind, key


def _there(desk: EditorsDesk, kind: str, key: str) -> bool:
    """Facts and contacts begin by being opened under a new id; answers begin on the page "New topic"."""
    return kind not in (Kind.FAQ, Kind.DOCUMENT) or desk.exists(kind, key)


def _page(
    visit: Visit,
    error: Exception | None = None,
    typed: Iterable[tuple[str, str]] | None = None,
    *,
    conflict: ConflictError | None = None,
    notice: str = "",
    status: int = 200,
) -> Response:
    kind, key = _place(visit)
    desk, published = desk_of(visit), visit.house.content.published()
    body, draft, base = _body(desk, kind, key)
    if body is None and draft is None and kind in (Kind.FAQ, Kind.DOCUMENT):
        raise Refused(404)
    values = forms.read(kind, body or {}, _dump(body) if kind == Kind.DOCUMENT else "")
    if typed is not None:
        values = {name: "" for name in values} | dict(typed)
    revision = conflict.revision if conflict else (draft.revision if draft else -1)
    others = _looking_too(visit, draft)
    mine = forms.write(kind, body, values) if conflict else None
    with visit.house.database.read() as session:
        state = languages_of(session, key, base, visit.who.id) if kind == Kind.FAQ and base else {}
    message = visit.say(error.message, **error.placeholders) if isinstance(error, DeskError) else str(error or "")
    return visit.page(
        "editing_text.html",
        status,
        kind=kind,
        key=key,
        values=values,
        draft=draft,
        body=body,
        revision=revision,
        error=message,
        notice=notice,
        problems=error.problems if isinstance(error, UnsoundError) else [],
        changes=difference.changes(base, draft.body) if draft is not None and not conflict else [],
        conflict=difference.changes(conflict.theirs, mine) if conflict else [],
        by_language=forms.BY_LANGUAGE.get(kind, ()),
        plain=forms.PLAIN[kind],
        sources=range(forms.SOURCES),
        phones=range(forms.PHONES),
        facts=published.facts if kind in (Kind.FAQ, Kind.DOCUMENT) else {},
        contacts=published.contacts if kind in (Kind.FAQ, Kind.DOCUMENT) else {},
        uses=texts.used_in(published, kind, key) if kind in (Kind.FACT, Kind.CONTACT) else [],
        may_approve=draft is not None and desk.may_approve(draft, visit.who.name),
        languages_state=state,
        recordable=kind == Kind.FAQ and key in published.answers,
        name=_name(kind, key, body or {}, visit.language),
        others=others,
    )


def _looking_too(visit: Visit, draft: ContentDraft | None) -> list[str]:
    """Who else has this draft open now; whoever asks is noted as looking."""
    if draft is None:
        return []
    visit.house.presence.looks(-draft.id, visit.who.name)
    return visit.house.presence.others(-draft.id, visit.who.name)[0]


def _dump(body: Body | None) -> str:
    return yaml.safe_dump(body or {}, allow_unicode=True, sort_keys=False, width=120)


def _time(value: str) -> datetime | None:
    """Day and hour as typed, in Vientiane."""
    if not value:
        return None
    try:
        return datetime.fromisoformat(value).replace(tzinfo=UTC) - VIENTIANE
    except ValueError:
        return None


def _name(kind: str, key: str, body: Body, language: str) -> str:
    shown_name = {Kind.FAQ: body.get("title"), Kind.CONTACT: body.get("name")}.get(Kind(kind))
    if isinstance(shown_name, dict):
        return str(shown_name.get(language) or shown_name.get("lo") or key)
    return str(body.get("means") or key)
