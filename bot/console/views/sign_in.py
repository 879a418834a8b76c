"""The way in: password, second factor, first sign-in; language; the way out."""

from __future__ import annotations

import segno
from markupsafe import Markup
from pyotp.totp import TOTP
from starlette.responses import Response

from bot.console.guard import LANGUAGE_COOKIE, Refused, Visit
from bot.console.roles import may
from bot.i18n import N_
from bot.services import audit, passwords, staff, staff_sessions
from bot.services.staff import Member, TooManyTriesError
from bot.settings import LANGUAGES

WRONG = N_("Name or password is wrong, or the account is closed.")
WRONG_CODE = N_("This code is wrong or was used already. Wait for the next one.")
TOO_OFTEN = N_("Too many tries. Please wait {seconds} seconds.")
TOO_SHORT = N_("The password needs at least {count} characters.")
EASY = N_(
    "This password is easy to guess. Please choose another one, for example four words that have nothing in common."
)
NOT_EQUAL = N_("The two passwords are not the same.")
KEPT = ("kept", "kept_case")
"""Fields that carry a reply through the sign-in when the session ended while it was written."""


def home(visit: Visit) -> Response:
    """The first page that somebody may see."""
    first = next(r for r in ("queue", "conversations", "account") if may(visit.who.role, r))
    return visit.go(first)


def form(visit: Visit) -> Response:
    """The sign-in form."""
    if visit.member is not None:
        return visit.go("home")
    return _sign_in(visit)


def password(visit: Visit) -> Response:
    """Check name and password; the answer is the same for a name that nobody has."""
    name = visit.form.get("name", "")[:100]
    tried = try_of(visit, name)
    if isinstance(tried, int):
        return _sign_in(visit, visit.say(TOO_OFTEN, seconds=tried), 429)
    with visit.house.database.read() as session:
        staff_id, kept_hash = staff.password_of(session, name, visit.now)
    right = staff.fits(kept_hash, visit.form.get("password", ""))
    with visit.house.database.write() as session:
        if staff_id is None or not right:
            audit.note(session, "", "sign_in_failed", visit.now, object=staff.account_of(session, name))
            cookie = None
        else:
            staff.undo_try(session, tried)
            staff_sessions.end(session, visit.cookie)
            cookie = staff_sessions.start(session, staff_id, visit.now, full=False)
            found = staff_sessions.find(session, cookie, visit.now)
    if cookie is None or found is None:
        return _sign_in(visit, visit.say(WRONG), 401)
    visit.cookie, visit.half = cookie, found.member
    page = _code(visit) if found.member.enrolled else visit.go("enrol")
    return visit.set_session(page, cookie)


def code_form(visit: Visit) -> Response:
    """Ask for the second factor."""
    return _code(visit) if visit.half is not None and visit.half.enrolled else visit.go("sign_in")


def code(visit: Visit) -> Response:
    """Check the second factor; a new session begins."""
    who = visit.half
    if who is None or not who.enrolled:
        return _sign_in(visit, status=401)
    wrong = _check_code(visit, who)
    if wrong:
        return _code(visit, *wrong)
    with visit.house.database.write() as session:
        page = _let_in(visit, who, staff_sessions.start(session, who.id, visit.now, full=True))
        audit.note(session, who.name, "sign_in", visit.now)
    return page


def enrol_form(visit: Visit) -> Response:
    """First sign-in: the secret for the authenticator app."""
    return _enrol(visit) if visit.half is not None and not visit.half.enrolled else visit.go("sign_in")


def password_fault(visit: Visit, name: str) -> str:
    """Why the password that the form chooses for this account will not do, in the reader's language; else empty."""
    chosen = visit.form.get("password", "")
    if not staff.SHORTEST_PASSWORD <= len(chosen) <= staff.LONGEST_PASSWORD:
        return visit.say(TOO_SHORT, count=staff.SHORTEST_PASSWORD)
    if chosen != visit.form.get("again"):
        return visit.say(NOT_EQUAL)
    return visit.say(EASY) if passwords.easy(chosen, name) else ""


def enrol(visit: Visit) -> Response:
    """First sign-in: own password and a code of the app."""
    who = visit.half
    if who is None or who.enrolled:
        return visit.go("sign_in")
    chosen = visit.form.get("password", "")
    if fault := password_fault(visit, who.name):
        return _enrol(visit, fault, 422)
    wrong = _check_code(visit, who)
    if wrong:
        return _enrol(visit, *wrong)
    password_hash = staff.hashed(chosen)
    with visit.house.database.write() as session:
        staff.enrol(session, who.id, password_hash, visit.now)
        page = _let_in(visit, who, staff_sessions.start(session, who.id, visit.now, full=True))
        audit.note(session, who.name, "enrolled", visit.now)
    return page


