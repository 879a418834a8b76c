"""Check an offer: somebody pastes or forwards a job advertisement and reads what is wrong with it.

The flow waits for the words (`state.flow = {"name": "offer"}`); nothing of the advertisement is kept. An advertisement
that comes without asking is noticed too (`noticed`, called by words.py behind everything urgent).
"""

from __future__ import annotations

from bot.dialogue import buttons
from bot.dialogue.context import Context
from bot.dialogue.respond import topic_answer
from bot.dialogue.types import Action, Button, Decision, Reply, State
from bot.i18n import translator
from bot.knowledge.offer import OfferReport, asks, examine, looks_like_offer, recruits
from bot.knowledge.offer_report import related_topics, report_text
from bot.nlu.parse import Parse

NAME, TOPIC = "offer", "check_offer"
TOO_SHORT = 40
"""Fewer signs without a single flag are a question or a greeting, no advertisement."""


class OfferFlow:
    """See the module."""

    name: str = NAME

    def start(self, state: State, args: str, context: Context) -> Decision:
        """Ask for the advertisement, or look at the one that stands behind the command."""
        if context.published.offer_flags is None:
            return topic_answer(state, TOPIC, None, context)
        if len(args) >= TOO_SHORT:
            return checked(state, args, context)
        t = translator(context.language(state))
        text = t("Paste or forward the whole advertisement here. First take out your own names and numbers.")
        text += " " + (
            t("You can also send a screenshot of it.")
            if context.moment.reads_pictures
            else t("I cannot read pictures here: type the words in them.")
        )
        reply = Reply("🔍 " + text, ((buttons.menu(t), buttons.person(t)), (buttons.sos(t),)))
        return Decision(state.but(flow={"name": NAME}, topic=TOPIC), (reply,), action=Action.FLOW, topic=TOPIC)

    def tap(self, state: State, rest: str, context: Context) -> Decision:
        """The flow has one button, which begins it."""
        return self.start(state, "", context)

    def words(self, state: State, text: str, parse: Parse, context: Context) -> Decision | None:
        """The advertisement; a short question without a sign of one is answered as a question."""
        flags = context.published.offer_flags
        if flags is None:
            return None
        report = examine(text, flags, context.published.facts)
        question = len(text.strip()) < TOO_SHORT or asks(text)
        if question and not report.flags and not looks_like_offer(text, flags):
            return None
        return _reported(state, report, context)


def noticed(state: State, text: str, context: Context, *, forwarded: bool = False) -> Decision | None:
    """The report when somebody passed on an advertisement without a word; None for other texts."""
    flags = context.published.offer_flags
    if flags is None:
        return None
    if looks_like_offer(text, flags, forwarded=forwarded):
        return checked(state, text, context)
    if not forwarded or len(text.strip()) < TOO_SHORT or not recruits(text, flags):
        return None
    report = examine(text, flags, context.published.facts)  # two lines with two signs are an advertisement too
    return _reported(state, report, context) if len(report.flags) >= 2 else None


def checked(state: State, text: str, context: Context) -> Decision:
    """The report on an advertisement."""
    flags = context.published.offer_flags
    if flags is None:
        return topic_answer(state, TOPIC, None, context)
    return _reported(state, examine(text, flags, context.published.facts), context)


def _reported(state: State, report: OfferReport, context: Context) -> Decision:
    published, code = context.published, context.language(state)
    text = report_text(report, published, code, context.moment.now.date())
    open_now = (state.flow or {}).get("name") == NAME
    kept = state.but(topic=TOPIC, offered=(), flow=None if open_now else state.flow)
    return Decision(kept, (Reply(text, _next_steps(report, context, code)),), action=Action.ANSWER, topic=TOPIC)


def _next_steps(report: OfferReport, context: Context, code: str) -> tuple[tuple[Button, ...], ...]:
    t, published = translator(code), context.published
    topics = [*related_topics(report, published), *(["check_agency"] if "check_agency" in published.answers else [])]
    rows = [(buttons.topic(published, topic, code),) for topic in topics]
    again = Button("🔍 " + t("Check another offer"), f"f:{NAME}")
    return (*rows, (again,), (buttons.person(t), buttons.menu(t)), (buttons.sos(t),))
