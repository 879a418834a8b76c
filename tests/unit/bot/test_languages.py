"""The list of languages is data; one that is in work reaches no person."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError
from typer.testing import CliRunner

from bot import i18n
from bot.cli import i18n as command
from bot.dialogue import buttons
from bot.i18n import catalogue_path, translator
from bot.knowledge.model import Text, pick
from bot.settings import LANGUAGES, LANGUAGES_IN_WORK, SettingsError, load_settings, read_languages


def test_the_file_is_read() -> None:
    assert read_languages("# a\n\nlo ລາວ\nmy မြန်မာ in_work\n") == ({"lo": "ລາວ"}, {"my": "မြန်မာ"})
    with pytest.raises(ValueError, match="should be"):
        read_languages("my မြန်မာ soon\n")


def test_what_is_in_work_is_offered_to_nobody() -> None:
    assert "my" in LANGUAGES_IN_WORK
    assert not set(LANGUAGES) & set(LANGUAGES_IN_WORK)
    assert [button.data for button in buttons.languages()] == [f"l:{code}" for code in LANGUAGES]
    assert translator("my")("Thank you.") == "Thank you."
    with pytest.raises(SettingsError, match="DEFAULT_LANGUAGE"):
        load_settings(default_language="my")


@pytest.mark.parametrize("language", LANGUAGES_IN_WORK)
def test_a_catalogue_in_work_can_be_read(language: str) -> None:
    done, wanted = command.progress(language)
    assert 0 < done < wanted
    assert catalogue_path(language).exists()


def test_texts_may_be_written_before_the_language_is_offered() -> None:
    text = TypeAdapter(Text).validate_python({"lo": "ໜຶ່ງ", "my": "တစ်"})
    assert pick(text, "my") == ("တစ်", "my")
    assert pick({"th": "หนึ่ง"}, "my") == ("หนึ่ง", "th")
    with pytest.raises(ValidationError, match=r"languages\.txt"):
        TypeAdapter(Text).validate_python({"xx": "1"})


def test_a_language_is_begun_by_a_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "languages.txt").write_text("lo ລາວ\n", encoding="utf-8")
    for module in (command, i18n):
        monkeypatch.setattr(module, "LOCALES", tmp_path)
    monkeypatch.setattr(command, "ROOT", tmp_path.parent)
    monkeypatch.setattr(command, "extracted", command.Catalog)
    done = CliRunner().invoke(command.app, ["add", "vi"])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "vi" / "LC_MESSAGES" / "bot.po").exists()
    assert "vi Tiếng_Việt in_work" in (tmp_path / "languages.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", ["my", "lo", "kjg", "../x"])
def test_what_cannot_be_begun_is_refused(code: str) -> None:
    assert CliRunner().invoke(command.app, ["add", code]).exit_code == 2
