"""Templates: always escaped, in the visitor's language, with masked numbers."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from babel.dates import format_date, format_datetime, format_timedelta
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from bot.console.roles import may
from bot.console.words import WORDS, word
from bot.i18n import Translate, translator
from bot.knowledge.canned import plain_text
from bot.knowledge.render import UnknownReferenceError, render_answer
from bot.services.desk import Line
from bot.services.said import hides, said
from bot.services.search import VIENTIANE
from bot.settings import LANGUAGE_NAMES
from bot.storage.models import Direction

if TYPE_CHECKING:
    from bot.console.guard import Visit

FOLDER = Path(__file__).parent


class Pages:
    """Renders templates."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
        )
        self._templates.filters |= {
            "said": said,
            "hides": hides,
            "local": local,
            "percent": percent,
            "twice": lambda value: (value, value),
        }
        self._templates.globals |= {"language_names": LANGUAGE_NAMES}

    def translate(self, language: str) -> Translate:
        """The translate function of a language."""
        return translator(language)

    def response(self, visit: Visit, template: str, status: int, values: dict[str, object]) -> Response:
        """A rendered page."""
        member = visit.member
        context = {
            "t": translator(visit.language),
            "language": visit.language,
            "visit": visit,
            "token": visit.token,
            "member": member,
            "may": (lambda route: may(member.role, route)) if member else (lambda route: False),
            "url": visit.request.app.url_path_for,
            "w": lambda kind, value: translator(visit.language)(word(kind, value)),
            "words": WORDS,
            "beside": lambda line: beside(visit, line),
            "day": lambda value: format_date(value, "d MMM y", locale=visit.language),
            "title_of": lambda topic: self._title(visit, topic),
            "waited": lambda since: waited(visit.now - since, visit.language),
            "minutes": lambda since: int((visit.now - since).total_seconds() // 60),
        }
        return HTMLResponse(self._templates.get_template(template).render(context | values), status)

    @staticmethod
    def _title(visit: Visit, topic: str | None) -> str:
        return visit.house.content.published().title(topic, visit.language) if topic else "–"


def beside(visit: Visit, line: Line) -> str:
    """An answer of ours in the reader's language; empty unless it stands word for word in what is published now."""
    message, published = line.message, visit.house.content.published()
    theirs = message.language
    if message.direction != Direction.OUT or line.about not in published.answers or theirs in (None, visit.language):
        return ""
    today = (message.created_at + VIENTIANE).date()
    try:
        sent = plain_text(render_answer(published, line.about, str(theirs), today).text)
        own = render_answer(published, line.about, visit.language, today)
    except UnknownReferenceError:
        return ""
    return plain_text(own.text) if sent in said(message) and own.language == visit.language else ""


def local(at: datetime, language: str) -> str:
    """Day and time in Vientiane."""
    return format_datetime(at + VIENTIANE, "d MMM y HH:mm", locale=language)


def waited(span: timedelta, language: str) -> str:
    """How long somebody waits, in words."""
    return format_timedelta(span, granularity="minute", threshold=1.5, locale=language)


def percent(value: float | None) -> str:
    """A confidence."""
    return "–" if value is None else f"{value:.0%}"
