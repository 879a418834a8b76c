"""Learns nlu/text/forms.json from the training questions: Thai from Lao in Thai letters, and the three Latin forms.

python -m nlu.tools.make_forms     (run it when many questions have been added; the file is committed)
"""

from __future__ import annotations

import json
import re
import sys

import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from nlu.text.normalise import normalise
from nlu.text.scripts import WEIGHTS, grams
from nlu.tools.dataset import Row, training_rows

GROUPS = {"thai_script": ("thai", "thaiscript"), "latin": ("roman", "karaoke", "english")}
LETTERS = {"thai_script": "[\u0e00-\u0e7f]+", "latin": "[a-z']+"}
SEEN_AT_LEAST = 8
STRONGEST = 6000


def learn(group: str, rows: list[Row]) -> dict[str, dict[str, float]]:
    forms = GROUPS[group]
    texts = [" ".join(re.findall(LETTERS[group], normalise(r.text))) for r in rows]
    rows, texts = zip(*((r, t) for r, t in zip(rows, texts, strict=True) if t), strict=True)
    bags = [grams(t) for t in texts]
    counts: dict[str, int] = {}
    for bag in bags:
        for gram in bag:
            counts[gram] = counts.get(gram, 0) + 1
    vocabulary = {g: i for i, g in enumerate(sorted(g for g, n in counts.items() if n >= SEEN_AT_LEAST))}
    data, columns, pointers = [], [], [0]
    for bag in bags:
        known = [vocabulary[g] for g in bag if g in vocabulary]
        columns.extend(known)
        data.extend([1.0 / len(bag) ** 0.5] * len(known))
        pointers.append(len(columns))
    x = sp.csr_matrix((data, columns, pointers), shape=(len(rows), len(vocabulary)))
    y = np.array([forms.index(r.form) for r in rows])
    model = LogisticRegression(C=5.0, max_iter=300, class_weight="balanced")
    guessed = cross_val_predict(model, x, y, cv=5)
    for i, form in enumerate(forms):
        print(f"{group}: {form} recognised (5-fold): {100 * (guessed[y == i] == i).mean():.1f} % of {(y == i).sum()}")
    model.fit(x, y)
    coef, bias = model.coef_, model.intercept_
    if len(forms) == 2:
        coef, bias = np.vstack([-coef[0] / 2, coef[0] / 2]), np.array([-bias[0] / 2, bias[0] / 2])
    strength = np.abs(coef - coef.mean(axis=0)).max(axis=0)
    kept = set(np.argsort(-strength)[:STRONGEST].tolist())
    return {
        form: {"": round(float(bias[i]), 3)}
        | {g: w for g, j in vocabulary.items() if j in kept and (w := round(float(coef[i][j]), 2))}
        for i, form in enumerate(forms)
    }


def _one_line_a_form(weights: dict[str, dict[str, dict[str, float]]]) -> str:
    groups = []
    for group, forms in weights.items():
        lines = [f'"{form}": {json.dumps(w, ensure_ascii=False, sort_keys=True)}' for form, w in forms.items()]
        groups.append(f'"{group}": {{\n' + ",\n".join(lines) + "\n}")
    return "{" + ",\n".join(groups) + "}\n"


def main() -> int:
    rows = training_rows()
    weights = {}
    for group, forms in GROUPS.items():
        mine = [r for r in rows if r.form in forms]
        missing = set(forms) - {r.form for r in mine}
        if missing:
            print(f"no training questions of {', '.join(sorted(missing))}: nothing written", file=sys.stderr)
            return 1
        weights[group] = learn(group, mine)
    WEIGHTS.write_text(_one_line_a_form(weights), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
