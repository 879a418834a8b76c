"""Check an offer: the labelled advertisements, the verdict's rules, negations, evidence, and the chat."""

from __future__ import annotations

import io
import json
import sys
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from benchmarks.offer_eval import Labelled, judge, read, score
from bot.cli import app
from bot.dialogue.engine import Context, decide
from bot.dialogue.types import Action, ButtonEvent, CommandEvent, Decision, Event, MediaEvent, Moment, State, TextEvent
from bot.knowledge.load import load_published
from bot.knowledge.model import OfferFlags
from bot.knowledge.offer import FLAG_IDS, OfferReport, examine, looks_like_offer, verdict_of
from bot.knowledge.offer_report import report_text
from bot.nlu.parse import Parse, Reading, Thresholds
from bot.settings import ROOT

PUBLISHED = load_published(ROOT / "content")
FLAGS: OfferFlags = PUBLISHED.offer_flags  # type: ignore[assignment]
ADS = read()
JUDGED = judge(ADS)
BY_ID = {ad.id: ad for ad in ADS}
SCAM = BY_ID["lo-d01"].text
HONEST = BY_ID["lo-d04"].text
TODAY = datetime(2026, 11, 24, 3, tzinfo=UTC)
MARKS = Thresholds(answer=0.5, offer=0.2, out_of_scope=0.5, urgent_sure=0.6, urgent_possible=0.3)
CONTEXT = Context(PUBLISHED, MARKS, Moment(now=TODAY, hotline_open=True, hotline_hours="08:30-16:30"))


def look(text: str) -> OfferReport:
    return examine(text, FLAGS, PUBLISHED.facts)


def ids(text: str) -> set[str]:
    return {found.id for found in look(text).flags}


# ------------------------------------------------------------------ the labelled set


def test_the_set_is_large_and_mixed() -> None:
    assert len(ADS) >= 120
    assert sum(not ad.flags for ad in ADS) >= len(ADS) // 4
    assert {flag for ad in ADS for flag in ad.flags} == set(FLAG_IDS)


@pytest.mark.parametrize("half", ["-d", "-h", "-f", "-g", "-k", "-p", "-q"])
def test_flags_of_the_labelled_advertisements(half: str) -> None:
    assert score([pair for pair in JUDGED if half in pair[0].id]).f1() >= 0.9


def test_flags_of_advertisements_that_nothing_was_mended_for() -> None:
    assert score([pair for pair in JUDGED if "-r" in pair[0].id]).f1() >= 0.84


def test_no_dangerous_advertisement_is_called_harmless() -> None:
    harmless = [ad.id for ad, report in JUDGED if ad.verdict == "danger" and report.verdict == "no_red_flag_found"]
    assert harmless == []


def test_honest_advertisements_are_not_called_dangerous() -> None:
    honest = [(ad, report) for ad, report in JUDGED if not ad.flags and "-r" not in ad.id]
    wrong = [ad.id for ad, report in honest if report.verdict == "danger"]
    assert len(wrong) <= len(honest) // 20, wrong


@pytest.mark.parametrize(("ad", "report"), JUDGED, ids=lambda value: getattr(value, "id", ""))
def test_evidence_is_quoted_from_the_text(ad: Labelled, report: OfferReport) -> None:
    for found in report.flags:
        assert found.words
        assert found.words in ad.text, found


# ------------------------------------------------------------------ verdicts


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        ([], "no_red_flag_found"),
        (["no_contract"], "caution"),
        (["no_contract", "urgent_hurry"], "caution"),
        (["no_contract", "urgent_hurry", "wage_too_high"], "danger"),
        (["upfront_fee"], "danger"),
    ],
)
def test_verdict(found: list[str], verdict: str) -> None:
    assert verdict_of(found, FLAGS) == verdict


def test_grave_flags_come_first() -> None:
    severities = [FLAGS.flags[found.id].severity for found in look(SCAM).flags]
    assert severities == sorted(severities, key=lambda s: s != "danger")


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("ຮັບກຳມະກອນ", {"company_name", "licence", "contract", "place", "wage", "working_hours", "contact"}),
        (HONEST, set()),
        ("โรงงานปลา สมุทรสาคร รับคนงาน วันละ 372 บาท โทร 034-816-222", {"licence", "contract", "working_hours"}),
    ],
)
def test_missing(text: str, missing: set[str]) -> None:
    assert missing - {"company_name"} <= set(look(text).missing)
    if not missing:
        assert look(text).missing == ()


