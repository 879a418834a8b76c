"""The classifier without Rasa: learns by heart, keeps what it learnt, refuses broken files. Needs scikit-learn."""

from __future__ import annotations

from pathlib import Path

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("sklearn")

from nlu.components import intent_model  # noqa: E402
from nlu.components.defaults import DEFAULTS  # noqa: E402
from nlu.components.parse import parse  # noqa: E402

TEACHING = {
    "passport": ["ເຮັດໜັງສືຜ່ານແດນຢູ່ໃສ", "ทำพาสปอร์ตที่ไหน", "where make passport", "het passport yu sai", "ປຶ້ມຜ່ານແດນ"],
    "unpaid_wages": ["ນາຍຈ້າງບໍ່ຈ່າຍເງິນເດືອນ", "นายจ้างไม่จ่ายเงินเดือน", "boss not pay me", "nai jang bor jai", "ບໍ່ໄດ້ເງິນ"],
    "urgent_trapped": ["ຂ້ອຍຖືກຂັງ", "ถูกขังอยู่ในห้อง", "locked in the room", "thuk khang yu hong", "ເຂົາບໍ່ໃຫ້ອອກ"],
    "greet": ["ສະບາຍດີ", "สวัสดีครับ", "hello", "sabaidee", "ສະບາຍດີ ເດີ້"],
}
TEXTS = [text for texts in TEACHING.values() for text in texts]
INTENTS = [intent for intent, texts in TEACHING.items() for _ in texts]
SPEC = intent_model.ModelSpec.from_config({**DEFAULTS, "min_count": {}, "folds": 5})


@pytest.fixture(scope="module")
def model() -> intent_model.IntentModel:
    return intent_model.train(TEXTS, INTENTS, SPEC)


def test_it_learns_five_examples_by_heart(model: intent_model.IntentModel) -> None:
    assert [parse(model, text)["intent"]["name"] for text in TEXTS] == INTENTS


def test_another_script_is_understood(model: intent_model.IntentModel) -> None:
    assert parse(model, "เฮ็ดปื้มผ่านแดนอยู่ใส")["intent"]["name"] == "passport"


def test_the_same_after_saving_and_loading(model: intent_model.IntentModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    loaded = intent_model.IntentModel.load(tmp_path)
    for text in TEXTS:
        before, after = model.probabilities(text), loaded.probabilities(text)
        assert np.abs(before - after).max() < 0.01


def test_a_model_of_another_version_is_refused(model: intent_model.IntentModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    file = tmp_path / "model.json"
    file.write_text(file.read_text(encoding="utf-8").replace(intent_model.VERSION, "old"), encoding="utf-8")
    with pytest.raises(ValueError, match="train again"):
        intent_model.IntentModel.load(tmp_path)


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_blank_text_has_no_intent(model: intent_model.IntentModel, text: str) -> None:
    found = parse(model, text)
    assert found["intent"]["name"] is None and found["urgent_score"] == 0.0


@pytest.mark.parametrize("text", ["😭", "?", "12345", "\u200b", "x" * 5000, "ກ" * 3000])
def test_strange_text_gets_probabilities(model: intent_model.IntentModel, text: str) -> None:
    ranking = parse(model, text)["intent_ranking"]
    assert abs(sum(r["confidence"] for r in ranking) - 1) < 1e-3


def test_a_long_message_is_read_by_clauses(model: intent_model.IntentModel) -> None:
    found = parse(model, "boss not pay me for three months already. where can i make a passport in vientiane")
    assert [c["intent_ranking"][0]["name"] for c in found["clauses"]] == ["unpaid_wages", "passport"]


def test_the_urgent_score_tells_a_cry_from_the_rest(model: intent_model.IntentModel) -> None:
    cry, calm = (parse(model, text)["urgent_score"] for text in ("ຂ້ອຍຖືກຂັງຢູ່ໃນຫ້ອງ", "where make passport"))
    assert 0 <= calm < cry <= 1


def test_without_urgent_topics_there_is_no_detector(tmp_path: Path) -> None:
    calm = [(t, i) for t, i in zip(TEXTS, INTENTS, strict=True) if not i.startswith("urgent_")]
    model = intent_model.train([t for t, _ in calm], [i for _, i in calm], SPEC)
    model.save(tmp_path)
    assert parse(intent_model.IntentModel.load(tmp_path), "thuk khang")["urgent_score"] == 0.0


def test_a_page_is_read_at_both_ends(model: intent_model.IntentModel) -> None:
    page = "boss not pay me. " + "x " * 3000 + ". where make passport"
    found = parse(model, page)
    assert found["clauses"][-1]["intent_ranking"][0]["name"] == "passport"
