"""The Bot API through python-telegram-bot: raw updates in, replies out, its errors as three kinds of ours."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import structlog
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
    KeyboardButton,
    LinkPreviewOptions,
    ReplyKeyboardMarkup,
)
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.dialogue.types import Reply
from bot.knowledge import budget_picture, plan_document
from bot.services.public import INLINE
from bot.settings import Settings
from bot.telegram.http import AiohttpRequest

log = structlog.get_logger(__name__)

LIMIT = 100
"""Updates that Telegram gives at once at most."""
POLL_GRACE = 4.0
"""Seconds after the end of a long poll in which its answer may still come; then the connection counts as dead."""
ALLOWED = ["message", "edited_message", "callback_query", "inline_query", "my_chat_member"]
SEND_TIMEOUT = 10.0
INLINE_CACHE = 300
"""Seconds for which Telegram may show the same person the same answers; by person, since languages differ."""


class ChannelError(Exception):
    """A call failed. `retry_after` None = never again; else seconds. `blocked`: the person does not want us."""

    def __init__(
        self,
        reason: str,
        *,
        retry_after: float | None,
        blocked: bool = False,
        flood: bool = False,
        conflict: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason, self.retry_after, self.blocked = reason, retry_after, blocked
        self.flood, self.conflict = flood, conflict


@dataclass
class TelegramApi:
    """The calls that we make."""

    bot: Bot
    _username: str = ""

    @classmethod
    def from_settings(cls, settings: Settings) -> TelegramApi:
        """The API client of the configured bot; two pools, so that a long poll never waits behind a send."""
        if settings.telegram_token is None:
            raise ValueError("TELEGRAM_TOKEN is not set")
        base = str(settings.telegram_api_url).rstrip("/")
        # A half-open socket must not keep us: the read time-out is the long poll plus a little.
        request = AiohttpRequest(pool_size=64, read_timeout=SEND_TIMEOUT)
        poll = AiohttpRequest(pool_size=2, read_timeout=settings.telegram_poll_seconds + POLL_GRACE)
        bot = Bot(
            settings.telegram_token.get_secret_value(),
            base_url=f"{base}/bot",
            base_file_url=f"{base}/file/bot",
            request=request,
            get_updates_request=poll,
        )
        return cls(bot)

    async def start(self) -> None:
        """Open the pools (makes no call)."""
        for request in self.bot._request:
            await request.initialize()

    async def close(self) -> None:
        """Close the pools."""
        for request in self.bot._request:
            await request.shutdown()

    async def get_updates(self, offset: int | None, seconds: int = 15) -> list[dict[str, Any]]:
        """Raw updates from `offset` on; everything below it counts as acknowledged. Raises ChannelError."""
        try:
            result = await self.bot._post(
                "getUpdates",
                {"offset": offset, "timeout": seconds, "limit": LIMIT, "allowed_updates": ALLOWED},
                read_timeout=seconds + POLL_GRACE,
            )
        except TelegramError as error:
            raise as_channel_error(error) from error
        except (ValueError, RecursionError) as error:
            raise ChannelError("unreadable", retry_after=1.0) from error
        return list(result) if isinstance(result, list) else []

    async def call(self, method: str, chat_key: str, payload: dict[str, Any]) -> int | None:
        """Make the call of an outbox row; returns the message's number if it made one. Raises ChannelError."""
        try:
            if method == "message":
                return await self._message(int(chat_key), Reply.from_json(payload))
            if method == "delete":
                if not payload["message_ids"]:
                    return None
                await self.bot.delete_messages(int(chat_key), payload["message_ids"])
                return None
            if method == INLINE:
                await self._inline(payload)
                return None
            raise ChannelError(f"unknown method {method}", retry_after=None)
        except TelegramError as error:
            raise as_channel_error(error) from error

    async def username(self) -> str:
        """The bot's own name, asked once; empty while Telegram does not tell it."""
        if not self._username:
            try:
                self._username = (await self.bot.get_me()).username or ""
            except TelegramError as error:
                log.warning("own_name_unknown", reason=type(error).__name__)
        return self._username

    async def _inline(self, payload: dict[str, Any]) -> None:
        """Answer an inline query with the stored answers."""
        results = [_article(item) for item in payload["items"]]
        await self.bot.answer_inline_query(payload["query_id"], results, cache_time=INLINE_CACHE, is_personal=True)

    async def voice(self, chat_key: str, reply: Reply, sound: str | bytes) -> tuple[int, str | None]:
        """Send a recording (its id at Telegram, or its bytes); returns the message's number and the id of the file.

        Raises ChannelError.
        """
        try:
            sent = await self.bot.send_voice(
                int(chat_key),
                sound,
                caption=reply.text,
                **_manner(reply),
            )
        except TelegramError as error:
            raise as_channel_error(error) from error
        return sent.message_id, sent.voice.file_id if sent.voice else None

    async def fetch(self, file_id: str, most: int) -> bytes:
        """The bytes of a file that somebody sent. Raises ChannelError; its reason is "too_big" above `most` bytes."""
        try:
            file = await self.bot.get_file(file_id)
            if (file.file_size or 0) > most:
                raise ChannelError("too_big", retry_after=None)
            data = bytes(await file.download_as_bytearray())
        except TelegramError as error:
            if "too big" in str(error).lower():
                raise ChannelError("too_big", retry_after=None) from error
            raise as_channel_error(error) from error
        if len(data) > most:
            raise ChannelError("too_big", retry_after=None)
        return data

    async def answer_callback(self, callback_id: str) -> None:
        """Stop the spinner on a tapped button; not worth a second try."""
        try:
            await self.bot.answer_callback_query(callback_id)
        except TelegramError:
            return

    async def _message(self, chat: int, reply: Reply) -> int | None:
        """Send a reply; None when it took the place of a message that has its number already."""
        if reply.replaces and await self._replaced(chat, reply):
            return None
        if reply.document and (sent_id := await self._document(chat, reply)):
            return sent_id
        if reply.picture and (sent_id := await self._picture(chat, reply)):
            return sent_id
        sent = await self.bot.send_message(
            chat, reply.text, link_preview_options=LinkPreviewOptions(is_disabled=True), **_manner(reply)
        )
        return sent.message_id

    async def _replaced(self, chat: int, reply: Reply) -> bool:
        """Change the message that the reply replaces; False when it is gone, so that the reply is sent anew."""
        markup = keyboard_of(reply)
        try:
            await self.bot.edit_message_text(
                reply.text,
                chat,
                reply.replaces,
                parse_mode="HTML",
                reply_markup=markup if isinstance(markup, InlineKeyboardMarkup) else None,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )
        except BadRequest as error:
            return "not modified" in str(error).lower()  # a repeated call after a crash, or a second tap
        return True

    async def _document(self, chat: int, reply: Reply) -> int | None:
        """Draw the reply's file and send it; None when it cannot be drawn, so that at least the text goes."""
        try:
            file = await asyncio.to_thread(plan_document.draw, reply.document or {})
        except plan_document.DocumentError as error:
            log.error("document_not_drawn", reason=str(error))
            return None
        sent = await self.bot.send_document(
            chat,
            file,
            caption=reply.text,
            filename=plan_document.FILE_NAME,
            **_manner(reply),
        )
        return sent.message_id

    async def _picture(self, chat: int, reply: Reply) -> int | None:
        """Draw the reply's picture and send it as a photo; None when it cannot be drawn, so that the text goes."""
        try:
            image = await asyncio.to_thread(budget_picture.draw, reply.picture or {})
        except plan_document.DocumentError as error:
            log.error("picture_not_drawn", reason=str(error))
            return None
        sent = await self.bot.send_photo(
            chat,
            image,
            caption=reply.text,
            filename=budget_picture.FILE_NAME,
            **_manner(reply),
        )
        return sent.message_id


