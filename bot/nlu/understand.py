"""Understanding a text: the model, the safety lexicon beside it, and keywords while the model is away."""

from __future__ import annotations

from dataclasses import replace

import structlog

from bot.nlu.client import NluClient, NluUnavailableError
from bot.nlu.keywords import KeywordSearch
from bot.nlu.lexicon import SafetyLexicon
from bot.nlu.parse import Parse
from nlu.text.scripts import detect_form, speaker_language

log = structlog.get_logger(__name__)


class Understanding:
    """Never raises: a text always gets a parse, and a cry for help is seen without the model too."""

    def __init__(self, client: NluClient, lexicon: SafetyLexicon, keywords: KeywordSearch, max_chars: int) -> None:
        self._client, self._lexicon, self._keywords, self._max_chars = client, lexicon, keywords, max_chars

    async def understand(self, text: str) -> Parse:
        """The parse of a text."""
        seen = self._lexicon.look(text)
        try:
            parse = await self._client.parse(text[: self._max_chars])
        except NluUnavailableError as error:
            log.warning("nlu_unavailable", reason=error.reason)
            parse = Parse(
                ranking=self._keywords.search(text),
                form=detect_form(text)[0],
                language=speaker_language(text),
                source="keywords",
            )
        return replace(parse, lexicon=seen.sure, lexicon_possible=seen.possible)
