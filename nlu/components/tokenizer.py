"""Rasa tokenizer: Lao and Thai words by dictionary, Latin words by blanks; offsets are those of the text as sent."""

from __future__ import annotations

import hashlib
from typing import Any, Dict, List, Text

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from nlu.components.segment import spans
from nlu.components.sources import fingerprint


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class LaoThaiTokenizer(Tokenizer):
    """For whatever reads tokens (entity extractors, stock featurizers); our classifier cuts the text itself."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    @classmethod
    def fingerprint_addon(cls, config: Dict[Text, Any]) -> Text:
        return hashlib.sha256(fingerprint().encode()).hexdigest()

    def tokenize(self, message: Message, attribute: Text) -> List[Token]:
        text = message.get(attribute) or ""
        tokens = [Token(text[start:end], start) for start, end in spans(text)]
        return self._apply_token_pattern(tokens or [Token(text or " ", 0)])
