"""The file of a case: notes among staff, tags, outcome, referral, follow-up, handing over. The person sees none of it.

These may be changed on a closed case too: what came of it is often known later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.i18n import N_
from bot.masking import MASK, found, mask
from bot.services import cases
from bot.services.errors import DeskError
from bot.storage.models import Case, CaseNote, CaseState, CaseTag

OF_PERSONS = ("phone", "passport", "id", "bank", "mail", "user", "social", "link", "place")
"""Kinds of what masking finds that have no place in the name of a body."""
LONGEST_NOTE, LONGEST_TAG, MOST_TAGS, LONGEST_REFERRAL = 2000, 40, 12, 120
NO_NOTE = N_("The note is empty.")
LONG_NOTE = N_("The note is longer than {count} characters. Please shorten it.")
BAD_TAG = N_("A tag has 1 to {count} letters, without commas.")
MANY_TAGS = N_("A case has at most {count} tags.")
BAD_OUTCOME = N_("Please choose an outcome from the list.")
BAD_DATE = N_("A follow-up lies in the future. Please choose another day.")
NO_CONSENT = N_("Please say whether the person agreed to the referral.")
NUMBER_IN_REFERRAL = N_("The referral names a body. Please write numbers and accounts of people into a note.")
BAD_COLLEAGUE = N_("Please choose a colleague who answers chats.")
NOT_HELD = N_("{name} has this case. Only they or a supervisor can hand it over.")
SUGGESTED_TAGS = (
    "wages", "documents", "recruiter", "debt", "violence", "trafficking", "child", "health", "detained", "missing",
    "return", "family",
)  # fmt: skip


class Outcome(StrEnum):
    """What came of a case."""

    INFORMED = "informed"
    REFERRED = "referred"
    RESCUED = "rescued"
    RETURNED = "returned"
    SETTLED = "settled"
    LOST_CONTACT = "lost_contact"
    DECLINED = "declined"
    NO_NEED = "no_need"


@dataclass(frozen=True)
class Note:
    """A note as one reader sees it: others than its author see it masked."""

    id: int
    by: str
    at: datetime
    text: str
    hides: bool
    """It holds more than is shown."""


@dataclass(frozen=True)
class CaseFile:
    """What staff keep about a case."""

    notes: tuple[Note, ...]
    """Oldest first."""
    tags: tuple[str, ...]
    outcome: str | None
    referred_to: str | None
    referral_consent: bool | None
    referred_at: datetime | None
    follow_up_on: date | None


@dataclass(frozen=True)
class Result:
    """What somebody fills in about the end of a case; empty parts are taken away."""

    outcome: str = ""
    referred_to: str = ""
    consent: bool | None = None
    follow_up_on: date | None = None


def file_of(session: Session, case_id: int, reader: str) -> CaseFile:
    """The file of a case as `reader` sees it. Raises MissingError."""
    case = cases.known(session, case_id)
    notes = session.scalars(select(CaseNote).where(CaseNote.case_id == case_id).order_by(CaseNote.id))
    tags = session.scalars(select(CaseTag.tag).where(CaseTag.case_id == case_id).order_by(CaseTag.tag))
    return CaseFile(
        notes=tuple(_as_read(note, reader) for note in notes),
        tags=tuple(tags),
        outcome=case.outcome,
        referred_to=case.referred_to and shown_referral(case.referred_to),
        referral_consent=case.referral_consent,
        referred_at=case.referred_at,
        follow_up_on=case.follow_up_on,
    )


def _as_read(note: CaseNote, reader: str) -> Note:
    text = note.text if note.staff_name == reader else mask(note.text)
    return Note(note.id, note.staff_name, note.created_at, text, text != note.text)


def shown_referral(body: str) -> str:
    """Whom a case was referred to, without numbers and accounts. Names of bodies stay: they are no persons."""
    parts, at = [], 0
    for hidden in found(body):
        if hidden.kind in OF_PERSONS:
            parts += [body[at : hidden.start], MASK]
            at = hidden.end
    return "".join([*parts, body[at:]])


def add_note(session: Session, case_id: int, staff: str, text: str, now: datetime) -> None:
    """Write a note; whoever may see the case may write one, whoever holds it. Raises DeskError."""
    cases.locked(session, case_id)
    text = text.strip()
    if not text:
        raise DeskError(NO_NOTE)
    if len(text) > LONGEST_NOTE:
        raise DeskError(LONG_NOTE, count=LONGEST_NOTE)
    session.add(CaseNote(case_id=case_id, staff_name=staff[:40], text=text, created_at=now))


def add_tag(session: Session, case_id: int, tag: str) -> None:
    """Put a word on a case; twice is once. Raises DeskError."""
    cases.locked(session, case_id)
    tag = " ".join(tag.split()).casefold()
    if not 1 <= len(tag) <= LONGEST_TAG or "," in tag or not tag.isprintable():
        raise DeskError(BAD_TAG, count=LONGEST_TAG)
    there = set(session.scalars(select(CaseTag.tag).where(CaseTag.case_id == case_id)))
    if tag in there:
        return
    if len(there) >= MOST_TAGS:
        raise DeskError(MANY_TAGS, count=MOST_TAGS)
    session.add(CaseTag(case_id=case_id, tag=tag))


def remove_tag(session: Session, case_id: int, tag: str) -> None:
    """Take a word off a case. Raises MissingError."""
    cases.locked(session, case_id)
    session.execute(delete(CaseTag).where(CaseTag.case_id == case_id, CaseTag.tag == tag))


def tags_in_use(session: Session) -> list[tuple[str, int]]:
    """Tags of cases that are not closed, with how many; then the suggested ones that nobody used."""
    rows = session.execute(
        select(CaseTag.tag, func.count())
        .join(Case, Case.id == CaseTag.case_id)
        .where(Case.state != CaseState.CLOSED)
        .group_by(CaseTag.tag)
        .order_by(func.count().desc(), CaseTag.tag)
    )
    return [(tag, count) for tag, count in rows]


def set_result(session: Session, case_id: int, result: Result, today: date, now: datetime) -> None:
    """Write down outcome, referral and follow-up. Raises DeskError.

    A referral needs to say whether the person agreed; when and to whom is kept, the day it was first written.
    """
    case = cases.locked(session, case_id)
    if result.outcome and result.outcome not in set(Outcome):
        raise DeskError(BAD_OUTCOME)
    to = " ".join(result.referred_to.split())[:LONGEST_REFERRAL]
    if case.referred_to and to == shown_referral(case.referred_to):
        to = case.referred_to  # an older one, of which the form shows a part
    elif to and shown_referral(to) != to:
        raise DeskError(NUMBER_IN_REFERRAL)
    if to and result.consent is None:
        raise DeskError(NO_CONSENT)
    if result.follow_up_on and result.follow_up_on != case.follow_up_on and result.follow_up_on < today:
        raise DeskError(BAD_DATE)
    if to != (case.referred_to or ""):
        case.referred_at = now if to else None
    case.outcome, case.referred_to = result.outcome or None, to or None
    case.referral_consent = result.consent if to else None
    case.follow_up_on = result.follow_up_on


def hand_over(
    session: Session, case_id: int, staff: str, to: str, note: str, now: datetime, *, of_anybody: bool = False
) -> None:
    """Give a case to a colleague, with a note that is kept. `of_anybody`: a supervisor may hand over what others hold.

    The caller has made sure that `to` is an account that answers. Raises DeskError.
    """
    case = cases.locked(session, case_id)
    if case.state == CaseState.CLOSED:
        raise DeskError(cases.CLOSED)
    if case.claimed_by not in (None, staff) and not of_anybody:
        raise DeskError(NOT_HELD, name=case.claimed_by)
    if not note.strip():
        raise DeskError(NO_NOTE)
    add_note(session, case_id, staff, f"→ {to}: {note.strip()}", now)
    case.state, case.claimed_by, case.claimed_at = CaseState.CLAIMED, to, now
