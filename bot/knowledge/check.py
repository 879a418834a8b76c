"""The content check: all that could mislead a reader or that Telegram would refuse; file, line and what to do."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from bot.knowledge import markup, pathways
from bot.knowledge.load import ContentError, load_published
from bot.knowledge.model import Answer, AnswerText, Contact, Fact, Leaf, Published, Question, Text
from bot.knowledge.render import PLACEHOLDER, UnknownReferenceError, render_answer
from bot.settings import LANGUAGES

FIRST_MESSAGE = 700
"""Characters that a first message should have at most: one screen of a cheap phone."""
FIRST_MESSAGE_HARD = 1000
"""... and must have at most, source line included."""
TELEGRAM_LIMIT = 4096
TITLE_LIMIT = 34
MAX_STEPS = 6
LABEL_LIMIT = 28
"""Characters of a pathway's button: two fit side by side on a small phone, one always fits."""
MAX_PLAN_STEPS = 8
PLAN_LIMIT = 2600
"""Characters of a whole plan: about three screens, and far below a message's limit."""
MAX_RELATED = 4
WARN_DAYS = 30

DIGITS = re.compile("[0-9\u0e50-\u0e59\u0ed0-\u0ed9]")
ZERO_WIDTH = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad\u202a-\u202e]")
SPLIT_AM = re.compile("\u0ecd[\u0ec8-\u0ecb]?\u0eb2|\u0e4d[\u0e48-\u0e4b]?\u0e32")
DOUBLE_MARK = re.compile("([\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd])\\1")
TONE_FIRST = re.compile("[\u0ec8-\u0ecb][\u0eb1\u0eb4-\u0eb9\u0ebb]|[\u0e48-\u0e4b][\u0e31\u0e34-\u0e39]")
DOUBLE_E = re.compile("\u0ec0\u0ec0|\u0e40\u0e40")
LAO, THAI = re.compile("[\u0e80-\u0eff]"), re.compile("[\u0e00-\u0e7f]")
IN_BRACKETS = re.compile(r"[(\[«“\"][^)\]»”\"]*[)\]»”\"]")
MONEY_WORDS = re.compile(
    "(ຮ້ອຍ|ພັນ|ໝື່ນ|ແສນ|ລ້ານ)\\s?(ບາດ|ກີບ|ໂດລາ)|(ร้อย|พัน|หมื่น|แสน|ล้าน)\\s?(บาท|กีบ|ดอลลาร์)"
    "|(hundred|thousand|million)\\s(baht|kip|dollars?)",
    re.IGNORECASE,
)
LAO_PASSPORT, THAI_BORDER_PASS = "ໜັງສືຜ່ານແດນ", "หนังสือผ่านแดน"


@dataclass(frozen=True)
class Problem:
    """One finding. Errors stop a release, warnings want somebody's eye."""

    code: str
    level: Literal["error", "warning"]
    file: str
    line: int
    text: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.level} {self.code}: {self.text}. {self.remedy}."


class File:
    """Makes problems of one file; finds the line by the words that are wrong."""

    def __init__(self, folder: Path, path: Path) -> None:
        self._name = str(path.relative_to(folder.parent)) if folder.parent in path.parents else str(path)
        self._lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def error(self, code: str, text: str, remedy: str, near: str = "") -> Problem:
        return Problem(code, "error", self._name, self._line(near), text, remedy)

    def warning(self, code: str, text: str, remedy: str, near: str = "") -> Problem:
        return Problem(code, "warning", self._name, self._line(near), text, remedy)

    def _line(self, near: str) -> int:
        return next((n for n, line in enumerate(self._lines, 1) if near and near in line), 1)


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
    found += _pathways(folder, published, today)
    from bot.knowledge import check_alerts, check_canned, check_fees, check_offer  # use the checks of texts above

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
            yield from _typography(file, language, text, name)
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


def languages(file: File, name: str, text: Text, near: str) -> Iterator[Problem]:
    missing = [code for code in LANGUAGES if not (text.get(code) or "").strip()]
    if missing:
        yield file.error("C04", f"{name} is missing in {', '.join(missing)}", "Add the text", near)


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


