"""What a trained component depends on beside its own class: helper modules and data files."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

NLU = Path(__file__).resolve().parent.parent


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """One hash over nlu/text, nlu/components and nlu/lexicon, so that Rasa's cache never restores a stale component."""
    digest = hashlib.sha256()
    for folder, patterns in (
        ("text", ("*.py", "*.json")),
        ("components", ("*.py",)),
        ("lexicon", ("*.yml", "*.txt", "*.npy")),
    ):
        for path in sorted(p for pattern in patterns for p in (NLU / folder).glob(pattern)):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
