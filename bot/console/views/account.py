"""Who somebody is here, and a new password; whoever takes it signs out every other browser of the account."""

from __future__ import annotations

from starlette.responses import Response

from bot.console.guard import Visit
from bot.console.views.sign_in import TOO_OFTEN, password_fault, try_of
from bot.i18n import N_
from bot.services import audit, staff, staff_sessions

NOT_THIS = N_("This is not your present password.")
CHANGED = N_("Your password is changed. Other browsers that were signed in as you are signed out.")


def account(visit: Visit) -> Response:
    """Who somebody is here, and what they may do."""
    return _page(visit, notice=visit.say(CHANGED) if visit.asked("did") == "password" else "")


def password(visit: Visit) -> Response:
    """Change one's own password; the present one is asked for, and its tries count as those of the sign-in."""
    who, chosen = visit.who, visit.form.get("password", "")
    if fault := password_fault(visit, who.name):
        return _page(visit, fault, 422)
    tried = try_of(visit, who.name)
    if isinstance(tried, int):
        return _page(visit, visit.say(TOO_OFTEN, seconds=tried), 429)
    with visit.house.database.read() as session:
        _, kept = staff.password_of(session, who.name, visit.now)
    if not staff.fits(kept, visit.form.get("current", "")):
        with visit.house.database.write() as session:
            audit.note(session, who.name, "password_failed", visit.now)
        return _page(visit, visit.say(NOT_THIS), 422)
    new_hash = staff.hashed(chosen)
    with visit.house.database.write() as session:
        staff.undo_try(session, tried)
        staff.change_password(session, who.id, new_hash)
        visit.cookie = staff_sessions.start(session, who.id, visit.now, full=True)
        audit.note(session, who.name, "password_changed", visit.now)
    return visit.set_session(visit.go("account", {"did": "password"}), visit.cookie)


def _page(visit: Visit, error: str = "", status: int = 200, notice: str = "") -> Response:
    return visit.page("account.html", status, error=error, notice=notice, shortest=staff.SHORTEST_PASSWORD)
