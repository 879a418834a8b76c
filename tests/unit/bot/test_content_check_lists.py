"""The content check of flags and fees: each kind of defect, put into the real lists, is caught."""

from __future__ import annotations

from typing import Any

import pytest

from bot.knowledge.check import Problem
from bot.knowledge.check_fees import fees
from bot.knowledge.check_offer import offer_flags
from bot.knowledge.load import load_published
from bot.knowledge.model import OfferFlags, Published
from bot.settings import LANGUAGES, ROOT

CONTENT = ROOT / "content"
PUBLISHED = load_published(CONTENT)
FLAGS: OfferFlags = PUBLISHED.offer_flags  # type: ignore[assignment]
FLAG, FEE = "keeps_documents", next(iter(PUBLISHED.fees))


def codes(problems: Any) -> set[str]:
    found: list[Problem] = list(problems)
    return {problem.code for problem in found}


def three(text: str) -> dict[str, str]:
    return dict.fromkeys(LANGUAGES, text)


def flagged(flags: OfferFlags | None) -> set[str]:
    return codes(offer_flags(CONTENT, PUBLISHED.model_copy(update={"offer_flags": flags})))


def test_the_real_lists_are_clean() -> None:
    assert codes([*offer_flags(CONTENT, PUBLISHED), *fees(CONTENT, PUBLISHED)]) == set()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": {"lo": "x", "th": "", "en": "x"}}, "C04"),
        ({"why": three("costs 300 baht")}, "C26"),
        ({"advice": three("{fact:nothing}")}, "C24"),
        ({"related": ("no_such_topic",)}, "C21"),
        ({"patterns": {"lo": ("ຍຶດ",), "th": ("ยึด",), "en": ("keep",)}}, "C51"),
        ({"patterns": FLAGS.flags[FLAG].patterns | {"en": ("...",)}}, "C52"),
        ({"patterns": FLAGS.flags[FLAG].patterns | {"lo": ("ໄວໆ",)}}, "C52"),
        ({"unless": {"en": ("keep it", "keep it")}}, "C53"),
    ],
)
def test_a_defect_of_a_flag_is_caught(changes: dict[str, Any], code: str) -> None:
    flag = FLAGS.flags[FLAG].model_copy(update=changes)
    assert code in flagged(OfferFlags({**FLAGS.flags, FLAG: flag}, FLAGS.words))


def test_missing_flags_are_caught() -> None:
    assert flagged(None) == {"C50"}
    assert "C50" in flagged(OfferFlags({k: f for k, f in FLAGS.flags.items() if k != FLAG}, FLAGS.words))


@pytest.mark.parametrize(("forms", "code"), [({"khmer": ("x",)}, "C51"), ({"en": (12,)}, "C52")])
def test_a_defect_of_a_word_list_is_caught(forms: dict[str, Any], code: str) -> None:
    assert code in flagged(OfferFlags(FLAGS.flags, {**FLAGS.words, "document": forms}))


def charged(name: str = FEE, **changes: Any) -> set[str]:
    fee = PUBLISHED.fees[FEE].model_copy(update=changes)
    return codes(fees(CONTENT, PUBLISHED.model_copy(update={"fees": {name: fee}})))


def test_each_defect_of_a_fee_is_caught() -> None:
    assert codes(fees(CONTENT, PUBLISHED.model_copy(update={"fees": {}}))) == {"C60"}
    assert charged(name="a name that is too long") == {"C61"}
    assert charged(name="ລາຄາ") == {"C61"}
    assert charged(label=three("a label that fits no button of a small telephone")) == {"C45"}
    assert charged(rule=three("{phone:nobody}")) == {"C24"}
    assert charged(topics=("no_such_topic",)) == {"C46"}
    assert charged(seen=("mou_signed",)) == {"C47"}
    assert charged(facts=("th_visa_fee_2y", "la_passport_fee_e")) == {"C62"}
    assert charged(share="th_visa_fee_2y") == {"C62"}
    assert charged(share="nothing") == {"C62"}


def test_missing_lists_are_said() -> None:
    bare = Published(topics={}, facts={}, contacts={}, answers={}, version="bare")
    assert codes([*offer_flags(CONTENT, bare), *fees(CONTENT, bare)]) == {"C50", "C60"}
