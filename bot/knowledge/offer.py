"""Check an offer: the signs of a dishonest one in an advertisement, what it does not say, and how bad it is. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from bot.knowledge.model import Fact, OfferFlags
from bot.knowledge.offer_detect import Advertisement, Detectors, Limits, asks
from bot.knowledge.offer_text import MAX_QUOTE, Phrases, Together

__all__ = ["FLAG_IDS", "FoundFlag", "OfferReport", "asks", "examine", "looks_like_offer", "recruits", "verdict_of"]

Verdict = Literal["danger", "caution", "no_red_flag_found"]

FLAG_IDS = (
    "upfront_fee", "keeps_documents", "no_contract", "tourist_visa", "wage_too_high", "no_experience_any_age",
    "under_18_ok", "urgent_hurry", "secrecy_from_family", "vague_job_or_place", "scam_centre_place",
    "free_travel_debt_later", "cross_border_illegally", "chat_only_contact", "entertainment_hostess", "marriage",
    "no_agency_licence", "changes_destination", "pays_by_deduction", "pays_at_the_end", "cut_off", "crime_for_others",
    "sells_the_body",
)  # fmt: skip
MANY_CAUTIONS = 3
"""So many lesser signs together are as bad as a grave one."""
SHORTEST_OFFER = 120
"""Shorter texts are questions, not advertisements."""


@dataclass(frozen=True)
class FoundFlag:
    """A flag with the words of the advertisement that raised it."""

    id: str
    words: str


@dataclass(frozen=True)
class OfferReport:
    """What was found in an advertisement; gravest flags first."""

    flags: tuple[FoundFlag, ...]
    verdict: Verdict
    missing: tuple[str, ...]


def prepare(flags: OfferFlags) -> None:
    """Compile the phrases (half a second), so that no advertisement waits for it."""
    _reader(flags)


def examine(text: str, flags: OfferFlags, facts: Mapping[str, Fact]) -> OfferReport:
    """Read an advertisement: the flags with the words that raised them, the verdict, and what it does not say."""
    reader = _reader(flags)
    ad = Advertisement(text)
    found = {} if reader.context.warns(text, ad.all_pieces) else reader.found(ad, _limits(facts))
    order = sorted(found, key=lambda name: (flags.flags[name].severity != "danger", list(flags.flags).index(name)))
    report = tuple(FoundFlag(name, found[name]) for name in order)
    return OfferReport(report, verdict_of(order, flags), reader.detectors.missing(ad, found))


def verdict_of(found: list[str], flags: OfferFlags) -> Verdict:
    """Danger for one grave sign or several lesser ones; nothing found never means safe."""
    if any(flags.flags[name].severity == "danger" for name in found) or len(found) >= MANY_CAUTIONS:
        return "danger"
    return "caution" if found else "no_red_flag_found"


def looks_like_offer(text: str, flags: OfferFlags, *, forwarded: bool = False) -> bool:
    """Whether somebody passed on an advertisement, rather than telling a story or asking a question."""
    if len(text.strip()) < SHORTEST_OFFER:
        return False
    score = _reader(flags).detectors.offer_signals(Advertisement(text), contact_needed=not forwarded)
    # Lines and a "forwarded from" are how advertisements come; people seldom break the lines of a question.
    return score >= (2 if forwarded else 3 if "\n" in text.strip() else 4)


def recruits(text: str, flags: OfferFlags) -> bool:
    """Whether somebody is sought or a contact given, and the text is neither one's own story nor a question."""
    return _reader(flags).detectors.offer_signals(Advertisement(text)) > 0


class _Reader:
    """The compiled phrases of one set of flags."""

    def __init__(self, flags: OfferFlags) -> None:
        lists = {name: Phrases(forms, sounds=False) for name, forms in flags.words.items()}
        self._flags, self._warning = flags.flags, lists["warning"]
        self._contract, self._licence = lists["contract"], lists["licence"]
        self._patterns = {name: Phrases(flag.patterns) for name, flag in flags.flags.items()}
        self._unless = {name: Phrases(flag.unless) for name, flag in flags.flags.items()}
        self._together = {
            name: [
                Together(tuple(lists[n] for n in rule.words), rule.within, tuple(lists[n] for n in rule.without))
                for rule in flag.together
            ]
            for name, flag in flags.flags.items()
        }
        self.detectors = Detectors(lists, self._unless)
        self.context = self.detectors.context

    def found(self, ad: Advertisement, limits: Limits) -> dict[str, str]:
        """All flags with their words."""
        licensed = any(piece in self._licence for piece in ad.pieces)
        found = {name: words for name in self._flags if (words := self.phrase(name, ad, licensed=licensed)) is not None}
        for name, words in self.detectors.detect(ad, found, limits).items():
            found.setdefault(name, words)
        for name, asked in (("no_contract", self._contract), ("no_agency_licence", self._licence)):
            if name not in found and (piece := next((p for p in ad.denied if p in asked), None)):
                found[name] = piece.raw.strip()[:MAX_QUOTE].strip()
        return found

    def phrase(self, name: str, ad: Advertisement, *, licensed: bool = False) -> str | None:
        """The words of the first phrase of a flag, or of words that stand together."""
        unless, negatable = self._unless[name], self._flags[name].negatable
        for piece in ad.pieces:
            if piece in self._warning or self.context.excuses(name, piece, licensed=licensed):
                continue  # an honest agency that warns of cheats names what they do
            if words := self._patterns[name].quote_in(piece, unless, negatable=negatable):
                return words
            for rule in self._together[name]:
                if words := rule.quote_in(piece, unless, negatable=negatable):
                    return words
        return None


@lru_cache(maxsize=4)
def _reader(flags: OfferFlags) -> _Reader:
    return _Reader(flags)


def _limits(facts: Mapping[str, Fact]) -> Limits:
    """What counts as too much, from the facts: see Limits."""
    return Limits(
        thai_day=_highest(facts, "th_min_wage_high", 400.0),
        korea_won=_highest(facts, "korea_fishing_wage", 2_600_000.0),
        korea_dollars=_highest(facts, "korea_short_wage", 2_000.0),
    )


def _highest(facts: Mapping[str, Fact], name: str, otherwise: float) -> float:
    value = facts[name].value if name in facts else otherwise
    if isinstance(value, tuple):
        return float(max(value))
    return float(value) if isinstance(value, int | float) else otherwise
