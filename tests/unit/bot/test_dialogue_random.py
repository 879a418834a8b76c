"""From any state, any event gives a reply, help is one tap away, and nothing grows over Telegram's limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bot.dialogue import buttons
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
    PictureEvent,
    State,
    TextEvent,
)
from bot.knowledge.alerts import News
from bot.knowledge.load import load_published
from bot.knowledge.markup import faults, visible_length
from bot.nlu.parse import Clause, Parse, Reading, load_thresholds
from bot.settings import ROOT

PUBLISHED = load_published(ROOT / "content")
CONTEXT = Context(
    PUBLISHED,
    load_thresholds(),
    Moment(
        now=datetime(2026, 11, 24, 3, tzinfo=UTC),
        hotline_hours="08:30-16:30",
        reads_pictures=True,
        answers_per_minute=15,
    ),
    news=News(3, "scam", "kr", {"lo": "ຂ່າວ {contact:th_1300}", "en": "News {fact:th_visa_fee_2y}"}),
    recordings=frozenset({("passport", "lo"), ("passport", "th"), ("urgent_child", "lo")}),
)
TOPICS = list(PUBLISHED.topics)

AD = "ຮັບສະໝັກດ່ວນ ສາມຫຼ່ຽມຄຳ ບໍ່ຕ້ອງມີປະສົບການ ຍຶດພາສປອດໄວ້"
WORDS = [
    "ລາຄາເທົ່າໃດ",
    "นานไหม",
    "yu sai",
    "what papers?",
    "hide",
    "ງຽບ",
    "ເປີດສຽງ",
    "5 ພັນ",
    "20 พัน",
    "30,000",
    "๕๐๐๐ บาท",
]
TAPS_OF_FLOWS = [
    "f:path", "f:path:go", "f:path:a:where:la", "f:path:a:age:adult", "f:path:a:country:th", "f:path:a:work:house",
    "f:path:plan", "f:path:k:mou_start:0:1", "f:path:doc", "f:offer", "f:agency", "f:fee", "f:fee:k:visa",
    "f:fee:s:visa:thb:5000", "f:fee:c:visa:lak", "f:money", "f:money:a:wage:high", "f:money:ch:debt",
    "person", "person:end", "fb:passport:0", "v:passport",
]  # fmt: skip

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
        "quiet",
        "path",
        "plan",
        "offer",
        "agency",
        "fee",
        "money",
        "alerts",
        "privacy",
    ]
)


class Conversation(RuleBasedStateMachine):
    """One person who does anything at all."""

    def __init__(self) -> None:
        super().__init__()
        self.state = State()
        self.context = CONTEXT
        self.decision: Decision | None = None
        self.keyboard: tuple[tuple[str, ...], ...] | None = None

    def do(self, event: Event, parse: Parse | None = None) -> None:
        before = self.state
        decision = decide(before, event, parse, self.context)
        self.state, self.decision = State.from_json(decision.state.to_json()), decision
        for reply in decision.replies:
            self.keyboard = reply.keyboard or self.keyboard
        with_a_person = before.handed_over and decision.action == Action.TO_PERSON
        kept = decision.action is Action.NOTED or (decision.action is Action.TOO_FAST and bool(before.pace))
        assert decision.replies or with_a_person or kept, event
        assert not decision.state.quiet or all(reply.silent for reply in decision.replies)
        assert decision.action is not Action.TOO_FAST or not decision.urgent

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

    @rule(
        kind=st.sampled_from(
            ["voice", "video_note", "photo", "sticker", "document", "contact", "poll", "dice", "story"]
        ),
        caption=st.text(max_size=40),
        picture=st.booleans(),
        parse=parses,
    )
    def media(self, kind: str, caption: str, picture: bool, parse: Parse) -> None:
        self.do(MediaEvent(kind, caption, picture=picture), parse)

    @rule(text=st.text(max_size=80), problem=st.sampled_from([None, "Please type them."]), parse=parses)
    def picture_is_read(self, text: str, problem: str | None, parse: Parse) -> None:
        self.do(PictureEvent(text, problem), parse)

    @rule(data=st.sampled_from(["safe:yes", "safe:seen", "safe:no", "quiet:on", "quiet:off", "place", "listen:on"]))
    def care(self, data: str) -> None:
        self.do(ButtonEvent(data))

    @rule(data=st.sampled_from(["k:scam", "k:gone", "d:th", "d:", "q", "stop", "r:3", "r:x"]))
    def news(self, data: str) -> None:
        self.do(ButtonEvent(f"f:alerts:{data}"))

    @rule(words=st.sampled_from(WORDS), parse=parses)
    def short_words(self, words: str, parse: Parse) -> None:
        self.do(TextEvent(words), parse)

    @rule(parse=parses)
    def pass_on_an_advertisement(self, parse: Parse) -> None:
        self.do(TextEvent(AD, forwarded=True), parse)

    @rule(data=st.sampled_from(TAPS_OF_FLOWS))
    def tap_an_old_button_of_a_flow(self, data: str) -> None:
        self.do(ButtonEvent(data))

    @rule(takes=st.booleans())
    def staff(self, takes: bool) -> None:
        """What a counsellor's reply, or the end of the talk, does to the state (services/cases.py)."""
        self.state = self.state.but(handed_over=True, flow=None) if takes else self.state.but(handed_over=False)

    @rule(minutes=st.sampled_from([1, 60, 60 * 24 * 9]))
    def time_passes(self, minutes: int) -> None:
        moment = replace(self.context.moment, now=self.context.moment.now + timedelta(minutes=minutes))
        self.context = replace(self.context, moment=moment)

    @rule(moved=st.booleans())
    def place(self, moved: bool) -> None:
        self.do(LocationEvent(17.97, 102.6, moved=moved))

    @invariant()
    def help_is_one_tap_away(self) -> None:
        assert decide(self.state, ButtonEvent("sos"), None, self.context).urgent

    @invariant()
    def nobody_stands_before_a_wall(self) -> None:
        """A key or a button is there that helps, or leads to the menu, which does."""
        shown = [b.data for r in (self.decision.replies if self.decision else ()) for row in r.buttons for b in row]
        keys = [buttons.keyboard_meaning(label) for row in self.keyboard or () for label in row]
        silent = self.decision is None or not self.decision.replies
        assert silent or {"sos", "menu", "person"} & {*shown, *keys} or self.state == State(), self.decision

    @invariant()
    def telegram_takes_every_reply(self) -> None:
        for reply in self.decision.replies if self.decision else ():
            assert 0 < visible_length(reply.text) <= 4096
            assert list(faults(reply.text)) == [], reply.text
            assert all(b.label and len(b.data.encode()) <= 64 for row in reply.buttons for b in row)


Conversation.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestConversation = Conversation.TestCase
