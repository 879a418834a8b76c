"""How a change would look on the phone, and what the check says about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.dialogue import answers
from bot.knowledge import markup
from bot.knowledge.bodies import Body, ContentError, Kind
from bot.knowledge.check import FIRST_MESSAGE_HARD, check_answer
from bot.knowledge.render import UnknownReferenceError, contact_card, contact_line, fact_text
from bot.services.editing.desk import EditorsDesk
from bot.settings import LANGUAGES


@dataclass(frozen=True)
class Shown:
    """One language as Telegram shows it."""

    language: str
    text: str
    more: str | None
    buttons: tuple[tuple[str, ...], ...]
    length: int
    limit: int = FIRST_MESSAGE_HARD


@dataclass(frozen=True)
class Preview:
    """All languages, and what is wrong."""

    shown: list[Shown]
    problems: list[str]


def preview(desk: EditorsDesk, kind: str, key: str, body: Body, today: date) -> Preview:
    """A body before it is published. Never raises: what cannot be shown is among the problems."""
    try:
        published = desk.with_body(kind, key, body)
    except ContentError as error:
        return Preview([], str(error).splitlines())
    shown = []
    try:
        for language in LANGUAGES:
            if kind == Kind.FAQ:
                reply = answers.answer(published, key, language, today)
                rows = tuple(tuple(button.label for button in row) for row in reply.buttons)
                rest = answers.more(published, key, language, today).text
                more = rest if rest != reply.text else None
                shown.append(Shown(language, reply.text, more, rows, markup.visible_length(reply.text)))
            elif kind == Kind.FACT:
                text = fact_text(published.facts[key], language, today)
                shown.append(Shown(language, text, None, (), len(text), 0))
            elif kind == Kind.CONTACT:
                contact = published.contacts[key]
                text = f"{contact_line(contact, language)}\n\n{contact_card([contact], language)}"
                shown.append(Shown(language, text, None, (), markup.visible_length(text), 0))
    except (UnknownReferenceError, KeyError, ValueError, IndexError) as error:
        return Preview([], [f"{type(error).__name__}: {error}"])
    if kind != Kind.FAQ:
        return Preview(shown, [])
    found = check_answer(desk.folder, published, key, today)
    return Preview(shown, [f"{p.code} {p.text}. {p.remedy}." for p in found])