# ------------------------------------------------------------------ what says the opposite


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("ໂຮງງານນ້ຳກ້ອນ ຊົນບູລີ ບໍ່ເສຍຄ່າສະໝັກ ບໍ່ມີມັດຈຳ", "upfront_fee"),
        ("ไม่ต้องวางมัดจำ ไม่มีค่าใช้จ่ายในการสมัคร", "upfront_fee"),
        ("No deposit and no recruitment fee. We pay for your visa.", "upfront_fee"),
        ("Wages are transferred to your bank account on the 5th.", "upfront_fee"),
        ("นายจ้างไม่ยึดพาสปอร์ต", "keeps_documents"),
        ("ພາສປອດທ່ານເກັບໄວ້ເອງ", "keeps_documents"),
        ("You keep your own passport.", "keeps_documents"),
        ("bo kep pasport", "keeps_documents"),
        ("อายุต่ำกว่า 18 ไม่รับ", "under_18_ok"),
        ("No one under 18. Age 18-35.", "under_18_ok"),
        ("เวลาทำงาน 13.00-17.00 น. รับ 15 คน อายุ 20-40", "under_18_ok"),
        ("บ่หักเงินเดือน", "pays_by_deduction"),
        ("หักประกันสังคมตามกฎหมาย", "pays_by_deduction"),
        ("ไม่ใช่ร้านคาราโอเกะ", "entertainment_hostess"),
        ("ຮັບຄູ່ຜົວເມຍ ເຮັດສວນ", "marriage"),
        ("ระวังมิจฉาชีพแอบอ้าง ให้โอนเงินก่อน", "upfront_fee"),
        ("ไม่รับคนไม่มีพาสปอร์ต", "cross_border_illegally"),
        ("รายได้ 15,000-18,000 บาทต่อเดือน รวมโอที", "wage_too_high"),
        ("ເງິນເດືອນ 2.600.000 ວອນ ເກົາຫຼີ", "wage_too_high"),
        ("ช่างเชื่อม 6G เงินเดือน 32,000 บาท", "wage_too_high"),
        ("ร้านอาหารรับคนลาว พม่า กัมพูชา ขายออนไลน์ด้วย", "scam_centre_place"),
    ],
)
def test_what_says_the_opposite_raises_no_flag(text: str, flag: str) -> None:
    assert flag not in ids(text)


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("ที่พักหักเดือนละ 500 บาท รวมน้ำไฟ", "pays_by_deduction"),
        ("Dormitory provided with MOP 500 deducted each month", "pays_by_deduction"),
        ("Licence 12. Placement fee capped by law, receipts are issued.", "upfront_fee"),
        ("ໃບອະນຸຍາດ 017\nຄ່າ MOU 13.500 ບາດ ມີໃບຮັບເງິນ ຈ່າຍຫຼັງເຊັນສັນຍາ", "upfront_fee"),
        ("Cook, MOP 5,500 + food + air ticket", "upfront_fee"),
        ("We do NOT charge deposits", "upfront_fee"),
        ("ไม่มีหักค่าหัว", "upfront_fee"),
        ("A: ຍຶດພາສປອດບໍ່?\nB: ບໍ່ຍຶດຈ້າ", "keeps_documents"),
        ("ไมยึดพาสปอรต", "keeps_documents"),  # the tone marks are lost where a picture is read
        ("Factory in Macau 25,000 baht a month", "wage_too_high"),
    ],
)
def test_what_the_law_allows_or_the_answer_denies_raises_no_flag(text: str, flag: str) -> None:
    assert flag not in ids(text)


@pytest.mark.parametrize(
    "text",
    [
        'Police warn: "Kings Romans, typing job, free bus" is a scam, victims were locked up. Call 1191',
        "มูลนิธิเตือน นายหน้าเถื่อนชวนไปปอยเปต เงินเดือน 35,000 เดินป่า ถูกหลอกแล้วโดนกักขัง สายด่วน 1300",
        "ສະຖານທູດເຕືອນ: ນາຍໜ້າຊວນໄປເມຍວະດີ ຄ່າເດີນທາງຟຣີ ຍຶດພາສປອດ ຫຼາຍຄົນຖືກຂັງ ຖືກຮຽກຄ່າໄຖ່",
    ],
)
def test_a_warning_is_no_offer(text: str) -> None:
    assert look(text).verdict == "no_red_flag_found"


