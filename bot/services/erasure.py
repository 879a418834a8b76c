"""Erasing a person: the key first, then all rows, a line in the ledger, and after that every trace.

The deletion is one transaction. What it leaves (index of words, write-ahead log, the keyring's copy for backups) is
removed by `clean_up`, which the running bot does within seconds and which may be killed and repeated at any point.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from bot.services import keyring
from bot.storage.db import Database
from bot.storage.models import Erasure, InboxState, InboxUpdate, Message, Person, PersonKey, TrainingQuestion
from bot.storage.scrub import pending, scrub
from bot.storage.vault import vault_of


class ErasureError(Exception):
    """Nobody was erased; the text says why."""


@dataclass(frozen=True)
class Receipt:
    """Proof of an erasure; it says nothing of the person."""

    number: str
    at: datetime
    messages: int


def erase(session: Session, person: Person, by: str, now: datetime) -> Receipt:
    """Erase a person in this transaction: transcript, cases, feedback and outbox go with the row (cascade).

    Questions for training that came from the person's messages go too, in whatever state.
    """
    session.flush()
    messages = session.scalar(select(func.count()).where(Message.person_id == person.id)) or 0
    number, key_id, chat, person_id = "-", person.key_id, person.channel_key, person.id
    if key_id is not None:
        session.execute(delete(PersonKey).where(PersonKey.id == key_id))
        session.add(Erasure(key_id=key_id, at=now, by=by[:64]))
        session.flush()
        vault_of(session.get_bind().dialect).forget(key_id)
        number = key_id[:12]
    session.execute(
        update(InboxUpdate)
        .where(InboxUpdate.chat_key == chat, InboxUpdate.state == InboxState.QUARANTINED)
        .values(payload=None)
    )
    theirs = select(Message.id).where(Message.person_id == person_id)
    session.execute(delete(TrainingQuestion).where(TrainingQuestion.message_id.in_(theirs)))
    session.expunge(person)
    session.execute(delete(Person).where(Person.id == person_id))
    session.expire_all()
    return Receipt(number, now, messages)


def erase_by_name(session: Session, pseudonym: str, by: str, now: datetime) -> Receipt:
    """Erase the person of a pseudonym, for staff. Raises ErasureError when there is none."""
    person = session.scalar(select(Person).where(Person.pseudonym == pseudonym))
    if person is None:
        raise ErasureError(f"There is nobody called {pseudonym!r}. `bot transcripts` shows the names.")
    return erase(session, person, by, now)


def clean_up(database: Database, copy: Path, step: Callable[[str], None] = lambda _name: None) -> bool:
    """Remove what erasures have left; True when nothing is left. `step` is told the name of each step (for tests)."""
    if not pending(database):
        return True
    step("before_keyring")
    if copy.exists():
        keyring.write(database, copy)
    step("after_keyring")
    done = scrub(database)
    step("after_scrub")
    return done
