"""What needs work: expiry, old translations, missing recordings, bad feedback, dead links."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from bot.knowledge.bodies import Bodies, Body, Kind
from bot.knowledge.model import Published
from bot.services.editing import texts
from bot.services.recordings import available
from bot.settings import LANGUAGES
from bot.storage.models import Feedback, LanguageCheck, LinkCheck, NativeReviewer

AHEAD = timedelta(days=60)
FEWEST = 3
"""So many people must have said something before an answer counts as badly received."""
BAD = 0.4


@dataclass(frozen=True)
class LanguageState:
    """How far one language of an answer is."""

    status: str
    native: tuple[str, object] | None
    """Which native reviewer approved it, and when."""
    old: bool
    """The original changed since."""
    may_approve: bool


@dataclass(frozen=True)
class Expiring:
    """A fact or contact near or behind its last day."""

    kind: str
    key: str
    day: date
    past: bool
    uses: int


@dataclass(frozen=True)
class Needs:
    """Everything on the page "What needs work"."""

    expiring: list[Expiring]
    old: list[tuple[str, str]]
    silent: list[tuple[str, tuple[str, ...]]]
    stale: list[tuple[str, str]]
    """Recordings that say an older text."""
    disliked: list[tuple[str, str, int, int]]
    dead: list[tuple[str, str, list[tuple[str, str]]]]


def languages_of(session: Session, topic: str, body: Body, staff_id: int) -> dict[str, LanguageState]:
    """The state of every language of a published answer."""
    checks = {
        (row.language, row.kind): row
        for row in session.scalars(select(LanguageCheck).where(LanguageCheck.topic == topic))
    }
    mine = set(session.scalars(select(NativeReviewer.language).where(NativeReviewer.staff_id == staff_id)))
    found = {}
    for language in LANGUAGES:
        native, made = checks.get((language, "native")), checks.get((language, "translation"))
        valid = native is not None and native.text_hash == texts.text_hash(body, language)
        status = (body.get("status") or {}).get(language, "draft")
        found[language] = LanguageState(
            status=status,
            native=(native.staff_name, native.at) if native is not None and valid else None,
            old=made is not None and made.text_hash != texts.text_hash(body, texts.ORIGINAL),
            may_approve=language in mine and status != "approved",
        )
    return found


def needs(session: Session, bodies: Bodies, published: Published, today: date) -> Needs:
    """What somebody should look at, the most pressing first."""
    return Needs(
        expiring=_expiring(published, today),
        old=_changed(session, bodies, "translation"),
        silent=_silent(session, published),
        stale=_stale(session, bodies),
        disliked=_disliked(session),
        dead=_dead(session, bodies),
    )


def _expiring(published: Published, today: date) -> list[Expiring]:
    found = []
    for kind, entries in ((Kind.FACT, published.facts), (Kind.CONTACT, published.contacts)):
        for key, entry in entries.items():
            if entry.expires_on is not None and entry.expires_on <= today + AHEAD:
                uses = len(texts.used_in(published, kind, key))
                found.append(Expiring(kind, key, entry.expires_on, entry.expires_on < today, uses))
    return sorted(found, key=lambda row: (row.day, row.key))


def _changed(session: Session, bodies: Bodies, kind: str) -> list[tuple[str, str]]:
    """Languages that were made, or spoken, after a text that is another one now."""
    found = []
    for row in session.scalars(select(LanguageCheck).where(LanguageCheck.kind == kind)):
        body, of = bodies.get((Kind.FAQ, row.topic)), texts.ORIGINAL if kind == "translation" else row.language
        if body is not None and row.text_hash != texts.text_hash(body, of):
            found.append((row.topic, row.language))
    return sorted(found)


def _stale(session: Session, bodies: Bodies) -> list[tuple[str, str]]:
    there = available(session)
    return [place for place in _changed(session, bodies, "recording") if place in there]


def _silent(session: Session, published: Published) -> list[tuple[str, tuple[str, ...]]]:
    there = available(session)
    missing = (
        (topic, tuple(code for code in ("lo", "th") if (topic, code) not in there)) for topic in published.answers
    )
    urgent_first = sorted(
        ((topic, codes) for topic, codes in missing if codes),
        key=lambda row: not (row[0] in published.topics and published.topics[row[0]].urgent),
    )
    return urgent_first


def _disliked(session: Session) -> list[tuple[str, str, int, int]]:
    bad = func.sum(case((Feedback.useful.is_(False), 1), else_=0))
    rows = session.execute(
        select(Feedback.topic, Feedback.language, bad, func.count())
        .group_by(Feedback.topic, Feedback.language)
        .having(func.count() >= FEWEST)
    )
    found = [(topic, code, int(no), total) for topic, code, no, total in rows if no / total >= BAD]
    return sorted(found, key=lambda row: (-row[2] / row[3], row[0]))


def sources_of(bodies: Bodies) -> dict[str, list[tuple[str, str]]]:
    """Address of a source -> whose it is."""
    found: dict[str, list[tuple[str, str]]] = {}
    for (kind, key), body in bodies.items():
        own: Iterable[Body | None] = (*(body.get("sources") or ()), body.get("source")) if kind != Kind.DOCUMENT else ()
        for source in own:
            if source and str(source.get("url", "")).startswith("http"):
                found.setdefault(source["url"], []).append((kind, key))
    return found


def _dead(session: Session, bodies: Bodies) -> list[tuple[str, str, list[tuple[str, str]]]]:
    sources = sources_of(bodies)
    rows = session.scalars(select(LinkCheck).where(LinkCheck.alive.is_(False)).order_by(LinkCheck.url))
    return [(row.url, row.reason, sources[row.url]) for row in rows if row.url in sources]
