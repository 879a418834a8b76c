"""Who is there and what was said: persons, chats, messages and files, all in memory."""

from __future__ import annotations

import asyncio
import hashlib
import random
from dataclasses import dataclass, field

from .config import Clock, Options
from .errors import ControlError, Json


@dataclass(slots=True)
class Person:
    """A user of Telegram. `started` is False for someone who never wrote to the bot."""

    id: int
    first_name: str = "User"
    last_name: str = ""
    username: str = ""
    language_code: str = ""
    is_bot: bool = False
    started: bool = True
    blocked: bool = False
    deactivated: bool = False

    def as_user(self) -> Json:
        """A Bot API User."""
        user: Json = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        for name in ("last_name", "username", "language_code"):
            if value := getattr(self, name):
                user[name] = value
        return user

    def as_chat(self) -> Json:
        """The Bot API Chat of the private chat with this person."""
        user = self.as_user()
        return {"id": self.id, "type": "private"} | {
            name: user[name] for name in ("first_name", "last_name", "username") if name in user
        }


@dataclass(slots=True)
class Message:
    """One message of a chat. `data` is the Bot API Message; the rest is what only the phone shows."""

    data: Json
    kind: str
    outgoing: bool
    markup: Json | None = None
    silent: bool = False
    protected: bool = False
    no_preview: bool = False
    deleted_at: float | None = None
    deleted_by: str = ""
    edits: list[Json] = field(default_factory=list)
    reaction: list[Json] = field(default_factory=list)

    @property
    def id(self) -> int:
        """message_id."""
        return int(self.data["message_id"])

    @property
    def date(self) -> int:
        """When it was sent, Unix seconds."""
        return int(self.data["date"])

    @property
    def shown(self) -> str:
        """Text or caption."""
        return str(self.data.get("text") or self.data.get("caption") or "")


@dataclass(slots=True)
class Chat:
    """A private chat or a group with its history in order of message ids."""

    id: int
    data: Json
    members: dict[int, Person] = field(default_factory=dict)
    bot_status: str = "member"
    messages: dict[int, Message] = field(default_factory=dict)
    reply_keyboard: Json | None = None
    actions: list[Json] = field(default_factory=list)
    alerts: list[Json] = field(default_factory=list)
    waiters: list[asyncio.Future[None]] = field(default_factory=list)

    @property
    def private(self) -> bool:
        """Whether it is a chat with one person."""
        return self.id > 0

    def changed(self) -> None:
        """Wake whoever waits for something in this chat."""
        waiters, self.waiters = self.waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)


@dataclass(slots=True)
class StoredFile:
    """Bytes known under a file_id."""

    file_id: str
    unique_id: str
    path: str
    data: bytes
    name: str
    mime_type: str

    def as_file(self) -> Json:
        """The fields common to all Bot API file objects."""
        return {"file_id": self.file_id, "file_unique_id": self.unique_id, "file_size": len(self.data)}


class World:
    """All state that persons and the bot share."""

    def __init__(self, options: Options, clock: Clock) -> None:
        self.clock = clock
        self.random = random.Random(options.seed)
        self.bot = Person(options.bot_id, options.bot_name, username=options.bot_username, is_bot=True)
        self.persons: dict[int, Person] = {}
        self.chats: dict[int, Chat] = {}
        self.by_username: dict[str, Chat] = {}
        self.files: dict[str, StoredFile] = {}
        self.paths: dict[str, StoredFile] = {}
        self._next_message_id = options.first_message_id
        self._group_ids: dict[int, int] = {}

    def add_person(self, person: Person) -> Person:
        """Add or replace a person; their private chat is made at once."""
        self.persons[person.id] = person
        chat = self.chats.get(person.id)
        if chat is None:
            self.chats[person.id] = Chat(person.id, person.as_chat(), {person.id: person})
        else:
            chat.data, chat.members = person.as_chat(), {person.id: person}
        return person

    def add_group(self, group_id: int, title: str, kind: str, username: str, members: list[int]) -> Chat:
        """Add a group or supergroup; `members` must be known persons."""
        if group_id >= 0:
            raise ControlError("a group id is negative")
        data: Json = {"id": group_id, "type": kind, "title": title}
        if username:
            data["username"] = username
        chat = Chat(group_id, data, {user: self.person(user) for user in members})
        self.chats[group_id] = chat
        if username:
            self.by_username[username.lower()] = chat
        return chat

    def person(self, user_id: int) -> Person:
        """A known person, or ControlError."""
        try:
            return self.persons[user_id]
        except KeyError:
            raise ControlError(f"no user {user_id}; call add_user first") from None

    def chat(self, chat_id: int) -> Chat:
        """A known chat, or ControlError."""
        try:
            return self.chats[chat_id]
        except KeyError:
            raise ControlError(f"no chat {chat_id}") from None

    def next_message_id(self, chat: Chat) -> int:
        """Private chats and basic groups share one row of numbers, each supergroup has its own."""
        if chat.data["type"] == "supergroup":
            self._group_ids[chat.id] = self._group_ids.get(chat.id, 0) + 1
            return self._group_ids[chat.id]
        self._next_message_id += 1
        return self._next_message_id - 1

    def put(self, chat: Chat, sender: Person, content: Json, kind: str, reply_to: int | None = None) -> Message:
        """Append a message; `content` holds the fields that make up its kind, such as text and entities."""
        data: Json = {
            "message_id": self.next_message_id(chat),
            "from": sender.as_user(),
            "chat": chat.data,
            "date": int(self.clock.now()),
        }
        replied = chat.messages.get(reply_to) if reply_to else None
        if replied and replied.deleted_at is None:
            data["reply_to_message"] = {key: value for key, value in replied.data.items() if key != "reply_to_message"}
        data.update(content)
        message = Message(data, kind, outgoing=sender is self.bot)
        chat.messages[message.id] = message
        return message

    def delete(self, chat: Chat, message: Message, by: str) -> None:
        """Take a message off the phone; what it said stays on record for tests."""
        message.deleted_at = self.clock.now()
        message.deleted_by = by

    def number(self) -> str:
        """A large decimal number as a string, as for callback query ids and chat instances."""
        return str(self.random.getrandbits(62) | 1 << 61)

    def chat_instance(self, chat: Chat) -> str:
        """Stable per chat."""
        digest = hashlib.sha256(f"{self.bot.id}:{chat.id}".encode()).digest()
        return str(int.from_bytes(digest[:8], "big", signed=True))

    def add_file(self, data: bytes, folder: str, name: str, mime_type: str) -> StoredFile:
        """Keep bytes; returns them with new ids and a path below /file/bot<token>/."""
        number = len(self.files)
        suffix = name.rsplit(".", 1)[-1] if "." in name else "bin"
        if not suffix.isalnum():
            suffix = "bin"
        unique = hashlib.sha256(data + name.encode()).hexdigest()[:16]
        path = f"{folder}/file_{number}.{suffix}"
        stored = StoredFile(f"EMU{number:06d}{unique}", f"Ag{unique[:14]}", path, data, name, mime_type)
        self.files[stored.file_id] = stored
        self.paths[path] = stored
        return stored
