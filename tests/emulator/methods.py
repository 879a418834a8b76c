"""The methods by name, and those that are neither sending nor editing."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from .args import Args
from .core import Core, Webhook
from .errors import ApiError, Json, bad_request, forbidden, too_many
from .updates import DEFAULT_KINDS

Method = Callable[[Core, Args], Awaitable[Any]]
METHODS: dict[str, Method] = {}
_SECRET = re.compile(r"[A-Za-z0-9_-]*")
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")


class Described:
    """A result that comes with a description, as after setWebhook."""

    def __init__(self, result: Any, description: str) -> None:
        self.result = result
        self.description = description


_M = TypeVar("_M", bound=Method)


def method(name: str) -> Callable[[_M], _M]:
    """Register a method; the real server, too, looks at the lower-case name only."""

    def register(function: _M) -> _M:
        METHODS[name.lower()] = function
        return function

    return register


@method("getMe")
async def get_me(core: Core, args: Args) -> Json:
    """The bot as a User."""
    return core.world.bot.as_user() | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


@method("logOut")
@method("close")
async def accept(core: Core, args: Args) -> bool:
    """Accepted without effect."""
    return True


@method("getUpdates")
async def get_updates(core: Core, args: Args) -> str:
    """See polling.py; the answer is JSON already."""
    if not core.webhook.url:
        core.set_allowed(args)
    return await core.poller.get_updates(args, webhook_active=bool(core.webhook.url))


# webhook -------------------------------------------------------------------------------------


@method("setWebhook")
async def set_webhook(core: Core, args: Args) -> Described:
    """Start delivery by POST; an empty url is deleteWebhook."""
    url = args.text("url")
    if not url:
        return await delete_webhook(core, args)
    now = core.clock.now()
    if now < core.next_set_webhook:  # Client.cpp 15735
        raise too_many(1)
    core.next_set_webhook = now + 1
    secret = args.text("secret_token")
    hook = Webhook(
        url=url if "://" in url else f"https://{url}",
        secret_token=secret,
        max_connections=args.integer("max_connections", 40, 1, 100),
        ip_address=args.text("ip_address"),
        has_certificate="certificate" in args.files,
    )
    if not re.fullmatch(r"https?://[^\s/?#]+\S*", hook.url):
        raise bad_request("invalid webhook URL specified")
    if core.options.https_only and not hook.url.startswith("https://"):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    if not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    old = core.webhook
    same = (old.url, old.secret_token, old.max_connections, old.ip_address) == (
        hook.url,
        hook.secret_token,
        hook.max_connections,
        hook.ip_address,
    )
    core.set_allowed(args)
    if same and not hook.has_certificate and not args.flag("drop_pending_updates"):
        return Described(True, "Webhook is already set")
    core.poller.abort()
    await _switch(core, hook, drop=args.flag("drop_pending_updates"))
    return Described(True, "Webhook was set")


@method("deleteWebhook")
async def delete_webhook(core: Core, args: Args) -> Described:
    """Back to polling."""
    had = bool(core.webhook.url)
    await _switch(core, Webhook(), drop=args.flag("drop_pending_updates"))
    return Described(True, "Webhook was deleted" if had else "Webhook is already deleted")


async def _switch(core: Core, hook: Webhook, *, drop: bool) -> None:
    """Stop the old delivery, drop what waits if told so, start the new one."""
    core.webhook = Webhook()
    if core.restart_webhook:
        await core.restart_webhook()
    if drop:
        core.queue.clear()
    core.webhook = hook
    if core.restart_webhook and hook.url:
        await core.restart_webhook()


@method("getWebhookInfo")
async def get_webhook_info(core: Core, args: Args) -> Json:
    """Client.cpp JsonWebhookInfo: most fields only when they say something."""
    core.queue.expire()
    hook = core.webhook
    info: Json = {
        "url": hook.url,
        "has_custom_certificate": hook.has_certificate,
        "pending_update_count": len(core.queue),
    }
    if hook.last_error_date:
        info |= {"last_error_date": hook.last_error_date, "last_error_message": hook.last_error_message}
    if hook.url:
        info |= {"max_connections": hook.max_connections, "ip_address": hook.ip_address or "127.0.0.1"}
    if core.allowed != DEFAULT_KINDS:
        info["allowed_updates"] = sorted(core.allowed)
    return info


# answers to queries --------------------------------------------------------------------------


@method("answerCallbackQuery")
async def answer_callback_query(core: Core, args: Args) -> bool:
    """Stops the clock on a button; too late after 150 s."""
    query_id = args.text("callback_query_id")
    query = core.open_query(query_id, "callback")
    if len(args.text("text")) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    query.answer = {"id": query_id, "text": args.text("text"), "show_alert": args.flag("show_alert")}
    if args.text("url"):
        query.answer["url"] = args.text("url")
    query.answers += 1
    core.ledger.query_answered(query_id, "answercallbackquery")
    chat = core.world.chats.get(query.user_id)
    if chat:
        chat.alerts.append(query.answer)
        chat.changed()
    return True


# the bot's own texts -------------------------------------------------------------------------


def _scope(args: Args) -> tuple[str, str]:
    scope = args.structure("scope", "BotCommandScope") or {"type": "default"}
    if not isinstance(scope, dict):
        raise bad_request("BotCommandScope must be an Object")
    return json.dumps(scope, sort_keys=True), args.text("language_code")


@method("setMyCommands")
async def set_my_commands(core: Core, args: Args) -> bool:
    """At most 100 commands, kept by scope and language."""
    commands = args.structure("commands", "commands") or []
    if not isinstance(commands, list):
        raise bad_request("expected an Array of BotCommand")
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    kept: list[Json] = []
    for command in commands:
        if not isinstance(command, dict):
            raise bad_request("can't parse BotCommand: expected an Object")
        name = str(command.get("command", "")).lstrip("/")
        description = str(command.get("description", "")).strip()
        if not _COMMAND.fullmatch(name):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(description) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
        kept.append({"command": name, "description": description})
    core.profile.commands[_scope(args)] = kept
    return True


@method("getMyCommands")
async def get_my_commands(core: Core, args: Args) -> list[Json]:
    """Exactly this scope and language, or nothing."""
    return core.profile.commands.get(_scope(args), [])


@method("deleteMyCommands")
async def delete_my_commands(core: Core, args: Args) -> bool:
    """Forget this scope and language."""
    core.profile.commands.pop(_scope(args), None)
    return True


def _profile_text(field: str, attribute: str, limit: int, error: str) -> None:
    """setMyX and getMyX for one of the three texts."""

    async def write(core: Core, args: Args) -> bool:
        value = args.text(field)
        if len(value) > limit:
            raise bad_request(error)
        getattr(core.profile, attribute)[args.text("language_code")] = value
        return True

    async def read(core: Core, args: Args) -> Json:
        texts: dict[str, str] = getattr(core.profile, attribute)
        fallback = core.options.bot_name if field == "name" else ""
        return {field: texts.get(args.text("language_code")) or texts.get("") or fallback}

    name = "".join(part.capitalize() for part in field.split("_"))
    METHODS[f"setmy{name}".lower()] = write
    METHODS[f"getmy{name}".lower()] = read


_profile_text("name", "names", 64, "BOT_TITLE_INVALID")
_profile_text("description", "descriptions", 512, "BOT_DESCRIPTION_INVALID")
_profile_text("short_description", "short_descriptions", 120, "BOT_SHORT_DESCRIPTION_INVALID")


@method("setChatMenuButton")
async def set_chat_menu_button(core: Core, args: Args) -> bool:
    """Kept for all chats alike."""
    core.profile.menu_button = args.structure("menu_button", "menu button") or {"type": "default"}
    return True


@method("getChatMenuButton")
async def get_chat_menu_button(core: Core, args: Args) -> Json:
    """What was set last."""
    return core.profile.menu_button


# chats and files -----------------------------------------------------------------------------


@method("getChat")
async def get_chat(core: Core, args: Args) -> Json:
    """A ChatFullInfo with the fields every client insists on."""
    chat = core.find_chat(args)
    gifts = (
        "unlimited_gifts",
        "limited_gifts",
        "unique_gifts",
        "premium_subscription",
        "gifts_from_channels",
    )
    return chat.data | {
        "accent_color_id": chat.id % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, False),
    }


@method("getChatMember")
async def get_chat_member(core: Core, args: Args) -> Json:
    """member for whom the chat has, left for others."""
    chat = core.find_chat(args)
    user_id = args.integer("user_id")
    if user_id == core.world.bot.id:
        return {"status": chat.bot_status, "user": core.world.bot.as_user()}
    person = core.world.persons.get(user_id)
    if person is None:
        raise bad_request("PARTICIPANT_ID_INVALID" if not chat.private else "user not found")
    return {"status": "member" if user_id in chat.members else "left", "user": person.as_user()}


@method("leaveChat")
async def leave_chat(core: Core, args: Args) -> bool:
    """Groups only."""
    chat = core.find_chat(args)
    if chat.private:
        raise bad_request("chat member status can't be changed in private chats")
    if chat.bot_status in {"left", "kicked"}:
        raise forbidden(f"bot is not a member of the {chat.data['type']} chat")
    chat.bot_status = "left"
    return True


@method("getFile")
async def get_file(core: Core, args: Args) -> Json:
    """File with the path to download it from; 20 MB at most."""
    file_id = args.text("file_id")
    if not file_id:
        raise bad_request("file_id not specified")
    stored = core.world.files.get(file_id)
    if stored is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if len(stored.data) > 20 << 20:
        raise bad_request("file is too big")
    return stored.as_file() | {"file_path": stored.path}


async def call(core: Core, name: str, args: Args) -> Any:
    """Run a method by name; ApiError 404 if there is none."""
    function = METHODS.get(name.lower())
    if function is None:
        raise ApiError(404, "Not Found: method not found")
    return await function(core, args)
