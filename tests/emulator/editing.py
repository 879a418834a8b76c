"""The methods that change or remove messages."""

from __future__ import annotations

from typing import Any

from .args import Args
from .core import Core
from .errors import Json, bad_request
from .keyboards import inline_only, read_markup
from .methods import method
from .sending import caption_content, text_content
from .state import Chat, Message

DELETABLE_FOR = 48 * 3600
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


def _editable(core: Core, args: Args) -> tuple[Chat, Message]:
    if args.text("inline_message_id"):
        raise bad_request("the emulator does not keep inline messages")
    chat = core.writable(args)
    message = core.find_message(chat, args.integer("message_id"), "message to edit")
    if not message.outgoing or (message.markup and inline_only(message.markup) is None):
        raise bad_request("message can't be edited")
    return chat, message


def _apply(
    core: Core, place: tuple[Chat, Message], fields: tuple[str, ...], content: Json, args: Args, name: str
) -> Json:
    """Replace `fields` by `content` and the keyboard by the given one; 400 if nothing would change."""
    chat, message = place
    markup = read_markup(args)
    if markup and inline_only(markup) is None:
        raise bad_request("inline keyboard expected")
    changed = {key: value for key, value in message.data.items() if key not in {*fields, "reply_markup"}}
    changed |= content
    if markup:
        changed["reply_markup"] = markup
    if {key: value for key, value in changed.items() if key != "edit_date"} == {
        key: value for key, value in message.data.items() if key != "edit_date"
    }:
        raise bad_request(_NOT_MODIFIED)
    message.edits.append({key: message.data.get(key) for key in ("text", "caption", "reply_markup")})
    changed["edit_date"] = int(core.clock.now())
    message.data = changed
    message.markup = markup
    core.ledger.edited(chat.id, message.id, name, f"{message.shown} {markup}")
    chat.changed()
    return changed


@method("editMessageText")
async def edit_message_text(core: Core, args: Args) -> Json:
    """New text; a keyboard not given again is removed."""
    content = text_content(args)
    place = _editable(core, args)
    if place[1].kind != "text":
        raise bad_request("there is no text in the message to edit")
    return _apply(core, place, ("text", "entities"), content, args, "editmessagetext")


@method("editMessageCaption")
async def edit_message_caption(core: Core, args: Args) -> Json:
    """New caption of a media message."""
    content = caption_content(args)
    place = _editable(core, args)
    if place[1].kind not in {"photo", "document", "voice", "audio", "video", "animation"}:
        raise bad_request("there is no caption in the message to edit")
    return _apply(core, place, ("caption", "caption_entities"), content, args, "editmessagecaption")


@method("editMessageReplyMarkup")
async def edit_message_reply_markup(core: Core, args: Args) -> Json:
    """New inline keyboard, or none."""
    return _apply(core, _editable(core, args), (), {}, args, "editmessagereplymarkup")


def _check_deletable(core: Core, chat: Chat, message: Message) -> None:
    """Own and, in private chats, incoming messages, less than 48 h old."""
    if not chat.private and not message.outgoing:
        raise bad_request("message can't be deleted")
    if core.clock.now() - message.date >= DELETABLE_FOR:
        raise bad_request("message can't be deleted for everyone")


@method("deleteMessage")
async def delete_message(core: Core, args: Args) -> bool:
    """One message."""
    chat = core.find_chat(args)
    message = core.find_message(chat, args.integer("message_id"), "message to delete")
    _check_deletable(core, chat, message)
    core.world.delete(chat, message, "bot")
    chat.changed()
    return True


def _ids(raw: Any) -> list[int]:
    if not isinstance(raw, list) or not raw:
        raise bad_request("message identifiers are not specified" if raw in (None, []) else _ARRAY)
    if len(raw) > 100:
        raise bad_request("too many message identifiers specified")
    try:
        return [int(value) for value in raw]
    except (TypeError, ValueError):
        raise bad_request("can't parse message identifier as a Number") from None


_ARRAY = "expected an Array of message identifiers"


@method("deleteMessages")
async def delete_messages(core: Core, args: Args) -> bool:
    """1 to 100; those not found are skipped, one that may not be deleted stops all."""
    ids = _ids(args.structure("message_ids", "message identifiers"))
    chat = core.find_chat(args)
    found = [chat.messages[key] for key in ids if key in chat.messages and chat.messages[key].deleted_at is None]
    for message in found:
        _check_deletable(core, chat, message)
    for message in found:
        core.world.delete(chat, message, "bot")
    chat.changed()
    return True


@method("setMessageReaction")
async def set_message_reaction(core: Core, args: Args) -> bool:
    """At most one reaction of the bot on a message."""
    reaction = args.structure("reaction", "reaction types") or []
    if not isinstance(reaction, list) or any(not isinstance(item, dict) for item in reaction):
        raise bad_request("expected an Array of ReactionType")
    if len(reaction) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    chat = core.writable(args)
    message = core.find_message(chat, args.integer("message_id"), "message to react")
    message.reaction = reaction
    chat.changed()
    return True