def text_faults(file: File, language: str, text: str, where: str, published: Published) -> Iterator[Problem]:
    for kind, name in PLACEHOLDER.findall(text):
        known = set(published.facts if kind == "fact" else published.contacts)
        if kind != "n" and name not in known:
            yield file.error("C24", f"{language}: unknown {kind} {name}", "Name one of facts.yml or contacts.yml", name)
        elif kind == "phone" and not published.contacts[name].phones:
            yield file.error("C24", f"{language}: {name} has no number", "Use {contact:...} or another contact", name)
        if kind in ("contact", "phone") and name in published.contacts:
            yield from _dialable(file, language, name, where, published)
    bare = PLACEHOLDER.sub("", re.sub(r'href="[^"]*"', "", text))
    if DIGITS.search(bare):
        near = DIGITS.split(bare, maxsplit=1)[0][-12:]
        yield file.error(
            "C26",
            f"{language}: bare figure near {near!r}",
            "Use {fact:...}, {phone:...}, or {n:2} for a mere count",
            near,
        )
    if MONEY_WORDS.search(bare):
        yield file.error("C26", f"{language}: a sum in words", "Use {fact:...}", text[:20])
    if "{" in bare or "}" in bare:
        yield file.error(
            "C27", f"{language}: a brace that is no placeholder", "Use {fact:ID}, {contact:ID}, {phone:ID}", text[:20]
        )
    for fault in markup.faults(text):
        yield file.error(
            "C28", f"{language}: {fault}", "Telegram takes <b>, <i>, <u>, <s>, <code>, <a href>", text[:20]
        )
    yield from _typography(file, language, text, text[:20])
    yield from _trap(file, language, text)


def _dialable(file: File, language: str, name: str, where: str, published: Published) -> Iterator[Problem]:
    phones = published.contacts[name].phones
    if where != "any" and phones and not any(where in phone.dialable_from for phone in phones):
        yield file.error(
            "C25", f"{language}: {name} cannot be dialled from {where}, where the reader is",
            "Take another contact, or set where: any", name,
        )  # fmt: skip


def _typography(file: File, language: str, text: str, near: str) -> Iterator[Problem]:
    faults = {
        "not in NFC form": unicodedata.normalize("NFC", text) != text,
        "invisible characters": bool(ZERO_WIDTH.search(text)),
        "ໍາ or ํา typed as two signs": bool(SPLIT_AM.search(text)),
        "a mark typed twice": bool(DOUBLE_MARK.search(text)),
        "a tone before its vowel": bool(TONE_FIRST.search(text)),
        "ເເ or เเ instead of ແ or แ": bool(DOUBLE_E.search(text)),
    }
    for fault, present in faults.items():
        if present:
            yield file.error("C29", f"{language}: {fault}", "Type it anew", near)
    outside = IN_BRACKETS.sub("", PLACEHOLDER.sub("", text))
    if language == "lo" and THAI.search(outside):
        yield file.error("C30", "lo: Thai letters outside brackets", "Write Lao; Thai terms in brackets", near)
    if language == "th" and LAO.search(outside):
        yield file.error("C30", "th: Lao letters outside brackets", "Write Thai; Lao terms in brackets", near)
    if language == "en" and (LAO.search(outside) or THAI.search(outside)):
        yield file.error("C30", "en: Lao or Thai letters outside brackets", "Put them in brackets", near)


def _trap(file: File, language: str, text: str) -> Iterator[Problem]:
    """The same sounds name a passport in Lao and a border pass in Thai: the Latin word must stand beside them."""
    if language == "lo" and LAO_PASSPORT in text and "passport" not in text.lower():
        yield file.error("C31", f"lo: {LAO_PASSPORT} without (Passport)", "Add (Passport)", LAO_PASSPORT)
    if THAI_BORDER_PASS in text and "border pass" not in text.lower():
        yield file.error(
            "C31", f"{language}: {THAI_BORDER_PASS} without (Border Pass)", "Add (Border Pass)", THAI_BORDER_PASS
        )


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


# ------------------------------------------------------------------ pathways


def _pathways(folder: Path, published: Published, today: date) -> Iterator[Problem]:
    file = File(folder, folder / "pathways.yml")
    tree = published.pathways
    if tree is None:
        yield file.error("C40", "pathways.yml is missing", "Write it: docs/architecture.md, Pathways")
        return
    for fault in pathways.faults(tree):
        yield file.error(fault.code, fault.text, fault.remedy, fault.near)
    for name, question in tree.questions.items():
        yield from _question(file, name, question, published, today)
    for name, leaf in tree.leaves.items():
        yield from _leaf(file, name, leaf, published, today)


