"""The console as a web application: its routes, headers and what browsers may load."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.console.guard import LARGEST_TEXT, error_page, route, visit_of
from bot.console.house import House
from bot.console.pages import FOLDER, Pages
from bot.console.views import (
    account,
    alerts,
    cases,
    casework,
    conversations,
    editing,
    editing_more,
    editing_recordings,
    editing_tests,
    exports,
    live,
    models,
    numbers,
    review,
    saved,
    sign_in,
    teaching,
    watch,
)
from bot.services.content import ContentStore
from bot.services.conversations import Clock, utc_now
from bot.services.demo import is_demo
from bot.settings import Settings
from bot.storage.db import Database

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
        "connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",  # with no-referrer, browsers say "null" for the origin of our own forms
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "x-robots-tag": "noindex",
}


def build(settings: Settings, database: Database, content: ContentStore, clock: Clock = utc_now) -> Starlette:
    """The application on a migrated database."""
    with database.read() as session:
        demo = is_demo(session)
    house = House(settings, database, content, Pages(), clock, demo=demo)

    def missing(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return error_page(visit_of(house, request), status)

    return Starlette(
        routes=routes(house),
        middleware=[
            Middleware(Headers, secure=house.secure),
            Middleware(TrustedHostMiddleware, allowed_hosts=_hosts(settings), www_redirect=False),
        ],
        exception_handlers={HTTPException: missing},
    )


def routes(house: House) -> list[BaseRoute]:
    """Every page. Who may use it stands in roles.py."""
    return [
        route(house, "/", "home", sign_in.home),
        route(house, "/sign-in", "sign_in", sign_in.form),
        route(house, "/sign-in", "sign_in", sign_in.password, method="POST"),
        route(house, "/code", "code", sign_in.code_form),
        route(house, "/code", "code", sign_in.code, method="POST"),
        route(house, "/enrol", "enrol", sign_in.enrol_form),
        route(house, "/enrol", "enrol", sign_in.enrol, method="POST"),
        route(house, "/sign-out", "sign_out", sign_in.sign_out, method="POST"),
        route(house, "/language", "language", sign_in.language, method="POST"),
        route(house, "/account", "account", account.account),
        route(house, "/account/password", "account_password", account.password, method="POST"),
        *_cases(house),
        route(house, "/conversations", "conversations", conversations.listed),
        route(house, "/conversations/{talk:int}", "conversation", conversations.one),
        route(house, "/search", "search", conversations.search),
        route(house, "/views", "view_save", saved.save, method="POST"),
        route(house, "/views/drop", "view_drop", saved.drop, method="POST"),
        route(house, "/numbers", "numbers", numbers.page),
        route(house, "/numbers/export", "numbers_export", numbers.export),
        route(house, "/export", "export", exports.form),
        route(house, "/export", "export_send", exports.send, method="POST"),
        route(house, "/review", "review", review.pile),
        route(house, "/review/{message:int}", "review_one", review.one),
        route(house, "/review/{message:int}", "review_judge", review.judge, method="POST"),
        route(house, "/review/agreement", "agreement", review.agreement),
        route(house, "/review/{message:int}/settle", "settle", review.settle, method="POST"),
        route(house, "/messages/{message:int}/reveal", "reveal", watch.reveal, method="POST"),
        route(house, "/notes/{note:int}/reveal", "note_reveal", watch.reveal_note, method="POST"),
        route(house, "/audit", "audit", watch.audit),
        *_alerts(house),
        *_editing(house),
        *_learning(house),
        Mount("/static", StaticFiles(directory=FOLDER / "static"), name="static"),
    ]


def _cases(house: House) -> list[BaseRoute]:
    """The queue, and what is done with a case."""
    return [
        route(house, "/queue", "queue", cases.queue),
        route(house, "/queue/rows", "queue_rows", cases.rows, passive=True),
        route(house, "/queue/live", "queue_live", live.queue, passive=True),
        route(house, "/cases/{case:int}", "case", cases.case),
        route(house, "/cases/{case:int}/live", "case_live", live.case, passive=True),
        route(house, "/cases/{case:int}/messages", "case_messages", cases.messages, passive=True),
        route(house, "/cases/{case:int}/claim", "case_claim", cases.claim, method="POST"),
        route(house, "/cases/{case:int}/release", "case_release", cases.release, method="POST"),
        route(house, "/cases/{case:int}/reply", "case_reply", cases.reply, method="POST", lost=sign_in.keep),
        route(house, "/cases/{case:int}/typing", "case_typing", cases.typing, method="POST"),
        route(house, "/cases/{case:int}/close", "case_close", cases.close, method="POST"),
        route(house, "/cases/{case:int}/reopen", "case_reopen", casework.reopen, method="POST"),
        route(house, "/cases/{case:int}/hand-over", "case_hand_over", casework.hand_over, method="POST"),
        route(house, "/cases/{case:int}/note", "case_note", casework.note, method="POST"),
        route(house, "/cases/{case:int}/tags", "case_tags", casework.tags, method="POST"),
        route(house, "/cases/{case:int}/result", "case_result", casework.result, method="POST"),
    ]


def _alerts(house: House) -> list[BaseRoute]:
    """News for those who asked for it."""
    one = "/alerts/{broadcast:int}"
    return [
        route(house, "/alerts", "alerts", alerts.listed),
        route(house, "/alerts/rows", "alerts_rows", alerts.rows, passive=True),
        route(house, "/alerts/new", "alert_new", alerts.new),
        route(house, "/alerts/new", "alert_create", alerts.create, method="POST"),
        route(house, one, "alert", alerts.one),
        route(house, one, "alert_change", alerts.change, method="POST"),
        route(house, one + "/progress", "alert_progress", alerts.progress, passive=True),
        route(house, one + "/move", "alert_move", alerts.move, method="POST"),
    ]


def _editing(house: House) -> list[BaseRoute]:
    """The editors' desk."""
    text = "/editing/{kind}/{key}"
    return [
        route(house, "/editing", "editing", editing.listed),
        route(house, "/editing/work", "editing_work", editing_more.work),
        route(house, "/editing/gaps", "editing_gaps", editing_more.gaps),
        route(house, "/editing/gaps/topic", "editing_new_from_gap", editing_more.new_from_gap, method="POST"),
        route(house, "/editing/new", "editing_new", editing_more.new),
        route(house, "/editing/new", "editing_new_save", editing_more.new_save, method="POST"),
        route(house, "/editing/new-entry", "editing_new_entry", editing_more.new_entry),
        route(house, "/editing/try", "editing_try", editing_more.try_it),
        route(house, "/editing/try", "editing_try_say", editing_more.try_say, method="POST"),
        route(house, "/editing/drafts/{draft:int}", "editing_decide", editing.decide, method="POST"),
        *_recordings(house),
        route(house, text, "editing_text", editing.text),
        route(house, text, "editing_save", editing.save, method="POST", largest=LARGEST_TEXT),
        route(house, text + "/autosave", "editing_autosave", editing.autosave, method="POST", largest=LARGEST_TEXT),
        route(house, text + "/preview", "editing_preview", editing.preview, method="POST", largest=LARGEST_TEXT),
        route(house, text + "/history", "editing_history", editing.history),
        route(house, text + "/restore", "editing_restore", editing.restore, method="POST"),
        route(house, text + "/language", "editing_language", editing.language, method="POST"),
        route(house, "/conversations/{talk:int}/test", "conversation_test", editing_tests.regression_file),
    ]


