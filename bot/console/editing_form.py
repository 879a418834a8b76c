"""Between a body and the fields of its form. What the form does not show stays as it was."""

from __future__ import annotations

import copy
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.i18n import N_
from bot.knowledge.bodies import Body, Kind, parse_yaml
from bot.settings import LANGUAGES

SOURCES, PHONES = 6, 4
ANSWER = ("answer", "steps", "watch", "help", "more")
CONTACT = ("name", "for", "hours", "address", "note")
FACT = ("text", "fallback")


@dataclass(frozen=True)
class Field:
    """A field as the form shows it: `rows` 1 is a line."""

    name: str
    label: str
    rows: int = 1
    hint: str = ""
    choices: tuple[str, ...] = ()
    type: str = "text"


BY_LANGUAGE: dict[str, tuple[Field, ...]] = {
    Kind.FAQ: (
        Field("title", N_("Button (title)")),
        Field("answer", N_("The answer itself"), 3),
        Field("steps", N_("Steps, one a line"), 6),
        Field("watch", N_("Watch out"), 2),
        Field("help", N_("Who helps"), 2),
        Field("more", N_("Behind “More”"), 6),
    ),
    Kind.FACT: (Field("text", N_("How it is said"), 2), Field("fallback", N_("Wording after the last day"), 2)),
    Kind.CONTACT: (
        Field("name", N_("Name")),
        Field("for", N_("What they help with")),
        Field("hours", N_("Hours")),
        Field("address", N_("Address"), 2),
        Field("note", N_("Note"), 2),
    ),
}
GRADES, COUNTRIES = ("A", "B", "C"), ("th", "la", "kr", "jp", "cn", "any")
SOURCE = (
    Field("source_title_0", N_("Source: title")),
    Field("source_url_0", N_("Source: address"), type="url"),
    Field("source_date_0", N_("Source: date")),
    Field("checked_on", N_("Checked on"), type="date"),
    Field("expires_on", N_("Last day"), type="date"),
    Field("grade", N_("Grade"), choices=GRADES, hint=N_("A official, B serious press, C others")),
)
PLAIN: dict[str, tuple[Field, ...]] = {
    Kind.FAQ: (
        Field("related", N_("Related topics"), hint=N_("ids with blanks between them, at most four")),
        Field("where", N_("Where the reader is"), choices=("any", "la", "th")),
        Field("card_th", N_("Help card in Thailand"), hint=N_("ids of contacts; urgent topics only")),
        Field("card_la", N_("Help card in Laos"), hint=N_("ids of contacts; urgent topics only")),
    ),
    Kind.FACT: (
        Field("means", N_("What it is (English)")),
        Field("value", N_("Value")),
        Field("value_high", N_("Value: upper end"), hint=N_("only for a range")),
        Field("unit", N_("Unit")),
        Field("country", N_("Country"), choices=COUNTRIES),
        Field("valid_from", N_("Valid from"), type="date"),
        Field("on_expiry", N_("After the last day"), choices=("warn", "fallback")),
        *SOURCE,
    ),
    Kind.CONTACT: (
        Field("country", N_("Country"), choices=COUNTRIES),
        Field("free_call", N_("Free of charge"), choices=("unknown", "yes", "no")),
        Field("languages", N_("Languages spoken there")),
        Field("url", N_("Web page"), type="url"),
        *SOURCE,
    ),
    Kind.DOCUMENT: (Field("yaml", N_("The whole document (YAML)"), 30),),
}


def read(kind: str, body: Body, dump: str = "") -> dict[str, str]:
    """The fields of a body; `dump` is the text of a whole document."""
    if kind == Kind.DOCUMENT:
        return {"yaml": dump}
    found: dict[str, str] = {}
    if kind == Kind.FAQ:
        for language in LANGUAGES:
            text = (body.get("answers") or {}).get(language) or {}
            found[f"title_{language}"] = (body.get("title") or {}).get(language) or ""
            found |= {f"{name}_{language}": _line(text.get(name)) for name in ANSWER}
            found[f"ordered_{language}"] = "1" if text.get("ordered") else ""
        found |= {"related": " ".join(body.get("related") or []), "where": body.get("where") or "any"}
        found |= {f"card_{c}": " ".join((body.get("card") or {}).get(c) or []) for c in ("th", "la")}
        return found | _sources(body.get("sources") or [])
    for name in FACT if kind == Kind.FACT else CONTACT:
        found |= {f"{name}_{language}": (body.get(name) or {}).get(language) or "" for language in LANGUAGES}
    for entry in PLAIN[kind]:
        found.setdefault(entry.name, _line(body.get(entry.name)))
    found |= _sources([body.get("source") or {}])
    if kind == Kind.FACT:
        value = body.get("value")
        low, high = value if isinstance(value, list) else (value, None)
        found |= {"value": _line(low), "value_high": _line(high)}
    else:
        found["free_call"] = {True: "yes", False: "no"}.get(body.get("free_call"), "unknown")  # type: ignore[arg-type]
        found["languages"] = " ".join(body.get("languages") or [])
        for number, phone in enumerate(body.get("phones") or []):
            found |= {
                f"phone_number_{number}": phone["number"],
                f"phone_short_{number}": "1" if phone.get("short") else "",
                f"phone_from_{number}": " ".join(phone.get("from") or []),
            }
    return found


