"""The door of every page: size, origin, session, role and form token, before a view sees anything.

A form token is derived from the cookie of the browser, signed in or not, so a new session has new tokens.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.console.house import House
from bot.console.roles import ROUTES
from bot.console.uploads import read_upload
from bot.i18n import N_
from bot.services import audit, staff_sessions
from bot.services.staff import Member
from bot.settings import LANGUAGES
from bot.storage.models import Role

log = structlog.get_logger(__name__)

CHOOSE = N_("Please tap one of the buttons.")
"""A form came without what it is for."""
LARGEST_FORM = 64 * 1024
LARGEST_TEXT = 512 * 1024
"""Three languages of a long answer: a Lao letter takes nine bytes in a form."""
LARGEST_NUMBER = 2**62
LANGUAGE_COOKIE = "console-language"


class Refused(Exception):
    """The request is refused with this status."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


@dataclass
class Visit:
    """One request, checked: what a view gets."""

    house: House
    request: Request
    now: datetime
    language: str
    cookie: str
    """The browser's cookie; a new one when it had none."""
    member: Member | None = None
    """Who is signed in fully."""
    half: Member | None = None
    """Who has passed the password only."""
    form: dict[str, str] = field(default_factory=dict)
    file: bytes = b""
    """What was uploaded, on routes that take a file."""
    too_large: bool = False
    """More was uploaded than the route takes; `file` is empty then."""
    broken: bool = False
    """Something failed on our side while the visit was handled."""

    @property
    def who(self) -> Member:
        """The signed-in member of staff; the guard has made sure that there is one."""
        if self.member is None:
            raise Refused(401)
        return self.member

    @property
    def token(self) -> str:
        """The token that every form of this browser carries."""
        return hmac.new(self.cookie.encode(), b"form", hashlib.sha256).hexdigest()

    @property
    def quiet(self) -> bool:
        """True when the page asks by itself (htmx)."""
        return "hx-request" in self.request.headers

    def number(self, name: str) -> int:
        """A number in the path."""
        value = int(self.request.path_params[name])
        if value > LARGEST_NUMBER:
            raise Refused(404)
        return value

    def asked(self, name: str) -> str:
        """A value of the query string."""
        return self.request.query_params.get(name, "").replace("\x00", "")[:200]

    @staticmethod
    def new_number() -> str:
        """A number for a form that may be sent once."""
        return secrets.token_urlsafe(9)

    def before(self) -> int | None:
        """The mark `before` of a list."""
        value = self.asked("before")
        return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None

    def page(self, template: str, status: int = 200, /, **values: object) -> Response:
        """A page in the visitor's language."""
        return self.house.pages.response(self, template, status, values)

    def say(self, message: str, /, **placeholders: object) -> str:
        """A sentence in the visitor's language."""
        return self.house.pages.translate(self.language)(message, **placeholders)

    def go(self, route: str, /, query: dict[str, object] | None = None, **params: object) -> Response:
        """Go on to another page."""
        path = str(self.request.app.url_path_for(route, **params))
        return RedirectResponse(f"{path}?{urlencode(query)}" if query else path, 303)

    def set_session(self, response: Response, cookie: str | None) -> Response:
        """Give the browser another cookie, or take it away."""
        name, secure = self.house.cookie_name, self.house.secure
        if cookie is None:
            response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="strict")
        else:
            response.set_cookie(name, cookie, path="/", secure=secure, httponly=True, samesite="strict")
        return response


View = Callable[[Visit], Response]


@dataclass(frozen=True)
class Door:
    """What a route asks of a visit before its view sees it."""

    name: str
    view: View
    allowed: frozenset[Role] | None
    passive: bool
    lost: View | None

    def admits(self, visit: Visit) -> bool:
        """True when a large upload may be read at all: from here, by somebody signed in who may do this."""
        try:
            _from_here_or_refuse(visit.request)
            _who(visit, touch=False)
        except Exception as error:  # the door says so again below, with a page
            log.info("upload_not_read", route=self.name, error=type(error).__name__)
            return False
        return visit.member is not None and (self.allowed is None or visit.member.role in self.allowed)

    def handle(self, visit: Visit) -> Response:
        """The answer, whatever happens."""
        try:
            return _with_cookie(visit, self._answer(visit))
        except Refused as refused:
            return _with_cookie(visit, error_page(visit, refused.status))
        except Exception as error:  # the last door: a page that says so, and a line in the log without any text
            log.error("console_error", route=self.name, error=type(error).__name__)
            visit.broken = True
            return self.lost(visit) if self.lost is not None else error_page(visit, 500)

    def _answer(self, visit: Visit) -> Response:
        _who(visit, touch=not self.passive)
        writes = visit.request.method == "POST"
        if writes:
            _from_here_or_refuse(visit.request)
        status = self._refusal(visit, writes=writes)
        if status is None:
            return self.view(visit)
        if status in (LOST_SESSION, LOST_TOKEN) and self.lost is not None:
            return self.lost(visit)
        raise Refused(abs(status))

    def _refusal(self, visit: Visit, *, writes: bool) -> int | None:
        if self.allowed is not None and visit.member is None:
            return LOST_SESSION
        if writes and not _token_fits(visit):
            return LOST_TOKEN
        if self.allowed is not None and visit.who.role not in self.allowed:
            with visit.house.database.write() as session:
                audit.note(session, visit.who.name, "refused", visit.now, object=self.name)
            return 403
        return None


