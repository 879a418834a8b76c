"""Train the model when its data are newer than it, with a progress display: `python -m nlu.tools.train [--force]`.

Runs `rasa train nlu`; the hash of everything that goes into the model is kept beside it: nothing is trained twice.
Out: models/nlu-<hash>.tar.gz and models/trained.json. Exit code 0 = there is a current model.
"""

from __future__ import annotations

import argparse
import hashlib
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

from nlu.tools.dataset import training_rows

ROOT = Path(__file__).resolve().parent.parent.parent
MODELS = ROOT / "models"
RECORD = MODELS / "trained.json"
INPUTS = ("config.yml", "nlu/data", "nlu/components", "nlu/text", "nlu/lexicon")
USUAL_SECONDS = 90.0


def data_hash() -> str:
    """A hash of every file that goes into the model."""
    digest = hashlib.sha256()
    for name in INPUTS:
        path = ROOT / name
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            if "__pycache__" not in file.parts:
                digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def current(fingerprint: str) -> Path | None:
    """The model of this hash, if it is there."""
    model = MODELS / f"nlu-{fingerprint}.tar.gz"
    return model if model.exists() else None


def write_questions(file: IO[str]) -> None:
    """The questions as Rasa's JSON: it reads the YAML files four times, 20,000 lines at a time by a slow reader."""
    examples = [{"text": row.text, "intent": row.intent} for row in training_rows()]
    json.dump({"rasa_nlu_data": {"common_examples": examples}}, file, ensure_ascii=False)
    file.flush()


def train(fingerprint: str) -> int:
    """Train under a progress bar that knows how long it took last time; returns rasa's exit code."""
    usual = USUAL_SECONDS
    if RECORD.exists():
        usual = float(json.loads(RECORD.read_text(encoding="utf-8")).get("seconds", usual))
    rasa = Path(sys.executable).with_name("rasa")
    command = [str(rasa), "train", "nlu", "--config", "config.yml", "--out", "models"]
    command += ["--fixed-model-name", f"nlu-{fingerprint}"]
    environment = os.environ | {"RASA_TELEMETRY_ENABLED": "false", "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
    started = time.monotonic()
    questions = tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8")  # noqa: SIM115  closed below
    write_questions(questions)
    command += ["--nlu", questions.name]
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
    force = parser.parse_args().force
    MODELS.mkdir(exist_ok=True)
    fingerprint = data_hash()
    model = current(fingerprint)
    if model and not force:
        model.touch()  # the newest model is the one that is served
        sys.stderr.write(f"The model is current: {model.relative_to(ROOT)}\n")
        return 0
    return train(fingerprint)


if __name__ == "__main__":
    raise SystemExit(main())
