"""Phrase lexicons: substring, word beginning, sound."""

from __future__ import annotations

import pytest

from nlu.text.lexicon import LexiconError, PhraseLexicon

LEXICON = PhraseLexicon(
    {
        "locked": {"lo": ["ຖືກຂັງ", "ບໍ່ໃຫ້...ອອກ"], "roman": ["thuk khang"], "en": ["locked", "not let...go"]},
        "mou": {"en": ["mou|"]},
        "line": {"lo": ["ໄລ"]},
    }
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("ຂ້ອຍຖືກຂັງ", {"locked"}, id="substring"),
        pytest.param("ຖືກ ຂັງ", {"locked"}, id="blank inside"),
        pytest.param("ບໍ່ໃຫ້ພວກເຮົາອອກ", {"locked"}, id="two parts"),
        pytest.param("they do not let me go", {"locked"}, id="two Latin parts"),
        pytest.param("Locked!", {"locked"}, id="capitals"),
        pytest.param("unlocked", set(), id="a word's beginning only"),
        pytest.param("mouse", set(), id="whole word asked for"),
        pytest.param("mou?", {"mou"}, id="whole word"),
        pytest.param("ถืกขัง ถูกขัง", {"locked"}, id="by sound from Thai letters"),
        pytest.param("tuk kang", {"locked"}, id="by sound from Latin letters"),
        pytest.param("ໄລ່ອອກ", set(), id="no half letter: a tone follows"),
        pytest.param("", set(), id="nothing"),
    ],
)
def test_entries(text: str, found: set[str]) -> None:
    assert LEXICON.entries_in(text) == found


@pytest.mark.parametrize("phrase", [191, "", " ", "\u200b"])
def test_what_is_no_phrase_is_refused(phrase: object) -> None:
    with pytest.raises(LexiconError, match="hotline"):
        PhraseLexicon({"hotline": {"en": [phrase]}})  # type: ignore[list-item]
