"""What persons do beside writing: press buttons, ask inline, block; and updates no person would make."""

from __future__ import annotations

from .core import Query
from .errors import ControlError, Json
from .keyboards import buttons
from .markup import formatted
from .people import People
from .state import Chat, Message, Person

CALLBACK_QUEUE = "callback:"
MEMBER_QUEUE = "member:"
INLINE_QUEUE = "inline:"
"""Queues of their own beside the chat's, as in Client.cpp 17075-17279 (`user_id + (3 << 33)` and so on)."""


class Gestures(People):
    """Buttons, inline queries, membership, raw updates."""

    # buttons ---------------------------------------------------------------------------------

    def press(
        self,
        user_id: int,
        text: str | None = None,
        data: str | None = None,
        message_id: int | None = None,
        chat_id: int | None = None,
        *,
        part: bool = False,
    ) -> Json:
        """Press an inline button by text or data, of one message or the newest that has it -> callback_query.

        `part`: the text need only be contained. ControlError if there is no such button on the screen.
        """
        person, chat = self._who(user_id, chat_id)
        message, button = self._find_button(chat, text, data, message_id, part)
        query_id = self.core.world.number()
        self.core.queries[query_id] = Query("callback", user_id, self.core.clock.now())
        content = {
            "id": query_id,
            "from": person.as_user(),
            "message": message.data,
            "chat_instance": self.core.world.chat_instance(chat),
            "data": button["callback_data"],
        }
        update_id = self.core.push(
            "callback_query",
            content,
            chat_id=chat.id,
            ttl=self.core.options.query_ttl,
            queue_key=f"{CALLBACK_QUEUE}{user_id}",
            message_id=message.id,
            query_id=query_id,
        )
        return {"update_id": update_id, "callback_query": content}

    def _find_button(
        self, chat: Chat, text: str | None, data: str | None, message_id: int | None, part: bool
    ) -> tuple[Message, Json]:
        seen: list[str] = []
        for message in reversed(chat.messages.values()):
            if message.deleted_at is not None or (message_id is not None and message.id != message_id):
                continue
            for button in buttons(message.data.get("reply_markup")):
                seen.append(button["text"])
                named = text is None or button["text"] == text or (part and text in button["text"])
                if named and "callback_data" in button and data in (None, button["callback_data"]):
                    return message, button
        raise ControlError(f"no button text={text!r} data={data!r} in chat {chat.id}; there are {seen[:30]}")

    def tap(self, user_id: int, text: str, chat_id: int | None = None) -> Json:
        """Press a button of the reply keyboard; contact and location buttons send those."""
        _, chat = self._who(user_id, chat_id)
        for button in buttons(chat.reply_keyboard):
            if button["text"] == text:
                if button.get("request_contact"):
                    return self.send_contact(user_id, f"+856{user_id:08d}", chat_id=chat_id)
                if button.get("request_location"):
                    return self.send_location(user_id, 17.9667, 102.6, chat_id)
                return self.send_text(user_id, text, chat_id)
        seen = [button["text"] for button in buttons(chat.reply_keyboard)]
        raise ControlError(f"no reply button {text!r} in chat {chat.id}; there are {seen}")

    # other updates ---------------------------------------------------------------------------

    def inline_query(self, user_id: int, query: str, offset: str = "") -> Json:
        """Type @bot and a query somewhere."""
        person, _ = self._who(user_id, None)
        query_id = self.core.world.number()
        self.core.queries[query_id] = Query("inline", user_id, self.core.clock.now())
        content = {
            "id": query_id,
            "from": person.as_user(),
            "query": query,
            "offset": offset,
            "chat_type": "sender",
        }
        update_id = self.core.push(
            "inline_query",
            content,
            chat_id=user_id,
            ttl=self.core.options.query_ttl,
            queue_key=f"{INLINE_QUEUE}{user_id}",
            text=query,
            query_id=query_id,
        )
        return {"update_id": update_id, "inline_query": content}

    def choose_inline(self, user_id: int, query_id: str, result_id: str, chat_id: int) -> Json:
        """Send one of the offered articles into a chat, as its sender's own message with `via_bot`."""
        person, chat = self._who(user_id, chat_id)
        query = self.core.queries.get(query_id)
        offered = (query.answer or {}).get("results", []) if query and query.kind == "inline" else []
        result = next((r for r in offered if r["id"] == result_id), None)
        if result is None:
            raise ControlError(f"no inline result {result_id}; there are {[r['id'] for r in offered]}")
        content = result["input_message_content"]
        text, entities = formatted(content["message_text"], content.get("parse_mode", ""), content.get("entities"))
        said: Json = {"text": text, "via_bot": self.core.world.bot.as_user()}
        if entities:
            said["entities"] = entities
        if markup := result.get("reply_markup"):
            said["reply_markup"] = markup
        message = self.core.world.put(chat, person, said, "text", None)
        chat.changed()
        return message.data

    def block(self, user_id: int, *, blocked: bool = True) -> Json:
        """Block or unblock the bot -> my_chat_member with status kicked or member."""
        person, chat = self._who(user_id, None)
        person.blocked = blocked
        return self._membership(person, chat, "member" if blocked else "kicked", "kicked" if blocked else "member")

    def deactivate(self, user_id: int) -> None:
        """The person deletes their account; the bot is told only when it writes."""
        self.core.world.person(user_id).deactivated = True

    def set_bot_status(self, user_id: int, chat_id: int, status: str) -> Json:
        """A member makes the bot of a group member, administrator, left or kicked -> my_chat_member."""
        person, chat = self._who(user_id, chat_id)
        old, chat.bot_status = chat.bot_status, status
        return self._membership(person, chat, old, status)

    def _membership(self, actor: Person, chat: Chat, old: str, new: str) -> Json:
        content = {
            "chat": chat.data,
            "from": actor.as_user(),
            "date": int(self.core.clock.now()),
            "old_chat_member": self._bot_member(old),
            "new_chat_member": self._bot_member(new),
        }
        update_id = self.core.push("my_chat_member", content, chat_id=chat.id, queue_key=f"{MEMBER_QUEUE}{chat.id}")
        return {"update_id": update_id, "my_chat_member": content}

    def _bot_member(self, status: str) -> Json:
        member: Json = {"status": status, "user": self.core.world.bot.as_user()}
        if status == "kicked":
            member["until_date"] = 0
        if status == "administrator":
            member["can_be_edited"] = False
            member |= dict.fromkeys(_RIGHTS, False)
        return member

    def raw_update(
        self, update: Json, chat_id: int = 0, ttl: float | None = None, *, expects_answer: bool = False
    ) -> Json:
        """Queue any JSON object as an update (update_id is ours): unknown kinds, fuzzing, poison."""
        content = {key: value for key, value in update.items() if key != "update_id"}
        if chat_id > 0:
            self._who(chat_id, None)
        text = str((content.get("message") or {}).get("text") or "") if isinstance(content.get("message"), dict) else ""
        update_id = self.core.push("", content, chat_id=chat_id, ttl=ttl, text=text, expects_answer=expects_answer)
        return {"update_id": update_id, **content}

    def poison(self, kind: str = "callback", user_id: int = 999) -> Json:
        """An update python-telegram-bot cannot read: callback, no_date, no_chat, bad_type or empty."""
        person = Person(user_id, "Poison")
        message: Json = {
            "message_id": 1,
            "date": int(self.core.clock.now()),
            "chat": person.as_chat(),
            "text": "poison",
        }
        kinds: dict[str, Json] = {
            "callback": {"callback_query": {"id": "1", "from": person.as_user(), "data": "x"}},
            "no_date": {"message": {key: value for key, value in message.items() if key != "date"}},
            "no_chat": {"message": {key: value for key, value in message.items() if key != "chat"}},
            "bad_type": {"message": message | {"entities": "none", "photo": 7}},
            "empty": {},
        }
        if kind not in kinds:
            raise ControlError(f"unknown poison {kind}; one of {', '.join(kinds)}")
        return self.raw_update(kinds[kind], chat_id=user_id)


_RIGHTS = [
    "is_anonymous",
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
]
