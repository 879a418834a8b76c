"""The intent classifier without Rasa: experts over text views, mixed by form, calibrated on out-of-fold margins.

An expert is a one-vs-rest linear SVM over some views. Its margins m become log scores c * log sigmoid(a m + b): a plain
softmax grows too sure, because a margin far beyond 1 says no more than 1 does (docs/nlu.md). a, b, c and the experts'
shares for each form are fitted on predictions for questions that the expert has not seen.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from nlu.components.features import Reading, Vectoriser, bag_of
from nlu.text.scripts import form_probabilities

VERSION = "intent_model.v3"
Array = np.ndarray[Any, Any]
MIX_GROUPS = ("lao", "thai", "roman", "thaiscript", "karaoke", "english", "mixed")


@dataclass(frozen=True)
class ExpertSpec:
    name: str
    views: Mapping[str, float]  # view -> weight
    c: float


@dataclass(frozen=True)
class ModelSpec:
    experts: tuple[ExpertSpec, ...]
    min_count: Mapping[str, int] = field(default_factory=dict)  # view -> grams seen in fewer questions are dropped
    folds: int = 4
    seed: int = 7
    rounds: int = 8

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> ModelSpec:
        experts = tuple(
            ExpertSpec(name, {v: float(w) for v, w in e["views"].items()}, float(e["C"]))
            for name, e in config["experts"].items()
        )
        return cls(experts, dict(config["min_count"]), int(config["folds"]), int(config["seed"]), int(config["rounds"]))

    @property
    def views(self) -> list[str]:
        return sorted({view for expert in self.experts for view in expert.views})


@dataclass
class Expert:
    spec: ExpertSpec
    coef: Array  # (features, classes), float32
    bias: Array

    def margins(self, columns: Array, values: Array) -> Array:
        return values @ self.coef[columns] + self.bias


@dataclass
class IntentModel:
    classes: list[str]
    vectorisers: dict[str, Vectoriser]
    experts: list[Expert]
    curves: Array  # (experts, 3): a, b, c of each expert
    shares: Array  # (forms, experts)

    def probabilities(self, text: str) -> Array:
        return self.probabilities_of(Reading(text), form_probabilities(text))

    def probabilities_of(self, reading: Reading, forms: Mapping[str, float]) -> Array:
        rows = {name: v.row(bag_of(name, reading)) for name, v in self.vectorisers.items()}
        margins = []
        for expert in self.experts:
            columns: list[int] = []
            parts = []
            offset = 0
            for view, weight in expert.spec.views.items():
                view_columns, view_values = rows[view]
                columns.extend(c + offset for c in view_columns)
                parts.append(view_values * weight)
                offset += len(self.vectorisers[view].vocabulary)
            values = np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)
            margins.append(expert.margins(np.array(columns, dtype=np.int64), values))
        return mix(np.stack(margins)[:, None, :], form_matrix([forms]) @ self.shares, self.curves)[0]

    def save(self, folder: Path) -> None:
        arrays: dict[str, Array] = {"curves": self.curves, "shares": self.shares}
        meta: dict[str, Any] = {"version": VERSION, "classes": self.classes, "views": {}, "experts": []}
        for name, vectoriser in self.vectorisers.items():
            meta["views"][name] = list(vectoriser.vocabulary)
            arrays[f"idf_{name}"] = vectoriser.idf
        for i, expert in enumerate(self.experts):
            meta["experts"].append({"name": expert.spec.name, "views": dict(expert.spec.views), "c": expert.spec.c})
            # Half precision changes no decision and halves the file.
            arrays[f"coef_{i}"], arrays[f"bias_{i}"] = expert.coef.astype(np.float16), expert.bias
        np.savez(folder / "model.npz", **arrays)
        (folder / "model.json").write_text(json.dumps(meta, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> IntentModel:
        """Raises on anything missing or strange: a component that cannot load stops the start."""
        meta = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        if meta["version"] != VERSION:
            raise ValueError(f"model made by {meta['version']}, code is {VERSION}: train again")
        with np.load(folder / "model.npz", allow_pickle=False) as arrays:
            vectorisers = {
                name: Vectoriser(name, {gram: i for i, gram in enumerate(grams)}, arrays[f"idf_{name}"])
                for name, grams in meta["views"].items()
            }
            experts = [
                Expert(
                    ExpertSpec(e["name"], e["views"], e["c"]),
                    arrays[f"coef_{i}"].astype(np.float32),
                    arrays[f"bias_{i}"],
                )
                for i, e in enumerate(meta["experts"])
            ]
            return cls(meta["classes"], vectorisers, experts, arrays["curves"], arrays["shares"])


def form_matrix(forms: Sequence[Mapping[str, float]]) -> Array:
    table = np.array([[f.get(name, 0.0) for name in MIX_GROUPS] for f in forms], dtype=np.float64)
    totals = table.sum(axis=1, keepdims=True)
    return np.where(totals > 0, table / np.where(totals > 0, totals, 1), 1 / len(MIX_GROUPS))


def mix(margins: Array, shares: Array, curves: Array) -> Array:
    """Geometric mixture. margins (experts, rows, classes), shares (rows, experts) -> probabilities (rows, classes)."""
    a, b, c = (curves[:, i, None, None] for i in range(3))
    scores = np.einsum("erc,re->rc", c * -np.logaddexp(0.0, -(a * margins + b)), shares)
    scores -= scores.max(axis=1, keepdims=True)
    p = np.exp(scores)
    return p / p.sum(axis=1, keepdims=True)


def _fit_expert(spec: ExpertSpec, blocks: Mapping[str, sp.csr_matrix], y: Array, model: ModelSpec) -> Expert:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.svm import LinearSVC

    x = stacked(spec, blocks)
    svm = LinearSVC(C=spec.c, random_state=model.seed, tol=1e-2, max_iter=model.rounds)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # stopped early on purpose
        svm.fit(x, y)
    coef, bias = svm.coef_, svm.intercept_
    if len(svm.classes_) == 2:  # scikit-learn keeps one row for two classes
        coef, bias = np.vstack([-coef, coef]), np.concatenate([-bias, bias])
    return Expert(spec, np.ascontiguousarray(coef.T.astype(np.float32)), bias.astype(np.float32))


def stacked(spec: ExpertSpec, blocks: Mapping[str, sp.csr_matrix]) -> sp.csr_matrix:
    return sp.hstack([blocks[view] * weight for view, weight in spec.views.items()], format="csr", dtype=np.float32)


def fold_numbers(y: Array, folds: int, seed: int) -> Array:
    """Each intent's questions dealt evenly over the folds."""
    rng = np.random.RandomState(seed)
    out = np.zeros(len(y), dtype=np.int64)
    for label in np.unique(y):
        rows = np.flatnonzero(y == label)
        out[rng.permutation(rows)] = (np.arange(len(rows)) + rng.randint(folds)) % folds
    return out


