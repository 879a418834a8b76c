"""The intent classifier without Rasa: experts over text views, mixed by form, calibrated on out-of-fold margins.

An expert is a one-vs-rest linear SVM over some views. Its margins m become log scores c * log sigmoid(a m + b): a plain
softmax grows too sure, because a margin far beyond 1 says no more than 1 does (docs/nlu.md). a, b, c and the experts'
shares for each form are fitted on predictions for questions that the expert has not seen. Two detectors tell cries for
help from everything else; their margins and the urgent share of the mixture make the urgent score (logistic).
"""

from __future__ import annotations

import json
import warnings
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from nlu.components.features import Reading, Vectoriser, bag_of, vectoriser_of
from nlu.text.scripts import form_probabilities

VERSION = "intent_model.v5"
URGENT = "urgent_"
Array = np.ndarray[Any, Any]
MIX_GROUPS = ("lao", "thai", "roman", "thaiscript", "karaoke", "english", "mixed")


@dataclass(frozen=True)
class ExpertSpec:
    name: str
    views: Mapping[str, float]  # view -> weight
    c: float
    kinds: bool = True  # a detector's: each urgent topic is a class of its own


@dataclass(frozen=True)
class ModelSpec:
    experts: tuple[ExpertSpec, ...]
    detectors: tuple[ExpertSpec, ...] = ()
    min_count: Mapping[str, int] = field(default_factory=dict)  # view -> grams seen in fewer questions are dropped
    folds: int = 4
    seed: int = 7
    rounds: int = 8
    workers: int = 1

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> ModelSpec:
        experts, detectors = (
            tuple(
                ExpertSpec(
                    name, {v: float(w) for v, w in e["views"].items()}, float(e["C"]), bool(e.get("kinds", True))
                )
                for name, e in config[part].items()
            )
            for part in ("experts", "detectors")
        )
        return cls(
            experts,
            detectors,
            dict(config["min_count"]),
            int(config["folds"]),
            int(config["seed"]),
            int(config["rounds"]),
            int(config["workers"]),
        )

    @property
    def everyone(self) -> tuple[ExpertSpec, ...]:
        return (*self.experts, *self.detectors)

    @property
    def views(self) -> list[str]:
        return sorted({view for expert in self.everyone for view in expert.views})


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
    detectors: list[Expert] = field(default_factory=list)
    alarm: Array = field(default_factory=lambda: np.zeros(0))  # weights of the mixture, of each detector, and the bias

    def __post_init__(self) -> None:
        self._urgent = urgent_columns(self.classes)

    def probabilities(self, text: str) -> Array:
        return self.judge(Reading(text), form_probabilities(text))[0]

    def judge(self, reading: Reading, forms: Mapping[str, float]) -> tuple[Array, float]:
        """Probability of each intent, and how likely somebody cries for help."""
        rows = {name: v.row(bag_of(name, reading)) for name, v in self.vectorisers.items()}
        margins = np.stack([self._margins(expert, rows) for expert in self.experts])
        p = mix(margins[:, None, :], form_matrix([forms]) @ self.shares, self.curves)
        found = [shouting(self._margins(detector, rows)[None, :]) for detector in self.detectors]
        return p[0], float(urgency(p[:, self._urgent].sum(axis=1), found, self.alarm)[0])

    def _margins(self, expert: Expert, rows: Mapping[str, tuple[list[int], Array]]) -> Array:
        columns: list[int] = []
        parts = []
        offset = 0
        for view, weight in expert.spec.views.items():
            view_columns, view_values = rows[view]
            columns.extend(c + offset for c in view_columns)
            parts.append(view_values * weight)
            offset += self.vectorisers[view].size
        values = np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)
        return expert.margins(np.array(columns, dtype=np.int64), values)

    def save(self, folder: Path) -> None:
        arrays: dict[str, Array] = {"curves": self.curves, "shares": self.shares, "alarm": self.alarm}
        meta: dict[str, Any] = {
            "version": VERSION,
            "classes": self.classes,
            "views": {},
            "experts": [],
            "detectors": [],
        }
        for name, vectoriser in self.vectorisers.items():
            meta["views"][name] = list(vectoriser.vocabulary)
            arrays[f"idf_{name}"] = vectoriser.idf
        for part, experts in (("experts", self.experts), ("detectors", self.detectors)):
            for i, expert in enumerate(experts):
                spec = expert.spec
                meta[part].append({"name": spec.name, "views": dict(spec.views), "c": spec.c, "kinds": spec.kinds})
                # A byte a weight changes no decision. Compressed fast here: Rasa packs the file slowly.
                steps = np.maximum(np.abs(expert.coef).max(axis=0), 1e-9) / 127
                weights = np.rint(expert.coef / steps).astype(np.int8)
                (folder / f"{part}_{i}.z").write_bytes(zlib.compress(weights.tobytes(), 1))
                arrays[f"{part}_steps_{i}"], arrays[f"{part}_bias_{i}"] = steps.astype(np.float32), expert.bias
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
                name: vectoriser_of(name)(name, {gram: i for i, gram in enumerate(grams)}, arrays[f"idf_{name}"])
                for name, grams in meta["views"].items()
            }
            experts, detectors = (
                [
                    Expert(
                        ExpertSpec(e["name"], e["views"], e["c"], e["kinds"]),
                        _weights(folder / f"{part}_{i}.z", arrays[f"{part}_steps_{i}"]),
                        arrays[f"{part}_bias_{i}"],
                    )
                    for i, e in enumerate(meta[part])
                ]
                for part in ("experts", "detectors")
            )
            return cls(
                meta["classes"], vectorisers, experts, arrays["curves"], arrays["shares"], detectors, arrays["alarm"]
            )


