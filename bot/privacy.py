"""Pseudonyms. Staff and logs see these, never a name, a username or a chat id."""

from __future__ import annotations

import secrets

_FIRST = (
    "Amber", "Azure", "Bamboo", "Bright", "Calm", "Cedar", "Clear", "Coral", "Dawn", "Early", "Evening", "Fern",
    "Gentle", "Golden", "Green", "Jade", "Kind", "Lotus", "Misty", "Morning", "Open", "Pearl", "Quiet", "River",
    "Silver", "Sunny", "Teak", "Tender", "Violet", "Warm", "White", "Wild",
)  # fmt: skip
_SECOND = (
    "Bird", "Boat", "Breeze", "Bridge", "Champa", "Cloud", "Crane", "Drum", "Field", "Fish", "Flower", "Forest",
    "Garden", "Hill", "House", "Lamp", "Leaf", "Moon", "Mountain", "Orchid", "Path", "Pond", "Rain", "Rice", "Road",
    "Seed", "Star", "Stone", "Stream", "Tree", "Village", "Water",
)  # fmt: skip


def new_pseudonym() -> str:
    """A made-up name with a number, drawn at random: it says nothing about the person."""
    return f"{secrets.choice(_FIRST)} {secrets.choice(_SECOND)} {secrets.randbelow(90000) + 10000}"
