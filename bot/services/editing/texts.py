"""What the desk must know of bodies: their languages, where they are used, what belongs together."""

from __future__ import annotations

import json
from typing import Any

from bot.knowledge.bodies import ANSWER_KEYS, Body, Kind, Place, body_hash
from bot.knowledge.model import Published
from bot.settings import LANGUAGES

ORIGINAL = "lo"
"""The language of those who read the bot; the others are its translations."""
NEW_TOPIC = "new_topic"
"""Key of an answer's body under which the entry of topics.yml travels while the topic is not there yet."""


def parts(kind: str, key: str, body: Body | None) -> dict[Place, Body | None]:
    """What publishing this body changes: a new topic brings its entry along."""
    if kind == Kind.FAQ and body and NEW_TOPIC in body:
        rest = {name: value for name, value in body.items() if name != NEW_TOPIC}
        return {(Kind.TOPIC, key): body[NEW_TOPIC], (Kind.FAQ, key): rest}
    if kind == Kind.FAQ and body is None:
        return {(Kind.TOPIC, key): None, (Kind.FAQ, key): None}
    return {(kind, key): body}


def text_of(body: Body | None, language: str) -> dict[str, Any]:
    """All that an answer says in one language, in one form whether empty parts are written down or not."""
    body = body or {}
    answer = (body.get("answers") or {}).get(language) or {}
    said = {name: answer.get(name) or None for name in ANSWER_KEYS}
    return {"title": (body.get("title") or {}).get(language) or "", **said}


def text_hash(body: Body | None, language: str) -> str:
    """Another text of that language gives another hash."""
    return body_hash(text_of(body, language))


def with_status(body: Body, published: Body | None) -> Body:
    """A language keeps its approval only while its text is the one that was approved."""
    old = (published or {}).get("status") or {}
    status = {
        language: old.get(language, "draft") if text_hash(body, language) == text_hash(published, language) else "draft"
        for language in LANGUAGES
    }
    return body | {"status": status}


def used_in(published: Published, kind: str, key: str) -> list[str]:
    """The topics whose answers or help cards show a fact or contact, and `pathways` when the plans do."""
    marks = [f"{{{kind}:{key}}}"] + ([f"{{phone:{key}}}"] if kind == Kind.CONTACT else [])
    found = []
    for topic, entry in published.answers.items():
        cards = [name for names in (entry.card or {}).values() for name in names]
        if any(mark in entry.model_dump_json() for mark in marks) or (kind == Kind.CONTACT and key in cards):
            found.append(topic)
    tree = published.pathways.model_dump_json() if published.pathways else ""
    if any(mark in tree for mark in marks) or (kind == Kind.FACT and json.dumps({"fact": key})[1:-1] in tree):
        found.append("pathways")
    return found
