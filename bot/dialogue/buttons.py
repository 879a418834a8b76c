"""Buttons, their data, and the keyboard that is always there. One place, so that what is sent is what is understood."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from bot.dialogue.types import Button
from bot.i18n import Translate, translator
from bot.knowledge.model import Published
from bot.settings import LANGUAGE_NAMES, LANGUAGES


def topic(published: Published, topic_id: str, language: str) -> Button:
    """Opens the answer to a topic."""
    return Button(published.title(topic_id, language), f"t:{topic_id}")


def more(topic_id: str, t: Translate) -> Button:
    """Shows the rest of an answer."""
    return Button("➕ " + t("More"), f"m:{topic_id}")


def person(t: Translate) -> Button:
    """Asks for a human being."""
    return Button("👤 " + t("Talk to a person"), "person")


def menu(t: Translate) -> Button:
    """Shows the topics."""
    return Button("📋 " + t("All topics"), "menu")


def path(t: Translate) -> Button:
    """Begins the guided path, or goes on with it."""
    return Button("🧭 " + t("Which legal way fits me"), "f:path")


def agency(t: Translate) -> Button:
    """Asks for the name of an agency to look up."""
    return Button("🔎 " + t("Check a name now"), "f:agency")


def offer(t: Translate) -> Button:
    """Asks for a job advertisement to look through."""
    return Button("🔍 " + t("Check an offer now"), "f:offer")


def fee(t: Translate) -> Button:
    """Compares a fee with the official price."""
    return Button("🧾 " + t("Is this fee right"), "f:fee")


def money(t: Translate) -> Button:
    """Counts what will be left of the wage."""
    return Button("💰 " + t("What will be left"), "f:money")


def alerts(t: Translate) -> Button:
    """Chooses news to be told of, or none."""
    return Button("🔔 " + t("News for me"), "f:alerts")


def hide(t: Translate) -> Button:
    """Deletes the chat from the phone."""
    return Button("🙈 " + t("Hide this chat"), "hide")


def listen(topic_id: str, t: Translate) -> Button:
    """Sends the recording of an answer."""
    return Button("🔊 " + t("Listen"), f"v:{topic_id}")


def listen_always(t: Translate, *, on: bool) -> Button:
    """Sends recordings with every answer that has one, or no longer."""
    return (
        Button("🔇 " + t("No more recordings"), "listen:off")
        if on
        else Button("🔊 " + t("Always send them"), "listen:on")
    )


def place(t: Translate) -> Button:
    """Explains how to send one's place."""
    return Button("📍 " + t("Send my place"), "place")


def quiet_off(t: Translate) -> Button:
    """Ends the quiet mode."""
    return Button("🔔 " + t("Sound on again"), "quiet:off")


def sos(t: Translate) -> Button:
    """Shows the help card."""
    return Button("🆘 " + t("I need help now"), "sos")


def languages() -> tuple[Button, ...]:
    """One button a language, each in its own writing."""
    return tuple(Button(LANGUAGE_NAMES[code], f"l:{code}") for code in LANGUAGES)


def feedback(topic_id: str, t: Translate) -> tuple[Button, ...]:
    """Was this useful?"""
    return (
        Button("👍 " + t("Useful"), f"fb:{topic_id}:1"),
        Button("👎 " + t("Not useful"), f"fb:{topic_id}:0"),
    )


def rows(*buttons: Button, wide: int = 1) -> tuple[tuple[Button, ...], ...]:
    """Buttons in rows of `wide`."""
    return tuple(tuple(buttons[i : i + wide]) for i in range(0, len(buttons), wide))


# The keyboard under the input field sends plain text. It works when a button's tap was lost
# (Telegram drops a callback after 150 s), so the way to help is here too.


def keyboard(language: str) -> tuple[tuple[str, ...], ...]:
    """Labels of the keyboard that is always there."""
    t = translator(language)
    return ((sos(t).label,), (menu(t).label, person(t).label))


def quiet_keyboard(language: str) -> tuple[tuple[str, ...], ...]:
    """The same for somebody whose phone others may see: a label that says nothing; the menu behind it has the rest."""
    return ((menu(translator(language)).label,),)


