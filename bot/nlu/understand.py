"""Understanding a text: the model, the safety lexicon beside it, and keywords while the model is away."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import islice

import structlog

from bot.nlu.client import NluClient, NluUnavailableError
from bot.nlu.keywords import KeywordSearch
from bot.nlu.lexicon import SafetyLexicon
from bot.nlu.parse import Parse
from nlu.text.scripts import detect_form, speaker_language

log = structlog.get_logger(__name__)
SURROUNDINGS = 200
"""Signs around a phrase of danger in a long text that the model judges by themselves."""
MOST_PIECES = 2


class Understanding:
    """Never raises: a text always gets a parse, and a cry for help is seen without the model too.

    The lexicon is asked first. When it is sure, the help card is certain and the model only adds to it: it is waited
    for `hurry` seconds (None: as for any text).
    """

    def __init__(
        self,
        client: NluClient,
        lexicon: SafetyLexicon,
        keywords: KeywordSearch,
        max_chars: int,
        hurry: float | None = None,
    ) -> None:
        self._client, self._keywords, self._max_chars, self._hurry = client, keywords, max_chars, hurry
        self.lexicon = lexicon
        self._late: set[asyncio.Task[Parse]] = set()

    async def understand(self, text: str) -> Parse:
        """The parse of a text."""
        seen = self.lexicon.look(text)
        try:
            parse = await self._model(text, self._hurry if seen.sure else None, alarming=bool(seen.sure))
        except NluUnavailableError as error:
            log.warning("nlu_unavailable", reason=error.reason)
            parse = Parse(
                ranking=self._keywords.search(text),
                form=detect_form(text)[0],
                language=speaker_language(text),
                source="keywords",
            )
        return replace(parse, lexicon=seen.sure, lexicon_possible=seen.possible)

    async def _model(self, text: str, patience: float | None, *, alarming: bool) -> Parse:
        """What the model says; raises NluUnavailableError when it cannot, or not within `patience` seconds."""
        if patience is None:
            return await self._read(text, alarming=alarming)
        # Not cancelled when it is late: it ends by its own time-out, and the circuit breaker must hear how.
        asking = asyncio.create_task(self._read(text, alarming=alarming), name="nlu-parse")
        done, _ = await asyncio.wait({asking}, timeout=patience)
        if done:
            return asking.result()
        self._late.add(asking)
        asking.add_done_callback(self._forget)
        raise NluUnavailableError("too_late_for_a_cry")

    async def _read(self, text: str, *, alarming: bool) -> Parse:
        """The model's parse. A text too long for it is read in two pieces, since a story often ends in what matters.

        `alarming`: the lexicon is sure. One sentence drowns in a long story, so the model judges its surroundings too.
        """
        most = self._max_chars
        parse = await self._client.parse(text[:most])
        if len(text) > most:
            tail = await self._client.parse(text[-most:])
            louder = tail if tail.urgent_score > parse.urgent_score else parse
            clauses = parse.clauses + tail.clauses
            parse = replace(louder, form=parse.form, language=parse.language, clauses=clauses, cut=True)
        if alarming and len(text) > 2 * SURROUNDINGS:
            for piece in self._alarming(text):
                score = (await self._client.parse(piece)).urgent_score
                parse = replace(parse, urgent_score=max(parse.urgent_score, score))
        return parse

    def _alarming(self, text: str) -> list[str]:
        """The first few pieces of a text in which the lexicon is sure."""
        starts = range(0, len(text), SURROUNDINGS // 2)
        pieces = (text[at : at + SURROUNDINGS] for at in starts)
        return list(islice((piece for piece in pieces if self.lexicon.look(piece).sure), MOST_PIECES))

    def _forget(self, task: asyncio.Task[Parse]) -> None:
        self._late.discard(task)
        if not task.cancelled():
            task.exception()  # asked for, or asyncio reports it as never seen