def _weights(path: Path, steps: Array) -> Array:
    table = np.frombuffer(zlib.decompress(path.read_bytes()), dtype=np.int8).reshape(-1, len(steps))
    return table * steps


def urgent_columns(classes: Sequence[str]) -> Array:
    return np.array([name.startswith(URGENT) for name in classes])


def shouting(margins: Array) -> Array:
    """How much louder the loudest cry is than the calm reading. Column 0 is calm; a detector without cries says 0."""
    if margins.shape[1] < 2:
        return np.zeros(len(margins))
    return np.asarray(margins[:, 1:].max(axis=1) - margins[:, 0])


def _alarm_table(mixed: Array, detectors: Sequence[Array]) -> Array:
    p = np.clip(np.asarray(mixed, dtype=np.float64), 1e-4, 1 - 1e-4)
    return np.stack([np.log(p / (1 - p)), *detectors, np.ones(len(p))], axis=1)


def urgency(mixed: Array, detectors: Sequence[Array], alarm: Array) -> Array:
    """Probability that a row is a cry: from the urgent share of the mixture and the detectors' margins."""
    if not len(alarm):
        return mixed
    return np.asarray(1 / (1 + np.exp(-(_alarm_table(mixed, detectors) @ alarm))))


def fit_alarm(mixed: Array, detectors: Sequence[Array], cry: Array) -> Array:
    """Weights of the urgent score, by logistic regression on rows that nobody was taught; none without cries."""
    from sklearn.linear_model import LogisticRegression

    if not detectors or len(set(cry.tolist())) < 2:
        return np.zeros(0)
    found = LogisticRegression(C=10.0).fit(_alarm_table(mixed, detectors)[:, :-1], cry)
    return np.concatenate([found.coef_[0], found.intercept_])


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


Job = tuple[ExpertSpec, sp.csr_matrix, Array]


def _fit_expert(job: Job, model: ModelSpec) -> Expert:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.svm import LinearSVC

    spec, x, y = job
    if len(np.unique(y)) < 2:  # nothing to tell apart: a detector without cries
        return Expert(spec, np.zeros((x.shape[1], 1), dtype=np.float32), np.zeros(1, dtype=np.float32))
    svm = LinearSVC(C=spec.c, random_state=model.seed, tol=1e-2, max_iter=model.rounds)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # stopped early on purpose
        svm.fit(x, y)
    coef, bias = svm.coef_, svm.intercept_
    if len(svm.classes_) == 2:  # scikit-learn keeps one row for two classes
        coef, bias = np.vstack([-coef, coef]), np.concatenate([-bias, bias])
    return Expert(spec, np.ascontiguousarray(coef.T.astype(np.float32)), bias.astype(np.float32))


def _fit_all(jobs: Sequence[Job], model: ModelSpec) -> list[Expert]:
    """The costliest first, side by side in processes: liblinear's random order is shared between threads."""
    from joblib import Parallel, delayed

    order = sorted(range(len(jobs)), key=lambda i: -jobs[i][1].nnz * len(np.unique(jobs[i][2])))
    small = sum(x.nnz for _, x, _ in jobs) < 200_000  # a process costs more than it saves
    parallel = Parallel(n_jobs=1 if small else model.workers, max_nbytes=None, batch_size=1, pre_dispatch="all")
    found = parallel(delayed(_fit_expert)(jobs[i], model) for i in order)
    return [expert for _, expert in sorted(zip(order, found, strict=True), key=lambda pair: pair[0])]


