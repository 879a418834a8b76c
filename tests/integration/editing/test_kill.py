"""A process that is killed while it publishes leaves whole versions only."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

from bot.services.editing import versions
from bot.services.editing.desk import EditorsDesk

PUBLISHER = """
import copy, sys
from datetime import UTC, datetime
from pathlib import Path
from bot.services.editing.publishing import add_version
from bot.knowledge.bodies import read_bodies
from bot.storage.db import Database
folder, database = Path(sys.argv[1]), Database(sys.argv[2])
body = copy.deepcopy(read_bodies(folder)["faq", "passport"]) | {"topic": "rain"}
for number in range(100000):
    with database.write() as session:
        for kind in ("topic", "faq"):
            one = {"group": "money", "means": str(number)} if kind == "topic" else body | {"where": str(number)}
            add_version(session, folder, kind, "rain", one, "ann", "ben", "", datetime.now(UTC))
    print(number, flush=True)
"""


def test_topic_and_answer_are_there_together_or_not_at_all(desk: EditorsDesk) -> None:
    for _ in range(3):
        child = subprocess.Popen(
            [sys.executable, "-c", PUBLISHER, str(desk.folder), desk.database.url], stdout=subprocess.PIPE
        )
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(0.15)
        child.send_signal(signal.SIGKILL)
        child.communicate()
        with desk.database.read() as session:
            topic, answer = (versions.history(session, kind, "rain") for kind in ("topic", "faq"))
        assert len(topic) == len(answer) > 0
        assert [row.body["means"] for row in topic] == [row.body["where"] for row in answer]
