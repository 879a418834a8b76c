"""The parts of one emulator joined together, and what the methods and the control side both need."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from .args import Args
from .config import Clock, Options
from .errors import ApiError, Json, bad_request, forbidden
from .faults import Faults
from .flood import Flood
from .ledger import Ledger, Record
from .polling import Poller
from .state import Chat, Message, World
from .updates import DEFAULT_KINDS, KINDS, Queued, UpdateQueue

_CHAT_ID = re.compile(r"\s*([+-]?\d+)")
EXPECTING = frozenset({"message", "callback_query", "inline_query"})


@dataclass(slots=True)
class Webhook:
    """What setWebhook was given."""

    url: str = ""
    secret_token: str = ""
    max_connections: int = 40
    ip_address: str = ""
    has_certificate: bool = False
    last_error_date: int = 0
    last_error_message: str = ""


@dataclass(slots=True)
class Query:
    """A callback or inline query that waits for its answer."""

    kind: str
    user_id: int
    made_at: float
    answer: Json | None = None
    answers: int = 0


@dataclass(slots=True)
class Profile:
    """Texts and commands of the bot, by language code (and scope)."""

    names: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    menu_button: Json = field(default_factory=lambda: {"type": "commands"})


class Core:
    """State and rules of one bot's Bot API server."""

    def __init__(self, options: Options, clock: Clock) -> None:
        self.options = options
        self.clock = clock
        self.world = World(options, clock)
        self.ledger = Ledger(options, clock)
        self.queue = UpdateQueue(options, clock, self.ledger.gone)
        self.poller = Poller(self.queue, self.ledger)
        self.flood = Flood(clock, options.flood)
        self.faults = Faults(options.seed)
        self.webhook = Webhook()
        self.next_set_webhook = 0.0
        self.queries: dict[str, Query] = {}
        self.profile = Profile()
        self.allowed: frozenset[str] = DEFAULT_KINDS
        self.requests: deque[Json] = deque(maxlen=options.log_limit)
        self.methods: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.deliver: Callable[[Queued], None] | None = None
        """Set while a webhook is active."""
        self.restart_webhook: Callable[[], Awaitable[None]] | None = None
        """Starts or stops delivery after `webhook` changed; set by the server."""

    # updates ---------------------------------------------------------------------------------

    def push(
        self,
        kind: str,
        content: Json,
        *,
        chat_id: int,
        ttl: float | None = None,
        queue_key: str = "",
        text: str = "",
        message_id: int | None = None,
        query_id: str = "",
        expects_answer: bool | None = None,
    ) -> int | None:
        """Queue one update; returns its id, or None when its kind is not among allowed_updates."""
        if kind in KINDS and kind not in self.allowed:
            self.ledger.count["not_allowed"] += 1
            return None
        key = queue_key or str(chat_id)
        payload = {kind: content} if kind else content
        queued = self.queue.push(payload, self.options.message_ttl if ttl is None else ttl, key)
        if queued is None:
            self.ledger.count["queue_full"] += 1
            return None
        expects = kind in EXPECTING if expects_answer is None else expects_answer
        record = Record(queued.id, kind, chat_id, key, self.clock.now(), expects)
        self.ledger.made(record, text, message_id, query_id)
        if self.deliver is not None:
            self.deliver(queued)
        else:
            self.poller.wake()
        return queued.id

    def set_allowed(self, args: Args) -> None:
        """allowed_updates of getUpdates, setWebhook: kept until given anew; an empty list is the default."""
        if not args.has("allowed_updates"):
            return
        try:
            given = args.structure("allowed_updates", "allowed updates")
        except ApiError:  # what cannot be read is ignored (Client.cpp get_allowed_update_types)
            return
        if not isinstance(given, list) or any(not isinstance(name, str) for name in given):
            return
        self.allowed = frozenset(name.lower() for name in given) or DEFAULT_KINDS

    # chats and messages ----------------------------------------------------------------------

    def find_chat(self, args: Args, name: str = "chat_id") -> Chat:
        """The chat an argument names; 400 if there is none (Client.cpp check_chat)."""
        raw = args.text(name)
        if not raw:
            raise bad_request("chat_id is empty")
        if raw.startswith("@"):
            chat = self.world.by_username.get(raw[1:].lower())
        else:
            match = _CHAT_ID.match(raw)
            chat = self.world.chats.get(int(match.group(1))) if match else None
        if chat is None:
            raise bad_request("chat not found")
        return chat

    def writable(self, args: Args) -> Chat:
        """The chat to write to; 403 if the person or group does not let the bot (check_chat_access)."""
        chat = self.find_chat(args)
        if not chat.private:
            kind = f"{chat.data['type']} chat"
            if chat.bot_status == "kicked":
                raise forbidden(f"bot was kicked from the {kind}")
            if chat.bot_status == "left":
                raise forbidden(f"bot is not a member of the {kind}")
            return chat
        person = self.world.persons[chat.id]
        if person.deactivated:
            raise forbidden("user is deactivated")
        if person.blocked:
            raise forbidden("bot was blocked by the user")
        if not person.started:
            raise forbidden("bot can't initiate conversation with a user")
        return chat

    def find_message(self, chat: Chat, message_id: int, what: str) -> Message:
        """A message that is still there; 400 "<what> not found" (Client.cpp check_message)."""
        message = chat.messages.get(message_id)
        if message is None or message.deleted_at is not None:
            raise bad_request(f"{what} not found")
        return message

    def open_query(self, query_id: str, kind: str) -> Query:
        """A query not older than 150 s; else 400."""
        query = self.queries.get(query_id)
        if query is None or query.kind != kind or self.clock.now() - query.made_at > self.options.query_ttl:
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        return query

    # figures ---------------------------------------------------------------------------------

    def stats(self) -> Json:
        """All counts at this moment."""
        self.queue.expire()
        count = self.ledger.count
        names = [
            "made",
            "delivered",
            "deliveries",
            "redelivered",
            "acknowledged",
            "expired",
            "dropped",
            "answered",
            "answers",
            "lost",
            "duplicates",
            "order_violations",
            "queue_order_violations",
            "not_allowed",
            "queue_full",
            "webhook_posts",
            "webhook_failures",
        ]
        return {
            **{name: count[name] for name in names},
            "pending": len(self.queue),
            "messages_sent": count["messages_sent"],
            "conflicts": self.poller.conflicts,
            "methods": dict(self.methods),
            "errors": dict(self.errors),
            "faults": dict(self.faults.struck),
            "violations": len(self.flood.violations),
            "max_per_second": max(self.flood.sent_per_second.values(), default=0),
        }
