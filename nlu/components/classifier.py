"""Rasa intent classifier over nlu.components.intent_model: a thin class, the work is in plain functions."""

from __future__ import annotations

import copy
import logging
from typing import Any, Dict, List, Optional, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.components import intent_model, parse
from nlu.components.defaults import DEFAULTS
from nlu.components.sources import fingerprint

logger = logging.getLogger(__name__)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LaoThaiIntentClassifier(IntentClassifier, GraphComponent):
    """Sets intent and intent_ranking, and beside them form, language, urgent_score and clauses."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return copy.deepcopy(DEFAULTS)

    def __init__(
        self,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: Optional[intent_model.IntentModel] = None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LaoThaiIntentClassifier:
        return cls(config, model_storage, resource)

    @classmethod
    def fingerprint_addon(cls, config: Dict[Text, Any]) -> Text:
        return fingerprint()

    def train(self, training_data: TrainingData) -> Resource:
        # Form examples in one order, whatever order the files were read in: the same data gives the same model.
        rows = sorted((e.get(TEXT), e.get(INTENT)) for e in training_data.intent_examples if e.get(TEXT))
        if len({intent for _, intent in rows}) < 2:
            raise ValueError("training data needs at least two intents with questions (nlu/data)")
        spec = intent_model.ModelSpec.from_config(self._config)
        self._model = intent_model.train([t for t, _ in rows], [i for _, i in rows], spec, logger.info)
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        if self._model is None:
            raise RuntimeError("the intent classifier has no model: train first")
        for message in messages:
            result = parse.parse(self._model, message.get(TEXT) or "", self._config["ranking_length"])
            for key, value in result.items():
                message.set(key, value, add_to_output=True)
        return messages

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LaoThaiIntentClassifier:
        # Errors come out: a component that cannot load stops the start.
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, intent_model.IntentModel.load(folder))