PLAIN_WORDS = {
    "sos": (
        "sos", "🆘", "ຊ່ວຍແດ່", "ຊ່ວຍດ້ວຍ", "ຊ່ວຍແນ່", "ຊ່ອຍແດ່", "ຊ່ອຍແນ່", "ຊອຍແດ່", "ຊອຍແນ່", "ຊ່ວຍຂ້ອຍແດ່", "ຊ່ວຍຂ້ອຍແນ່",
        "ຊ່ອຍຂ້ອຍແດ່", "ຊ່ອຍຂ້ອຍແນ່", "ຊອຍຂ້ອຍແດ່", "ຊອຍຂ້ອຍແນ່", "ช่วยด้วย", "ช่วยแด่", "ซ่อยแด่", "ซ่อยแน่", "ซ่อยแหน่", "ซอยแน่",
        "ซอยแหน่", "ซ่อยข้อยแน่", "ซ่อยข้อยแหน่", "suay dae", "suay nae", "soi dae", "soi nae", "soy dae", "soy nae",
        "soay dae", "chuay duay", "chuai duai", "help me", "please help me", "help help", "救命", "救命啊", "cứu tôi",
        "cứu tôi với",
        "ជួយខ្ញុំផង", "ជួយផង", "ကယ်ပါ", "ကူညီပါ",
    ),
    "hide": (
        "hide", "ເຊື່ອງ", "ເຊື່ອງແຊັດ", "ລຶບແຊັດ", "ລຶບແຊັດນີ້", "ລົບແຊັດ", "ซ่อน", "ซ่อนแชต", "ซ่อนแชท", "ลบแชต", "ลบแชท",
        "ลบแชทนี้", "ซ่อนแชทนี้", "ซ่อนแชตนี้", "delete chat", "delete this chat", "hide chat", "hide this chat",
        "ເຊື່ອງແຊັດນີ້", "ເຊື່ອງການສົນທະນາ", "ລຶບຂໍ້ຄວາມ", "ลบข้อความ", "seuang", "sueang", "seuang chat",
        "sueang chat", "lup chat", "lop chat", "lub chat", "lob chat", "lup saet", "lop saet",
        "lub saet", "lob saet", "son chat", "sorn chat", "lop chat ni",
    ),
    "forget": (
        "forget me", "delete my data", "delete everything about me", "ລຶບຂໍ້ມູນຂອງຂ້ອຍ", "lup kho moun khoy",
        "lop kho moun khoy", "lub khor moun khoy", "lob khor moun khoy", "lop kho mun", "lob kho mun",
        "ລຶບຂໍ້ມູນຂ້ອຍ",
        "ลบข้อมูลของฉัน", "ลบข้อมูลฉัน", "ลบข้อมูลผม", "ลบข้อมูลหนู",
    ),
    "menu": ("menu", "ເມນູ", "เมนู"),
    "f:alerts": ("alerts", "news", "ຂ່າວ", "ແຈ້ງເຕືອນ", "ข่าว", "แจ้งเตือน", "khao"),
    "f:alerts:stop": ("stop news", "stop alerts", "ເຊົາສົ່ງຂ່າວ", "ບໍ່ເອົາຂ່າວ", "หยุดส่งข่าว", "ไม่เอาข่าว"),
    "quiet:on": ("quiet", "silent", "mute", "ງຽບ", "ປິດສຽງ", "ບໍ່ເອົາສຽງ", "เงียบ", "ปิดเสียง", "ngiap", "ngieb", "pit siang",
                 "pid siang"),
    "quiet:off": ("sound on", "ເປີດສຽງ", "เปิดเสียง", "peut siang", "pert siang", "poet siang"),
}  # fmt: skip
"""What people write instead of tapping. It works with the model away: only whole messages that mean one thing."""

_MEANINGS = {word: data for data, words in PLAIN_WORDS.items() for word in words}


def _squeezed(text: str) -> str:
    """Letters, their marks and numbers alone: "h e l p  m e!", "ຊ່.ວຍ ແດ່" and "help me" are one word."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).lower() if unicodedata.category(c)[0] in "LMN")


_CRIES = {_squeezed(word) for word in PLAIN_WORDS["sos"]} - {""}
_LONGEST_CRY = 400


def _cries(text: str) -> bool:
    """A whole message that is a cry however it is typed: spaced out, with signs between, again and again, as emoji."""
    if len(text) > _LONGEST_CRY:
        return False
    bare = _squeezed(text)
    if not bare:
        return "🆘" in text
    return bare in _CRIES or any(bare == cry * (len(bare) // len(cry)) for cry in _CRIES)


@lru_cache(maxsize=1)
def _labels() -> dict[str, str]:
    """Labels of the keyboard in every language, with and without their picture."""
    shown = (
        button for code in LANGUAGES for t in (translator(code),) for button in (sos(t), menu(t), person(t), hide(t))
    )
    return {label: b.data for b in shown for label in (b.label, b.label.split(" ", 1)[1].strip())}


def keyboard_meaning(text: str) -> str | None:
    """The button data that a label of the keyboard or a plain word stands for, in any language; None for other text."""
    stripped = text.strip()
    meaning = _labels().get(stripped) or _MEANINGS.get(stripped.strip(" .!?").lower())
    return meaning or ("sos" if _cries(stripped) else None)
