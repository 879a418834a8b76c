"""The lexicon is asked before the model: a cry for help never waits for a model that hangs."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from bot.dialogue.context import Context
from bot.dialogue.engine import decide
from bot.dialogue.types import Action, Moment, State, TextEvent
from bot.dialogue.urgent import urgency
from bot.nlu.client import NluClient, NluUnavailableError
from bot.nlu.keywords import KeywordSearch
from bot.nlu.lexicon import SafetyLexicon
from bot.nlu.parse import Parse, Reading, load_thresholds
from bot.nlu.understand import Understanding
from bot.services.conversations import ConversationService
from bot.services.metrics import NLU_SECONDS
from nlu.text.zones import Danger
from tests.factories.content import published

CRY = "ຖືກຂັງໄວ້ໃນຫ້ອງ ອອກໄປບໍ່ໄດ້"
CALM = "ຢາກຮູ້ຄ່າແຮງຂັ້ນຕ່ຳ"


class _Client(NluClient):
    """A model that takes its time, and then answers or fails."""

    def __init__(self, seconds: float, error: str = "") -> None:
        super().__init__("http://127.0.0.1:1", None, 1.0)
        self._seconds, self._error = seconds, error

    async def _try(self, text: str) -> Parse:
        await asyncio.sleep(self._seconds)
        if self._error:
            raise NluUnavailableError(self._error)
        return Parse(ranking=(Reading("minimum_wage", 0.9),))


@pytest.fixture(scope="module")
def lexicon() -> SafetyLexicon:
    return SafetyLexicon()


def _understanding(lexicon: SafetyLexicon, client: NluClient, hurry: float | None = 0.02) -> Understanding:
    return Understanding(client, lexicon, KeywordSearch([]), 2000, hurry=hurry)


@pytest.mark.asyncio
async def test_a_sure_cry_does_not_wait_for_a_hung_model(lexicon: SafetyLexicon) -> None:
    async with asyncio.timeout(2):
        parse = await _understanding(lexicon, _Client(60)).understand(CRY)
    assert parse.source == "keywords"
    assert "urgent_trapped" in parse.lexicon


@pytest.mark.asyncio
async def test_other_texts_wait_as_long_as_before(lexicon: SafetyLexicon) -> None:
    parse = await _understanding(lexicon, _Client(0.1)).understand(CALM)
    assert parse.source == "model"


@pytest.mark.asyncio
async def test_a_quick_model_is_heard_beside_a_sure_lexicon(lexicon: SafetyLexicon) -> None:
    parse = await _understanding(lexicon, _Client(0.0), hurry=5.0).understand(CRY)
    assert parse.source == "model"
    assert parse.lexicon


@pytest.mark.asyncio
async def test_a_late_failure_still_opens_the_breaker(lexicon: SafetyLexicon) -> None:
    client = _Client(0.05, "timeout")
    understanding = _understanding(lexicon, client)
    for _ in range(client.breaker.limit):
        assert (await understanding.understand(CRY)).source == "keywords"
    await asyncio.sleep(0.2)
    assert client.breaker.open
    await client.close()


@pytest.mark.asyncio
async def test_the_service_measures_the_nlu_by_its_source() -> None:
    from bot.dialogue.types import TextEvent

    class _Model:
        async def understand(self, text: str) -> Parse:
            return Parse(source="keywords")

    service = ConversationService.__new__(ConversationService)
    service._nlu = _Model()  # type: ignore[attr-defined]  # only what `understand` needs

    def counted() -> float:
        return sum(
            s.value
            for m in NLU_SECONDS.collect()
            for s in m.samples
            if s.name.endswith("_count") and s.labels == {"source": "keywords"}
        )

    before = counted()
    await service.understand(TextEvent("ສະບາຍດີ"))
    assert counted() == before + 1


SILENT = {
    "no ranking": {"intent_ranking": [], "urgent_score": 0.0},
    "all nought": {"intent_ranking": [{"name": "passport", "confidence": 0.0}], "urgent_score": 0.0},
    "not a number": {"intent_ranking": [{"name": "passport", "confidence": float("nan")}]},
    "danger not a number": {"intent_ranking": [{"name": "passport", "confidence": 0.9}], "urgent_score": float("nan")},
    "no share": {"intent_ranking": [{"name": "passport", "confidence": 17}], "urgent_score": 0.0},
    "clause not a number": {
        "intent_ranking": [{"name": "passport", "confidence": 0.9}],
        "clauses": [{"intent_ranking": [{"name": "visa", "confidence": 0.5}], "urgent_score": float("nan")}],
    },
    "no object": [],
}


class _Answers(NluClient):
    """A server that answers 200 with this."""

    def __init__(self, body: object) -> None:
        super().__init__("http://127.0.0.1:1", None, 1.0)
        self._body = body

    async def _ask(self, text: str) -> object:
        return self._body


@pytest.mark.parametrize("case", SILENT)
async def test_a_model_that_says_nothing_takes_no_help_card_away(lexicon: SafetyLexicon, case: str) -> None:
    parse = await _understanding(lexicon, _Answers(SILENT[case]), hurry=5.0).understand(CRY)
    assert parse.source == "keywords"
    assert urgency(parse, load_thresholds()) == (Danger.SURE, "urgent_trapped")


async def test_a_model_without_our_figure_is_heard_by_its_topics(lexicon: SafetyLexicon) -> None:
    body = {"intent_ranking": [{"name": "urgent_trapped", "confidence": 0.5}, {"name": "passport", "confidence": 0.1}]}
    parse = await _understanding(lexicon, _Answers(body), hurry=5.0).understand(CRY)
    assert (parse.source, parse.urgent_score) == ("model", 0.5)
    assert urgency(parse, load_thresholds())[0] is Danger.SURE


@pytest.mark.parametrize("source", ["model", "keywords"])
def test_a_sure_cry_with_an_empty_ranking_gets_the_help_card(lexicon: SafetyLexicon, source: str) -> None:
    seen = lexicon.look(CRY)
    parse = Parse(lexicon=seen.sure, lexicon_possible=seen.possible, source=source)  # type: ignore[arg-type]
    context = Context(published(), load_thresholds(), Moment(datetime(2026, 11, 24, tzinfo=UTC)))
    decision = decide(State(), TextEvent(CRY), parse, context)
    assert (decision.action, decision.urgent) == (Action.HELP_CARD, True)
    assert "1191" in decision.replies[0].text
    calm = lexicon.look("ຂ້ອຍບໍ່ໄດ້ຖືກຂັງ")  # the rules of negation still say no
    assert not calm.sure
