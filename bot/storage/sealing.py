"""What every writer would otherwise have to remember: persons get a key, what they say is masked and sealed.

`Message.text` is the masked copy that staff read and search; the words themselves are sealed by the person's key. Our
own answers stay as they are (their numbers are the hotlines'), unless they may repeat what the person just said.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, event, inspect, select
from sqlalchemy.orm import Session, object_session
from sqlalchemy.orm.util import identity_key

from bot.masking import mask
from bot.sealing import Cipher, SealError
from bot.storage.models import Direction, Message, OutboxMessage, Person
from bot.storage.vault import KEYED, vault_of

WORDS = b"words"


def original(session: Session, message: Message) -> str:
    """What was said, unmasked. Raises SealError when the person's key is erased."""
    if message.sealed is None:
        return message.text
    return _cipher(session.connection(), message).open(message.sealed, WORDS).decode()


def _cipher(connection: Connection, message: Message) -> Cipher:
    session = object_session(message)
    person = session.identity_map.get(identity_key(Person, message.person_id)) if session else None
    name = person.key_id if person is not None and "key_id" in person.__dict__ else None
    if name is None:
        name = connection.execute(select(Person.key_id).where(Person.id == message.person_id)).scalar()
    if name is None:
        raise SealError("this person has no key")
    return vault_of(connection.dialect).person(connection, name)


@event.listens_for(Person, "before_insert")
def _give_key(_mapper: Any, connection: Connection, person: Person) -> None:
    if person.channel_id is None and not person.channel_key.startswith(KEYED):
        person.channel_id = person.channel_key
    if person.key_id is None:
        person.key_id = vault_of(connection.dialect).new_person_key(connection, person.created_at)


@event.listens_for(OutboxMessage, "before_insert")
def _keep_address(_mapper: Any, _connection: Connection, row: OutboxMessage) -> None:
    """Who gives an id has it sealed beside its hash; for a row with the hash alone it is found through the person."""
    if row.chat_id is None and not row.chat_key.startswith(KEYED):
        row.chat_id = row.chat_key


@event.listens_for(Message, "before_insert")
def _seal_new(_mapper: Any, connection: Connection, message: Message) -> None:
    if message.text:
        _seal(connection, message)


@event.listens_for(Message, "before_update")
def _seal_changed(_mapper: Any, connection: Connection, message: Message) -> None:
    if inspect(message).attrs.text.history.has_changes():
        _seal(connection, message)


def _seal(connection: Connection, message: Message) -> None:
    if message.direction == Direction.OUT and not message.echoes:
        return
    masked = mask(message.text)
    if message.direction != Direction.OUT or masked != message.text:
        message.sealed = _cipher(connection, message).seal(message.text.encode(), WORDS)
    message.text = masked