def cries(y: Array, urgent: Array, kinds: bool) -> Array:
    """Classes of a detector: 0 calm, then one for each urgent topic, or 1 for all of them."""
    number = np.cumsum(urgent) * urgent
    return np.asarray(number[y] if kinds else (number[y] > 0).astype(np.int64))


def _jobs(blocks: Mapping[str, sp.csr_matrix], y: Array, urgent: Array, model: ModelSpec) -> list[Job]:
    return [
        *((spec, stacked(spec, blocks), y) for spec in model.experts),
        *((spec, stacked(spec, blocks), cries(y, urgent, spec.kinds)) for spec in model.detectors),
    ]


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


@dataclass
class Unseen:
    """What experts and detectors say about questions that they were not taught."""

    rows: Array
    margins: Array  # (experts, rows, classes)
    shouts: list[Array]  # of each detector


@dataclass
class _Fold:
    held: Array
    asked: dict[str, sp.csr_matrix]
    taught_classes: Array
    jobs: list[Job]


def _fold(spec: ModelSpec, data: _Prepared, learn: Array, held: Array) -> _Fold:
    taught, asked = {}, {}
    for view in spec.views:
        bags = data.bags[view]
        vectoriser = vectoriser_of(view).fit(view, [bags[i] for i in learn], spec.min_count.get(view, 1))
        taught[view] = vectoriser.matrix([bags[i] for i in learn])
        asked[view] = vectoriser.matrix([bags[i] for i in held])
    y = data.y[learn]
    return _Fold(held, asked, np.unique(y), _jobs(taught, y, urgent_columns(data.classes), spec))


def _unseen(spec: ModelSpec, fold: _Fold, experts: Sequence[Expert], classes: int) -> Unseen:
    number = len(spec.experts)
    margins = np.full((number, len(fold.held), classes), -1.0, dtype=np.float32)
    for e, expert in enumerate(experts[:number]):
        margins[e][:, fold.taught_classes] = stacked(expert.spec, fold.asked) @ expert.coef + expert.bias
    shouts = [shouting(stacked(d.spec, fold.asked) @ d.coef + d.bias) for d in experts[number:]]
    return Unseen(fold.held, margins, shouts)


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
    fitted = shares_of(minimize(mixed_loss, start, method="L-BFGS-B", options={"maxiter": 12}).x)
    # Halfway to even shares: the rows are by the writers who taught, and favour the expert that remembers their ways.
    return curves, (fitted + fitted.mean(axis=1, keepdims=True)) / 2


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


def train(texts: Sequence[str], intents: Sequence[str], spec: ModelSpec, progress: Progress = _quiet) -> IntentModel:
    data = _prepare(texts, intents, spec)
    progress(f"{len(texts)} questions, {len(data.classes)} intents, views {', '.join(spec.views)}")
    fold_of = fold_numbers(data.y, spec.folds, spec.seed)
    fold = _fold(spec, data, np.flatnonzero(fold_of != 0), np.flatnonzero(fold_of == 0))
    vectorisers = {v: vectoriser_of(v).fit(v, data.bags[v], spec.min_count.get(v, 1)) for v in spec.views}
    urgent = urgent_columns(data.classes)
    blocks = {v: vectorisers[v].matrix(data.bags[v]) for v in spec.views}
    progress("features ready")
    fitted = _fit_all([*fold.jobs, *_jobs(blocks, data.y, urgent, spec)], spec)
    judges, final = fitted[: len(spec.everyone)], fitted[len(spec.everyone) :]
    progress("experts fitted")
    unseen = _unseen(spec, fold, judges, len(data.classes))
    forms, y = data.forms[unseen.rows], data.y[unseen.rows]
    curves, shares = fit_mixture(unseen.margins, forms, y)
    mixed = mix(unseen.margins, forms @ shares, curves)[:, urgent].sum(axis=1)
    alarm = fit_alarm(mixed, unseen.shouts, urgent[y])
    progress("mixture fitted")
    number = len(spec.experts)
    return IntentModel(data.classes, vectorisers, final[:number], curves, shares, final[number:], alarm)
