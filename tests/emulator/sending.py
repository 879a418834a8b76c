"""The sending methods: sendMessage, media, locations, albums, forwards and copies."""

from __future__ import annotations

from typing import Any

from .args import Args, Upload
from .core import Core
from .errors import Json, bad_request
from .keyboards import inline_only, read_markup
from .markup import formatted, utf16_length
from .methods import METHODS, method
from .state import Chat, Message, StoredFile

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
UPLOAD_LIMIT = 50 << 20
ACTIONS = frozenset(
    [
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
        "record_audio",
        "upload_audio",
    ]
)
MEDIA = {
    "photo": ("photos", "image/jpeg", "photo.jpg"),
    "document": ("documents", "application/octet-stream", "file.bin"),
    "voice": ("voice", "audio/ogg", "voice.oga"),
    "audio": ("music", "audio/mpeg", "audio.mp3"),
    "video": ("videos", "video/mp4", "video.mp4"),
    "animation": ("animations", "video/mp4", "animation.mp4"),
    "sticker": ("stickers", "image/webp", "sticker.webp"),
}


def text_content(args: Args) -> Json:
    """The fields text and entities; 400 if empty or longer than 4096 UTF-16 units."""
    if not args.text("text"):
        raise bad_request("message text is empty")
    text, entities = formatted(args.text("text"), args.text("parse_mode"), args.structure("entities", "entities"))
    if not text:
        raise bad_request("text must be non-empty")
    if utf16_length(text) > TEXT_LIMIT:
        raise bad_request("message is too long")
    return {"text": text, "entities": entities} if entities else {"text": text}


def caption_content(args: Args) -> Json:
    """The fields caption and caption_entities, or nothing; 400 if longer than 1024 UTF-16 units."""
    if not args.text("caption"):
        return {}
    given = args.structure("caption_entities", "caption entities")
    text, entities = formatted(args.text("caption"), args.text("parse_mode"), given)
    if utf16_length(text) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    if not text:
        return {}
    return {"caption": text, "caption_entities": entities} if entities else {"caption": text}


def media_content(stored: StoredFile, kind: str, args: Args) -> Json:
    """The field of a media message, such as photo or voice, for the bot and for persons alike."""
    base = stored.as_file()
    if kind == "photo":
        sizes = ((90, 60), (800, 533))
        return {"photo": [base | {"width": width, "height": height} for width, height in sizes]}
    extra: Json = {"mime_type": stored.mime_type}
    if kind in {"document", "audio", "video", "animation"}:
        extra["file_name"] = stored.name
    if kind in {"voice", "audio", "video", "animation"}:
        extra["duration"] = args.integer("duration", 1)
    if kind in {"video", "animation"}:
        extra |= {"width": 640, "height": 360}
    if kind == "sticker":
        extra = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
    content: Json = {kind: base | extra}
    if kind == "animation":
        content["document"] = base | {"mime_type": stored.mime_type, "file_name": stored.name}
    return content


def resolve_file(core: Core, args: Args, name: str, kind: str, value: str | None = None) -> StoredFile:
    """An upload, an attach:// reference, a known file_id or a URL -> stored file; else 400."""
    given = args.text(name) if value is None else value
    upload: Upload | None = args.files.get(name) if value is None else None
    if given.startswith("attach://"):
        upload = args.files.get(given.removeprefix("attach://"))
    folder, mime_type, default_name = MEDIA[kind]
    if upload is not None:
        if not upload.data:
            raise bad_request("file must be non-empty")
        if len(upload.data) > (10 << 20 if kind == "photo" else UPLOAD_LIMIT):
            raise bad_request("file is too big")
        mime = upload.content_type or mime_type
        return core.world.add_file(upload.data, folder, upload.filename or default_name, mime)
    if not given:
        raise bad_request(f"there is no {kind} in the request")
    if given.startswith(("http://", "https://")):
        return core.world.add_file(given.encode(), folder, default_name, mime_type)
    stored = core.world.files.get(given)
    if stored is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    return stored


def _replied(core: Core, chat: Chat, args: Args) -> int | None:
    parameters = args.structure("reply_parameters", "reply parameters") or {}
    if not isinstance(parameters, dict):
        raise bad_request("object expected as reply parameters")
    message_id = int(parameters.get("message_id") or args.integer("reply_to_message_id"))
    if not message_id:
        return None
    message = chat.messages.get(message_id)
    if message is not None and message.deleted_at is None:
        return message_id
    if parameters.get("allow_sending_without_reply") or args.flag("allow_sending_without_reply"):
        return None
    raise bad_request("message to be replied not found")


def deliver(core: Core, args: Args, kind: str, content: Json, name: str) -> Message:
    """Put a message of the bot into the chat and tell everyone who counts or waits."""
    markup = read_markup(args)
    chat = core.writable(args)
    reply_to = _replied(core, chat, args)
    shown = inline_only(markup)
    if args.flag("protect_content"):
        content = content | {"has_protected_content": True}
    if shown:
        content = content | {"reply_markup": shown}
    message = core.world.put(chat, core.world.bot, content, kind, reply_to)
    message.markup = markup
    message.silent = args.flag("disable_notification")
    message.protected = args.flag("protect_content")
    message.no_preview = _no_preview(args)
    if markup and "keyboard" in markup:
        chat.reply_keyboard = markup
    elif markup and "remove_keyboard" in markup:
        chat.reply_keyboard = None
    core.ledger.count["messages_sent"] += 1
    core.ledger.sent(chat.id, name, message.shown or kind, reply_to)
    chat.changed()
    return message


