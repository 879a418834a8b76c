"""The content check: all that could mislead a reader or that Telegram would refuse; file, line and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from bot.knowledge import check_alerts, check_canned, check_fees, check_offer, check_pathways, markup
from bot.knowledge.check_texts import languages, text_faults, typography
from bot.knowledge.findings import File, Problem
from bot.knowledge.load import ContentError, load_published
from bot.knowledge.model import Answer, AnswerText, Contact, Fact, Published
from bot.knowledge.render import PLACEHOLDER, render_answer
from bot.settings import LANGUAGES

__all__ = ["Problem", "check_answer", "check_content", "check_published"]

FIRST_MESSAGE = 700
"""Characters that a first message should have at most: one screen of a cheap phone."""
FIRST_MESSAGE_HARD = 1000
"""... and must have at most, source line included."""
TELEGRAM_LIMIT = 4096
TITLE_LIMIT = 34
MAX_STEPS = 6
MAX_RELATED = 4
WARN_DAYS = 30


def check_content(folder: Path, today: date) -> list[Problem]:
    """Every problem of the content in `folder`, errors first."""
    try:
        published = load_published(folder)
    except ContentError as error:
        return [Problem("C01", "error", str(folder), 1, line, "Mend the file") for line in str(error).splitlines()]
    return check_published(folder, published, today)


def check_published(folder: Path, published: Published, today: date) -> list[Problem]:
    """Every problem of content that may differ from the files of `folder`, errors first."""
    found = [
        *_topics(folder, published),
        *_facts(folder, published.facts, today),
        *_contacts(folder, published.contacts, today),
    ]
    for name, entry in published.answers.items():
        found += _answer(File(folder, folder / "faq" / f"{name}.yml"), entry, published, today)
    found += check_pathways.pathways(folder, published, today)
    found += check_offer.offer_flags(folder, published)
    found += check_fees.fees(folder, published)
    found += check_canned.canned(folder, published, today)
    found += check_alerts.alerts(folder, published)
    return sorted(found, key=lambda p: (p.level, p.file, p.line))


def check_answer(folder: Path, published: Published, name: str, today: date) -> list[Problem]:
    """The problems of one answer."""
    file = File(folder, folder / "faq" / f"{name}.yml")
    return list(_answer(file, published.answers[name], published, today))


# ------------------------------------------------------------------ topics


def _topics(folder: Path, published: Published) -> Iterator[Problem]:
    for topic in published.topics:
        if topic not in published.answers:
            yield File(folder, folder / "topics.yml").error(
                "C02", f"topic {topic} has no answer", f"Write content/faq/{topic}.yml", f" {topic}:"
            )
    for name, entry in published.answers.items():
        file = File(folder, folder / "faq" / f"{name}.yml")
        if name not in published.topics:
            yield file.error("C03", f"{name} is no topic", "Name the file after a topic of topics.yml")
        if entry.topic != name:
            yield file.error("C03", f"topic is {entry.topic}, the file is {name}", "Make them equal", "topic:")


# ------------------------------------------------------------------ facts and contacts


def _facts(folder: Path, facts: dict[str, Fact], today: date) -> Iterator[Problem]:
    file = File(folder, folder / "facts.yml")
    for name, fact in facts.items():
        near = f"{name}:"
        yield from languages(file, name, fact.text, near)
        wanted = {"{low}", "{high}"} if isinstance(fact.value, tuple) else {"{value}"}
        for language, text in fact.text.items():
            if set(re.findall(r"\{[a-z]+\}", text)) != wanted:
                yield file.error(
                    "C10", f"{name}.{language} must hold {' and '.join(sorted(wanted))}", "Mend text", near
                )
            yield from typography(file, language, text, name)
        if fact.on_expiry == "fallback" and not fact.fallback:
            yield file.error("C11", f"{name} has no wording for after its last day", "Add fallback", near)
        if fact.fallback:
            yield from languages(file, f"{name}.fallback", fact.fallback, near)
        yield from _source(file, name, fact.source.url, near)
        yield from _dates(file, name, fact.checked_on, fact.expires_on, fact.on_expiry == "warn", today)


def _contacts(folder: Path, contacts: dict[str, Contact], today: date) -> Iterator[Problem]:
    file = File(folder, folder / "contacts.yml")
    for name, contact in contacts.items():
        near = f"{name}:"
        yield from languages(file, name, contact.name, near)
        yield from languages(file, f"{name}.for", contact.purpose, near)
        yield from _source(file, name, contact.source.url, near)
        yield from _dates(file, name, contact.checked_on, contact.expires_on, True, today)
        for phone in contact.phones:
            if phone.short and (contact.country not in phone.dialable_from or len(phone.dialable_from) != 1):
                yield file.error(
                    "C12", f"{name}: the short number {phone.number} must be dialable from its own country only",
                    f"Set from: [{contact.country}]", phone.number,
                )  # fmt: skip
            shape = r"[0-9*]{3,5}(,\d)?" if phone.short else r"\+\d{8,15}"
            if not re.fullmatch(shape, phone.number):
                yield file.error(
                    "C13", f"{name}: {phone.number} is not a number that a telephone dials",
                    "Short: 3 to 5 digits; others: +country code and digits only", phone.number,
                )  # fmt: skip


def _source(file: File, name: str, url: str, near: str) -> Iterator[Problem]:
    if not url.startswith(("http://", "https://")):
        yield file.error("C14", f"{name} has no source address", "Give source.url as it can be opened", near)


def _dates(
    file: File, name: str, checked: date, expires: date | None, shown_when_old: bool, today: date
) -> Iterator[Problem]:
    near = f"{name}:"
    if checked > today:
        yield file.error("C15", f"{name} was checked in the future ({checked})", "Mend checked_on", near)
    if expires is None:
        return
    if expires <= checked:
        yield file.error("C15", f"{name} expires before it was checked", "Mend expires_on", near)
    elif expires < today and shown_when_old:
        yield file.warning("C16", f"{name} expired on {expires}", "Check the source anew and set checked_on", near)
    elif 0 <= (expires - today).days <= WARN_DAYS:
        yield file.warning("C17", f"{name} expires on {expires}", "Check the source anew in time", near)


# ------------------------------------------------------------------ answers


def _answer(file: File, entry: Answer, published: Published, today: date) -> Iterator[Problem]:
    yield from _head(file, entry, published)
    yield from _same_references(file, entry)
    for language, text in entry.answers.items():
        for part in _parts(text):
            yield from text_faults(file, language, part, entry.where, published)
        yield from _size(file, language, entry, published, today)


def _head(file: File, entry: Answer, published: Published) -> Iterator[Problem]:
    yield from languages(file, "title", entry.title, "title:")
    for language, title in entry.title.items():
        if len(title) > TITLE_LIMIT:
            yield file.error("C20", f"title.{language} has {len(title)} characters", f"At most {TITLE_LIMIT}", title)
    missing = [code for code in LANGUAGES if code not in entry.answers or code not in entry.status]
    if missing:
        yield file.error("C04", f"no answer or status in {', '.join(missing)}", "Add it", "answers:")
    for other in entry.related:
        if other not in published.topics or other == entry.topic:
            yield file.error("C21", f"related topic {other} does not exist", "Name a topic of topics.yml", other)
    if len(entry.related) > MAX_RELATED:
        yield file.error("C21", f"{len(entry.related)} related topics", f"At most {MAX_RELATED}", "related:")
    if published.topics.get(entry.topic) and published.topics[entry.topic].urgent:
        yield from _card(file, entry, published)


def _same_references(file: File, entry: Answer) -> Iterator[Problem]:
    used = {language: set(_references(text)) for language, text in entry.answers.items()}
    first = next(iter(used))
    for language, references in used.items():
        if references != used[first]:
            different = ", ".join(sorted(references ^ used[first]))
            text = f"{language} and {first} show different facts or contacts: {different}"
            yield file.error("C22", text, "Use the same ones")


def _card(file: File, entry: Answer, published: Published) -> Iterator[Problem]:
    card: dict[str, tuple[str, ...]] = dict(entry.card or {})  # type: ignore[arg-type]
    for country in ("th", "la"):
        names = tuple(card.get(country, ()))
        if not names:
            yield file.error(
                "C23", f"the help card names nobody to call in {country}", "Add contacts under card", "card:"
            )
        for name in names:
            contact = published.contacts.get(name)
            if contact is None:
                yield file.error("C24", f"unknown contact {name}", "Name one of contacts.yml", name)
            elif not any(country in phone.dialable_from for phone in contact.phones):
                yield file.error("C25", f"{name} cannot be dialled from {country}", "Take another contact", name)


def _size(file: File, language: str, entry: Answer, published: Published, today: date) -> Iterator[Problem]:
    text = entry.answers[language]
    if len(text.steps) > MAX_STEPS:
        yield file.error(
            "C32", f"{language}: {len(text.steps)} steps", f"At most {MAX_STEPS}; the rest into more", f"{language}:"
        )
    try:
        rendered = render_answer(published, entry.topic, language, today)
    except Exception:  # what cannot be rendered has been reported above
        return
    length = markup.visible_length(rendered.text)
    if length > FIRST_MESSAGE_HARD:
        yield file.error(
            "C33",
            f"{language}: {length} characters",
            f"At most {FIRST_MESSAGE_HARD}; the rest into more",
            f"{language}:",
        )
    elif length > FIRST_MESSAGE + 150:  # the source line takes about 150
        yield file.warning("C34", f"{language}: {length} characters", f"Aim at {FIRST_MESSAGE}", f"{language}:")
    if rendered.more and markup.visible_length(rendered.more) > TELEGRAM_LIMIT:
        yield file.error("C33", f"{language}: more is longer than a message", f"At most {TELEGRAM_LIMIT}", "more:")


def _parts(text: AnswerText) -> Iterator[str]:
    yield text.answer
    yield from text.steps
    yield from (part for part in (text.watch, text.help, text.more) if part)


def _references(text: AnswerText) -> Iterator[str]:
    for part in _parts(text):
        yield from (f"{kind}:{name}" for kind, name in PLACEHOLDER.findall(part) if kind != "n")
