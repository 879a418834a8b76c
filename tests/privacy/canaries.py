"""People who do not exist, what they say, and the search for it in bytes."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.dialogue.types import Event, LocationEvent, TextEvent
from bot.masking import mask
from bot.nlu.parse import Parse, Reading
from bot.services.conversations import ConversationService, Incoming
from bot.settings import Settings
from bot.storage.db import Database
from nlu.text.zones import Thresholds
from tests.factories.content import published

SYLLABLES = ("ສົມ", "ບຸນ", "ພອນ", "ຄຳ", "ແສງ", "ວັນ", "ນາງ", "ທອງ", "ດາວ", "ຈັນ")
THRESHOLDS = Thresholds(answer=0.5, offer=0.1, out_of_scope=0.3, urgent_sure=0.5, urgent_possible=0.2)


@dataclass(frozen=True)
class Canary:
    """One person with everything that must not be found."""

    chat: str
    name: str
    phone: str
    passport: str
    place: tuple[float, float]
    village: str

    @property
    def words(self) -> str:
        """What the person writes."""
        return f"ຂ້ອຍຊື່ {self.name} ຢູ່ {self.village} ໂທ {self.phone} ໜັງສືຜ່ານແດນ {self.passport}"

    @property
    def events(self) -> list[Event]:
        """What the person sends."""
        return [TextEvent(self.words), LocationEvent(*self.place)]

    @property
    def hard(self) -> list[str]:
        """What masking or hashing hides: must be nowhere in plain."""
        place = f"{self.place[0]:.5f}, {self.place[1]:.5f}"
        return [self.chat, self.phone, self.passport, place, self.words]

    @property
    def soft(self) -> list[str]:
        """Names and villages; what masking sees of them counts as hard."""
        return [self.name, self.village]


def make(number: int, seed: int) -> list[Canary]:
    """`number` people, the same for the same seed."""
    draw = random.Random(seed)
    found = []
    for n in range(number):
        name = "".join(draw.choices(SYLLABLES, k=3)) + f"ກນຣ{n:04d}"
        digits = f"{draw.randrange(10**7):07d}"
        found.append(
            Canary(
                chat=str(7_100_000_000 + draw.randrange(10**8) * 10 + n % 10),
                name=name,
                phone=f"020 5{digits[:3]} {digits[3:]}",
                passport=f"PA{draw.randrange(10**7):07d}",
                place=(round(15 + draw.random() * 5, 5), round(101 + draw.random() * 5, 5)),
                village=f"ບ້ານ{''.join(draw.choices(SYLLABLES, k=2))}ຄນລ{n:04d}",
            )
        )
    return found


class _Content:
    def published(self) -> object:
        return published()


class _Nlu:
    async def understand(self, text: str) -> Parse:
        return Parse(ranking=(Reading("passport", 0.9),), form="lao")


def service(database: Database) -> ConversationService:
    """The real conversation service on a database, with a stand-in for content and model."""
    clock = lambda: datetime.now(UTC)  # noqa: E731
    return ConversationService(database, _Content(), _Nlu(), THRESHOLDS, Settings(_env_file=None), clock)  # type: ignore[arg-type,call-arg]


async def talk(database: Database, people: Iterable[Canary]) -> int:
    """Let everybody say what they have to say; returns how many messages."""
    talking, number = service(database), 0
    for person in people:
        for event in person.events:
            number += 1
            await talking.handle(Incoming("telegram", person.chat, event, number, number))
    return number


def visible(person: Canary) -> list[str]:
    """Names of this person that masking does not see."""
    return [name for name in person.soft if name in mask(person.words)]


HEAD = 8


def hits(files: Iterable[Path], wanted: Iterable[str]) -> dict[str, int]:
    """File name -> how many of the wanted strings stand in it, in any of the ways in which they could be written.

    Each place of a file is looked up once among the beginnings of the strings: thousands of searches would take long.
    """
    forms = {form for text in wanted for form in (text.encode(), text.encode("utf-16-le"), ascii(text)[1:-1].encode())}
    width = min([HEAD, *map(len, forms)])
    begin: dict[bytes, set[bytes]] = {}
    for form in forms:
        begin.setdefault(form[:width], set()).add(form)
    found = {}
    for file in files:
        try:
            data, seen = file.read_bytes(), set()
        except FileNotFoundError:  # a running PostgreSQL makes and removes files
            continue
        for at in range(len(data) - width + 1):
            if (head := data[at : at + width]) in begin:
                seen |= {form for form in begin[head] if data.startswith(form, at)}
        found[file.name] = len(seen)
    return found
