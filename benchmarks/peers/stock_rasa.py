"""Makes a stock Rasa assistant for the same job: recommended pipeline with DIET, rules and responses, REST channel."""

from __future__ import annotations

import subprocess
from pathlib import Path

import yaml

from bot.knowledge.load import load_topics
from bot.settings import ROOT

RASA = ROOT / "nlu" / ".venv" / "bin" / "rasa"


def config(epochs: int) -> dict[str, object]:
    """Rasa's recommended pipeline and the rule policy."""
    pipeline = [
        {"name": "WhitespaceTokenizer"},
        {"name": "LexicalSyntacticFeaturizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        {"name": "DIETClassifier", "epochs": epochs, "entity_recognition": False, "constrain_similarities": True},
        {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
    ]
    return {
        "recipe": "default.v1",
        "assistant_id": "stock",
        "language": "lo",
        "pipeline": pipeline,
        "policies": [{"name": "RulePolicy"}],
    }


def make_project(folder: Path, epochs: int, questions_an_intent: int) -> None:
    """Write the project: the first questions of each topic, one rule and one response a topic."""
    topics = list(load_topics(ROOT / "content" / "topics.yml"))
    examples: dict[str, list[str]] = {topic: [] for topic in topics}
    for file in sorted((ROOT / "nlu" / "data").glob("*/*.yml")):
        for entry in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]:
            lines = [line[2:] for line in entry["examples"].splitlines() if line.startswith("- ")]
            examples[entry["intent"]] += lines
    nlu = [
        {"intent": t, "examples": "".join(f"- {q}\n" for q in _spread(qs, questions_an_intent))}
        for t, qs in examples.items()
    ]
    rules = [{"rule": f"answer {t}", "steps": [{"intent": t}, {"action": f"utter_{t}"}]} for t in topics]
    rules.append({"rule": "unsure", "steps": [{"intent": "nlu_fallback"}, {"action": "utter_unsure"}]})
    text = "Some text as long as an answer. " * 16
    domain = {
        "version": "3.1",
        "intents": topics,
        "responses": {f"utter_{t}": [{"text": f"Answer to {t}. {text}"}] for t in [*topics, "unsure"]},
    }
    (folder / "data").mkdir(parents=True)
    _write(folder / "config.yml", config(epochs))
    _write(folder / "domain.yml", domain)
    _write(folder / "data" / "nlu.yml", {"version": "3.1", "nlu": nlu})
    _write(folder / "data" / "rules.yml", {"version": "3.1", "rules": rules})
    _write(folder / "credentials.yml", {"rest": None})


def train(folder: Path, environment: dict[str, str]) -> None:
    """Train it. Raises subprocess.CalledProcessError."""
    subprocess.run(
        [str(RASA), "train", "--out", "models"], cwd=folder, env=environment, check=True, capture_output=True
    )


def _spread(questions: list[str], most: int) -> list[str]:
    step = max(1, len(questions) // most)
    return questions[::step][:most]


def _write(path: Path, value: object) -> None:
    path.write_text(yaml.safe_dump(value, allow_unicode=True, sort_keys=False), encoding="utf-8")