def write(kind: str, base: Body | None, form: Mapping[str, str]) -> Body:
    """The body with what the form says. Raises ContentError when a whole document is no YAML."""
    given = {name: unicodedata.normalize("NFC", text.replace("\r\n", "\n").strip()) for name, text in form.items()}
    body = copy.deepcopy(base or {})
    if kind == Kind.DOCUMENT:
        return dict(parse_yaml(given.get("yaml", ""), "document") or {})
    if kind == Kind.FAQ:
        return _write_answer(body, given)
    for name in FACT if kind == Kind.FACT else CONTACT:
        texts = {language: given.get(f"{name}_{language}", "") for language in LANGUAGES}
        _put(body, name, {code: text for code, text in texts.items() if text} or None)
    for entry in PLAIN[kind]:
        if not entry.name.startswith("source_") and entry.name in given:
            _put(body, entry.name, given[entry.name] or None)
    _put(body, "source", (_read_sources(given) or [{"title": "", "url": "", "date": "n.d."}])[0])
    if kind == Kind.FACT:
        body.pop("value_high", None)
        low, high = (_value(given.get(name, ""), (base or {}).get("value")) for name in ("value", "value_high"))
        body["value"] = [low, high] if high not in ("", None) else low
        body.setdefault("unit", "")
        body["unit"] = body["unit"] or ""
    else:
        body["free_call"] = {"yes": True, "no": False}.get(given.get("free_call", ""))
        body["languages"] = given.get("languages", "").split()
        body["phones"] = _phones(body.get("phones") or [], given)
    return body


def _write_answer(body: Body, given: Mapping[str, str]) -> Body:
    body["title"] = {language: given.get(f"title_{language}", "") for language in LANGUAGES}
    answers = body.setdefault("answers", {})
    for language in LANGUAGES:
        text = answers.setdefault(language, {})
        steps = [line.strip() for line in given.get(f"steps_{language}", "").split("\n") if line.strip()]
        text["answer"] = given.get(f"answer_{language}", "")
        _put(text, "steps", steps or None, empty=[])
        _put(text, "ordered", given.get(f"ordered_{language}") == "1" or None, empty=False)
        for name in ("watch", "help", "more"):
            _put(text, name, given.get(f"{name}_{language}") or None)
    _put(body, "related", given.get("related", "").replace(",", " ").split() or None, empty=[])
    body["where"] = given.get("where") or "any"
    card = {c: given.get(f"card_{c}", "").replace(",", " ").split() for c in ("th", "la")}
    _put(body, "card", {c: names for c, names in card.items() if names} or None)
    _put(body, "sources", _read_sources(given) or None, empty=[])
    return body


def _put(body: Body, name: str, value: Any, empty: Any = None) -> None:
    """Set a value; an empty one only where the key stood already, so that untouched bodies stay equal."""
    if value is not None:
        body[name] = value
    elif body.get(name):
        body[name] = empty


def _line(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(str(item) for item in value)
    return "" if value is None else str(value)


def _value(text: str, before: Any) -> Any:
    """A number where it is one; a text that was a text before stays one (a year, a section of a law)."""
    if isinstance(before, str):
        return text
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text


def _sources(sources: list[Any]) -> dict[str, str]:
    return {
        f"source_{part}_{number}": str(source.get(part) or "")
        for number, source in enumerate(sources)
        for part in ("title", "url", "date")
    }


def _read_sources(given: Mapping[str, str]) -> list[Body]:
    rows = [{p: given.get(f"source_{p}_{n}", "") for p in ("title", "url", "date")} for n in range(SOURCES)]
    return [row | {"date": row["date"] or "n.d."} for row in rows if row["title"] or row["url"]]


def _phones(before: list[Body], given: Mapping[str, str]) -> list[Body]:
    phones = []
    for number in range(PHONES):
        digits = given.get(f"phone_number_{number}", "")
        if digits:
            old = before[number] if number < len(before) else {}
            short = given.get(f"phone_short_{number}") == "1"
            places = given.get(f"phone_from_{number}", "").replace(",", " ").split()
            phones.append({**old, "number": digits, "short": short, "from": places})
    return phones