@pytest.mark.parametrize(
    "text",
    [
        "Beware of scammers, the ministry knows us, hotline 1191. Customer service Myawaddy, apply at our office",
        "ລະວັງມິດສາຊີບ ກະຊວງຮັບຮອງ ຖືກຫຼອກແຈ້ງ 1191. ຮັບແອັດມິນ ສາມຫຼ່ຽມຄຳ ໂທ 020 5555xxxx",
    ],
)
def test_a_cheat_who_warns_of_cheats_is_still_dangerous(text: str) -> None:
    assert look(text).verdict == "danger"


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("A: ມີສັນຍາບໍ່?\nB: ບໍ່ມີ ລົມກັນຊື່ໆ", "no_contract"),
        ("A: ยึดเล่มไหม\nB: ยึดจ้า นายถือเล่มไว้ให้", "keeps_documents"),
        ("A: ໄປໂດຍບໍ່ມີພາສປອດໄດ້ບໍ່?\nB: ບໍ່ມີກໍໄປໄດ້ ຂ້າມເຮືອກາງຄືນ", "cross_border_illegally"),
        ("ค่านายหน้า 6,000 หักจากเงินเดือน มีหอพัก", "pays_by_deduction"),
        ("ใบอนุญาต 12 ค่าดำเนินการ 20,000 โอนก่อน มีใบเสร็จ", "upfront_fee"),
        ("💰 25.000-40.000 ບາດ ບໍ່ລວມຄອມ", "wage_too_high"),
    ],
)
def test_answers_and_dues_that_raise_a_flag(text: str, flag: str) -> None:
    assert flag in ids(text)


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("No deposit for the room. Deposit of 200 USD for the visa before departure.", "upfront_fee"),
        ("ຄ່າດຳເນີນການ 3 ລ້ານກີບ", "upfront_fee"),
        ("kha dam noen kan 3 lan kip", "upfront_fee"),
        ("รายได้สามหมื่นห้าต่อเดือน แพ็คของ", "wage_too_high"),
        ("salary 30k baht/month packing", "wage_too_high"),
        ("ລາຍໄດ້ ຊາວຫ້າລ້ານກີບຕໍ່ເດືອນ ພິມຄອມ", "wage_too_high"),
        ("ຮັບເດັກ ອາຍຸ ໑໕-໒໐ ປີ", "under_18_ok"),
        ("admin chat yu sam liam kham", "scam_centre_place"),
        ("ແອັດມິນ ຢູ່ ກຳປູເຈຍ", "scam_centre_place"),
        ("Passport ຝາກໄວ້ກັບນາຍ", "keeps_documents"),
    ],
)
def test_what_raises_a_flag(text: str, flag: str) -> None:
    assert flag in ids(text)


def test_any_text_is_survived() -> None:
    for text in ("", " \n ", "🔥" * 500, "x" * 8000, "\x00\u200b", "໑" * 300, "…" * 50, "1,2,3 " * 800):
        assert look(text).verdict in ("danger", "caution", "no_red_flag_found")


# ------------------------------------------------------------------ the report


@pytest.mark.parametrize("language", ["lo", "th", "en"])
def test_every_report_fits_into_a_message(language: str) -> None:
    for _, report in JUDGED:
        text = report_text(report, PUBLISHED, language, TODAY.date())
        assert len(text) < 4096
        assert "{" not in text


def test_nothing_found_is_not_called_safe() -> None:
    assert "not mean that the offer is safe" in report_text(look(HONEST), PUBLISHED, "en", TODAY.date())


def test_words_of_the_advertisement_cannot_become_markup() -> None:
    text = report_text(
        look("deposit <b>first</b> <a href='x'>pay</a> passport kept by boss"), PUBLISHED, "en", TODAY.date()
    )
    assert "<a href='x'>" not in text


# ------------------------------------------------------------------ in the chat


def calm(intent: str = "check_offer", form: str = "lao", urgent: float = 0.0) -> Parse:
    return Parse(ranking=(Reading(intent, 0.9),), form=form, urgent_score=urgent)


def say(event: Event, parse: Parse | None = None, state: State | None = None) -> Decision:
    return decide(state or State(language="lo", language_chosen=True), event, parse, CONTEXT)


def buttons(decision: Decision) -> list[str]:
    return [button.data for reply in decision.replies for row in reply.buttons for button in row]


def test_the_command_asks_for_the_advertisement_and_the_next_message_is_examined() -> None:
    asked = say(CommandEvent("offer"))
    assert asked.state.flow == {"name": "offer"}
    answered = say(TextEvent(BY_ID["rm-d08"].text), calm(form="roman"), asked.state)
    assert answered.action is Action.ANSWER
    assert answered.topic == "check_offer"
    assert answered.state.flow is None
    assert "🔴" in answered.replies[0].text
    assert {"t:check_agency", "person", "f:offer", "sos"} <= set(buttons(answered))