def out_of_fold_margins(spec: ModelSpec, bags: Mapping[str, list[Any]], y: Array, folds: int) -> tuple[Array, Array]:
    """Rows of the first folds, and (experts, rows, classes): what an expert that was not taught them says."""
    fold_of = fold_numbers(y, spec.folds, spec.seed)
    parts, rows = [], []
    for fold in range(folds):
        learn, held = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
        taught, asked = {}, {}
        for view in spec.views:
            vectoriser = Vectoriser.fit(view, [bags[view][i] for i in learn], spec.min_count.get(view, 1))
            taught[view] = vectoriser.matrix([bags[view][i] for i in learn])
            asked[view] = vectoriser.matrix([bags[view][i] for i in held])
        margins = np.full((len(spec.experts), len(held), y.max() + 1), -1.0, dtype=np.float32)
        for e, expert_spec in enumerate(spec.experts):
            expert = _fit_expert(expert_spec, taught, y[learn], spec)
            margins[e][:, np.unique(y[learn])] = stacked(expert_spec, asked) @ expert.coef + expert.bias
        parts.append(margins)
        rows.append(held)
    return np.concatenate(rows), np.concatenate(parts, axis=1)


def fit_mixture(margins: Array, forms: Array, y: Array) -> tuple[Array, Array]:
    """Curves, and shares by form, that make the right intents likeliest (log loss; shares mildly held together)."""
    from scipy.optimize import minimize

    experts, groups = margins.shape[0], forms.shape[1]
    rows = np.arange(len(y))
    even = np.full((len(y), 1), 1.0)

    def loss(curves: Array, shares: Array, m: Array) -> float:
        return float(-np.log(mix(m, shares, curves)[rows, y] + 1e-9).mean())

    curves = np.zeros((experts, 3))
    for e in range(experts):
        found = minimize(
            lambda v, e=e: loss(np.array([[np.exp(v[0]), v[1], np.exp(v[2])]]), even, margins[e : e + 1]),
            [0.5, 3.0, 2.0],
            method="Nelder-Mead",
            options={"maxiter": 80, "xatol": 0.02, "fatol": 1e-4},
        ).x
        curves[e] = np.exp(found[0]), found[1], np.exp(found[2])
    if experts == 1:
        return curves, np.ones((groups, 1))
    a, b, c = (curves[:, i, None, None] for i in range(3))
    scored = c * -np.logaddexp(0.0, -(a * margins + b))

    def shares_of(v: Array) -> Array:
        logits = v.reshape(groups + 1, experts)
        logits = logits[:1] + logits[1:]
        # Two agreeing experts are not twice as sure, but a little surer: the sum of the shares is fitted too.
        return np.exp(logits)

    def mixed_loss(v: Array) -> float:
        scores = np.einsum("erc,re->rc", scored, forms @ shares_of(v))
        scores -= scores.max(axis=1, keepdims=True)
        right = scores[rows, y] - np.log(np.exp(scores).sum(axis=1))
        return float(-right.mean() + 1e-3 * np.square(v[experts:]).sum())

    start = np.concatenate([np.full(experts, -np.log(experts)), np.zeros(groups * experts)])
    best = minimize(mixed_loss, start, method="L-BFGS-B", options={"maxiter": 12}).x
    return curves, shares_of(best)


