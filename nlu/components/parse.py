"""From a text to the parse that the bot reads (its shape is in nlu/README.md)."""

from __future__ import annotations

from typing import Any

import numpy as np

from nlu.components.features import Reading
from nlu.components.intent_model import IntentModel
from nlu.text.clauses import split_clauses
from nlu.text.scripts import form_probabilities, language_probabilities

LONG = 60  # letters: a shorter message is read once, as a whole
CLAUSE_RANKING = 3
# Of a page only its beginning and its end are read (the question stands last): a parse must stay fast.
HEAD, TAIL = 900, 600


def parse(model: IntentModel, text: str, ranking_length: int = 10) -> dict[str, Any]:
    if not text.strip():
        return {
            "intent": {"name": None, "confidence": 0.0},
            "intent_ranking": [],
            "urgent_score": 0.0,
            "form": {"name": None, "confidence": 0.0},
            "language": {"name": None, "confidence": 0.0},
            "clauses": [],
        }
    if len(text) > HEAD + TAIL:
        text = f"{text[:HEAD]}\n{text[-TAIL:]}"
    forms = form_probabilities(text)
    whole, urgent = model.judge(Reading(text), forms)
    ranking = _ranking(model, whole, ranking_length)
    return {
        "intent": ranking[0],
        "intent_ranking": ranking,
        "urgent_score": round(urgent, 5),
        "form": _best(forms),
        "language": _best(language_probabilities(text)),
        "clauses": _clauses(model, text, forms) if len(text) >= LONG else [],
    }


def _clauses(model: IntentModel, text: str, forms: dict[str, float]) -> list[dict[str, Any]]:
    pieces = split_clauses(text)
    if len(pieces) < 2:
        return []
    out = []
    for piece in pieces:
        p, urgent = model.judge(Reading(piece), forms)
        out.append(
            {"text": piece, "intent_ranking": _ranking(model, p, CLAUSE_RANKING), "urgent_score": round(urgent, 5)}
        )
    return out


def _ranking(model: IntentModel, p: Any, length: int) -> list[dict[str, Any]]:
    best = np.argsort(-p)[:length]
    return [{"name": model.classes[i], "confidence": round(float(p[i]), 5)} for i in best]


def _best(probabilities: dict[str, float]) -> dict[str, Any]:
    if not any(probabilities.values()):
        return {"name": None, "confidence": 0.0}
    name = max(probabilities, key=lambda k: probabilities[k])
    return {"name": name, "confidence": round(probabilities[name], 4)}
