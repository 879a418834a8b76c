"""Guards of the training questions, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from bot.knowledge.model import Topic
from bot.services import people, questions
from bot.services.errors import DeskError
from bot.services.likeness import Kind, Known, findings
from bot.services.teaching import MOST_TAKEN_OUT, Teaching
from bot.storage.db import Database
from bot.storage.models import Direction, QuestionState, TrainingQuestion
from nlu.questions import Row, read_training_file, training_rows, write_training_file

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
TOPICS = {
    name: Topic(id=name, group=group, means="")
    for name, group in (("passport", "papers"), ("visa", "papers"), ("urgent_trapped", "urgent"))
}
GROUPS = {name: topic.group for name, topic in TOPICS.items()}
HELD_OUT = "ຢາກຮູ້ວ່າເຮັດພາສປອດຢູ່ໃສໄດ້ແດ່ໃນວຽງຈັນ"
IN_FILE = "ຕ້ອງໃຊ້ເອກະສານຫຍັງແດ່ເພື່ອເຮັດພາສປອດ"


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Known:
    folder = tmp_path_factory.mktemp("questions")
    write_training_file(folder / "data" / "lao" / "papers.a.yml", [Row(IN_FILE, "passport", "lao", "")])
    (folder / "eval").mkdir()
    head = "id\tform\tintent\talso\ttext\n"
    (folder / "eval" / "lao.tsv").write_text(f"{head}1\tlao\tpassport\t\t{HELD_OUT}\n", encoding="utf-8")
    return Known.read(folder / "data", folder / "eval")


Desk = Callable[..., Teaching]


@pytest.fixture
def desk(known: Known) -> Desk:
    def make(session: Session, who: str = "noy", a_day: int = 100, now: datetime = NOW) -> Teaching:
        return Teaching(session, TOPICS, known, a_day, who, now)

    return make


def candidate(session: Session, text: str, intent: str, by: str = "bee") -> int:
    row = questions.propose(session, text, intent, by, NOW)
    assert row is not None
    session.flush()
    return row.id


def test_a_question_that_models_are_judged_by_is_never_taught(database: Database, desk: Desk) -> None:
    with database.write() as session:
        number = candidate(session, HELD_OUT, "passport")
        for text in (HELD_OUT, f"  {HELD_OUT} ", HELD_OUT + "ແດ່", HELD_OUT.replace("ໃນ", " ໃນ")):
            with pytest.raises(DeskError, match="judged"):
                desk(session).add(text, "passport", anyway=True)
        with pytest.raises(DeskError, match="judged"):
            desk(session).accept(number, HELD_OUT, "passport", anyway=True)


def test_contradictions_need_a_second_look_and_near_duplicates_are_pointed_out(
    database: Database, desk: Desk, known: Known
) -> None:
    with database.write() as session:
        with pytest.raises(DeskError, match="another topic"):
            desk(session).add(IN_FILE, "visa")
        assert desk(session).add(IN_FILE, "visa", anyway=True).state == QuestionState.ACCEPTED
        kinds = {found.kind for found in findings(session, known, IN_FILE, "passport")}
        assert kinds == {Kind.SAME_TOPIC, Kind.OTHER_TOPIC}


def test_a_topic_of_danger_needs_a_second_person(database: Database, desk: Desk) -> None:
    with database.write() as session:
        row = desk(session, "noy").add("ປະຕູຖືກລັອກຈາກທາງນອກ", "urgent_trapped")
        assert row.state == QuestionState.CANDIDATE
        with pytest.raises(DeskError, match="second person"):
            desk(session, "noy").accept(row.id, row.text, row.intent)
        assert desk(session, "dao").accept(row.id, row.text, row.intent).state == QuestionState.ACCEPTED


def test_a_cry_is_not_taught_as_something_harmless_by_one_person(database: Database, desk: Desk) -> None:
    cry = "ຊ່ວຍແດ່ ນາຍຈ້າງຂັງຂ້ອຍໄວ້ໃນຫ້ອງ"
    with database.write() as session:
        assert desk(session, "noy").add(cry, "visa").state == QuestionState.CANDIDATE  # by its words
        number = candidate(session, "ເປີດປະຕູອອກໄປບໍ່ໄດ້ເລີຍ", "urgent_trapped")
        row = desk(session, "noy").accept(number, "ເປີດປະຕູອອກໄປບໍ່ໄດ້ເລີຍ", "visa")
        assert row.state == QuestionState.CANDIDATE  # moved out of danger: its author is noy now
        with pytest.raises(DeskError, match="second person"):
            desk(session, "noy").accept(number, row.text, "visa")
        assert desk(session, "dao").accept(number, row.text, "visa").state == QuestionState.ACCEPTED


def test_nobody_gives_or_accepts_more_than_so_many_a_day(database: Database, desk: Desk) -> None:
    with database.write() as session:
        for number in range(3):
            desk(session, a_day=3).add(f"ຄຳຖາມ{'ກຂຄ'[number] * 3} ວີຊາ", "visa")
        with pytest.raises(DeskError, match="24 hours"):
            desk(session, a_day=3).add("ຄຳຖາມອື່ນເລື່ອງວີຊາ", "visa")
        ours = candidate(session, "ວີຊາໝົດອາຍຸແລ້ວ", "visa", by="noy")
        with pytest.raises(DeskError, match="noy"):  # another person accepts what the same author gave
            desk(session, "dao", a_day=3).accept(ours, "ວີຊາໝົດອາຍຸແລ້ວ", "visa")
        desk(session, a_day=3, now=NOW + timedelta(days=2)).add("ມື້ອື່ນຖາມໃໝ່ເລື່ອງວີຊາ", "visa")


def test_numbers_and_names_never_get_in(database: Database, desk: Desk) -> None:
    with database.write() as session:
        row = desk(session).add("ຂ້ອຍຊື່ສົມພອນ ໂທ 020 5551 2345 ຢາກເຮັດວີຊາ", "visa")
        assert "5551" not in row.text and "ສົມພອນ" not in row.text
        for bad in ("x", "a [b](c)", "ກ" * 301):
            with pytest.raises(DeskError):
                desk(session).add(bad, "visa")


def test_an_accepted_question_can_be_taken_out(database: Database, desk: Desk) -> None:
    with database.write() as session:
        row = desk(session).add("ຢາກຕໍ່ວີຊາອອນລາຍ", "visa")
        desk(session, "dao").reject(row.id)
        assert questions.accepted(session) == []
        with pytest.raises(DeskError, match="already"):
            desk(session).reject(row.id)


def test_export_and_pull_keep_what_is_there(database: Database, desk: Desk, tmp_path: Path) -> None:
    with database.write() as session:
        desk(session).add("ຢາກຕໍ່ວີຊາອອນລາຍ", "visa")
        desk(session).add(IN_FILE, "passport")
        rows = questions.accepted(session)
    assert questions.export(rows, tmp_path / "extra", GROUPS) == 1
    assert {(r.text, r.intent) for r in training_rows(tmp_path / "extra")} == {
        ("ຢາກຕໍ່ວີຊາອອນລາຍ", "visa"), (IN_FILE, "passport"),
    }  # fmt: skip
    data = tmp_path / "data"
    write_training_file(data / "lao" / "papers.a.yml", [Row(IN_FILE, "passport", "lao", "")])
    write_training_file(data / "lao" / "papers.desk.yml", [Row("ຂໍວີຊາແນວໃດ", "visa", "lao", "")])
    assert questions.pull(rows, data, GROUPS) == 1  # one of the two is in a file already
    assert questions.pull(rows, data, GROUPS) == 0
    assert {r.text for r in read_training_file(data / "lao" / "papers.desk.yml")} == {
        "ຂໍວີຊາແນວໃດ", "ຢາກຕໍ່ວີຊາອອນລາຍ",
    }  # fmt: skip


def test_nothing_is_read_from_a_rejected_row(database: Database, known: Known) -> None:
    with database.write() as session:
        session.add(
            TrainingQuestion(
                text="ຄຳຖາມທີ່ບໍ່ຮັບ", form="lao", intent="visa", source="editor", state=QuestionState.REJECTED,
                created_by="noy", created_at=NOW,
            )
        )  # fmt: skip
        session.flush()
        assert findings(session, known, "ຄຳຖາມທີ່ບໍ່ຮັບ", "passport") == []


def test_one_person_does_not_empty_the_training_of_cries(database: Database, desk: Desk) -> None:
    """A review: taking accepted cries out again needed one person and had no end."""
    with database.write() as session:
        numbers = [
            candidate(session, f"ເຂົາຂັງຂ້ອຍໄວ້ ຢູ່ບ່ອນທີ {'ກຂຄງຈສຊຍດຕຖທນບປຜຝພຟມຢຣລ'[n] * 5}", "urgent_trapped")
            for n in range(MOST_TAKEN_OUT + 2)
        ]
        for number in numbers[:MOST_TAKEN_OUT]:
            desk(session, "mallory").reject(number)
        with pytest.raises(DeskError, match="rejected"):
            desk(session, "mallory").reject(numbers[-1])
        desk(session, "mallory").reject(candidate(session, "ເຮັດພາສປອດໃຊ້ຈັກມື້", "passport"))
        desk(session, "dao").reject(numbers[-1])
        desk(session, "mallory", now=NOW + timedelta(hours=25)).reject(numbers[-2])


@pytest.mark.parametrize("heard", ["urgent", "danger_check", "intent"])
def test_words_of_a_message_in_which_danger_was_heard_need_two_whatever_they_say(
    database: Database, desk: Desk, heard: str
) -> None:
    """A review: a cry in words that the lexicon does not know became small talk by one person's will."""
    text = "ມາຮັບແດ່ ຢູ່ກ້ອງຕົ້ນໄມ້ໃຫຍ່ສີຟ້າ"
    with database.write() as session:
        person = people.find_or_add(session, "telegram", f"77{len(heard)}", NOW)
        note = people.note(people.conversation(session, person, NOW), Direction.IN, NOW, text=text)
        setattr(note, heard, "urgent_trapped" if heard == "intent" else True)
        session.add(note)
        session.flush()
        row = questions.propose(session, text, "passport", "mallory", NOW, note.id)
        assert row is not None
        session.flush()
        with pytest.raises(DeskError, match="second person"):
            desk(session, "mallory").accept(row.id, text, "passport")
        assert desk(session, "dao").accept(row.id, text, "visa").state == QuestionState.CANDIDATE
        fresh = desk(session, "mallory").add("ຢູ່ກ້ອງຕົ້ນໄມ້ໃຫຍ່ ສີຟ້າ ຫຼັງວັດ", "visa", message_id=note.id)
        assert fresh.state == QuestionState.CANDIDATE
