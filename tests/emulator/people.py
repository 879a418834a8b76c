"""What persons do: write, press, block. Every verb returns the update it caused, as the bot will see it."""

from __future__ import annotations

import base64
from typing import Any

from .args import Args
from .config import Clock, Options
from .core import Core
from .errors import ControlError, Json
from .markup import find_entities
from .sending import MEDIA, media_content
from .state import Chat, Message, Person


class People:
    """The side of the emulator that plays persons."""

    def __init__(self, options: Options, clock: Clock) -> None:
        self.core = Core(options, clock)

    # who is there ----------------------------------------------------------------------------

    def add_user(
        self,
        user_id: int,
        first_name: str = "User",
        last_name: str = "",
        username: str = "",
        language_code: str = "",
        *,
        started: bool = True,
    ) -> Json:
        """Add or rename a person; returns the Bot API User. `started=False`: never wrote to the bot."""
        if user_id <= 0:
            raise ControlError("a user id is positive")
        person = Person(user_id, first_name, last_name, username, language_code, started=started)
        return self.core.world.add_person(person).as_user()

    def add_group(
        self,
        group_id: int,
        title: str = "Group",
        members: list[int] | None = None,
        *,
        kind: str = "supergroup",
        username: str = "",
    ) -> Json:
        """Add a group the bot is in; returns the Bot API Chat."""
        return self.core.world.add_group(group_id, title, kind, username, members or []).data

    def _who(self, user_id: int, chat_id: int | None) -> tuple[Person, Chat]:
        world = self.core.world
        if user_id not in world.persons:
            self.add_user(user_id, f"User {user_id}")
        person = world.person(user_id)
        chat = world.chat(chat_id if chat_id is not None else user_id)
        if chat.private:
            person.started = True
        else:
            chat.members.setdefault(user_id, person)
        return person, chat

    # messages --------------------------------------------------------------------------------

    def _say(
        self,
        user_id: int,
        content: Json,
        kind: str,
        chat_id: int | None,
        reply_to: int | None = None,
        *,
        expects_answer: bool | None = None,
    ) -> Json:
        person, chat = self._who(user_id, chat_id)
        message = self.core.world.put(chat, person, content, kind, reply_to)
        if chat.reply_keyboard and chat.reply_keyboard.get("one_time_keyboard"):
            chat.reply_keyboard = None
        return self._push("message", message, chat, expects_answer)

    def _push(self, kind: str, message: Message, chat: Chat, expects_answer: bool | None) -> Json:
        update_id = self.core.push(
            kind,
            message.data,
            chat_id=chat.id,
            text=message.shown,
            message_id=message.id,
            expects_answer=expects_answer,
        )
        chat.changed()
        return {"update_id": update_id, kind: message.data}

    def send_text(
        self,
        user_id: int,
        text: str,
        chat_id: int | None = None,
        reply_to: int | None = None,
        *,
        expects_answer: bool | None = None,
    ) -> Json:
        """Write a text, to the bot or into the group `chat_id`. An unknown user is added."""
        content: Json = {"text": text}
        if entities := find_entities(text):
            content["entities"] = entities
        return self._say(user_id, content, "text", chat_id, reply_to, expects_answer=expects_answer)

    def edit_text(self, user_id: int, message_id: int, text: str, chat_id: int | None = None) -> Json:
        """Change an own message; causes edited_message."""
        _, chat = self._who(user_id, chat_id)
        message = self._own(chat, message_id, user_id)
        message.edits.append({"text": message.data.get("text")})
        message.data = message.data | {"text": text, "edit_date": int(self.core.clock.now())}
        message.data.pop("entities", None)
        if entities := find_entities(text):
            message.data["entities"] = entities
        return self._push("edited_message", message, chat, None)

    def _own(self, chat: Chat, message_id: int, user_id: int) -> Message:
        message = chat.messages.get(message_id)
        if message is None or message.deleted_at is not None or message.data["from"]["id"] != user_id:
            raise ControlError(f"user {user_id} has no message {message_id} in chat {chat.id}")
        return message

    def delete_own(self, user_id: int, message_id: int, chat_id: int | None = None) -> None:
        """Take back a message; Telegram tells bots nothing of it."""
        _, chat = self._who(user_id, chat_id)
        self.core.world.delete(chat, self._own(chat, message_id, user_id), "user")
        chat.changed()

    def send_media(
        self,
        user_id: int,
        kind: str,
        data: bytes | None = None,
        data_base64: str = "",
        caption: str = "",
        file_name: str = "",
        mime_type: str = "",
        duration: int = 1,
        chat_id: int | None = None,
    ) -> Json:
        """Send photo, voice, document, audio, video, animation or sticker; over HTTP the bytes are base64."""
        if kind not in MEDIA:
            raise ControlError(f"unknown media {kind}")
        folder, default_mime, default_name = MEDIA[kind]
        body = data if data is not None else base64.b64decode(data_base64) or b"emulated " + kind.encode()
        stored = self.core.world.add_file(body, folder, file_name or default_name, mime_type or default_mime)
        content = media_content(stored, kind, Args({"duration": duration}))
        if caption:
            content["caption"] = caption
            if entities := find_entities(caption):
                content["caption_entities"] = entities
        return self._say(user_id, content, kind, chat_id)

    def send_photo(self, user_id: int, data: bytes | None = None, caption: str = "", **more: Any) -> Json:
        """A photo; see send_media."""
        return self.send_media(user_id, "photo", data, caption=caption, **more)

    def send_voice(self, user_id: int, data: bytes | None = None, duration: int = 1, **more: Any) -> Json:
        """A voice message; see send_media."""
        return self.send_media(user_id, "voice", data, duration=duration, **more)

    def send_document(self, user_id: int, data: bytes | None = None, file_name: str = "", **more: Any) -> Json:
        """A document; see send_media."""
        return self.send_media(user_id, "document", data, file_name=file_name, **more)

    def send_sticker(self, user_id: int, **more: Any) -> Json:
        """A sticker; see send_media."""
        return self.send_media(user_id, "sticker", **more)

    def send_location(self, user_id: int, latitude: float, longitude: float, chat_id: int | None = None) -> Json:
        """A point on the map."""
        point = {"latitude": latitude, "longitude": longitude}
        return self._say(user_id, {"location": point}, "location", chat_id)

    def send_contact(
        self,
        user_id: int,
        phone_number: str,
        first_name: str = "",
        own: bool = True,
        chat_id: int | None = None,
    ) -> Json:
        """A phone number; `own` as by a request_contact button."""
        person, _ = self._who(user_id, chat_id)
        contact: Json = {"phone_number": phone_number, "first_name": first_name or person.first_name}
        if own:
            contact["user_id"] = user_id
        return self._say(user_id, {"contact": contact}, "contact", chat_id)

    def send_forwarded(
        self,
        user_id: int,
        text: str,
        from_user_id: int | None = None,
        hidden_name: str = "",
        chat_id: int | None = None,
    ) -> Json:
        """A text forwarded from another person, or from one whose account is hidden."""
        date = int(self.core.clock.now())
        origin: Json = {"type": "hidden_user", "date": date, "sender_user_name": hidden_name or "Someone"}
        if from_user_id is not None:
            user = self.core.world.person(from_user_id).as_user()
            origin = {"type": "user", "date": date, "sender_user": user}
        return self._say(user_id, {"text": text, "forward_origin": origin}, "text", chat_id)
