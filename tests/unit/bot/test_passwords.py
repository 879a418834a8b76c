"""Passwords that are too easy."""

from __future__ import annotations

import pytest

from bot.services.passwords import easy


@pytest.mark.parametrize(
    ("password", "is_easy"),
    [
        ("passwordpassword", True),
        ("12345678901234", True),
        ("qwertyuiopasdfgh", True),
        ("daodaodaodaodao", True),
        ("Safe-Migration-Lao!", True),
        ("Dao.hotline.2026", True),
        ("aaaaaaaaaaaaaaaa", True),
        ("a long enough password", False),
        ("correct horse battery staple", False),
        ("ຊ້າງສີ່ໂຕກິນເຂົ້າໜຽວ", False),
        ("x7#Lq9!vT2@mZ4" * 8, False),
    ],
)
def test_what_is_easy_to_guess(password: str, is_easy: bool) -> None:
    assert easy(password, "dao") == is_easy
