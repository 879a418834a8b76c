"""Which script, which of the seven forms, whose language: from the text alone."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from nlu.text.normalise import normalise

VERSION = "scripts.v1"
FORMS = ("lao", "thai", "roman", "thaiscript", "karaoke", "english", "mixed")
LANGUAGE_OF_FORM = {"lao": "lo", "roman": "lo", "thaiscript": "lo", "thai": "th", "karaoke": "th", "english": "en"}
WEIGHTS = Path(__file__).with_name("forms.json")

_THAI_LETTERS = re.compile("[ก-ฺเ-๎]")
_LAO_LETTERS = re.compile("[\u0e80-\u0eff]")
_LATIN_LETTERS = re.compile("[a-z]")
_LATIN_WORD = re.compile("[a-z']+")
# Latin words that Lao and Thai writers use inside their own script: no second language.
_LOANS = frozenset(
    """
    mou passport visa ot line facebook fb tiktok telegram whatsapp wechat id card work permit atm sim ok covid eps tm
    online hotline agency email gps cctv wifi app url qr hiv aids promptpay youtube messenger a b c x m v l s t p
    """.split()  # noqa: SIM905
)
_ENOUGH_FOR_MIXED = 0.18
_SURE_OF_LANGUAGE = 0.6


def _shares(text: str) -> dict[str, float]:
    """Shares of Lao, Thai and Latin letters in a normalised text; all 0 when it has none."""
    counts = {
        "lao": len(_LAO_LETTERS.findall(text)),
        "thai": len(_THAI_LETTERS.findall(text)),
        "latin": len(_LATIN_LETTERS.findall(text)),
    }
    total = sum(counts.values())
    return {name: n / total if total else 0.0 for name, n in counts.items()}


@lru_cache(maxsize=1)
def _weights() -> Mapping[str, Mapping[str, Mapping[str, float]]]:
    data: dict[str, dict[str, dict[str, float]]] = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return data


def grams(text: str, longest: int = 4) -> set[str]:
    """Character n-grams of the words, each word between blanks; unordered and counted once."""
    found: set[str] = set()
    for word in text.split():
        padded = f" {word} "
        for size in range(1, longest + 1):
            found.update(padded[i : i + size] for i in range(len(padded) - size + 1))
    return found


def _softmax(scores: dict[str, float]) -> dict[str, float]:
    top = max(scores.values())
    weights = {name: math.exp(score - top) for name, score in scores.items()}
    total = sum(weights.values())
    return {name: w / total for name, w in weights.items()}


def _judged(group: str, text: str) -> dict[str, float]:
    """Probabilities of the forms that share a script, by a linear model over n-grams (nlu/tools/make_forms.py)."""
    table = _weights()[group]
    present = grams(text)
    norm = 1.0 / math.sqrt(len(present) or 1)
    scores = {}
    for form, weights in table.items():
        scores[form] = weights[""] + norm * sum(weights.get(gram, 0.0) for gram in present)
    return _softmax(scores)


def _without_loans(text: str) -> str:
    return _LATIN_WORD.sub(lambda m: " " if m.group() in _LOANS else m.group(), text)


def form_probabilities(text: str) -> dict[str, float]:
    """Probability of each of the seven forms; empty for a text without letters."""
    text = normalise(text)
    shares = _shares(text)
    if not any(shares.values()):
        return {}
    if shares["latin"] < 1.0:
        without = _shares(_without_loans(text))
        shares = without if any(without.values()) else shares
    thai_text = " ".join(re.findall("[\u0e00-\u0e7f]+", text))
    latin_text = " ".join(_LATIN_WORD.findall(text))
    out = dict.fromkeys(FORMS, 0.0)
    # The share of the second script says how likely a mixture is.
    second = sorted(shares.values())[-2]
    mixed = 1.0 / (1.0 + math.exp(-(second - _ENOUGH_FOR_MIXED) * 25))
    if second == 0.0:
        mixed = 0.0
    main = max(shares, key=lambda name: shares[name])
    inner = {"lao": {"lao": 1.0}}.get(main) or _judged(
        "thai_script" if main == "thai" else "latin", thai_text if main == "thai" else latin_text
    )
    out["mixed"] = mixed
    for form, p in inner.items():
        out[form] += (1.0 - mixed) * p
    return out


def detect_form(text: str) -> tuple[str | None, float]:
    """The likeliest of the seven forms and its probability; (None, 0.0) for a text without letters."""
    probabilities = form_probabilities(text)
    if not probabilities:
        return None, 0.0
    form = max(probabilities, key=lambda name: probabilities[name])
    return form, probabilities[form]


def language_probabilities(text: str) -> dict[str, float]:
    """How likely the writer speaks Lao, Thai or English; a mixture counts by the parts in it."""
    probabilities = form_probabilities(text)
    if probabilities and not any(_shares(_without_loans(normalise(text))).values()):
        return dict.fromkeys(("lo", "th", "en"), 1 / 3)  # "passport?" is anybody's
    out = {"lo": 0.0, "th": 0.0, "en": 0.0}
    for form, p in probabilities.items():
        if form != "mixed":
            out[LANGUAGE_OF_FORM[form]] += p
    mixed = probabilities.get("mixed", 0.0)
    if mixed:
        for language, p in _parts_of_mixture(normalise(text)).items():
            out[language] += mixed * p
    return out


def _parts_of_mixture(text: str) -> dict[str, float]:
    """Lao letters or Lao words anywhere speak for Lao: Thai and English words are borrowed, not the other way round."""
    shares = _shares(text)
    out = {"lo": shares["lao"] * 2.0, "th": 0.0, "en": 0.0}
    if shares["thai"]:
        for form, p in _judged("thai_script", " ".join(re.findall("[\u0e00-\u0e7f]+", text))).items():
            out[LANGUAGE_OF_FORM[form]] += shares["thai"] * p * (2.0 if form == "thaiscript" else 1.0)
    if shares["latin"]:
        for form, p in _judged("latin", " ".join(_LATIN_WORD.findall(text))).items():
            out[LANGUAGE_OF_FORM[form]] += shares["latin"] * p * (0.5 if form == "english" else 1.0)
    total = sum(out.values())
    return {language: p / total for language, p in out.items()}


def speaker_language(text: str) -> str | None:
    """lo, th or en when the text says so clearly enough, else None."""
    probabilities = language_probabilities(text)
    best = max(probabilities, key=lambda name: probabilities[name])
    return best if probabilities[best] >= _SURE_OF_LANGUAGE else None
