"""All flows by name, and the commands and buttons that begin them."""

from __future__ import annotations

from typing import Protocol

from bot.dialogue.context import Context
from bot.dialogue.flows.agency import AgencyFlow
from bot.dialogue.flows.alerts import AlertsFlow
from bot.dialogue.flows.fee import FeeFlow
from bot.dialogue.flows.money import MoneyFlow
from bot.dialogue.flows.offer import OfferFlow
from bot.dialogue.flows.path import PathFlow
from bot.dialogue.types import Decision, State
from bot.nlu.parse import Parse


class Flow(Protocol):
    """What a flow can do."""

    name: str

    def start(self, state: State, args: str, context: Context) -> Decision:
        """Begin, or go on where the person left off."""

    def tap(self, state: State, rest: str, context: Context) -> Decision:
        """A button of this flow; buttons of older questions must be answered too."""

    def words(self, state: State, text: str, parse: Parse, context: Context) -> Decision | None:
        """Words while this flow is open; None = they do not belong to it, treat them as a question."""


FLOWS: dict[str, Flow] = {
    "path": PathFlow(),
    "offer": OfferFlow(),
    "agency": AgencyFlow(),
    "fee": FeeFlow(),
    "money": MoneyFlow(),
    "alerts": AlertsFlow(),
}
"""One line a flow."""
