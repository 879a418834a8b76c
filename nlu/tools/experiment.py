"""Tries features and classifiers without Rasa, on cross-validated training questions or on the held-out ones.

python -m nlu.tools.experiment [--eval] [--curve] [NAME ...]     (names of the settings in SETTINGS; default: all)

Cross-validation deals each intent's questions over three folds; top-1 and top-3 per form on in-scope rows.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp

from nlu.components.features import VIEWS, Reading, Vectoriser, bag_of
from nlu.components.intent_model import fold_numbers
from nlu.tools.dataset import FORMS, Row, held_out_rows, training_rows

Array = np.ndarray[Any, Any]
Scores = Callable[[sp.csr_matrix, Array, sp.csr_matrix, int], Array]


def svm(c: float) -> Scores:
    def scores(x: sp.csr_matrix, y: Array, asked: sp.csr_matrix, classes: int) -> Array:
        from sklearn.svm import LinearSVC

        model = LinearSVC(C=c, tol=1e-3).fit(x, y)
        return _spread(model.decision_function(asked), model.classes_, classes)

    return scores


def logistic(c: float) -> Scores:
    def scores(x: sp.csr_matrix, y: Array, asked: sp.csr_matrix, classes: int) -> Array:
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(C=c, solver="liblinear", dual=True, multi_class="ovr", tol=1e-2).fit(x, y)
        return _spread(model.decision_function(asked), model.classes_, classes)

    return scores


def nearest(k: int) -> Scores:
    """Similarity-weighted vote of the k nearest training questions."""

    def scores(x: sp.csr_matrix, y: Array, asked: sp.csr_matrix, classes: int) -> Array:
        like = (asked @ x.T).toarray()
        out = np.zeros((like.shape[0], classes))
        for i, row in enumerate(like):
            for j in np.argpartition(-row, k)[:k]:
                out[i, y[j]] += row[j] ** 2
        return out

    return scores


def ridge(strength: float) -> Scores:
    """Kernel ridge regression on the summed linear kernels: one solve for all classes."""

    def scores(x: sp.csr_matrix, y: Array, asked: sp.csr_matrix, classes: int) -> Array:
        from scipy.linalg import cho_factor, cho_solve

        kernel = (x @ x.T).toarray().astype(np.float32)
        kernel[np.diag_indices(len(y))] += strength
        target = np.eye(classes, dtype=np.float32)[y]
        weights = cho_solve(cho_factor(kernel, overwrite_a=True, check_finite=False), target - target.mean(axis=0))
        return np.asarray(asked @ (x.T @ weights))

    return scores


def _spread(found: Array, columns: Array, classes: int) -> Array:
    out = np.full((found.shape[0], classes), -9.0)
    out[:, columns] = found
    return out


# name -> (views and weights, classifier)
SETTINGS: dict[str, tuple[dict[str, float], Scores]] = {
    "char": ({"char": 1}, svm(0.4)),
    "word": ({"word": 1}, svm(0.4)),
    "sound": ({"sound": 1}, svm(0.4)),
    "concept": ({"concept": 1}, svm(0.4)),
    "char+word": ({"char": 1, "word": 1}, svm(0.4)),
    "char+word+sound.5": ({"char": 1, "word": 1, "sound": 0.5}, svm(0.4)),
    "char+word+sound": ({"char": 1, "word": 1, "sound": 1}, svm(0.4)),
    "cws+concept.3": ({"char": 1, "word": 1, "sound": 1, "concept": 0.3}, svm(0.4)),
    "cws+concept.5": ({"char": 1, "word": 1, "sound": 1, "concept": 0.5}, svm(0.4)),
    "cws+concept.8": ({"char": 1, "word": 1, "sound": 1, "concept": 0.8}, svm(0.4)),
    "cws+concept.5 C.15": ({"char": 1, "word": 1, "sound": 1, "concept": 0.5}, svm(0.15)),
    "cws+concept.5 LR3": ({"char": 1, "word": 1, "sound": 1, "concept": 0.5}, logistic(3)),
    "cws+concept.5 nearest10": ({"char": 1, "word": 1, "sound": 1, "concept": 0.5}, nearest(10)),
    "cws+concept.5 ridge1": ({"char": 1, "word": 1, "sound": 1, "concept": 0.5}, ridge(1.0)),
    "sound+concept.5": ({"sound": 1, "concept": 0.5}, svm(0.4)),
}
MIN_COUNT = {"char": 2, "word": 1, "sound": 2, "concept": 2}


class Bench:
    def __init__(self, rows: list[Row], asked: list[Row] | None) -> None:
        self.rows, self.asked = rows, asked
        self.classes = sorted({r.intent for r in rows})
        index = {name: i for i, name in enumerate(self.classes)}
        self.y = np.array([index[r.intent] for r in rows])
        self._bags: dict[tuple[str, bool], list[Counter[str]]] = {}
        self._readings = [Reading(r.text) for r in rows]
        self._asked_readings = [Reading(r.text) for r in asked or ()]

    def bags(self, view: str, asked: bool) -> list[Counter[str]]:
        key = (view, asked)
        if key not in self._bags:
            self._bags[key] = [bag_of(view, r) for r in (self._asked_readings if asked else self._readings)]
        return self._bags[key]

    def matrices(
        self, views: dict[str, float], learn: Array, held: Array | None
    ) -> tuple[sp.csr_matrix, sp.csr_matrix]:
        taught, asked = [], []
        for view, weight in views.items():
            bags = self.bags(view, False)
            vectoriser = Vectoriser.fit(view, [bags[i] for i in learn], MIN_COUNT.get(view, 1))
            taught.append(vectoriser.matrix([bags[i] for i in learn]) * weight)
            others = self.bags(view, True) if held is None else [bags[i] for i in held]
            asked.append(vectoriser.matrix(others) * weight)
        return sp.hstack(taught, format="csr"), sp.hstack(asked, format="csr")

    def scores(self, views: dict[str, float], classifier: Scores, keep: Array | None = None) -> tuple[Array, list[Row]]:
        everything = np.arange(len(self.rows)) if keep is None else keep
        if self.asked is not None:
            x, asked = self.matrices(views, everything, None)
            return classifier(x, self.y[everything], asked, len(self.classes)), self.asked
        fold_of = fold_numbers(self.y, 3, 7)
        out = np.zeros((len(self.rows), len(self.classes)))
        for fold in range(3):
            learn = everything[fold_of[everything] != fold]
            held = np.flatnonzero(fold_of == fold)
            x, asked = self.matrices(views, learn, held)
            out[held] = classifier(x, self.y[learn], asked, len(self.classes))
        return out, self.rows

    def report(self, name: str, scores: Array, rows: list[Row], seconds: float) -> None:
        best = np.argsort(-scores, axis=1)[:, :3]
        first: Counter[str] = Counter()
        third: Counter[str] = Counter()
        total: Counter[str] = Counter()
        for row, found in zip(rows, best, strict=True):
            if row.intent == "out_of_scope":
                continue
            guesses = [self.classes[i] for i in found]
            for key in (row.form, "all"):
                total[key] += 1
                first[key] += guesses[0] in row.right
                third[key] += bool(row.right & set(guesses))
        cells = [
            f"{form[:7]} {100 * first[form] / total[form]:.0f}/{100 * third[form] / total[form]:.0f}"
            for form in (*FORMS, "all")
            if total[form]
        ]
        print(f"{name:24s} {' '.join(cells)} ({seconds:.0f} s)", flush=True)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help=", ".join(SETTINGS))
    parser.add_argument("--eval", action="store_true", help="train on all questions, ask nlu/eval")
    parser.add_argument("--curve", action="store_true", help="an eighth, a quarter, half and all of the questions")
    options = parser.parse_args(argv)
    rows = training_rows()
    print(f"{len(rows)} training questions: {dict(Counter(r.form for r in rows))}; views {', '.join(VIEWS)}")
    bench = Bench(rows, held_out_rows() if options.eval else None)
    rng = np.random.RandomState(3)
    order = rng.permutation(len(rows))
    for name in options.names or SETTINGS:
        views, classifier = SETTINGS[name]
        for share in (8, 4, 2, 1) if options.curve else (1,):
            start = time.perf_counter()
            scores, asked = bench.scores(views, classifier, np.sort(order[: len(order) // share]))
            label = name if share == 1 else f"{name} 1/{share}"
            bench.report(label, scores, asked, time.perf_counter() - start)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
