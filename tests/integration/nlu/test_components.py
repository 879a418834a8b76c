"""Our components inside Rasa 3.6. Run in Rasa's environment: nlu/.venv/bin/python -m pytest tests/integration/nlu."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("rasa")

from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.components.classifier import LaoThaiIntentClassifier
from nlu.components.tokenizer import LaoThaiTokenizer

QUESTIONS = [
    ("ນາຍຈ້າງບໍ່ຈ່າຍເງິນ", "unpaid_wages"),
    ("ສະບາຍດີ", "greet"),
    ("hello", "greet"),
    ("boss not pay", "unpaid_wages"),
]


def _context() -> ExecutionContext:
    return ExecutionContext(GraphSchema({}))


def test_classifier_is_the_same_after_loading(tmp_path: Path) -> None:
    storage, resource = LocalModelStorage(tmp_path), Resource("classifier")
    config = {**LaoThaiIntentClassifier.get_default_config(), "min_count": {}, "folds": 2}
    data = TrainingData([Message.build(text=t, intent=i) for t, i in QUESTIONS * 2])
    component = LaoThaiIntentClassifier.create(config, storage, resource, _context())
    component.train(data)
    loaded = LaoThaiIntentClassifier.load(config, storage, resource, _context())
    before = component.process([Message.build(text="boss pay")])[0]
    after = loaded.process([Message.build(text="boss pay")])[0]
    assert before.get("intent")["name"] == after.get("intent")["name"] == "unpaid_wages"
    assert {"intent", "intent_ranking", "form", "language", "urgent_score", "clauses"} <= set(after.as_dict(True))


def test_a_missing_model_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="classifier"):
        LaoThaiIntentClassifier.load({}, LocalModelStorage(tmp_path), Resource("classifier"), _context())


@pytest.mark.parametrize("text", ["ຢາກໄປໄທ", "ຫນັງສື 😭 ok", "", " ", "a\u200bb"])
def test_token_offsets_are_those_of_the_text_as_sent(text: str) -> None:
    tokenizer = LaoThaiTokenizer(LaoThaiTokenizer.get_default_config())
    tokens = tokenizer.tokenize(Message({TEXT: text}), TEXT)
    assert tokens
    assert all(text[t.start : t.end] == t.text for t in tokens if text)
