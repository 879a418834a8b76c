"""From an answer, its facts and contacts to the text that a person reads (Telegram's HTML)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date
from babel.numbers import format_decimal

from bot.i18n import Translate, translator
from bot.knowledge.model import AnswerText, Contact, Fact, Phone, Published, Source, pick
from bot.settings import LANGUAGES

PLACEHOLDER = re.compile(r"\{(fact|contact|phone|n):([A-Za-z0-9_.]+)\}")
MAX_SOURCES = 2


@dataclass(frozen=True)
class Rendered:
    """An answer ready to be sent: the first message, what "more" shows, and in which language it came out."""

    text: str
    more: str | None
    language: str


class UnknownReferenceError(Exception):
    """A text names a fact or contact that does not exist."""


def render_answer(published: Published, topic: str, language: str, today: date) -> Rendered:
    """The answer to `topic` in `language`, or in the best language there is with a note that says so.

    Raises KeyError when nothing is published for the topic, UnknownReferenceError for a dead placeholder.
    """
    entry = published.answers[topic]
    shown = next(code for code in (language, *LANGUAGES) if code in entry.answers)
    text = entry.answers[shown]
    t = translator(shown)
    filled = Filler(published, shown, today)
    parts = _body(text, filled, t)
    if shown != language:
        t_reader = translator(language)
        note = t_reader("This answer is not translated yet.")
        parts.insert(0, f"<i>{note}</i>")
    source = source_line([*filled.sources, *entry.sources], filled.checked, t, shown)
    if source:
        parts.append(source)
    return Rendered("\n\n".join(parts), filled(text.more) if text.more else None, shown)


def _body(text: AnswerText, filled: Filler, t: Translate) -> list[str]:
    parts = [f"<b>{filled(text.answer)}</b>" if text.steps else filled(text.answer)]
    if text.steps:
        marks = (f"{n}. " if text.ordered else "• " for n in range(1, len(text.steps) + 1))
        parts.append("\n".join(mark + filled(step) for mark, step in zip(marks, text.steps, strict=True)))
    if text.watch:
        lead = t("Watch out:")
        parts.append(f"⚠️ <b>{lead}</b> {filled(text.watch)}")
    if text.help:
        parts.append(f"☎️ {filled(text.help)}")
    return parts


class Filler:
    """Fills placeholders in one language and remembers which sources it used."""

    def __init__(self, published: Published, language: str, today: date) -> None:
        self._published, self._language, self._today = published, language, today
        self.sources: list[Source] = []
        self.checked: list[date] = []

    def __call__(self, text: str) -> str:
        filled = PLACEHOLDER.sub(self._replace, text)
        # A fact is worded for the middle of a sentence; English wants a capital at the beginning of a line.
        return filled[:1].upper() + filled[1:] if text.startswith("{fact:") else filled

    def fact(self, name: str) -> str:
        """A fact as worded for the middle of a sentence."""
        return PLACEHOLDER.sub(self._replace, f"{{fact:{name}}}")

    def _replace(self, match: re.Match[str]) -> str:
        kind, name = match.groups()
        if kind == "n":
            return name
        table: dict[str, Fact] | dict[str, Contact] = (
            self._published.facts if kind == "fact" else self._published.contacts
        )
        entry = table.get(name)
        if entry is None:
            raise UnknownReferenceError(f"{{{kind}:{name}}}")
        if isinstance(entry, Fact):
            self.sources.append(entry.source)
            self.checked.append(entry.checked_on)
            return fact_text(entry, self._language, self._today)
        return contact_line(entry, self._language) if kind == "contact" else phone_text(entry, self._language)


def fact_text(fact: Fact, language: str, today: date) -> str:
    """A fact as said in `language`; after its last day with a warning, or in its wording without the figure."""
    if fact.expired(today) and fact.on_expiry == "fallback" and fact.fallback:
        return pick(fact.fallback, language)[0]
    text, shown = pick(fact.text, language)
    value = fact.value
    if isinstance(value, tuple):
        text = text.format(low=number(value[0], shown), high=number(value[1], shown))
    else:
        text = text.format(value=_value(value, shown))
    if fact.expired(today):
        t = translator(shown)
        text += " " + t("(this may have changed)")
    return text


def _value(value: float | date | str, language: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, date):
        return day(value, language)
    return number(value, language)


def number(value: float, language: str) -> str:
    """A number as it is written in `language`."""
    # European digits in all three languages: prices are written with them on paper in Laos and Thailand.
    return format_decimal(value, locale="en" if language == "en" else "th", numbering_system="latn")


def day(value: date, language: str) -> str:
    """A date in words, with the Christian year in every language (as on Lao and English papers)."""
    if language == "en":
        return format_date(value, "d MMM y", locale="en")
    return format_date(value, "d MMM ", locale=language) + str(value.year)


def phone_text(contact: Contact, language: str) -> str:
    """Numbers of a contact; a short one always with its country."""
    return " / ".join(_phone(phone, contact, language) for phone in contact.phones)


def _phone(phone: Phone, contact: Contact, language: str) -> str:
    t = translator(language)
    if not phone.short:
        return phone.number
    country = {"th": t("only in Thailand"), "la": t("only in Laos")}.get(contact.country, contact.country)
    return f"<b>{phone.number}</b> ({country})"


def contact_line(contact: Contact, language: str) -> str:
    """Name and numbers of a contact in one line."""
    name = pick(contact.name, language)[0]
    numbers = phone_text(contact, language)
    return f"{name}: {numbers}" if numbers else name


def contact_card(contacts: Iterable[Contact], language: str) -> str:
    """One line a contact, for the help card: number first, then who it is and what for."""
    lines = []
    for contact in contacts:
        numbers = phone_text(contact, language)
        name, purpose = pick(contact.name, language)[0], pick(contact.purpose, language)[0]
        lines.append(f"📞 {numbers} — {name}: {purpose}" if numbers else f"• {name}: {purpose}")
    return "\n".join(lines)


def source_line(sources: list[Source], checked: list[date], t: Translate, language: str) -> str | None:
    """Where the figures come from and when somebody last looked; None when there are no sources."""
    distinct = list({source.url: source for source in sources}.values())
    if not distinct:
        return None
    names = [f'<a href="{_attribute(s.url)}">{_escape(s.title)}</a>' for s in distinct[:MAX_SOURCES]]
    rest = len(distinct) - MAX_SOURCES
    if rest > 0:
        names.append(t("{count} more", count=rest))
    line = "🔎 " + t("Source:") + " " + "; ".join(names)
    if checked:
        line += " · " + t("checked on {day}", day=day(min(checked), language))
    return f"<i>{line}</i>"


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _attribute(text: str) -> str:
    return _escape(text).replace('"', "&quot;")