def _no_preview(args: Args) -> bool:
    options = args.structure("link_preview_options", "link preview options")
    if isinstance(options, dict):
        return bool(options.get("is_disabled"))
    return args.flag("disable_web_page_preview")


@method("sendMessage")
async def send_message(core: Core, args: Args) -> Json:
    """Text with entities."""
    return deliver(core, args, "text", text_content(args), "sendmessage").data


def _media_method(kind: str) -> None:
    async def send(core: Core, args: Args) -> Json:
        caption = {} if kind == "sticker" else caption_content(args)
        core.find_chat(args)
        stored = resolve_file(core, args, kind, kind)
        return deliver(core, args, kind, media_content(stored, kind, args) | caption, f"send{kind}").data

    METHODS[f"send{kind}"] = send


for _kind in MEDIA:
    _media_method(_kind)


@method("sendLocation")
async def send_location(core: Core, args: Args) -> Json:
    """A point on the map."""
    point: Json = {}
    for name, limit in (("latitude", 90), ("longitude", 180)):
        if not args.text(name):
            raise bad_request(f"{name} is empty")
        value = args.number(name)
        if value is None or abs(value) > limit:
            raise bad_request("wrong coordinates specified" if value is not None else f"{name} is empty")
        point[name] = value
    return deliver(core, args, "location", {"location": point}, "sendlocation").data


@method("sendContact")
async def send_contact(core: Core, args: Args) -> Json:
    """A phone number with a name."""
    if not args.text("phone_number") or not args.text("first_name"):
        raise bad_request("phone number and first name must be non-empty")
    contact = {name: args.text(name) for name in ("phone_number", "first_name", "last_name") if args.text(name)}
    return deliver(core, args, "contact", {"contact": contact}, "sendcontact").data


@method("sendMediaGroup")
async def send_media_group(core: Core, args: Args) -> list[Json]:
    """2 to 10 items of photo, video, document or audio."""
    media = args.structure("media", "input media")
    if not isinstance(media, list):
        raise bad_request("expected an Array of InputMedia")
    if not 2 <= len(media) <= 10:
        raise bad_request("group must include 2-10 items")
    core.writable(args)
    group = core.world.number()
    prepared: list[tuple[str, Json, Args]] = []
    for item in media:
        kind = item.get("type", "") if isinstance(item, dict) else ""
        if kind not in {"photo", "video", "document", "audio"}:
            raise bad_request("can't use the media of the specified type in the album")
        own = Args({**args.values, **item, "reply_markup": None}, args.files)
        stored = resolve_file(core, own, "media", kind, str(item.get("media", "")))
        prepared.append((kind, media_content(stored, kind, own) | caption_content(own), own))
    return [
        deliver(core, own, kind, content | {"media_group_id": group}, "sendmediagroup").data
        for kind, content, own in prepared
    ]


@method("sendChatAction")
async def send_chat_action(core: Core, args: Args) -> bool:
    """Shown for 5 s in the chat; kept in the view."""
    action = args.text("action").lower()
    if action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat = core.writable(args)
    chat.actions.append({"action": action, "time": core.clock.now()})
    chat.changed()
    return True


def _source(core: Core, args: Args, what: str) -> Message:
    chat = core.find_chat(args, "from_chat_id")
    return core.find_message(chat, args.integer("message_id"), what)


def _content(message: Message) -> Json:
    skipped = {
        "message_id",
        "from",
        "chat",
        "date",
        "edit_date",
        "reply_markup",
        "reply_to_message",
        "forward_origin",
    }
    return {key: value for key, value in message.data.items() if key not in skipped}


@method("forwardMessage")
async def forward_message(core: Core, args: Args) -> Json:
    """With the origin; not from protected messages."""
    source = _source(core, args, "message to forward")
    if source.protected:
        raise bad_request("message can't be forwarded")
    origin = source.data.get("forward_origin") or {
        "type": "user",
        "date": source.date,
        "sender_user": source.data["from"],
    }
    content = _content(source) | {"forward_origin": origin}
    return deliver(core, args, source.kind, content, "forwardmessage").data


@method("copyMessage")
async def copy_message(core: Core, args: Args) -> Json:
    """Without the origin; a new caption may be given."""
    source = _source(core, args, "message to copy")
    if source.protected:
        raise bad_request("message can't be copied")
    content: Json = _content(source)
    if args.has("caption") and source.kind != "text":
        content = {key: value for key, value in content.items() if not key.startswith("caption")}
        content |= caption_content(args)
    return {"message_id": deliver(core, args, source.kind, content, "copymessage").id}


def message_count(name: str, args: Args) -> int:
    """How many messages a call sends; 0 for one that sends none (flood limits)."""
    if name == "sendchataction" or not name.startswith(("send", "forwardmessage", "copymessage")):
        return 0
    media: Any = args.structure("media", "input media") if name == "sendmediagroup" else None
    return len(media) if isinstance(media, list) else 1
