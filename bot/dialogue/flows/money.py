"""What will be left: six questions answered by tapping or typing a sum, then a month's money in words and as a picture.

Kept in `state.flows["money"]`: the answers by question, in baht (interest in percent a month; None = not known). Where
the person stands is the first question without an answer, so a restart or an old button never leads nowhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from bot.dialogue import buttons
from bot.dialogue.context import Context
from bot.dialogue.types import Action, Button, Decision, Reply, State
from bot.i18n import N_, Translate, translator
from bot.knowledge import budget
from bot.knowledge.budget import Budget
from bot.knowledge.fees import WORK_DAYS, amount_text
from bot.knowledge.money import Amount, amount_in, sums
from bot.knowledge.render import number
from bot.nlu.parse import Parse
from nlu.text.normalise import normalise

NAME, TOPIC = "money", "savings_budget"
LONGEST = 60
MOST, MOST_RATE = 100_000_000, 100
RATE = re.compile(r"\d{1,3}(?:[.,]\d{1,2})?")
NOT_KNOWN = "dk"


@dataclass(frozen=True)
class Ask:
    """A question: its words, how an answer is called on a button that changes it, and sums to tap."""

    text: str
    change: str
    ladder: tuple[int, ...]


QUESTIONS: dict[str, Ask] = {
    "wage": Ask(N_("How much is the wage a month, in baht?"), N_("Wage"), (9_000, 10_000, 12_000, 15_000, 20_000)),
    "deduct": Ask(
        N_("How much is deducted from the wage each month?"), N_("Deductions"), (0, 500, 1_000, 1_500, 2_000, 3_000)
    ),
    "living": Ask(
        N_("How much do room, food and the phone cost you each month?"),
        N_("Room and food"),
        (1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 8_000, 10_000),
    ),
    "sent": Ask(
        N_("How much do you want to send home each month?"), N_("Sent home"), (0, 1_000, 2_000, 3_000, 4_000, 5_000)
    ),
    "debt": Ask(
        N_("How much do you owe, or must you borrow to go?"),
        N_("Debt"),
        (0, 5_000, 10_000, 20_000, 30_000, 50_000, 80_000, 100_000),
    ),
    "rate": Ask(N_("How much interest is it a month, in percent?"), N_("Interest"), (0, 1, 2, 3, 5, 10, 15, 20)),
}  # fmt: skip
"""In the order in which they are asked."""
ZERO = {"deduct": N_("Nothing"), "sent": N_("Nothing"), "debt": N_("No debt"), "rate": N_("No interest")}


class MoneyFlow:
    """See the module."""

    name: str = NAME

    def start(self, state: State, args: str, context: Context) -> Decision:
        """The first question, the one where the person left off, or the result."""
        return _here(state, context)

    def tap(self, state: State, rest: str, context: Context) -> Decision:
        """An answer, back, a change of one answer, or from the beginning."""
        head, _, arg = rest.partition(":")
        name, _, value = arg.partition(":")
        if head == "new":
            return _here(_keep(state, {}), context)
        if name not in QUESTIONS:
            return _here(state, context)
        if head == "a":
            answer = _tapped(name, value, state, context)
            return _here(state, context) if answer is _NO else _here(_answered(state, name, answer), context)
        if head in ("b", "ch"):
            drop = {name} if head == "ch" else set(list(QUESTIONS)[list(QUESTIONS).index(name) :])
            drop |= {"rate"} if name == "debt" else set()
            return _here(_keep(state, {k: v for k, v in _answers(state).items() if k not in drop}), context)
        return _here(state, context)

    def words(self, state: State, text: str, parse: Parse, context: Context) -> Decision | None:
        """A sum, or percent for the interest; other words are a question."""
        name = _open(_answers(state))
        if name is None or len(text) > LONGEST or text.rstrip().endswith("?"):
            return None
        norm = normalise(text).lower()
        if name == "rate":
            found = RATE.search(norm)
            value = float(found.group().replace(",", ".")) if found else None
            return _here(_answered(state, name, value), context) if value is not None and value <= MOST_RATE else None
        amount = _typed(norm, name)
        if amount is None or not 0 <= amount.baht <= MOST:
            return None
        rough = _rough(amount, context.language(state)) if amount.currency != "thb" else None
        value = round(amount.baht, -2) if rough else round(amount.value)
        return _here(_answered(state, name, float(value)), context, lead=rough)


_NO: Any = object()
"""A tap that says nothing."""


def _typed(norm: str, name: str) -> Amount | None:
    """The sum in an answer; a wage per day or hour is made a month's."""
    if re.fullmatch(r"\W*0\W*", norm):
        return Amount(0.0, "thb") if name in ZERO else None
    found = next(sums(norm), None)
    if name == "wage" and found is not None and found.period not in (None, "month"):
        return Amount(found.baht_a_month, "thb")
    return amount_in(norm)


def _rough(amount: Amount, language: str) -> str:
    t = translator(language)
    about = budget.baht(round(amount.baht, -2), t, language)
    return t("{sum} is about {baht}; ask a bank for the rate.", sum=amount_text(amount, t, language), baht=about)