LOST_SESSION, LOST_TOKEN = 401, -403


def route(  # noqa: PLR0913 -- all by name
    house: House,
    path: str,
    name: str,
    view: View,
    *,
    method: str = "GET",
    passive: bool = False,
    lost: View | None = None,
    largest: int = LARGEST_FORM,
    upload: bool = False,
) -> Route:
    """A guarded route. Raises KeyError when roles.py does not know the name.

    `upload`: the form may carry one file, which is read only for those who may use the route.
    `passive`: the page asks by itself, nobody clicked. `lost`: what a form meets whose session or token has ended, or
    when we fail.
    """
    door = Door(name, view, ROUTES[name], passive, lost)

    async def endpoint(request: Request) -> Response:
        visit = visit_of(house, request)
        if upload and _kind_of(request) == "multipart/form-data":
            if await run_in_threadpool(door.admits, visit):
                visit.form, visit.file, visit.too_large = await read_upload(request, largest)
        elif method == "POST":
            visit.form = await _form(request, largest)
        return await run_in_threadpool(door.handle, visit)

    return Route(path, endpoint, methods=[method], name=name)


def error_page(visit: Visit, status: int) -> Response:
    """What the visitor sees instead; whoever is not signed in goes to the door."""
    if status == 401 and visit.quiet:
        return visit.page("ended.html", 401)
    if status == 401 and visit.request.method == "GET":
        return visit.go("sign_in")
    return visit.page("error.html", status, status=status)


def visit_of(house: House, request: Request) -> Visit:
    """The visit of a request; who it is is not looked up yet."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    language = chosen if chosen in LANGUAGES else house.settings.default_language
    cookie = request.cookies.get(house.cookie_name, "")
    if not 20 <= len(cookie) <= 100 or not cookie.isascii():
        cookie = secrets.token_urlsafe(32)
    return Visit(house, request, house.clock(), language, cookie)


async def _form(request: Request, largest: int) -> dict[str, str]:
    """The fields of a form; the first of each name counts. An empty one when it is broken or too large."""
    if _kind_of(request) != "application/x-www-form-urlencoded":
        return {}
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > largest:
            return {}
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return {}
    return {name: value.replace("\x00", "") for name, value in reversed(pairs)}


def _kind_of(request: Request) -> str:
    return request.headers.get("content-type", "").split(";")[0].strip()


def _who(visit: Visit, *, touch: bool) -> None:
    """Find the session of the cookie, and write down now and then that somebody clicked."""
    with visit.house.database.read() as session:
        found = staff_sessions.find(session, visit.cookie, visit.now)
    if found is None:
        return
    if found.full:
        visit.member = found.member
    else:
        visit.half = found.member
    if touch and found.stale:
        with visit.house.database.write() as session:
            staff_sessions.touch(session, visit.cookie, visit.now)


def _from_here_or_refuse(request: Request) -> None:
    """A form must come from a page of ours; browsers say where it comes from."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise Refused(403)
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Refused(403)


def _token_fits(visit: Visit) -> bool:
    given = visit.form.get("token") or visit.request.headers.get("x-form-token", "")
    return hmac.compare_digest(given.encode(), visit.token.encode())


def _with_cookie(visit: Visit, response: Response) -> Response:
    """A browser without a cookie gets one, so that its forms have a token."""
    name = visit.house.cookie_name
    new = visit.request.cookies.get(name) != visit.cookie
    if new and not any(v.startswith(f"{name}=") for v in response.headers.getlist("set-cookie")):
        visit.set_session(response, visit.cookie)
    return response
