"""Numbers that may lead to a person are not shown: telephone, passport and identity numbers, e-mail, places.

A number of six digits or more in any writing (Latin, Lao, Thai, full width), also with blanks, dots, dashes, brackets
or invisible characters between them; with one or two Latin letters before it, as passports have. Too much is masked
rather than too little; money written with commas stays.
"""

from __future__ import annotations

import re

MASK = "••••••"
_BETWEEN = r"[\s.\-–—_/()*\u00a0\u200b-\u200f\u2060\ufeff]{0,3}"
_NUMBER = re.compile(rf"(?:(?<![A-Za-z])[A-Za-z]{{1,2}}{_BETWEEN})?(?:\+{_BETWEEN})?(?<!\d)\(?\d(?:{_BETWEEN}\d){{5,}}")
_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
_PLACE = re.compile(r"^-?\d+\.\d+, -?\d+\.\d+$")


def mask(text: str) -> str:
    """The text without personal numbers."""
    if _PLACE.match(text):
        return MASK
    return _NUMBER.sub(MASK, _MAIL.sub(MASK, text))


def is_masked(text: str) -> bool:
    """True when something in the text is hidden."""
    return mask(text) != text
