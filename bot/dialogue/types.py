"""What goes into a decision and what comes out of it. Channel-neutral: no Telegram, no database."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

# ------------------------------------------------------------------ events


@dataclass(frozen=True)
class TextEvent:
    """Somebody wrote something. `edited` when an earlier message was changed."""

    text: str
    edited: bool = False
    forwarded: bool = False


@dataclass(frozen=True)
class ButtonEvent:
    """A button under one of our messages was tapped; `data` is what we put into it."""

    data: str
    message_id: int | None = None


@dataclass(frozen=True)
class CommandEvent:
    """A command such as /start, with what stood behind it."""

    name: str
    args: str = ""


@dataclass(frozen=True)
class MediaEvent:
    """A voice message, photo, sticker, document, contact ...; `caption` is its text."""

    kind: str
    caption: str = ""
    file_id: str | None = None
    picture: bool = False
    """Something that can be looked at for words: a photo, or a document that is a picture."""


@dataclass(frozen=True)
class LocationEvent:
    """Where the person is, sent on purpose. `moved`: a place that is shared live, again."""

    latitude: float
    longitude: float
    moved: bool = False


@dataclass(frozen=True)
class PictureEvent:
    """The words of a picture that was sent before, or why there are none (`problem`, for the person)."""

    text: str = ""
    problem: str | None = None
    caption: str = ""


Event = TextEvent | ButtonEvent | CommandEvent | MediaEvent | LocationEvent | PictureEvent


# ------------------------------------------------------------------ replies


@dataclass(frozen=True)
class Button:
    """A button under a message: `data` comes back when it is tapped (at most 64 bytes), or `url` opens."""

    label: str
    data: str = ""
    url: str = ""


TAPPED = 0
"""Stands for the message whose button was tapped; the engine knows its number."""


@dataclass(frozen=True)
class Reply:
    """One message to the person, in Telegram's HTML subset."""

    text: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    keyboard: tuple[tuple[str, ...], ...] | None = None
    """Labels of the keyboard that stays under the input field; None leaves it as it is."""
    silent: bool = False
    protect: bool = False
    urgent: bool = False
    ask_location: bool = False
    """The first label of the keyboard sends the person's place."""
    document: dict[str, Any] | None = None
    """What bot/knowledge/plan_document.py draws; sent as a file with the text as caption."""
    picture: dict[str, Any] | None = None
    """What bot/knowledge/budget_picture.py draws; sent as a photo with the text as caption."""
    voice: dict[str, str] | None = None
    """Topic and language of the recording that is sent as a voice message, with the text as caption."""
    replaces: int | None = None
    """Number of our message that this one takes the place of; TAPPED while the flow decides."""

    def to_json(self) -> dict[str, Any]:
        """The reply as stored in the outbox; only what differs from the defaults."""
        values = asdict(self)
        return {f.name: values[f.name] for f in fields(self) if values[f.name] != f.default}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Reply:
        """The reply from what `to_json` gave."""
        known = {f.name for f in fields(cls)}
        kept = {k: v for k, v in value.items() if k in known}
        kept["buttons"] = tuple(tuple(Button(**b) for b in row) for row in kept.get("buttons", ()))
        if kept.get("keyboard") is not None:
            kept["keyboard"] = tuple(tuple(row) for row in kept["keyboard"])
        return cls(**kept)


class Action(StrEnum):
    """What the bot did with a message."""

    ANSWER = "answer"
    OFFER = "offer"
    HELP_CARD = "help_card"
    SMALL_TALK = "small_talk"
    OUT_OF_SCOPE = "out_of_scope"
    NOT_UNDERSTOOD = "not_understood"
    FLOW = "flow"
    TO_PERSON = "to_person"
    LATER = "later"
    BUTTON = "button"
    READING = "reading"
    """A picture that is being looked at; services/pictures.py answers when its words are there."""
    NOTED = "noted"
    """Kept for staff; nothing is said."""
    TOO_FAST = "too_fast"
    """More than anybody can read: kept, not answered."""


