"""Train the model when its data are newer than it, with a progress display: `python -m nlu.tools.train [--force]`.

Runs `rasa train nlu`; the hash of everything that goes into the model is kept beside it: nothing is trained twice.
Out: models/nlu-<hash>.tar.gz and models/trained.json. Exit code 0 = there is a current model.

`--into FILE --data DIR [--extra DIR]` trains a candidate from the questions of both folders instead: rasa's own lines
are the output, nothing of models/ is touched, and FILE.json says from what it was made.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO

from tqdm import tqdm

from nlu.questions import CODE, DATA, ROOT, Row, code_hash, hash_of, training_rows

MODELS = ROOT / "models"
RECORD = MODELS / "trained.json"
INPUTS = (CODE[0], "nlu/data", *CODE[1:])
USUAL_SECONDS = 90.0


def data_hash() -> str:
    """A hash of every file that goes into the model."""
    return hash_of(*(ROOT / name for name in INPUTS))


def current(fingerprint: str) -> Path | None:
    """The model of this hash, if it is there."""
    model = MODELS / f"nlu-{fingerprint}.tar.gz"
    return model if model.exists() else None


def write_questions(file: IO[str], rows: list[Row]) -> None:
    """The questions as Rasa's JSON: it reads the YAML files four times, 20,000 lines at a time by a slow reader."""
    examples = [{"text": row.text, "intent": row.intent} for row in rows]
    json.dump({"rasa_nlu_data": {"common_examples": examples}}, file, ensure_ascii=False)
    file.flush()


def rasa_train(out: Path, name: str, questions: str) -> tuple[list[str], dict[str, str]]:
    """The command that trains, and its environment."""
    command = [str(Path(sys.executable).with_name("rasa")), "train", "nlu", "--config", "config.yml"]
    command += ["--out", str(out), "--fixed-model-name", name, "--nlu", questions]
    more = {"RASA_TELEMETRY_ENABLED": "false", "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
    return command, os.environ | more


def train_into(file: Path, data: Path, extra: Path | None) -> int:
    """Train a candidate; returns rasa's exit code. The file appears whole or not at all."""
    rows = training_rows(data)
    known = {(row.text, row.intent) for row in rows}
    added = [row for row in training_rows(extra) if (row.text, row.intent) not in known] if extra else []
    rows += added
    started = time.monotonic()
    name = file.name.removesuffix(".tar.gz")
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".train-") as place:
        questions = Path(place) / "questions.json"
        with questions.open("w", encoding="utf-8") as written:
            write_questions(written, rows)
        command, environment = rasa_train(Path(place), name, str(questions))
        code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode  # noqa: S603
        made = Path(place) / f"{name}.tar.gz"
        if code or not made.exists():
            return code or 1
        record = {
            "hash": hash_of(*(ROOT / part for part in CODE), questions, root=Path(place)),
            "code": code_hash(),
            "questions": len(rows),
            "added": len(added),
            "seconds": round(time.monotonic() - started, 1),
        }
        Path(f"{file}.json").write_text(json.dumps(record), encoding="utf-8")
        made.replace(file)
    return 0


def train(fingerprint: str) -> int:
    """Train under a progress bar that knows how long it took last time; returns rasa's exit code."""
    usual = USUAL_SECONDS
    if RECORD.exists():
        usual = float(json.loads(RECORD.read_text(encoding="utf-8")).get("seconds", usual))
    started = time.monotonic()
    questions = tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8")  # noqa: SIM115  closed below
    write_questions(questions, training_rows())
    command, environment = rasa_train(MODELS, f"nlu-{fingerprint}", questions.name)
    process = subprocess.Popen(  # noqa: S603
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.extend(process.stdout or ()), daemon=True)
    reader.start()
    with tqdm(
        total=100, desc="Training the model", bar_format="{desc} {bar} {percentage:3.0f}% {elapsed}", file=sys.stderr
    ) as bar:
        while process.poll() is None:
            time.sleep(0.5)
            # It never claims to be done before it is.
            share = min(99, int(100 * (time.monotonic() - started) / usual))
            bar.update(share - bar.n)
        if process.returncode == 0:
            bar.update(100 - bar.n)
    reader.join(2)
    questions.close()
    if process.returncode:
        sys.stderr.write("".join(lines[-25:]))
        sys.stderr.write("Training failed. The lines above say where; `make validate` checks the data.\n")
        return process.returncode
    seconds = round(time.monotonic() - started, 1)
    RECORD.write_text(json.dumps({"hash": fingerprint, "seconds": seconds}), encoding="utf-8")
    sys.stderr.write(f"Trained in {seconds} s: models/nlu-{fingerprint}.tar.gz\n")
    return 0


def main() -> int:
    """Train if needed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--force", action="store_true", help="train even when nothing changed")
    parser.add_argument("--into", type=Path, help="train a candidate into this file")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the questions (with --into)")
    parser.add_argument("--extra", type=Path, help="folder of further questions (with --into)")
    options = parser.parse_args()
    if options.into:
        return train_into(options.into, options.data, options.extra)
    MODELS.mkdir(exist_ok=True)
    fingerprint = data_hash()
    model = current(fingerprint)
    if model and not options.force:
        model.touch()  # the newest model is the one that is served
        sys.stderr.write(f"The model is current: {model.relative_to(ROOT)}\n")
        return 0
    return train(fingerprint)


if __name__ == "__main__":
    raise SystemExit(main())
