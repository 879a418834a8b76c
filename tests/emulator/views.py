"""What a test can see: a chat as on the person's phone, waiting for a change, figures, requests."""

# ruff: noqa: ASYNC109 - a test says in one place how long it waits
from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .errors import ControlError, Json
from .gestures import Gestures
from .keyboards import buttons
from .state import Chat, Message


@dataclass(slots=True)
class Seen:
    """One message on the screen."""

    id: int
    from_bot: bool
    kind: str
    text: str
    date: int
    entities: list[Json]
    keyboard: list[list[Json]]
    silent: bool
    protected: bool
    no_preview: bool
    edited: bool
    edits: list[Json]
    deleted: bool
    deleted_by: str
    reply_to: int | None
    reaction: list[Json]
    data: Json = field(repr=False)

    @property
    def buttons(self) -> list[str]:
        """Texts of its inline buttons."""
        return [button["text"] for row in self.keyboard for button in row]


@dataclass(slots=True)
class Screen:
    """A chat at one moment. `messages` are those still there; `gone` those deleted."""

    chat_id: int
    messages: list[Seen]
    gone: list[Seen]
    reply_keyboard: list[list[str]]
    actions: list[Json]
    alerts: list[Json]

    @property
    def bot_messages(self) -> list[Seen]:
        """What the bot wrote."""
        return [message for message in self.messages if message.from_bot]

    @property
    def last(self) -> Seen | None:
        """The newest message of the bot."""
        return next((message for message in reversed(self.messages) if message.from_bot), None)

    @property
    def text(self) -> str:
        """All the bot's texts, one a line; for "is it said somewhere"."""
        return "\n".join(message.text for message in self.bot_messages)

    @property
    def notifications(self) -> int:
        """How often the phone rang: messages of the bot sent without disable_notification."""
        return sum(1 for message in (*self.messages, *self.gone) if message.from_bot and not message.silent)


Predicate = Callable[[Screen], Any]


def look_at(message: Message) -> Seen:
    """A stored message as it shows."""
    data = message.data
    keyboard = (data.get("reply_markup") or {}).get("inline_keyboard", [])
    return Seen(
        id=message.id,
        from_bot=message.outgoing,
        kind=message.kind,
        text=message.shown,
        date=message.date,
        entities=list(data.get("entities") or data.get("caption_entities") or []),
        keyboard=keyboard,
        silent=message.silent,
        protected=message.protected,
        no_preview=message.no_preview,
        edited=bool(message.edits),
        edits=message.edits,
        deleted=message.deleted_at is not None,
        deleted_by=message.deleted_by,
        reply_to=(data.get("reply_to_message") or {}).get("message_id"),
        reaction=message.reaction,
        data=data,
    )


def screen_of(chat: Chat, since: int = 0) -> Screen:
    """The whole chat, or the messages with an id above `since`."""
    seen: list[Seen] = []
    for message in reversed(chat.messages.values()):
        if message.id <= since:
            break
        seen.append(look_at(message))
    seen.reverse()
    rows = (chat.reply_keyboard or {}).get("keyboard", [])
    return Screen(
        chat_id=chat.id,
        messages=[message for message in seen if not message.deleted],
        gone=[message for message in seen if message.deleted],
        reply_keyboard=[[button["text"] for button in row] for row in rows],
        actions=list(chat.actions),
        alerts=list(chat.alerts),
    )


class Views(Gestures):
    """Reading side of the control interface."""

    def view(self, chat_id: int, since: int = 0) -> Screen:
        """The chat as the person sees it; `since` leaves out messages up to that id."""
        return screen_of(self.core.world.chat(chat_id), since)

    async def wait_for(self, chat_id: int, predicate: Predicate, timeout: float = 5.0, since: int = 0) -> Screen:
        """Wait until `predicate(screen)` is true; returns that screen; TimeoutError tells what was there."""
        chat = self.core.world.chat(chat_id)
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout
        while True:
            screen = screen_of(chat, since)
            if predicate(screen):
                return screen
            waiter: asyncio.Future[None] = loop.create_future()
            chat.waiters.append(waiter)
            try:
                await asyncio.wait_for(waiter, max(0.0, end - loop.time()))
            except TimeoutError:
                last = [message.text for message in screen.bot_messages][-3:]
                raise TimeoutError(f"chat {chat_id}: not within {timeout} s; the bot's last texts: {last}") from None

    async def wait_text(self, chat_id: int, text: str, timeout: float = 5.0, since: int = 0) -> Seen:
        """Wait for a message of the bot that contains `text`; returns it."""
        screen = await self.wait_for(chat_id, lambda now: text in now.text, timeout, since)
        return next(message for message in reversed(screen.bot_messages) if text in message.text)

    async def ask(self, user_id: int, text: str, timeout: float = 5.0) -> Seen:
        """Write a text and wait for the bot's next message."""
        known = self.core.world.chats.get(user_id)
        before = next(reversed(known.messages), 0) if known else 0
        self.send_text(user_id, text)
        screen = await self.wait_for(user_id, lambda now: now.last is not None, timeout, before)
        if screen.last is None:
            raise TimeoutError
        return screen.last

    def button_texts(self, chat_id: int) -> list[str]:
        """All inline buttons now on the screen and those of the reply keyboard."""
        chat = self.core.world.chat(chat_id)
        found: list[str] = []
        for message in chat.messages.values():
            if message.deleted_at is None:
                found += [button["text"] for button in buttons(message.data.get("reply_markup"))]
        return found + [button["text"] for button in buttons(chat.reply_keyboard)]

    # figures ---------------------------------------------------------------------------------

    def stats(self) -> Json:
        """Counts of everything; cheap. Names: see core.Core.stats."""
        return self.core.stats()

    def lost(self) -> list[int]:
        """Updates confirmed, expired or dropped and never answered."""
        return self.core.ledger.lost()

    def unanswered(self) -> list[int]:
        """Updates without an answer so far."""
        return self.core.ledger.unanswered()

    def duplicated(self) -> dict[int, list[str]]:
        """Updates answered twice with the same text."""
        return self.core.ledger.duplicated()

    def latency(self) -> Json:
        """Seconds from making an update to its first answer: n, p50, p95, p99, max."""
        return self.core.ledger.latency()

    def update_record(self, update_id: int) -> Json:
        """The life of one update: delivered how often, gone how, answers."""
        record = self.core.ledger.record(update_id)
        if record is None:
            raise ControlError(f"no update {update_id}")
        return record

    def violations(self) -> list[Json]:
        """Sends made inside a retry_after window."""
        return list(self.core.flood.violations)

    def inline_answer(self, query_id: str) -> Json | None:
        """What the bot answered to an inline or callback query."""
        query = self.core.queries.get(query_id)
        return query.answer if query else None

    def requests(self, method: str = "", limit: int = 0) -> list[Json]:
        """Requests seen (time, method, args, status, description, fault), oldest first; of one method or all."""
        wanted = method.lower()
        found = [entry for entry in self.core.requests if not wanted or entry["method"] == wanted]
        return found[-limit:] if limit else found

    def profile(self) -> Json:
        """Names, descriptions and commands the bot has set."""
        profile = self.core.profile
        return {
            "names": profile.names,
            "descriptions": profile.descriptions,
            "short_descriptions": profile.short_descriptions,
            "commands": [
                {"scope": scope, "language_code": language, "commands": commands}
                for (scope, language), commands in profile.commands.items()
            ],
        }
