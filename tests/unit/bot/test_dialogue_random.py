"""From any state, any event gives a reply, help is one tap away, and nothing grows over Telegram's limits."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bot.dialogue.engine import Context, decide
from bot.dialogue.types import (
    Action,
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
from bot.knowledge.load import load_published
from bot.knowledge.markup import faults, visible_length
from bot.nlu.parse import Clause, Parse, Reading, load_thresholds
from bot.settings import ROOT

PUBLISHED = load_published(ROOT / "content")
CONTEXT = Context(
    PUBLISHED, load_thresholds(), Moment(now=datetime(2026, 11, 24, 3, tzinfo=UTC), hotline_hours="08:30-16:30")
)
TOPICS = list(PUBLISHED.topics)

readings = st.lists(
    st.builds(Reading, st.sampled_from(TOPICS), st.floats(0, 1)), min_size=1, max_size=5, unique_by=lambda r: r.intent
).map(lambda rs: tuple(sorted(rs, key=lambda r: -r.confidence)))
parses = st.builds(
    Parse,
    ranking=readings,
    form=st.sampled_from(["lao", "thai", "roman", "thaiscript", "karaoke", "english", "mixed", None]),
    language=st.sampled_from(["lo", "th", "en", None]),
    urgent_score=st.floats(0, 1),
    lexicon=st.sampled_from([(), ("urgent_child",)]),
    clauses=st.lists(st.builds(Clause, st.sampled_from(TOPICS), st.floats(0, 1), st.floats(0, 1)), max_size=3).map(
        tuple
    ),
    source=st.sampled_from(["model", "keywords"]),
)
names = st.sampled_from(
    [
        "start",
        "help",
        "menu",
        "sos",
        "person",
        "language",
        "forget",
        "hide",
        "stop",
        "path",
        "plan",
        "offer",
        "agency",
        "fee",
        "money",
    ]
)


class Conversation(RuleBasedStateMachine):
    """One person who does anything at all."""

    def __init__(self) -> None:
        super().__init__()
        self.state = State()
        self.decision: Decision | None = None

    def do(self, event: Event, parse: Parse | None = None) -> None:
        before = self.state
        decision = decide(before, event, parse, CONTEXT)
        self.state, self.decision = State.from_json(decision.state.to_json()), decision
        with_a_person = before.handed_over and decision.action == Action.TO_PERSON
        assert decision.replies or with_a_person, event

    @rule(text=st.text(max_size=300), parse=parses, forwarded=st.booleans())
    def write(self, text: str, parse: Parse, forwarded: bool) -> None:
        self.do(TextEvent(text, forwarded=forwarded), parse)

    @rule(data=st.text(max_size=30) | st.sampled_from(TOPICS).map("t:{}".format))
    def tap_anything(self, data: str) -> None:
        self.do(ButtonEvent(data))

    @rule(pick=st.integers(0, 200))
    def tap_what_is_shown(self, pick: int) -> None:
        shown = [
            b for r in (self.decision.replies if self.decision else ()) for row in r.buttons for b in row if b.data
        ]
        if shown:
            self.do(ButtonEvent(shown[pick % len(shown)].data))

    @rule(name=names | st.text(max_size=10), args=st.text(max_size=20) | st.just("topic_passport"))
    def command(self, name: str, args: str) -> None:
        self.do(CommandEvent(name, args))

    @rule(kind=st.sampled_from(["voice", "photo", "sticker", "document", "contact"]))
    def media(self, kind: str) -> None:
        self.do(MediaEvent(kind))

    @rule()
    def place(self) -> None:
        self.do(LocationEvent(17.97, 102.6))

    @invariant()
    def help_is_one_tap_away(self) -> None:
        assert decide(self.state, ButtonEvent("sos"), None, CONTEXT).urgent

    @invariant()
    def telegram_takes_every_reply(self) -> None:
        for reply in self.decision.replies if self.decision else ():
            assert 0 < visible_length(reply.text) <= 4096
            assert list(faults(reply.text)) == [], reply.text
            assert all(b.label and len(b.data.encode()) <= 64 for row in reply.buttons for b in row)


Conversation.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestConversation = Conversation.TestCase
