"""What will be left: a month's wage, what goes off it, and how long a debt lasts. Plain arithmetic, no promise.

The person's own figures come from the dialogue; official ones (minimum wage, social security, most that may be
deducted) from facts.yml.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.i18n import Translate, translator
from bot.knowledge.fees import WORK_DAYS, amount_text
from bot.knowledge.model import Published
from bot.knowledge.money import Amount
from bot.knowledge.render import Filler, number, source_line

LONGEST = 600
"""Months after which a debt counts as one that never ends."""
CURVE = 60
"""Months that the picture shows at most."""


@dataclass(frozen=True)
class Budget:
    """One month in baht, and a debt with its interest in percent a month (None = the person does not know it)."""

    wage: float
    deduct: float
    living: float
    sent: float
    debt: float
    rate: float | None

    @property
    def left(self) -> float:
        """What is left each month, before the debt."""
        return self.wage - self.deduct - self.living - self.sent

    @property
    def interest(self) -> float:
        """The first month's interest."""
        return self.debt * (self.rate or 0.0) / 100

    def months(self, *, send: bool = True) -> int | None:
        """Months until the debt is paid when all that is left goes into it; None = it never ends."""
        rest = self.rests(LONGEST, send=send)
        return len(rest) - 1 if rest[-1] <= 0 else None

    def rests(self, months: int, *, send: bool = True) -> list[float]:
        """What is still owed at the start and after each month, until nothing is or `months` are over."""
        pay = self.left + (0.0 if send else self.sent)
        rests = [self.debt]
        while rests[-1] > 0.5 and len(rests) <= months:
            grown = rests[-1] * (1 + (self.rate or 0.0) / 100)
            rests.append(grown - max(0.0, pay))
            if rests[-1] > 1e12:
                break
        if rests[-1] <= 0.5:
            rests[-1] = 0.0
        return rests

    def paid_interest(self) -> float:
        """All the interest until the debt is paid; only when it ever is."""
        rests = self.rests(LONGEST)
        return sum(rest * (self.rate or 0.0) / 100 for rest in rests[:-1])


def fact_number(published: Published, name: str, today: date) -> float | None:
    """The figure of a fact; None when there is none, or it is past its last day."""
    fact = published.facts.get(name)
    if fact is None or fact.expired(today) or not isinstance(fact.value, (int, float)):
        return None
    return float(fact.value)


def month_of(published: Published, day_wage: str, today: date) -> float | None:
    """A month at a daily minimum wage; None when the figure is not known today."""
    value = fact_number(published, day_wage, today)
    return value * WORK_DAYS if value is not None else None


def social_security(published: Published, wage: float, today: date) -> float | None:
    """The worker's monthly contribution from a wage; None when the figures are not known today."""
    percent = fact_number(published, "th_sso_percent", today)
    most = fact_number(published, "th_sso_max", today)
    if percent is None or most is None:
        return None
    return float(round(min(wage * percent / 100, most)))


# ------------------------------------------------------------------ in words


def baht(value: float, t: Translate, language: str) -> str:
    """A sum in baht."""
    return amount_text(Amount(value, "thb"), t, language)


def text_of(budget: Budget, published: Published, language: str, today: date) -> str:
    """The whole answer as Telegram's HTML."""
    t = translator(language)
    filler = Filler(published, language, today)
    parts = ["💰 <b>" + t("What will be left") + "</b>", "\n".join(_month(budget, t, language))]
    if budget.debt:
        parts.append("\n".join(_debt(budget, t, language)))
    notes = list(_notes(budget, published, filler, t, today))
    if notes:
        parts.append("\n".join(f"⚖️ {note}" for note in notes))
    parts.append("<i>" + t("This is counted from your figures, it is no promise. Ask what the contract says.") + "</i>")
    source = source_line(filler.sources, filler.checked, t, language)
    return "\n\n".join([*parts, source] if source else parts)


def _month(budget: Budget, t: Translate, language: str) -> list[str]:
    rows = [
        ("", t("Wage"), budget.wage),
        ("− ", t("Deductions"), budget.deduct),
        ("− ", t("Room and food"), budget.living),
        ("− ", t("Sent home"), budget.sent),
    ]
    lines = [f"{sign}{name}: {baht(value, t, language)}" for sign, name, value in rows]
    if budget.left > 0:
        lines.append("= <b>" + t("Left each month: {sum}", sum=baht(budget.left, t, language)) + "</b>")
    else:
        gap = baht(-budget.left, t, language)
        lines.append("= 🚫 <b>" + t("Nothing is left. {sum} a month are missing.", sum=gap) + "</b>")
    return lines