def _learning(house: House) -> list[BaseRoute]:
    """Training questions and models."""
    return [
        route(house, "/questions", "questions", teaching.page),
        route(house, "/questions", "question_add", teaching.add, method="POST", largest=LARGEST_TEXT),
        route(house, "/questions/{question:int}", "question_decide", teaching.decide, method="POST"),
        route(house, "/models", "models", models.listed),
        route(house, "/models", "model_train", models.train, method="POST"),
        route(house, "/models/live", "models_live", models.live, passive=True),
        route(house, "/models/{model:int}", "model", models.one),
        route(house, "/models/{model:int}", "model_do", models.do, method="POST"),
    ]


def _recordings(house: House) -> list[BaseRoute]:
    """Sound of the answers."""
    place, views = "/editing/recordings/{key}", editing_recordings
    return [
        route(house, place, "editing_recordings", views.page),
        route(house, place, "editing_recording_add", views.add, method="POST", largest=views.LARGEST, upload=True),
        route(house, place + "/delete", "editing_recording_drop", views.drop, method="POST"),
        route(house, place + "/{code}.ogg", "editing_recording_play", views.play, passive=True),
    ]


def _hosts(settings: Settings) -> list[str]:
    """Names that the console answers to, so that no foreign name can be pointed at it (DNS rebinding)."""
    hosts = ["localhost", "127.0.0.1"]
    if settings.console_url is not None and settings.console_url.host:
        hosts.append(settings.console_url.host)
    return hosts


class Headers:
    """Puts the headers of safety on every answer; only what is in static/ may be kept by a browser."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        self._more = {"strict-transport-security": "max-age=63072000"} if secure else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def wrapped(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in (HEADERS | self._more).items():
                    headers[name] = value
                headers["cache-control"] = "no-cache" if scope["path"].startswith("/static/") else "no-store"
            await send(message)

        await self._app(scope, receive, wrapped)
