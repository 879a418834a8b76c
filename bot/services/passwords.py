"""Which passwords are too easy: common ones, patterns, and those made of words of this service.

zxcvbn (the estimator of Dropbox) knows 30,000 common passwords, names, keyboard patterns and repetitions; no list of
breached passwords is asked over the network, since that would tell somebody when our staff choose one.
"""

from __future__ import annotations

import re

from zxcvbn import zxcvbn

OUR_WORDS = (
    "safe", "migration", "hotline", "migrant", "laos", "lao", "thailand", "thai", "telegram", "bot", "counsellor",
    "supervisor", "reviewer", "editor", "admin", "password", "vientiane", "bangkok", "support",
)  # fmt: skip
"""Words of this service; docs/security.md names them."""
ENOUGH = 3
"""Of zxcvbn's 0 to 4: more than 10^8 guesses, and each of ours is slow."""
BESIDE = 8
"""Letters and digits that must be left without our words and the person's own name."""
LOOKED_AT = 72
"""zxcvbn takes no more characters."""


def easy(password: str, name: str) -> bool:
    """True when a password of this person could be guessed."""
    ours = [*OUR_WORDS, *re.split(r"[^a-z0-9]+", name.casefold())]
    words = "|".join(re.escape(word) for word in sorted(ours, key=len, reverse=True) if word)
    left = re.sub(rf"{words}|[\W_]", "", password.casefold())
    return len(left) < BESIDE or zxcvbn(password[:LOOKED_AT], user_inputs=ours)["score"] < ENOUGH
