"""Is this fee right: the official cost of a thing beside what is asked for it. Figures come from facts.yml only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from bot.i18n import Translate, translator
from bot.knowledge.model import Fee, Published, pick
from bot.knowledge.money import Amount
from bot.knowledge.pathways import price_of
from bot.knowledge.render import Filler, number, source_line

Verdict = Literal["no_price", "less", "right", "more", "much_more"]

WORK_DAYS = 26
"""Days of work in a month with one day off a week, as everywhere in this bot."""
WAGE_FACT = "th_min_wage_high"
"""The wage that a share of the wage is counted from: the highest minimum, so that we never call a fair fee too high."""
CLOSE, MUCH = 1.05, 1.5
ROUGH_CLOSE, ROUGH_MUCH = 1.2, 2.0
"""How far above the official price counts as more; wider when the currencies differ, since our rate is rough."""
LITTLE = 0.5


@dataclass(frozen=True)
class Official:
    """What a thing officially costs: one amount, or none known."""

    amount: Amount | None
    lines: tuple[str, ...]


def official(published: Published, fee: Fee, filler: Filler, language: str, today: date) -> Official:
    """The official cost with the lines that say where it comes from."""
    t = translator(language)
    facts = [published.facts[name] for name in fee.facts if name in published.facts]
    lines = [_named(published, fee, name, filler, language) for name in fee.facts if name in published.facts]
    total: Amount | None = None
    prices = [(price_of(fact), fact.value) for fact in facts]
    usable = [(p[0].lower(), float(v)) for p, v in prices if p and isinstance(v, (int, float))]
    if usable and len(usable) == len(facts) and not any(fact.expired(today) for fact in facts):
        total = Amount(sum(v for _, v in usable), usable[0][0])
    if fee.share:
        share, wage = published.facts.get(fee.share), published.facts.get(WAGE_FACT)
        lines.append(filler.fact(fee.share))
        if share and wage and isinstance(share.value, (int, float)) and isinstance(wage.value, (int, float)):
            month = wage.value * WORK_DAYS
            total = Amount(month * share.value / 100, "thb")
            for_wage = t("for a wage of {wage} a month", wage=amount_text(Amount(month, "thb"), t, language))
            lines[-1] += f" = {amount_text(total, t, language)} ({for_wage})"
    return Official(total, tuple(lines))


def _named(published: Published, fee: Fee, fact: str, filler: Filler, language: str) -> str:
    """A price; among several with the name of the thing that costs just that."""
    shown = filler.fact(fact)
    owner = next((f for f in published.fees.values() if f.facts == (fact,)), None)
    return shown if owner is None or owner is fee else f"{pick(owner.label, language)[0]}: {shown}"


def judge(asked: Amount, price: Amount | None) -> Verdict:
    """How the asked sum stands to the official one."""
    if price is None or price.value <= 0:
        return "no_price"
    same = asked.currency == price.currency
    ratio = asked.baht / price.baht
    close, much = (CLOSE, MUCH) if same else (ROUGH_CLOSE, ROUGH_MUCH)
    if ratio < LITTLE:
        return "less"
    if ratio <= close:
        return "right"
    return "more" if ratio <= much else "much_more"


def report(published: Published, name: str, asked: Amount | None, language: str, today: date) -> str:
    """The whole answer as Telegram's HTML. `asked` None = the person does not know the sum."""
    fee = published.fees[name]
    t = translator(language)
    filler = Filler(published, language, today)
    price = official(published, fee, filler, language, today)
    parts = [f"🧾 <b>{pick(fee.label, language)[0]}</b>", "\n".join(_beside(asked, price, t, language))]
    if asked is not None:
        parts.append(_verdict(judge(asked, price.amount), t))
    if fee.seen:
        seen = "; ".join(filler.fact(one) for one in fee.seen if one in published.facts)
        parts.append(t("What people really paid, often too much: {sums}", sums=seen))
    parts.append("⚖️ " + filler(pick(fee.rule, language)[0]))
    parts.append(_next_steps(published, filler, t))
    source = source_line(filler.sources, filler.checked, t, language)
    return "\n\n".join([*parts, source] if source else parts)


def _beside(asked: Amount | None, price: Official, t: Translate, language: str) -> list[str]:
    lines = []
    if asked is not None:
        lines.append("💬 " + t("They ask for: {sum}", sum=f"<b>{amount_text(asked, t, language)}</b>"))
    if not price.lines:
        lines.append("🏛 " + t("Official price: we know of none."))
    elif len(price.lines) == 1:
        lines.append("🏛 " + t("Official price: {sum}", sum=f"<b>{price.lines[0]}</b>"))
    else:
        lines.append("🏛 " + t("Official prices:"))
        lines += [f"   • {line}" for line in price.lines]
        if price.amount is not None:
            lines.append("   = " + t("together {sum}", sum=f"<b>{amount_text(price.amount, t, language)}</b>"))
    if asked is None or price.amount is None or not price.amount.value:
        return lines
    if asked.currency == price.amount.currency:
        lines.append("↔️ " + _difference(asked, price.amount, t, language))
    else:
        lines.append("↔️ " + t("The two are in different currencies: compared roughly. Ask a bank for the rate."))
    return lines


def _difference(asked: Amount, price: Amount, t: Translate, language: str) -> str:
    gap = asked.value - price.value
    shown = amount_text(Amount(abs(gap), asked.currency), t, language)
    if abs(gap) < 1:
        return t("Difference: none")
    if gap < 0:
        return t("Difference: {sum} less than official", sum=shown)
    times = asked.value / price.value
    more = t("Difference: {sum} more than official", sum=f"<b>{shown}</b>")
    return more + (" " + t("({times} times as much)", times=number(round(times, 1), language)) if times >= MUCH else "")


def _verdict(verdict: Verdict, t: Translate) -> str:
    words = {
        "no_price": "❓ " + t("We cannot say that this is right. Do not pay before you know what it is for."),
        "less": "🤔 " + t("This is less than the official price. Ask what is missing, and what comes later."),
        "right": "✅ " + t("The sum fits the official price. Still ask for a receipt."),
        "more": "⚠️ " + t("This is more than the official price. Ask what the rest is for before you pay."),
        "much_more": "🚫 "
        + t("This is far more than the official price. Do not pay yet. Ask the labour division first."),
    }
    return f"<b>{words[verdict]}</b>"


def _next_steps(published: Published, filler: Filler, t: Translate) -> str:
    lines = [
        t("Ask for a written list: what each sum is for, what you pay, what the employer pays."),
        t("Pay only where you get a receipt with name and stamp. Never pay again to get money back."),
        t("Show the list to the labour division of your province before you pay."),
    ]
    known = [name for name in ("la_mrc_cps", "la_mrc_lpb", "th_1694") if name in published.contacts]
    calls = [filler(f"{{contact:{name}}}") for name in known]
    steps = "\n".join(f"{n}. {line}" for n, line in enumerate(lines, 1))
    return steps + ("\n☎️ " + "; ".join(calls) if calls else "")


def currency_name(currency: str, t: Translate) -> str:
    """The name of a currency as said; its code for rare ones."""
    return {"thb": t("baht"), "lak": t("kip"), "usd": t("US dollars")}.get(currency, currency.upper())


def amount_text(amount: Amount, t: Translate, language: str) -> str:
    """A sum as people read it: 5,000 baht."""
    return f"{number(round(amount.value), language)} {currency_name(amount.currency, t)}"