# ------------------------------------------------------------------ effects


@dataclass(frozen=True)
class OpenCase:
    """Put the chat into the hotline's queue."""

    topic: str | None
    urgent: bool


@dataclass(frozen=True)
class CloseCase:
    """The person ends the talk with the hotline."""


@dataclass(frozen=True)
class GiveFeedback:
    """Was the answer useful?"""

    topic: str
    useful: bool


@dataclass(frozen=True)
class HideChat:
    """Delete from the phone what Telegram lets a bot delete."""


@dataclass(frozen=True)
class ForgetPerson:
    """Erase the person from the database."""


@dataclass(frozen=True)
class NoteForStaff:
    """A line that counsellors find at the open case; in Lao, as the hotline speaks it."""

    text: str


@dataclass(frozen=True)
class AnswerLater:
    """The model is away: answer this message when it is back."""


@dataclass(frozen=True)
class Arrive:
    """The person came by the link or QR code of this source; counted once a person and source."""

    source: str


@dataclass(frozen=True)
class KeepAlerts:
    """What news the person wants from now on, as (kind, destination); "" = any country. Nothing else stays."""

    wanted: tuple[tuple[str, str], ...]


Effect = (
    KeepAlerts | Arrive | OpenCase | CloseCase | GiveFeedback | HideChat | ForgetPerson | NoteForStaff | AnswerLater
)


# ------------------------------------------------------------------ state and decision


@dataclass(frozen=True)
class State:
    """What the dialogue remembers of a person; kept in the database, so a restart forgets nothing."""

    language: str | None = None
    language_chosen: bool = False
    asked_language: bool = False
    started: bool = False
    knows_privacy: bool = False
    """What is kept and who reads it was said."""
    where: str | None = None
    topic: str | None = None
    offered: tuple[str, ...] = ()
    handed_over: bool = False
    asked_danger: float | None = None
    """When it was asked last, since the hand-over, whether there is danger; too often would disturb the talk."""
    quiet: bool = False
    """No sound, and nothing that stands out on the screen: somebody else may look at the phone."""
    listen: bool = False
    """Answers are sent as a recording too, when there is one."""
    pace: tuple[float, float, bool] | None = None
    """Answers that are left, when that was so, and whether the person was asked to slow down; see pace.py."""
    flow: dict[str, Any] | None = None
    flows: dict[str, Any] = field(default_factory=dict)
    """What finished or paused flows left behind (plan, ticked steps), by flow name."""

    def to_json(self) -> dict[str, Any]:
        """The state as stored; only what differs from a new person's."""
        blank = State()
        return {f.name: v for f in fields(self) if (v := getattr(self, f.name)) != getattr(blank, f.name)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> State:
        """The state from what `to_json` gave; unknown keys of older versions are dropped."""
        known = {f.name for f in fields(cls)}
        kept = {k: v for k, v in value.items() if k in known}
        if "offered" in kept:
            kept["offered"] = tuple(kept["offered"])
        if kept.get("pace"):
            kept["pace"] = tuple(kept["pace"])
        return cls(**kept)

    def but(self, **changes: Any) -> State:
        """A copy with changes."""
        return replace(self, **changes)


@dataclass(frozen=True)
class Decision:
    """The new state, what is said, what else happens, and what is written beside the message in the transcript."""

    state: State
    replies: tuple[Reply, ...] = ()
    effects: tuple[Effect, ...] = ()
    action: Action = Action.BUTTON
    topic: str | None = None
    urgent: bool = False
    danger_check: bool = False


@dataclass(frozen=True)
class Moment:
    """What is true outside of the person: the time, and whether and when the hotline answers."""

    now: datetime
    hotline_open: bool = False
    hotline_hours: str = ""
    waiting_minutes: int | None = None
    organisation: str = ""
    reads_pictures: bool = False
    """Whether this computer can read the words in a picture."""
    keep_messages_days: int = 30
    keep_cases_days: int = 30
    answers_per_minute: int = 0
    """How many answers one person gets a minute; 0 = any number."""