def sign_out(visit: Visit) -> Response:
    """End the session on the server and in the browser."""
    with visit.house.database.write() as session:
        staff_sessions.end(session, visit.cookie)
        audit.note(session, visit.who.name, "sign_out", visit.now)
    page = visit.set_session(visit.go("sign_in"), None)
    page.headers["clear-site-data"] = '"cache", "storage"'
    return page


def language(visit: Visit) -> Response:
    """Change the language of the pages."""
    chosen, back = visit.form.get("language", ""), visit.form.get("back", "/")
    if chosen not in LANGUAGES:
        raise Refused(404)
    page = visit.go("home")
    if back.startswith("/") and not back.startswith("//") and "\\" not in back and back.isprintable():
        page.headers["location"] = back
    page.set_cookie(
        LANGUAGE_COOKIE,
        chosen,
        max_age=365 * 86400,
        path="/",
        secure=visit.house.secure,
        httponly=True,
        samesite="strict",
    )
    return page


def keep(visit: Visit) -> Response:
    """A reply came without a living session, or we failed: it is not sent, and not lost."""
    visit.form |= {"kept": visit.form.get("text", ""), "kept_case": str(visit.number("case"))}
    if visit.broken or visit.member is not None:
        return _kept(visit, 500 if visit.broken else 403)
    return _sign_in(visit, status=401)


def try_of(visit: Visit, name: str) -> list[int] | int:
    """The rows of a try, or the seconds to wait."""
    client = visit.request.client
    try:
        with visit.house.database.write() as session:
            return staff.begin_try(session, name, client.host if client else "", visit.now)
    except TooManyTriesError as error:
        with visit.house.database.write() as session:  # that transaction was undone; this line must not be
            audit.note_seldom(session, "sign_in_slowed", visit.now, object=staff.account_of(session, name))
        return error.seconds


# ------------------------------------------------------------------ parts


def _check_code(visit: Visit, who: Member) -> tuple[str, int] | None:
    """None when the code is right; else what to say, and the status."""
    tried = try_of(visit, who.name)
    if isinstance(tried, int):
        return visit.say(TOO_OFTEN, seconds=tried), 429
    with visit.house.database.write() as session:
        if staff.use_code(session, who.id, visit.form.get("code", "")[:20], visit.now):
            staff.undo_try(session, tried)
            staff.forgive(session, who.name)
            staff_sessions.end(session, visit.cookie)
            return None
        audit.note(session, who.name, "code_failed", visit.now)
    return visit.say(WRONG_CODE), 401


def _let_in(visit: Visit, who: Member, cookie: str) -> Response:
    visit.cookie, visit.member = cookie, who
    page = _kept(visit) if visit.form.get("kept") and may(who.role, "case_reply") else visit.go("home")
    return visit.set_session(page, cookie)


def _carried(visit: Visit) -> dict[str, str]:
    return {name: visit.form.get(name, "") for name in KEPT}


def _sign_in(visit: Visit, error: str = "", status: int = 200) -> Response:
    return visit.page(
        "sign_in.html", status, error=error, name=visit.form.get("name", "")[:100], carried=_carried(visit)
    )


def _code(visit: Visit, error: str = "", status: int = 200) -> Response:
    return visit.page("code.html", status, error=error, carried=_carried(visit))


def _kept(visit: Visit, status: int = 200) -> Response:
    number = visit.form.get("kept_case", "")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return visit.go("home")
    return visit.page("kept.html", status, text=visit.form.get("kept", ""), case=int(number), once=visit.new_number())


def _enrol(visit: Visit, error: str = "", status: int = 200) -> Response:
    who = visit.half
    if who is None:
        return visit.go("sign_in")
    with visit.house.database.write() as session:
        secret = staff.secret_to_enrol(session, who.id)
    issuer = visit.house.settings.organisation or "Hotline"
    code = segno.make(TOTP(secret).provisioning_uri(name=who.name, issuer_name=issuer), error="m")
    picture = Markup(code.svg_inline(scale=4, border=3, dark="#000", light="#fff"))  # noqa: S704 segno's own drawing
    groups = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
    return visit.page(
        "enrol.html", status, error=error, picture=picture, secret=groups, shortest=staff.SHORTEST_PASSWORD
    )
