"""The life of a change: draft, review by a second person, publication at once or at its hour, restoring.

Proving content takes about a second, so it is done outside of the transaction; inside, it is looked whether what was
proved is still what is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.i18n import N_
from bot.knowledge.bodies import Bodies, Body, ContentError, Kind, overlaid, read_bodies
from bot.knowledge.check import Problem
from bot.knowledge.load import build_published
from bot.knowledge.model import Published
from bot.services import audit
from bot.services.editing import merge, proof, texts, versions
from bot.services.editing.drafts import OPEN, open_draft, place
from bot.services.editing.publishing import add_version, check, wrote
from bot.services.errors import DeskError
from bot.services.staff import Member
from bot.storage.db import Database
from bot.storage.models import ContentDraft, ContentVersion, DraftState, NativeReviewer, Role

log = structlog.get_logger(__name__)

SCHEDULE = "schedule"

OWN = N_("You changed this text yourself. A second person must approve it.")
GONE = N_("This draft is not open any more.")
NOT_IN_REVIEW = N_("This draft is not in review.")
MOVED = N_("{name} changed this draft meanwhile. Nothing was overwritten; your text is below.")
NEWER = N_("A newer text was published after this draft was begun. Bring the draft up to date, then send it again.")
ONE_DRAFT = N_("There is an open draft of this text by {name}. Publish or discard it first.")
NO_SUCH_VERSION = N_("There is no such version.")
NOT_NATIVE = N_("You are not set down as a native reviewer of this language.")
WROTE_IT = N_("You wrote this text yourself. Another native reviewer must approve it.")
ENDS_BEFORE = N_("The end must be after the beginning and in the future.")
BUSY = N_("Others are publishing just now. Please try again.")
UNSOUND = N_("The check found errors. Please mend them first.")


class ConflictError(DeskError):
    """Somebody saved the draft since it was opened; `theirs` is what stands there now."""

    def __init__(self, draft: ContentDraft, name: str) -> None:
        super().__init__(MOVED, name=name)
        self.revision, self.theirs = draft.revision, draft.body


class UnsoundError(DeskError):
    """The content check refuses the change."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(UNSOUND)
        self.problems = problems


@dataclass(frozen=True)
class Base:
    """What is published at a place now: its number (0 = the file), its body, None when there is nothing."""

    number: int
    body: Body | None


