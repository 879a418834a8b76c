"""The tables. People are rows without a name: a pseudonym for staff, a channel key for the sender, nothing else.

One module for each part of the product; everybody else imports from here.
"""

from bot.storage.models.base import Base, BigId, UtcDateTime
from bot.storage.models.boxes import WAITING_IN, WAITING_OUT, InboxState, InboxUpdate, OutboxMessage, OutboxState
from bot.storage.models.cases import Case, CaseHold, CaseNote, CaseState, CaseTag
from bot.storage.models.console import (
    AuditEntry,
    Correction,
    Figure,
    Role,
    SavedView,
    SignInTry,
    Staff,
    StaffSession,
    Verdict,
)
from bot.storage.models.content import (
    ContentDraft,
    ContentVersion,
    DraftState,
    LanguageCheck,
    LinkCheck,
    NativeReviewer,
    Recording,
)
from bot.storage.models.learning import Model, ModelState, QuestionState, TrainingQuestion
from bot.storage.models.news import Broadcast, BroadcastDelivery, BroadcastState, Subscription
from bot.storage.models.people import (
    FROM_PEOPLE,
    NOT_USEFUL,
    Arrival,
    Conversation,
    Direction,
    Feedback,
    Message,
    Person,
)
from bot.storage.models.sealed import Erasure, PersonKey, Purge, SealingKey

__all__ = [
    "FROM_PEOPLE",
    "NOT_USEFUL",
    "WAITING_IN",
    "WAITING_OUT",
    "Arrival",
    "AuditEntry",
    "Base",
    "BigId",
    "Broadcast",
    "BroadcastDelivery",
    "BroadcastState",
    "Case",
    "CaseHold",
    "CaseNote",
    "CaseState",
    "CaseTag",
    "ContentDraft",
    "ContentVersion",
    "Conversation",
    "Correction",
    "Direction",
    "DraftState",
    "Erasure",
    "Feedback",
    "Figure",
    "InboxState",
    "InboxUpdate",
    "LanguageCheck",
    "LinkCheck",
    "Message",
    "Model",
    "ModelState",
    "NativeReviewer",
    "OutboxMessage",
    "OutboxState",
    "Person",
    "PersonKey",
    "Purge",
    "QuestionState",
    "Recording",
    "Role",
    "SavedView",
    "SealingKey",
    "SignInTry",
    "Staff",
    "StaffSession",
    "Subscription",
    "TrainingQuestion",
    "UtcDateTime",
    "Verdict",
]