def _manner(reply: Reply) -> dict[str, Any]:
    """How a reply is sent, whatever it is: its keyboard, with or without a sound, whether it can be forwarded."""
    return {
        "parse_mode": "HTML",
        "reply_markup": keyboard_of(reply),
        "disable_notification": reply.silent,
        "protect_content": reply.protect,
    }


def _article(item: dict[str, Any]) -> InlineQueryResultArticle:
    """One answer as it stands in the list and as it is sent."""
    reply = Reply.from_json(item["reply"])
    content = InputTextMessageContent(
        reply.text, parse_mode="HTML", link_preview_options=LinkPreviewOptions(is_disabled=True)
    )
    markup = keyboard_of(reply)
    return InlineQueryResultArticle(
        item["id"],
        item["title"],
        content,
        reply_markup=markup if isinstance(markup, InlineKeyboardMarkup) else None,
        description=item["description"],
    )


def keyboard_of(reply: Reply) -> InlineKeyboardMarkup | ReplyKeyboardMarkup | None:
    """The keyboard of a reply: buttons under it, or the one that stays under the input field."""
    if reply.buttons:
        return InlineKeyboardMarkup(
            [
                [
                    InlineKeyboardButton(b.label, url=b.url)
                    if b.url
                    else InlineKeyboardButton(b.label, callback_data=b.data)
                    for b in row
                ]
                for row in reply.buttons
            ]
        )
    if reply.keyboard is not None:
        rows = [
            [
                KeyboardButton(label, request_location=reply.ask_location and (y, x) == (0, 0))
                for x, label in enumerate(row)
            ]
            for y, row in enumerate(reply.keyboard)
        ]
        return ReplyKeyboardMarkup(rows, resize_keyboard=True, is_persistent=True)
    return None


def as_channel_error(error: TelegramError) -> ChannelError:
    """One of python-telegram-bot's errors as ours."""
    if isinstance(error, RetryAfter):
        seconds = error._retry_after.total_seconds() if hasattr(error, "_retry_after") else float(error.retry_after)  # type: ignore[arg-type]
        return ChannelError("flood", retry_after=seconds, flood=True)
    if isinstance(error, Forbidden):
        return ChannelError("forbidden", retry_after=None, blocked=True)
    if isinstance(error, InvalidToken):
        return ChannelError("invalid_token", retry_after=None)
    if isinstance(error, BadRequest):
        gone = "chat not found" in str(error).lower()
        return ChannelError("bad_request", retry_after=None, blocked=gone)
    if isinstance(error, TimedOut):
        return ChannelError("timeout", retry_after=1.0)
    if isinstance(error, NetworkError):
        return ChannelError("network", retry_after=1.0)
    if "Conflict" in type(error).__name__:
        return ChannelError("conflict", retry_after=3.0, conflict=True)
    return ChannelError(type(error).__name__, retry_after=1.0)
