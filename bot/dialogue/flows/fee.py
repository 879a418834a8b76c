"""Is this fee right: what somebody asks for, beside the official price, and what to do next.

Everything works by tapping; sums may be typed too. While the flow waits `state.flow` holds {"name": "fee"} and what is
known so far: `kind` (an id of fees.yml) or `asked` ([value, currency]). Nothing stays when it is answered.
"""

from __future__ import annotations

from bot.dialogue import buttons
from bot.dialogue.context import Context
from bot.dialogue.respond import topic_answer
from bot.dialogue.types import Action, Button, Decision, Reply, State
from bot.i18n import Translate, translator
from bot.knowledge import fees
from bot.knowledge.model import Published, pick
from bot.knowledge.money import BAHT_FOR, Amount, amount_in
from bot.knowledge.render import number
from bot.nlu.parse import Parse
from bot.settings import LANGUAGES
from nlu.text.normalise import normalise

NAME, TOPIC = "fee", "mou_cost"
LONGEST = 60
"""A longer text is a question or an advertisement, and no sum."""
LADDERS: dict[str, tuple[int, ...]] = {
    "thb": (500, 1_000, 2_000, 3_000, 5_000, 8_000, 10_000, 15_000, 20_000, 30_000, 50_000, 100_000),
    "lak": (
        500_000, 1_000_000, 2_000_000, 3_000_000, 5_000_000, 8_000_000,
        10_000_000, 15_000_000, 20_000_000, 30_000_000, 50_000_000, 100_000_000,
    ),
    "usd": (20, 40, 60, 100, 200, 300, 500, 800, 1_000, 1_500, 2_000, 3_000),
}  # fmt: skip
"""Sums that buttons offer."""


class FeeFlow:
    """See the module."""

    name: str = NAME

    def start(self, state: State, args: str, context: Context) -> Decision:
        """Ask what the money is for; words behind the command may say it, and the sum."""
        if not context.published.fees:
            return topic_answer(state, TOPIC, None, context)
        return self._said(state.but(flow={"name": NAME}), args, context) or _ask_kind(state, None, context)

    def tap(self, state: State, rest: str, context: Context) -> Decision:
        """A kind, a sum, another currency; what is not known any more begins anew."""
        head, _, arg = rest.partition(":")
        kind, _, more = arg.partition(":")
        if kind not in context.published.fees:
            return self.start(state, "", context)
        if head == "k":
            asked = _asked(state)
            return _report(state, kind, asked, context) if asked else _ask_sum(state, kind, "thb", context)
        if head == "c" and more in LADDERS:
            return _ask_sum(state, kind, more, context)
        if head == "s":
            currency, _, figure = more.partition(":")
            if currency in BAHT_FOR and figure.isascii() and figure.isdecimal() and 0 < int(figure) < 10**10:
                return _report(state, kind, Amount(float(figure), currency), context)
        if head == "dk":
            return _report(state, kind, None, context)
        return _ask_sum(state, kind, "thb", context)

    def words(self, state: State, text: str, parse: Parse, context: Context) -> Decision | None:
        """The name of a kind, a sum, or both; other words are a question."""
        return self._said(state, text, context) if context.published.fees else None

    def _said(self, state: State, text: str, context: Context) -> Decision | None:
        if not text.strip() or len(text) > LONGEST or text.rstrip().endswith("?"):
            return None
        asked = amount_in(normalise(text).lower())
        known = (state.flow or {}).get("kind")
        kind = _kind_in(text, context.published) or (known if known in context.published.fees else None)
        if asked is None and kind in (None, known):
            return None
        asked = asked or _asked(state)
        if kind is None:
            return _ask_kind(state, asked, context)
        return _report(state, kind, asked, context) if asked else _ask_sum(state, kind, "thb", context)


def _asked(state: State) -> Amount | None:
    """The sum that was said before the kind."""
    kept = (state.flow or {}).get("asked") if (state.flow or {}).get("name") == NAME else None
    return Amount(float(kept[0]), kept[1]) if kept and kept[1] in BAHT_FOR else None


def _kind_in(text: str, published: Published) -> str | None:
    """The kind whose label, or a word of it, stands in the text in any language."""
    words = " ".join(normalise(text).lower().replace("_", " ").split())
    for name, fee in published.fees.items():
        names = [name.replace("_", " ")]
        for language in LANGUAGES:
            label = normalise(pick(fee.label, language)[0]).lower()
            names += [label, *(part.strip(" )") for part in label.replace("(", "|").split("|"))]
        if any(len(n) >= 3 and n in words for n in names):
            return name
    return None


# ------------------------------------------------------------------ what is said


def _button(label: str, *rest: str) -> Button:
    return Button(label, ":".join(("f", NAME, *rest)))


def _help_row(t: Translate) -> tuple[Button, ...]:
    return (buttons.sos(t), buttons.person(t))


def _ask_kind(state: State, asked: Amount | None, context: Context) -> Decision:
    language = context.language(state)
    t = translator(language)
    flow: dict[str, object] = {"name": NAME}
    lead = ""
    if asked is not None:
        flow["asked"] = [asked.value, asked.currency]
        lead = t("They ask for: {sum}", sum=fees.amount_text(asked, t, language)) + "\n"
    kinds = [_button(pick(fee.label, language)[0], "k", name) for name, fee in context.published.fees.items()]
    reply = Reply(
        f"🧾 {lead}<b>" + t("What are you asked to pay for?") + "</b>",
        (*buttons.rows(*kinds), (buttons.menu(t),), _help_row(t)),
    )
    return Decision(state.but(flow=flow, topic=TOPIC), (reply,), action=Action.FLOW, topic=TOPIC)


def _ask_sum(state: State, kind: str, currency: str, context: Context) -> Decision:
    language = context.language(state)
    t = translator(language)
    label = pick(context.published.fees[kind].label, language)[0]
    ladder = [_button(number(n, language), "s", kind, currency, str(n)) for n in LADDERS[currency]]
    others = [_button("💱 " + fees.currency_name(c, t), "c", kind, c) for c in LADDERS if c != currency]
    text = (
        f"🧾 <b>{label}</b>\n\n"
        + t("How much do they ask for, in {currency}?", currency=fees.currency_name(currency, t))
        + "\n"
        + t("Tap the nearest sum, or write it.")
    )
    rows = (
        *buttons.rows(*ladder, wide=3),
        tuple(others),
        (_button("🤷 " + t("I don't know the sum"), "dk", kind),),
        (Button("⬅️ " + t("Back"), f"f:{NAME}"), buttons.menu(t)),
        _help_row(t),
    )
    return Decision(
        state.but(flow={"name": NAME, "kind": kind}, topic=TOPIC),
        (Reply(text, rows),),
        action=Action.FLOW,
        topic=TOPIC,
    )


def _report(state: State, kind: str, asked: Amount | None, context: Context) -> Decision:
    published, language = context.published, context.language(state)
    t = translator(language)
    text = fees.report(published, kind, asked, language, context.moment.now.date())
    topics = [name for name in published.fees[kind].topics if name in published.answers]
    rows = (
        *((buttons.topic(published, name, language),) for name in topics),
        (_button("🔢 " + t("Another sum"), "c", kind, "thb"), Button("🧾 " + t("Another fee"), f"f:{NAME}")),
        (buttons.person(t), buttons.menu(t)),
        (buttons.sos(t),),
    )
    topic = topics[0] if topics else TOPIC
    done = state.but(flow=None, topic=topic, offered=())
    return Decision(done, (Reply(text, rows),), action=Action.ANSWER, topic=topic)
