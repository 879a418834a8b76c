"""When counsellors answer, and how long people wait for them."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.dialogue.types import Moment
from bot.services import ocr
from bot.settings import Settings
from bot.storage.models import Case, CaseState

VIENTIANE = ZoneInfo("Asia/Vientiane")
MINUTES_A_CASE = 10
"""What one open case adds to the waiting time while no better figure is known."""


def is_open(now: datetime, hours: str) -> bool:
    """True inside `hours` ("08:30-16:30", Vientiane time), Monday to Friday. Raises ValueError for another shape."""
    opens, closes = (time.fromisoformat(part.strip()) for part in hours.split("-"))
    local = now.astimezone(VIENTIANE)
    return local.weekday() < 5 and opens <= local.time() < closes


def moment(settings: Settings, now: datetime, waiting_minutes: int | None = None) -> Moment:
    """What is true outside of the person at `now`."""
    return Moment(
        now=now,
        hotline_open=is_open(now, settings.hotline_hours),
        hotline_hours=settings.hotline_hours,
        waiting_minutes=waiting_minutes,
        organisation=settings.organisation,
        keep_messages_days=settings.keep_messages_days,
        keep_cases_days=settings.keep_cases_days,
        reads_pictures=ocr.installed(settings.ocr_program),
        answers_per_minute=settings.answers_per_minute,
    )


def waiting_minutes(session: Session, now: datetime) -> int:
    """A guess at the wait: how many cases are open before this one."""
    waiting = session.scalar(select(func.count()).select_from(Case).where(Case.state == CaseState.OPEN)) or 0
    return MINUTES_A_CASE * (waiting + 1)
