"""The content as typed, unchangeable objects: topics, facts, contacts, answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from bot.knowledge.agencies import Agency
from bot.settings import LANGUAGES, LANGUAGES_IN_WORK


def _language(code: str) -> str:
    if code not in LANGUAGES and code not in LANGUAGES_IN_WORK:
        raise ValueError(f"{code!r} is no language of locales/languages.txt")
    return code


Language = Annotated[str, AfterValidator(_language)]
"""The code of a language; texts may be written in one that is in work before people are offered it."""
Country = Literal["th", "la", "kr", "jp", "cn", "any"]
Status = Literal["draft", "approved"]
Text = dict[Language, str]
"""One text in several languages."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _source_date(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else (str(value) if isinstance(value, int) else value)


class Source(_Frozen):
    """Where a figure or statement was read."""

    title: str
    url: str
    date: Annotated[str, BeforeValidator(_source_date)] = "n.d."


class Fact(_Frozen):
    """A figure, fee, duration, date or law reference, with its source and its last day."""

    means: str
    value: int | float | date | str | tuple[int | float, int | float]
    unit: str = ""
    text: Text
    country: Country = "any"
    valid_from: date | None = None
    source: Source
    checked_on: date
    expires_on: date | None = None
    grade: Literal["A", "B", "C"]
    on_expiry: Literal["warn", "fallback"] = "warn"
    fallback: Text | None = None
    row: str | None = None

    def expired(self, today: date) -> bool:
        """True after the last day on which the figure may be shown as it is."""
        return self.expires_on is not None and today > self.expires_on


class Phone(_Frozen):
    """A number: `short` ones can be dialled only inside the countries in `from`."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    number: str
    short: bool = False
    dialable_from: tuple[Country, ...] = Field(default=("th", "la"), alias="from")
    note: Text | None = None


class Contact(_Frozen):
    """A body that helps: who, for what, how to reach it."""

    name: Text
    purpose: Text = Field(alias="for")
    country: Country
    phones: tuple[Phone, ...] = ()
    free_call: bool | None = None
    hours: Text | None = None
    languages: tuple[str, ...] = ()
    address: Text | None = None
    url: str | None = None
    note: Text | None = None
    source: Source
    checked_on: date
    expires_on: date | None = None
    grade: Literal["A", "B", "C"]
    row: str | None = None


class AnswerText(_Frozen):
    """One answer in one language, in the parts in which it is shown."""

    answer: str
    steps: tuple[str, ...] = ()
    ordered: bool = False
    watch: str | None = None
    help: str | None = None
    more: str | None = None


class Answer(_Frozen):
    """What is said about one topic."""

    topic: str
    status: dict[Language, Status]
    title: Text
    related: tuple[str, ...] = ()
    where: Literal["la", "th", "any"] = "any"
    card: dict[Literal["th", "la"], tuple[str, ...]] | None = None
    answers: dict[Language, AnswerText]
    sources: tuple[Source, ...] = ()


class Topic(_Frozen):
    """A thing that people ask about: id, group, meaning, and where its border runs."""

    id: str
    group: str
    means: str
    border: str | None = None

    @property
    def urgent(self) -> bool:
        """True when help is shown first."""
        return self.group == "urgent"

    @property
    def small_talk(self) -> bool:
        """True for talk about the bot itself; out_of_scope is none."""
        return self.group == "chat" and self.id != "out_of_scope"


DONT_KNOW = "dont_know"
"""The option that every question of the pathways has."""

NodeId = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,20}$")]
"""Short, since it travels in a button's 64 bytes."""


class Option(_Frozen):
    """One way to answer a question: leads to a question or plan (`goto`), or to a help card (`urgent`)."""

    id: NodeId
    label: Text
    goto: NodeId | None = None
    urgent: str | None = None
    where: Literal["la", "th", "other"] | None = None
    topics: tuple[str, ...] = ()


