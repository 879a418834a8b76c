"""Default options of the intent classifier, in one place: config.yml overrides them."""

from __future__ import annotations

from typing import Any

DEFAULTS: dict[str, Any] = {
    # Three experts that err differently: one hears (sound, words, concepts), one reads (spelling), one listens to
    # words and what they mean.
    "experts": {
        "hears": {"views": {"word": 1.0, "sound": 1.5, "heard": 0.7, "concept": 0.5}, "C": 0.3},
        "reads": {"views": {"word": 1.0, "char": 1.0}, "C": 0.3},
        "listens": {"views": {"heard": 1.5, "concept": 0.5, "meaning": 1.5}, "C": 0.3},
    },
    # Beside them, who cries for help: the six urgent topics (or just "urgent") against all others.
    "detectors": {
        "alarm": {"views": {"word": 1.0, "sound": 1.5, "char": 1.0, "concept": 0.5}, "C": 0.3, "kinds": False},
        "kinds": {"views": {"word": 1.0, "heard": 1.5, "concept": 0.5, "meaning": 1.5}, "C": 0.3, "kinds": True},
    },
    # Grams that stand in fewer questions are dropped.
    "min_count": {"char": 4, "word": 1, "sound": 3, "heard": 2, "concept": 2},
    # Rounds of liblinear: more change nothing but the time (docs/nlu.md).
    "rounds": 5,
    # The curves are fitted on one fold of this many.
    "folds": 4,
    "seed": 7,
    # Processes that train experts side by side.
    "workers": 2,
    "ranking_length": 10,
}
