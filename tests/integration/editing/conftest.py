"""A desk over a copy of the content, on both databases, with three members of staff."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.services.editing.desk import EditorsDesk
from bot.services.staff import Member
from bot.settings import ROOT
from bot.storage.db import Database
from bot.storage.models import Role, Staff
from tests.support.clock import START, Clock


@dataclass
class People:
    """Who works at the desk."""

    ann: Member
    ben: Member
    chief: Member
    all: list[Member] = field(default_factory=list)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "content", tmp_path / "content"))


@pytest.fixture
def people(database: Database) -> People:
    made = []
    with database.write() as session:
        for name, role in (("ann", Role.EDITOR), ("ben", Role.EDITOR), ("chief", Role.SUPERVISOR)):
            row = Staff(name=name, role=role, password_hash="x", created_at=START)
            session.add(row)
            session.flush()
            made.append(Member(row.id, name, role, True))
    return People(*made)


@pytest.fixture
def desk(database: Database, folder: Path, clock: Clock) -> EditorsDesk:
    return EditorsDesk(database, folder, clock)