Progress = Callable[[str], None]


def _quiet(_: str) -> None:
    return None


@dataclass
class _Prepared:
    classes: list[str]
    y: Array
    bags: dict[str, list[Any]]
    forms: Array


def _prepare(texts: Sequence[str], intents: Sequence[str], spec: ModelSpec) -> _Prepared:
    classes = sorted(set(intents))
    index = {name: i for i, name in enumerate(classes)}
    readings = [Reading(t) for t in texts]
    return _Prepared(
        classes,
        np.array([index[i] for i in intents]),
        {view: [bag_of(view, r) for r in readings] for view in spec.views},
        form_matrix([form_probabilities(t) for t in texts]),
    )


def held_out_probabilities(
    texts: Sequence[str], intents: Sequence[str], spec: ModelSpec, progress: Progress = _quiet
) -> tuple[list[str], Array, Array]:
    """Classes, intent numbers, and calibrated probabilities of each question by a model that never saw it."""
    data = _prepare(texts, intents, spec)
    progress(f"{len(texts)} questions, {len(data.classes)} intents, {spec.folds} folds")
    rows, margins = out_of_fold_margins(spec, data.bags, data.y, spec.folds)
    forms, y = data.forms[rows], data.y[rows]
    curves, shares = fit_mixture(margins, forms, y)
    return data.classes, y, mix(margins, forms @ shares, curves)


def train(texts: Sequence[str], intents: Sequence[str], spec: ModelSpec, progress: Progress = _quiet) -> IntentModel:
    data = _prepare(texts, intents, spec)
    progress(f"{len(texts)} questions, {len(data.classes)} intents, views {', '.join(spec.views)}")
    rows, margins = out_of_fold_margins(spec, data.bags, data.y, 1)
    progress(f"{len(rows)} questions judged unseen")
    curves, shares = fit_mixture(margins, data.forms[rows], data.y[rows])
    progress("mixture fitted")
    vectorisers = {v: Vectoriser.fit(v, data.bags[v], spec.min_count.get(v, 1)) for v in spec.views}
    blocks = {v: vectorisers[v].matrix(data.bags[v]) for v in spec.views}
    experts = [_fit_expert(e, blocks, data.y, spec) for e in spec.experts]
    return IntentModel(data.classes, vectorisers, experts, curves, shares)