class EditorsDesk:
    """Drafts and versions of one database over one content folder."""

    def __init__(
        self,
        database: Database,
        folder: Path,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        four_eyes: bool = True,
    ) -> None:
        self.database, self.folder, self.clock, self._four_eyes = database, folder, clock, four_eyes

    # -------------------------------------------------------------- reading

    def bodies(self) -> Bodies:
        """All that is published now, as bodies."""
        with self.database.read() as session:
            overlay = versions.valid(session, self.clock()).overlay
        return overlaid(read_bodies(self.folder), overlay)

    def base(self, session: Session, kind: str, key: str) -> Base:
        """What is published at a place."""
        row = versions.current(session, kind, key, self.clock())
        if row is not None:
            return Base(row.number, row.body)
        return Base(0, read_bodies(self.folder).get((kind, key)))

    def exists(self, kind: str, key: str) -> bool:
        """True when something is published, on its way, or was once published at a place."""
        if (kind, key) in read_bodies(self.folder):
            return True
        with self.database.read() as session:
            return versions.last_number(session, kind, key) > 0 or open_draft(session, kind, key) is not None

    def draft(self, session: Session, number: int) -> ContentDraft:
        """An open draft. Raises DeskError."""
        found = session.get(ContentDraft, number, with_for_update=False)
        if found is None or found.state not in OPEN:
            raise DeskError(GONE)
        return found

    def with_drafts(self, drafts: list[ContentDraft]) -> Published:
        """The published content with these drafts on top. Raises ContentError."""
        bodies = self.bodies()
        for draft in drafts:
            bodies = overlaid(bodies, texts.parts(draft.kind, draft.key, draft.body))
        return build_published(bodies, self.folder, "draft")

    def with_body(self, kind: str, key: str, body: Body | None) -> Published:
        """The published content with one body on top. Raises ContentError."""
        return build_published(overlaid(self.bodies(), texts.parts(kind, key, body)), self.folder, "draft")

    # -------------------------------------------------------------- writing

    def save(self, kind: str, key: str, body: Body | None, who: Member, revision: int, note: str = "") -> ContentDraft:
        """Save a draft; `revision` -1 begins one. Raises ConflictError when somebody saved it meanwhile."""
        now = self.clock()
        with self.database.write() as session:
            base = self.base(session, kind, key)
            draft = open_draft(session, kind, key, lock=True)
            if draft is not None and draft.revision != revision:
                raise ConflictError(draft, (draft.editors or [draft.author])[-1])
            if draft is None and revision >= 0:
                raise DeskError(GONE)
            if kind == Kind.FAQ and body is not None:
                body = texts.with_status(body, base.body)
            if draft is None:
                draft = ContentDraft(
                    kind=kind,
                    key=key,
                    base_version=versions.last_number(session, kind, key),
                    author=who.name,
                    editors=[],
                    created_at=now,
                    revision=-1,
                )
                session.add(draft)
                audit.note(session, who.name, "draft", now, object=place(kind, key))
            draft.body, draft.note, draft.updated_at = body, note[:300], now
            draft.state, draft.reviewer, draft.revision = DraftState.DRAFT, None, draft.revision + 1
            draft.editors = [name for name in draft.editors or [] if name != who.name] + [who.name]
        return draft

    def submit(
        self, number: int, who: Member, note: str, begin: datetime | None = None, end: datetime | None = None
    ) -> ContentDraft:
        """Ask for a review. Raises UnsoundError, DeskError."""
        now = self.clock()
        if end is not None and end <= max(begin or now, now):
            raise DeskError(ENDS_BEFORE)
        with self._proved(number) as (session, draft):
            if draft.state != DraftState.DRAFT:
                raise DeskError(GONE)
            draft.state, draft.note, draft.updated_at = DraftState.IN_REVIEW, note.strip()[:300], now
            draft.publish_from, draft.publish_until = begin, end
            audit.note(session, who.name, "submit", now, object=place(draft.kind, draft.key), reason=note)
        return draft

    def approve(self, number: int, who: Member) -> ContentDraft:
        """The second person says yes: it is published, now or at its hour. Raises DeskError, UnsoundError."""
        now = self.clock()
        with self._proved(number) as (session, draft):
            if draft.state != DraftState.IN_REVIEW:
                raise DeskError(NOT_IN_REVIEW)
            if not self.may_approve(draft, who.name):
                raise DeskError(OWN)
            draft.reviewer, draft.updated_at = who.name, now
            audit.note(session, who.name, "approve", now, object=place(draft.kind, draft.key))
            if draft.publish_from is not None and draft.publish_from > now:
                draft.state = DraftState.APPROVED
            else:
                self._publish(session, draft, now)
        return draft

    def may_approve(self, draft: ContentDraft, name: str) -> bool:
        """Nobody approves what they wrote; where the setting allows it, plain answers and facts are free of that."""
        if name not in (draft.editors or []) and name != draft.author:
            return True
        return not self._four_eyes and not self._urgent(draft)

    def _urgent(self, draft: ContentDraft) -> bool:
        topic = self.bodies().get((Kind.TOPIC, draft.key)) if draft.kind == Kind.FAQ else None
        return (
            draft.kind == Kind.CONTACT
            or (topic or (draft.body or {}).get(texts.NEW_TOPIC) or {}).get("group") == "urgent"
        )

    def send_back(self, number: int, who: Member, note: str) -> None:
        """The second person wants it otherwise, or takes back an approval before its hour."""
        with self.database.write() as session:
            draft = self._locked(session, number)
            if draft.state == DraftState.DRAFT:
                raise DeskError(NOT_IN_REVIEW)
            draft.state, draft.reviewer, draft.note = DraftState.DRAFT, None, note.strip()[:300]
            audit.note(session, who.name, "send_back", self.clock(), object=place(draft.kind, draft.key), reason=note)

    def discard(self, number: int, who: Member) -> None:
        """Give a draft up; it stays in the table."""
        with self.database.write() as session:
            draft = self._locked(session, number)
            draft.state, draft.updated_at = DraftState.DISCARDED, self.clock()
            audit.note(session, who.name, "discard", self.clock(), object=place(draft.kind, draft.key))

    def update(self, number: int, who: Member) -> list[tuple[str, object, object]]:
        """Bring a draft up to date with what was published since; returns what both sides changed (ours is kept)."""
        with self.database.write() as session:
            draft = self._locked(session, number)
            base = self.base(session, draft.kind, draft.key)
            old = next(
                (v.body for v in versions.history(session, draft.kind, draft.key) if v.number == draft.base_version),
                read_bodies(self.folder).get((draft.kind, draft.key)),
            )
            merged = merge.merge(old, draft.body, base.body)
            draft.body, draft.state = merged.body, DraftState.DRAFT
            draft.base_version = versions.last_number(session, draft.kind, draft.key)
            draft.revision, draft.updated_at = draft.revision + 1, self.clock()
            draft.editors = [name for name in draft.editors or [] if name != who.name] + [who.name]
        return list(merged.conflicts)

    def restore(self, kind: str, key: str, number: int, who: Member) -> ContentDraft:
        """An older version as a new draft, which goes the usual way. Raises DeskError."""
        with self.database.read() as session:
            body = self._version(session, kind, key, number).body
            there = open_draft(session, kind, key)
        if there is not None:
            raise DeskError(ONE_DRAFT, name=there.author)
        return self.save(kind, key, body, who, -1, note=f"version {number}")

    def restore_now(self, kind: str, key: str, number: int, who: Member, reason: str) -> None:
        """A supervisor's way in an emergency: an older version, which was approved then, counts at once."""
        if who.role is not Role.SUPERVISOR:
            raise DeskError(OWN)
        for _ in range(5):
            with self.database.read() as session:
                old = self._version(session, kind, key, number)
                seen = versions.newest(session)
            self._prove(kind, key, old.body)
            with self.database.write() as session:
                versions.one_at_a_time(session)
                if versions.newest(session) != seen:
                    continue
                now = self.clock()
                add_version(session, self.folder, kind, key, old.body, who.name, old.approved_by, reason, now)
                audit.note(session, who.name, "restore_now", now, object=place(kind, key), reason=reason)
                return
        raise DeskError(BUSY)

    def publish_due(self) -> int:
        """Publish what was approved and whose hour has come; returns how many. Safe in several processes at once."""
        now, done = self.clock(), 0
        due = select(ContentDraft.id).where(ContentDraft.state == DraftState.APPROVED, ContentDraft.publish_from <= now)
        with self.database.read() as session:
            numbers = list(session.scalars(due))
        for number in numbers:
            try:
                with self._proved(number) as (session, draft):
                    if draft.state == DraftState.APPROVED:
                        self._publish(session, draft, now)
                        done += 1
            except DeskError as error:
                log.error("scheduled_content_refused", draft=number, reason=error.message[:200])
                with self.database.write() as session:
                    row = session.get(ContentDraft, number)
                    if row is not None and row.state == DraftState.APPROVED:
                        row.state, row.reviewer = DraftState.DRAFT, None
                        audit.note(session, SCHEDULE, "send_back", now, object=place(row.kind, row.key))
        return done

    # -------------------------------------------------------------- languages

    def approve_language(self, topic: str, language: str, who: Member) -> None:
        """A native reviewer says that the published text of a language is good. Raises DeskError."""
        now = self.clock()
        with self.database.write() as session:
            versions.one_at_a_time(session)
            if session.get(NativeReviewer, (who.id, language)) is None:
                raise DeskError(NOT_NATIVE)
            base = self.base(session, Kind.FAQ, topic)
            if base.body is None:
                raise DeskError(NO_SUCH_VERSION)
            if wrote(session, topic, language, base.body) == who.name:
                raise DeskError(WROTE_IT)
            body = base.body | {"status": base.body["status"] | {language: "approved"}}
            before = versions.last_number(session, Kind.FAQ, topic)
            note = f"native review: {language}"
            after = add_version(session, self.folder, Kind.FAQ, topic, body, who.name, who.name, note, now)
            check(session, topic, language, "native", texts.text_hash(body, language), who.name, now)
            audit.note(session, who.name, "native", now, object=place(Kind.FAQ, topic), reason=language)
            draft = open_draft(session, Kind.FAQ, topic, lock=True)
            if draft is not None and draft.body is not None and draft.base_version == before:
                draft.base_version, draft.body = after, texts.with_status(draft.body, body)

    def confirm_translation(self, topic: str, language: str, who: Member) -> None:
        """Somebody looked: the translation still says what the original says."""
        with self.database.write() as session:
            body = self.base(session, Kind.FAQ, topic).body
            original = texts.text_hash(body, texts.ORIGINAL)
            check(session, topic, language, "translation", original, who.name, self.clock())
            audit.note(session, who.name, "translation", self.clock(), object=place(Kind.FAQ, topic), reason=language)

    # -------------------------------------------------------------- inside

    def _version(self, session: Session, kind: str, key: str, number: int) -> ContentVersion:
        for row in versions.history(session, kind, key):
            if row.number == number:
                return row
        raise DeskError(NO_SUCH_VERSION)

    def _locked(self, session: Session, number: int) -> ContentDraft:
        draft = session.scalar(
            select(ContentDraft).where(ContentDraft.id == number).with_for_update(),
            execution_options={"populate_existing": True},
        )
        if draft is None or draft.state not in OPEN:
            raise DeskError(GONE)
        return draft

    def _prove(self, kind: str, key: str, body: Body | None) -> None:
        """Raises UnsoundError when the content with this change would be broken."""
        found = self.problems(kind, key, body)
        if found:
            raise UnsoundError(found)

    def problems(self, kind: str, key: str, body: Body | None) -> list[Problem]:
        """The errors that the check finds in the content with this change."""
        try:
            published = self.with_body(kind, key, body)
        except ContentError as error:
            return [Problem("C01", "error", key, 1, line, "Mend it") for line in str(error).splitlines()]
        return proof.problems(self.folder, published, self.clock().date())

    @contextmanager
    def _proved(self, number: int) -> Iterator[tuple[Session, ContentDraft]]:
        """A writing transaction with a draft that was proved against what is published at that very moment."""
        for _ in range(5):
            with self.database.read() as session:
                draft, seen = self.draft(session, number), versions.newest(session)
                last = versions.last_number(session, draft.kind, draft.key)
            if last != draft.base_version:
                raise DeskError(NEWER)
            self._prove(draft.kind, draft.key, draft.body)
            with self.database.write() as session:
                versions.one_at_a_time(session)
                locked = self._locked(session, number)
                if versions.newest(session) == seen and locked.revision == draft.revision:
                    yield session, locked
                    return
        raise DeskError(BUSY)

    def _publish(self, session: Session, draft: ContentDraft, now: datetime) -> None:
        for (kind, key), body in texts.parts(draft.kind, draft.key, draft.body).items():
            add_version(
                session,
                self.folder,
                kind,
                key,
                body,
                draft.author,
                draft.reviewer,
                draft.note,
                now,
                until=draft.publish_until,
            )
        draft.state, draft.updated_at = DraftState.PUBLISHED, now
        audit.note(session, draft.reviewer or draft.author, "publish", now, object=place(draft.kind, draft.key))