def _question(file: File, name: str, question: Question, published: Published, today: date) -> Iterator[Problem]:
    yield from wording_faults(file, name, question.text, "any", published)
    for option in question.options:
        yield from wording_faults(file, f"{name}.{option.id}", option.label, "any", published)
        for language, label in option.label.items():
            shown = _filled(label, language, published, today)
            if shown and len(shown) > LABEL_LIMIT:
                text = f"{name}.{option.id}.{language} has {len(shown)} characters"
                yield file.error("C45", text, f"At most {LABEL_LIMIT}", label)
        if option.urgent and not (option.urgent in published.topics and published.topics[option.urgent].urgent):
            text = f"{name}.{option.id}: {option.urgent} is no urgent topic"
            yield file.error("C46", text, "Name one of topics.yml", option.urgent)
        for topic in option.topics:
            yield from alive(file, f"{name}.{option.id}", topic, published)


def _leaf(file: File, name: str, leaf: Leaf, published: Published, today: date) -> Iterator[Problem]:
    for text in _leaf_texts(leaf):
        yield from wording_faults(file, name, text, leaf.where, published)
    if not 1 <= len(leaf.steps) <= MAX_PLAN_STEPS:
        yield file.error("C48", f"{name} has {len(leaf.steps)} steps", f"One to {MAX_PLAN_STEPS}", f"  {name}:")
    for step in leaf.steps:
        if step.topic:
            yield from alive(file, name, step.topic, published)
    for cost in leaf.costs:
        fact = published.facts.get(cost.fact)
        if fact is None or pathways.price_of(fact) is None:
            yield file.error("C47", f"{name}: {cost.fact} is no price", "Name a fact whose unit is money", cost.fact)
    yield from _plan_size(file, name, leaf, published, today)


def _leaf_texts(leaf: Leaf) -> Iterator[Text]:
    yield leaf.title
    yield from (step.text for step in leaf.steps)
    yield from leaf.papers
    yield from (cost.what for cost in leaf.costs)
    yield from (text for text in (leaf.cost_note, leaf.time, leaf.first, leaf.free, leaf.watch) if text)


def wording_faults(file: File, name: str, text: Text, where: str, published: Published) -> Iterator[Problem]:
    near = next(iter(text.values()), name)
    yield from languages(file, name, text, near)
    used = [{m for m in PLACEHOLDER.findall(wording) if m[0] != "n"} for wording in text.values()]
    if any(references != used[0] for references in used):
        yield file.error("C22", f"{name}: the languages show different facts or contacts", "Use the same ones", near)
    for language, wording in text.items():
        yield from text_faults(file, language, wording, where, published)


def alive(file: File, name: str, topic: str, published: Published) -> Iterator[Problem]:
    if topic not in published.answers:
        yield file.error("C46", f"{name}: topic {topic} has no answer", "Name a topic of topics.yml", topic)


def _filled(text: str, language: str, published: Published, today: date) -> str | None:
    try:
        return pathways.question_text(published, {language: text}, language, today)
    except UnknownReferenceError:  # reported by _text
        return None


def _plan_size(file: File, name: str, leaf: Leaf, published: Published, today: date) -> Iterator[Problem]:
    for language in LANGUAGES:
        try:
            plan = pathways.render_plan(published, leaf, language, today)
        except UnknownReferenceError:
            return
        length = markup.visible_length(pathways.plan_text(plan, frozenset()))
        if length > PLAN_LIMIT:
            text = f"{name}.{language}: the plan has {length} characters"
            yield file.error("C48", text, f"At most {PLAN_LIMIT}", f"  {name}:")


def _parts(text: AnswerText) -> Iterator[str]:
    yield text.answer
    yield from text.steps
    yield from (part for part in (text.watch, text.help, text.more) if part)


def _references(text: AnswerText) -> Iterator[str]:
    for part in _parts(text):
        yield from (f"{kind}:{name}" for kind, name in PLACEHOLDER.findall(part) if kind != "n")