def _tapped(name: str, value: str, state: State, context: Context) -> Any:
    """The value behind a button; _NO when it is none."""
    today, published = context.moment.now.date(), context.published
    if name == "wage" and value in ("low", "high"):
        return budget.month_of(published, f"th_min_wage_{value}", today) or _NO
    if name == "deduct" and value == "sso":
        found = budget.social_security(published, float(_answers(state).get("wage") or 0), today)
        return found if found is not None else _NO
    if name == "rate" and value == NOT_KNOWN:
        return None
    if value.isascii() and value.isdecimal() and int(value) <= (MOST_RATE if name == "rate" else MOST):
        return float(value)
    return _NO


# ------------------------------------------------------------------ what is known


def _answers(state: State) -> dict[str, float | None]:
    kept = state.flows.get(NAME) or {}
    return {name: kept[name] for name in QUESTIONS if name in kept}


def _keep(state: State, answers: dict[str, float | None]) -> State:
    return state.but(flows=state.flows | {NAME: answers})


def _answered(state: State, name: str, value: float | None) -> State:
    answers = _answers(state) | {name: value}
    if not answers.get("debt") and "debt" in answers:
        answers["rate"] = 0.0
    elif name == "debt" and answers.get("rate") == 0.0:
        answers.pop("rate")
    return _keep(state, answers)


def _open(answers: dict[str, float | None]) -> str | None:
    return next((name for name in QUESTIONS if name not in answers), None)


# ------------------------------------------------------------------ what is said


def _button(label: str, *rest: str) -> Button:
    return Button(label, ":".join(("f", NAME, *rest)))


def _here(state: State, context: Context, lead: str | None = None) -> Decision:
    """The open question, or the result."""
    name = _open(_answers(state))
    return _result(state, context, lead) if name is None else _question(state, name, context, lead)


def _question(state: State, name: str, context: Context, lead: str | None) -> Decision:
    language = context.language(state)
    t = translator(language)
    ask = QUESTIONS[name]
    place = list(QUESTIONS).index(name)
    text = f"💰 <b>{t(ask.text)}</b> ({place + 1}/{len(QUESTIONS)})\n" + t("Tap the nearest sum, or write it.")
    if lead:
        text = f"<i>{lead}</i>\n\n{text}"
    shown = [_button(_label(name, n, t, language), "a", name, str(n)) for n in ask.ladder]
    before = (_button("⬅️ " + t("Back"), "b", list(QUESTIONS)[place - 1]),) if place else ()
    rows = (
        *((one,) for one in _known(state, name, context)),
        *buttons.rows(*shown, wide=2 if name in ZERO else 3),
        (*before, _button("🔄 " + t("Start over"), "new")),
        (buttons.sos(t), buttons.person(t)),
    )
    opened = state.but(flow={"name": NAME}, topic=TOPIC)
    return Decision(opened, (Reply(text, rows),), action=Action.FLOW, topic=TOPIC)


def _label(name: str, value: int, t: Translate, language: str) -> str:
    if not value and name in ZERO:
        return t(ZERO[name])
    return f"{value}%" if name == "rate" else number(value, language)


def _known(state: State, name: str, context: Context) -> list[Button]:
    """Buttons whose sum comes from facts.yml, and "I don't know"."""
    language, today = context.language(state), context.moment.now.date()
    t = translator(language)
    found = []
    if name == "wage":
        for which, words in (("low", N_("Lowest minimum wage")), ("high", N_("Highest minimum wage, Bangkok"))):
            month = budget.month_of(context.published, f"th_min_wage_{which}", today)
            if month is not None:
                note = t("{days} days", days=WORK_DAYS)
                found.append(_button(f"{t(words)}: {number(month, language)} ({note})", "a", name, which))
    if name == "deduct":
        wage = float(_answers(state).get("wage") or 0)
        share = budget.social_security(context.published, wage, today)
        if share is not None:
            label = t("Social security only") + ": " + number(share, language)
            found.append(_button(label, "a", name, "sso"))
    if name == "rate":
        found.append(_button("🤷 " + t("I don't know"), "a", name, NOT_KNOWN))
    return found


def _result(state: State, context: Context, lead: str | None) -> Decision:
    language, today = context.language(state), context.moment.now.date()
    t = translator(language)
    answers = _answers(state)
    rate = answers["rate"]
    wage, deduct, living, sent, debt = (float(answers[name] or 0) for name in list(QUESTIONS)[:-1])
    month = Budget(wage, deduct, living, sent, debt, rate)
    text = budget.text_of(month, context.published, language, today)
    if lead:
        text = f"<i>{lead}</i>\n\n{text}"
    change = [
        _button("✏️ " + t(ask.change), "ch", name) for name, ask in QUESTIONS.items() if name != "rate" or month.debt
    ]
    topics = [name for name in ("debt", TOPIC, "send_money") if name in context.published.answers]
    rows = (
        *buttons.rows(*change, wide=3),
        (_button("🔄 " + t("Start over"), "new"),),
        *((buttons.topic(context.published, name, language),) for name in topics),
        (buttons.person(t), buttons.menu(t)),
        (buttons.sos(t),),
    )
    drawn = Reply("💰 <b>" + t("What will be left") + "</b>", picture=budget.picture_of(month, language))
    closed = state.but(flow=None, topic=TOPIC, offered=())
    return Decision(closed, (drawn, Reply(text, rows)), action=Action.ANSWER, topic=TOPIC)
