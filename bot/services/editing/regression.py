"""A conversation as a regression test: masked words, what the model said then, and what the bot must do again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import yaml

from bot.dialogue.context import Context
from bot.dialogue.engine import decide
from bot.dialogue.types import (
    ButtonEvent,
    CommandEvent,
    Decision,
    Event,
    LocationEvent,
    MediaEvent,
    Moment,
    State,
    TextEvent,
)
from bot.knowledge.model import Published
from bot.masking import mask
from bot.nlu.lexicon import SafetyLexicon, safety_lexicon
from bot.nlu.parse import Parse, Reading
from bot.storage.models import Direction, Message
from nlu.text.scripts import detect_form, speaker_language
from nlu.text.zones import Thresholds

SPOKEN = ("text", "edited")


def as_test(name: str, messages: Sequence[Message]) -> dict[str, Any]:
    """The test of a conversation. Numbers are masked; what only the phone knows (voice, place) keeps its kind alone."""
    turns = [_turn(message) for message in messages if message.direction == Direction.IN]
    return {"name": name, "turns": turns}


def _turn(message: Message) -> dict[str, Any]:
    turn: dict[str, Any] = {"kind": message.kind}
    if message.kind in (*SPOKEN, "button", "command"):
        turn["say"] = mask(message.text)
    if message.kind in SPOKEN and message.alternatives:
        turn["parse"] = {"ranking": [[intent, value] for intent, value in message.alternatives]}
    turn["expect"] = {"action": message.action, "urgent": bool(message.urgent)}
    if message.urgent and message.intent:
        turn["expect"]["topic"] = message.intent
    return turn


def dump(test: dict[str, Any]) -> str:
    """The file's text."""
    return yaml.safe_dump(test, allow_unicode=True, sort_keys=False, width=118)


def replay(test: dict[str, Any], published: Published, thresholds: Thresholds, now: datetime) -> list[str]:
    """Play it again; returns what is different, turn by turn (empty = all is as it was)."""
    state, lexicon, different = State(), safety_lexicon(), []
    context = Context(published, thresholds, Moment(now))
    for number, turn in enumerate(test["turns"], 1):
        event = _event(turn)
        decision = decide(state, event, _parse(turn, lexicon), context)
        state = decision.state
        for what, wanted in turn["expect"].items():
            got = _got(decision, what)
            if got != wanted:
                different.append(f"turn {number} ({turn.get('say', turn['kind'])!r}): {what} {got!r}, not {wanted!r}")
    return different


def _got(decision: Decision, what: str) -> Any:
    if what == "says":
        return next((reply.text for reply in decision.replies), "")
    value = getattr(decision, what)
    return str(value) if what == "action" else value


def _event(turn: dict[str, Any]) -> Event:
    said = str(turn.get("say", ""))
    match turn["kind"]:
        case "text" | "edited":
            return TextEvent(said, edited=turn["kind"] == "edited")
        case "button":
            return ButtonEvent(said)
        case "command":
            name, _, args = said.removeprefix("/").partition(" ")
            return CommandEvent(name, args)
        case "location":
            return LocationEvent(0.0, 0.0)
    return MediaEvent(str(turn["kind"]))


def _parse(turn: dict[str, Any], lexicon: SafetyLexicon) -> Parse | None:
    if turn["kind"] not in SPOKEN:
        return None
    said = str(turn.get("say", ""))
    seen = lexicon.look(said)
    recorded = turn.get("parse") or {}
    return Parse(
        ranking=tuple(Reading(str(intent), float(value)) for intent, value in recorded.get("ranking", ())),
        form=detect_form(said)[0],
        language=speaker_language(said),
        urgent_score=float(recorded.get("urgent_score", _urgent(recorded))),
        lexicon=seen.sure,
        lexicon_possible=seen.possible,
        source="model" if recorded else "keywords",
    )


def _urgent(recorded: dict[str, Any]) -> float:
    """All urgent topics together, as the model counts them; the transcript keeps the likeliest topics only."""
    ranking = recorded.get("ranking", ())
    return min(1.0, sum(float(value) for intent, value in ranking if str(intent).startswith("urgent_")))
