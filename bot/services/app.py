"""The object graph, built in one place for the bot, the terminal chat, the console and the tests alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.knowledge.model import Published
from bot.nlu.client import NluClient
from bot.nlu.keywords import KeywordSearch
from bot.nlu.lexicon import safety_lexicon
from bot.nlu.parse import Reading, load_thresholds
from bot.nlu.understand import Understanding
from bot.services.content import ContentStore
from bot.services.conversations import Clock, ConversationService, utc_now
from bot.settings import Settings
from bot.storage.db import Database
from bot.storage.migrate import upgrade
from nlu.text.zones import Thresholds


@dataclass(frozen=True)
class App:
    """Everything a front-end needs."""

    settings: Settings
    database: Database
    content: ContentStore
    nlu: NluClient
    understanding: Understanding
    conversations: ConversationService

    async def close(self) -> None:
        """Give back connections."""
        await self.nlu.close()
        self.content.close()
        self.database.close()


def build(
    settings: Settings,
    nlu_url: str,
    nlu_token: str | None,
    clock: Clock = utc_now,
    *,
    migrate: bool = True,
    thresholds: Thresholds | None = None,
) -> App:
    """Build the application. `migrate` False: the database may be away still, and the caller migrates when it is there.
    `thresholds`: those of the model that serves; None: those of nlu/thresholds.yml.

    Raises ContentError when the content cannot be used.
    """
    if migrate:
        upgrade(settings.database_url)
    database = Database(settings.database_url)
    content = ContentStore(settings.content_dir, database, clock=clock)
    client, understanding = build_understanding(settings, content.published, nlu_url, nlu_token)
    service = ConversationService(database, content, understanding, thresholds or load_thresholds(), settings, clock)
    return App(settings, database, content, client, understanding, service)


class PublishedKeywords(KeywordSearch):
    """Keyword search that knows a topic as soon as it is published."""

    def __init__(self, published: Callable[[], Published]) -> None:
        self._published, self._read = published, published()
        super().__init__(_titles(self._read))

    def search(self, text: str) -> tuple[Reading, ...]:
        """Up to three topics of what is published now."""
        if (now := self._published()) is not self._read:
            super().__init__(_titles(now))
            self._read = now
        return super().search(text)


def _titles(published: Published) -> list[tuple[str, Iterable[str]]]:
    return [(name, entry.title.values()) for name, entry in published.answers.items()]


def build_understanding(
    settings: Settings, published: Callable[[], Published], nlu_url: str, nlu_token: str | None
) -> tuple[NluClient, Understanding]:
    """The NLU with its lexicon and the keywords of what is published now; the client must be closed."""
    client = NluClient(nlu_url, nlu_token, settings.nlu_timeout)
    # A person whose cry the lexicon is sure of waits for the model a quarter of what others wait.
    understanding = Understanding(
        client, safety_lexicon(), PublishedKeywords(published), settings.nlu_max_chars, hurry=settings.nlu_timeout / 4
    )
    return client, understanding