def test_a_question_while_the_flow_is_open_is_answered_as_a_question() -> None:
    asked = say(CommandEvent("offer"))
    assert say(TextEvent("ຄ່າພາສປອດເທົ່າໃດ"), calm("passport"), asked.state).topic == "passport"


def test_the_topic_has_a_button_to_the_check() -> None:
    assert "f:offer" in buttons(say(ButtonEvent("t:check_offer")))
    assert say(ButtonEvent("f:offer")).state.flow == {"name": "offer"}


@pytest.mark.parametrize("event", [TextEvent(SCAM), TextEvent(SCAM, forwarded=True), MediaEvent("photo", SCAM)])
def test_an_advertisement_is_noticed_without_asking(event: Event) -> None:
    decision = say(event, calm("scam_centres"))
    assert (decision.action, decision.topic) == (Action.ANSWER, "check_offer")
    assert "ສາມຫຼ່ຽມຄຳ" in decision.replies[0].text


SHORT_AD = "ຮັບສະໝັກດ່ວນ ສາມຫຼ່ຽມຄຳ ບໍ່ຕ້ອງມີປະສົບການ ຍຶດພາສປອດໄວ້"


def test_a_short_advertisement_is_noticed_when_it_is_forwarded() -> None:
    assert len(SHORT_AD) < 120
    assert say(TextEvent(SHORT_AD, forwarded=True), calm("passport")).topic == "check_offer"
    assert say(TextEvent(SHORT_AD), calm("passport")).topic == "passport"
    story = "ນາຍຈ້າງຍຶດພາສປອດຂ້ອຍໄວ້ ບໍ່ມີສັນຍາ ຂ້ອຍຄວນເຮັດແນວໃດດີ"
    assert say(TextEvent(story, forwarded=True), calm("passport")).topic == "passport"


def test_an_advertisement_is_examined_while_the_model_is_away() -> None:
    assert say(TextEvent(SCAM), Parse(source="keywords", form="lao")).topic == "check_offer"


def test_urgent_wins() -> None:
    assert say(TextEvent(SCAM), calm("urgent_trapped", urgent=0.95)).action is Action.HELP_CARD
    assert say(TextEvent(SCAM), calm("urgent_trapped", urgent=0.95), say(CommandEvent("offer")).state).urgent


def test_a_story_and_a_question_are_no_advertisement() -> None:
    story = (
        "ຂ້ອຍໄປເຮັດວຽກໂຮງງານຢູ່ລະຍອງ ເງິນເດືອນ 9.000 ບາດ ນາຍບໍ່ຈ່າຍ 2 ເດືອນແລ້ວ ພາສປອດກໍຢູ່ນຳນາຍ "
        "ຂ້ອຍຢາກກັບບ້ານແຕ່ບໍ່ມີເງິນ ໂທຫາໃຜກໍບໍ່ຮັບ ຂ້ອຍຄວນເຮັດແນວໃດດີ ຊ່ວຍບອກແດ່"
    )
    assert len(story) > 120
    assert not looks_like_offer(story, FLAGS)
    assert not looks_like_offer("ຮັບສະໝັກຄົນງານ", FLAGS)


def test_long_advertisements_are_recognised() -> None:
    # The later batches hold warnings and talk between two people, which are none.
    long = [ad for ad in ADS if len(ad.text) >= 160 and ad.id[3] not in "pqr"]
    seen = [ad.id for ad in long if looks_like_offer(ad.text, FLAGS)]
    assert len(seen) >= 0.85 * len(long)


def test_a_forwarded_advertisement_without_a_contact_is_recognised() -> None:
    text = BY_ID["en-p09"].text + " Work starts in January, three months, accommodation in a shared house on the farm."
    assert looks_like_offer(text, FLAGS, forwarded=True)
    assert not looks_like_offer(text, FLAGS)


# ------------------------------------------------------------------ the command line


def test_json_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [json.dumps({"text": SCAM}), "no json", json.dumps({"text": 5}), json.dumps(HONEST)]
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(lines)))
    result = CliRunner().invoke(app, ["offer", "--json"], input="\n".join(lines))
    first, *wrong, last = (json.loads(line) for line in result.stdout.splitlines())
    assert first["verdict"] == "danger"
    assert set(first) == {"flags", "verdict", "evidence", "missing"}
    assert set(first["evidence"]) == set(first["flags"])
    assert [set(w) for w in wrong] == [{"error"}, {"error"}]
    assert last == {"flags": [], "verdict": "no_red_flag_found", "evidence": {}, "missing": []}


def test_plain_report() -> None:
    result = CliRunner().invoke(app, ["offer", "--lang", "en"], input=SCAM)
    assert "Danger" in result.stdout
    assert "<b>" not in result.stdout