class Question(_Frozen):
    """A question of the pathways, answered by tapping."""

    text: Text
    options: tuple[Option, ...]

    def option(self, name: str) -> Option | None:
        """The option of that id."""
        return next((option for option in self.options if option.id == name), None)


class Step(_Frozen):
    """One thing to do, and the answer that says more about it."""

    text: Text
    topic: str | None = None


class Cost(_Frozen):
    """An official price: what it is for, and the fact that holds it."""

    what: Text
    fact: str


class Leaf(_Frozen):
    """A plan: where a way through the questions ends."""

    title: Text
    where: Literal["la", "th", "any"] = "any"
    steps: tuple[Step, ...]
    papers: tuple[Text, ...] = ()
    costs: tuple[Cost, ...] = ()
    cost_note: Text | None = None
    time: Text | None = None
    first: Text
    free: Text | None = None
    watch: Text | None = None


class Pathways(_Frozen):
    """The decision tree "which legal way fits me"."""

    version: int = 1
    start: NodeId
    questions: dict[NodeId, Question]
    leaves: dict[NodeId, Leaf]


class Fee(_Frozen):
    """Something that people are asked to pay for: its official price or cap, and what is known about who pays."""

    label: Text
    facts: tuple[str, ...] = ()
    share: str | None = None
    seen: tuple[str, ...] = ()
    rule: Text
    topics: tuple[str, ...] = ()


class TogetherRule(_Frozen):
    """Names of word lists that raise a flag when their words stand within so many signs of each other."""

    words: tuple[str, ...] = Field(min_length=1)
    within: int = 20
    without: tuple[str, ...] = ()


Form = Literal["lo", "th", "roman", "en"]
"""How phrases of an advertisement are written."""


class OfferFlag(_Frozen):
    """A sign of a dishonest offer: how it is called, why it matters, what to do, and the phrases that show it."""

    title: Text
    why: Text
    advice: Text
    severity: Literal["danger", "caution"]
    legal: str | None = None
    related: tuple[str, ...] = ()
    patterns: dict[Form, tuple[str, ...]]
    unless: dict[Form, tuple[str, ...]] = Field(default_factory=dict)
    together: tuple[TogetherRule, ...] = ()
    negatable: bool = False


@dataclass(frozen=True, eq=False)
class OfferFlags:
    """All flags, and the word lists that `together` and the detectors use."""

    flags: Mapping[str, OfferFlag]
    words: Mapping[str, Mapping[str, tuple[str, ...]]]


class CannedReply(_Frozen):
    """A reply that a counsellor inserts and may change: plain text with placeholders."""

    title: Text
    text: Text


AlertId = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,16}$")]
"""Ids travel in a button's 64 bytes."""


class AlertKind(_Frozen):
    """A kind of news that people can ask for: its name, and when something of it comes."""

    title: Text
    means: Text


class Alerts(_Frozen):
    """What news can be about; a destination is a country."""

    kinds: dict[AlertId, AlertKind]
    destinations: dict[AlertId, Text]


class Published(_Frozen):
    """Everything that the dialogue may say at this moment."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    topics: dict[str, Topic]
    facts: dict[str, Fact]
    contacts: dict[str, Contact]
    answers: dict[str, Answer]
    version: str
    pathways: Pathways | None = None
    agencies: tuple[Agency, ...] = ()
    offer_flags: OfferFlags | None = None
    fees: dict[str, Fee] = Field(default_factory=dict)
    canned: dict[str, CannedReply] = Field(default_factory=dict)
    alerts: Alerts | None = None

    def title(self, topic: str, language: str) -> str:
        """The button label of a topic, in the best language there is."""
        entry = self.answers.get(topic)
        return pick(entry.title, language)[0] if entry else topic


def pick(text: Text, language: str) -> tuple[str, str]:
    """The text in `language` or in the first one of LANGUAGES that has it, and which one that was."""
    for candidate in (language, *LANGUAGES):
        if text.get(candidate):
            return text[candidate], candidate
    return "", language
