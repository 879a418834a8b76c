"""Our classifier on questions that are not ours: truevoice-intent, Thai telephone calls to a mobile network.

python -m benchmarks.nlu_outside FOLDER     holds mari_train.csv and mari_test.csv (mari-intent.zip of the repository
kobkrit/truevoice-intent on GitHub; columns texts and destination). 13,225 calls teach, 3,244 are asked, seven
destinations. Our options are those of config.yml, nothing is tuned; published figures: fastText 38.4, LinearSVC 80.8,
ULMFit (pretrained on Thai Wikipedia) 83.5 % right. Run it in Rasa's environment: it needs scikit-learn.
"""

from __future__ import annotations

import csv
import sys
import time
from pathlib import Path

from nlu.components import intent_model
from nlu.tools.thresholds import classifier_config


def read(path: Path) -> tuple[list[str], list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(row["texts"], row["destination"]) for row in csv.DictReader(file) if row["texts"].strip()]
    return [text for text, _ in rows], [destination for _, destination in rows]


def main() -> int:
    folder = Path(sys.argv[1])
    texts, labels = read(folder / "mari_train.csv")
    asked, right = read(folder / "mari_test.csv")
    started = time.perf_counter()
    model = intent_model.train(texts, labels, intent_model.ModelSpec.from_config(classifier_config()))
    trained = time.perf_counter() - started
    started = time.perf_counter()
    found = [model.classes[model.probabilities(text).argmax()] for text in asked]
    each = (time.perf_counter() - started) / len(asked)
    share = sum(a == b for a, b in zip(found, right, strict=True)) / len(asked)
    print(f"{len(texts)} calls taught in {trained:.0f} s; {len(asked)} asked, {1000 * each:.1f} ms each")
    print(f"right: {100 * share:.1f} %")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
