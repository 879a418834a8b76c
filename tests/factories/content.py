"""A small published content, valid and complete: every topic answered in three languages, one fact, some contacts."""

from __future__ import annotations

from datetime import date
from typing import Any

from bot.knowledge.load import load_topics
from bot.knowledge.model import Alerts, Answer, CannedReply, Contact, Fact, Published
from bot.settings import ROOT

SOURCE = {"title": "Royal Gazette", "url": "https://example.org/gazette", "date": "2025-06-17"}
CHECKED = date(2026, 11, 24)


def fact(**changes: Any) -> Fact:
    """A fact: a visa fee of 500 baht."""
    values: dict[str, Any] = {
        "means": "visa fee",
        "value": 1500,
        "text": {"lo": "{value} ບາດ", "th": "{value} บาท", "en": "{value} baht"},
        "country": "th",
        "source": SOURCE,
        "checked_on": CHECKED,
        "expires_on": date(2027, 11, 10),
        "grade": "B",
    }
    return Fact.model_validate(values | changes)


def contact(number: str, country: str, **changes: Any) -> Contact:
    """A hotline with a short number that works in its own country only."""
    values: dict[str, Any] = {
        "name": {"lo": f"ສາຍ {number}", "th": f"สาย {number}", "en": f"Line {number}"},
        "for": {"lo": "ຊ່ວຍ", "th": "ช่วย", "en": "help"},
        "country": country,
        "phones": [{"number": number, "short": True, "from": [country]}],
        "source": SOURCE,
        "checked_on": CHECKED,
        "grade": "B",
    }
    return Contact.model_validate(values | changes)


def answer(topic: str, **changes: Any) -> Answer:
    """An answer that says its own topic, so that tests can see which one came."""
    values: dict[str, Any] = {
        "topic": topic,
        "status": {"lo": "draft", "th": "draft", "en": "draft"},
        "title": {"lo": f"ລາວ {topic}", "th": f"ไทย {topic}", "en": f"Title {topic}"},
        "answers": {code: {"answer": f"{code}:{topic}", "steps": ["1", "2"]} for code in ("lo", "th", "en")},
    }
    if topic.startswith("urgent_"):
        values["card"] = {"th": ["th_191"], "la": ["la_1191"]}
    return Answer.model_validate(values | changes)


def published(**answers: Answer) -> Published:
    """All 86 topics, each with its own plain answer unless another is given."""
    topics = load_topics(ROOT / "content" / "topics.yml")
    return Published(
        topics=topics,
        facts={"visa_fee": fact()},
        contacts={"th_191": contact("191", "th"), "la_1191": contact("1191", "la")},
        answers={name: answers.get(name) or answer(name) for name in topics},
        version="test",
        canned={
            "call": CannedReply(
                title={"lo": "ໂທ", "th": "โทร", "en": "Call"},
                text={"lo": "ລາວ {contact:th_191}", "th": "ไทย {contact:th_191}", "en": "Call {contact:th_191}"},
            )
        },
        alerts=Alerts.model_validate(
            {
                "kinds": {"scam": {"title": named("scam"), "means": named("when")}},
                "destinations": {"th": named("Thailand"), "kr": named("Korea")},
            }
        ),
    )


def named(name: str) -> dict[str, str]:
    """A text in three languages."""
    return {"lo": f"ລາວ {name}", "th": f"ไทย {name}", "en": name}