def _debt(budget: Budget, t: Translate, language: str) -> list[str]:
    lines = [t("Debt: {sum}", sum=baht(budget.debt, t, language))]
    if budget.rate is None:
        lines.append(t("Interest: not known, so not counted. Ask for it in writing."))
    elif budget.rate:
        rate = number(budget.rate, language)
        interest = baht(budget.interest, t, language)
        lines.append(t("Interest: {rate}% a month, {sum} in the first month", rate=rate, sum=interest))
    months = budget.months()
    if months is None:
        lines.append("🚫 <b>" + t("With these figures the debt never ends. Do not take it on.") + "</b>")
        lines.append(t("If you owe it already: do not borrow more, and talk to a person."))
    else:
        lines.append("📅 <b>" + t("Paid back after {months}, if all that is left goes into it", months=span(months, t)))
        lines[-1] += "</b>"
        if budget.rate:
            lines.append(t("Interest in all: {sum}", sum=baht(budget.paid_interest(), t, language)))
        lines.append(t("After that {sum} are left each month.", sum=baht(budget.left, t, language)))
    lines += _without_sending(budget, months, t)
    return lines


def _without_sending(budget: Budget, months: int | None, t: Translate) -> list[str]:
    if not budget.sent:
        return []
    sooner = budget.months(send=False)
    if sooner is None or sooner == months:
        return []
    return [t("If you send nothing home until then: after {months}.", months=span(sooner, t))]


def span(months: int, t: Translate) -> str:
    """A number of months as said, with years when there are many."""
    if months == 1:
        return t("one month")
    shown = t("{count} months", count=months)
    return shown + " " + t("({years} years)", years=f"{months / 12:.1f}") if months >= 2 * 12 else shown


def _notes(budget: Budget, published: Published, filler: Filler, t: Translate, today: date) -> list[str]:
    notes = []
    lowest = month_of(published, "th_min_wage_low", today)
    if lowest is not None and budget.wage < lowest:
        wage = filler.fact("th_min_wage")
        notes.append(t("The wage is below the minimum in Thailand for {days} days: {wage}.", days=WORK_DAYS, wage=wage))
    if budget.deduct and budget.deduct == social_security(published, budget.wage, today):
        share, cap = filler.fact("th_sso_percent"), filler.fact("th_sso_max")
        notes.append(t("Social security: {share}, {most}.", share=share, most=cap))
    most = fact_number(published, "th_deduct_all", today)
    if most is not None and budget.deduct > budget.wage * most / 100:
        limit = filler.fact("th_deduct_all")
        notes.append(
            t("The deductions are high. The law: {limit}, unless you agree. Ask what each is for.", limit=limit)
        )
    return notes


# ------------------------------------------------------------------ as a picture


def picture_of(budget: Budget, language: str) -> dict[str, Any]:
    """What budget_picture.draw needs, as JSON: words in the person's language and figures."""
    t = translator(language)
    months = budget.months()
    if not budget.debt:
        verdict = t("Left each month: {sum}", sum=baht(max(0.0, budget.left), t, language))
    elif months is None:
        verdict = t("With these figures the debt never ends. Do not take it on.")
    else:
        verdict = t("Debt paid back after {months}", months=span(months, t))
    names = (
        ("deduct", t("Deductions"), budget.deduct),
        ("living", t("Room and food"), budget.living),
        ("sent", t("Sent home"), budget.sent),
        ("left", t("Left"), max(0.0, budget.left)),
    )
    rests = [round(rest) for rest in budget.rests(CURVE)] if budget.debt else []
    return {
        "language": language,
        "title": t("What will be left"),
        "wage": t("Wage") + ": " + baht(budget.wage, t, language),
        "parts": [[kind, f"{name}: {baht(value, t, language)}", round(value)] for kind, name, value in names],
        "debt": t("Debt month by month") if budget.debt else "",
        "rests": rests,
        "first": t("today"),
        "last": span(len(rests) - 1, t) if rests else "",
        "verdict": verdict,
        "bad": budget.left <= 0 or (bool(budget.debt) and months is None),
    }
