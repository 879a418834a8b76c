"""Interface strings in the person's language, from the gettext catalogues in locales/.

The locale is an argument: one process serves many people at once. The message id is the English sentence.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from bot.settings import LANGUAGES, ROOT

LOCALES = ROOT / "locales"
DOMAIN = "bot"

Translate = Callable[..., str]
"""`t(message, **placeholders)` -> the sentence in one language, its named placeholders filled in."""


class CatalogueError(Exception):
    """A catalogue is missing or cannot be read; the text names the file."""


def catalogue_path(language: str) -> Path:
    """Where the catalogue of `language` lies."""
    return LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.po"


@lru_cache(maxsize=len(LANGUAGES))
def _translations(language: str) -> NullTranslations:
    path = catalogue_path(language)
    try:
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language)
    except (OSError, ValueError) as error:
        raise CatalogueError(f"{path}: {error}; run `make messages`") from error
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled, domain=DOMAIN)


@lru_cache(maxsize=len(LANGUAGES))
def translator(language: str) -> Translate:
    """The translate function of one language; an unknown language gives English."""
    if language not in LANGUAGES:
        language = "en"
    catalogue = _translations(language)

    def t(message: str, /, **placeholders: object) -> str:
        text = catalogue.ugettext(message)
        return text.format(**placeholders) if placeholders else text

    return t


def N_(message: str) -> str:
    """Mark a sentence for the catalogues that is translated later."""
    return message
