"""Buttons, their data, and the keyboard that is always there. One place, so that what is sent is what is understood."""

from __future__ import annotations

from bot.dialogue.types import Button
from bot.i18n import Translate, translator
from bot.knowledge.model import Published
from bot.settings import LANGUAGES

LANGUAGE_NAMES = {"lo": "ລາວ", "th": "ไทย", "en": "English"}

GROUPS: tuple[str, ...] = ("legal_channels", "recruiters", "staying_legal", "work_rights", "money", "help")
"""Groups that the menu shows; urgent help has its own button, small talk none."""


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


def hide(t: Translate) -> Button:
    """Deletes the chat from the phone."""
    return Button("🙈 " + t("Hide this chat"), "hide")


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
    return ((_sos_label(t),), (_menu_label(t), _person_label(t)))


def _sos_label(t: Translate) -> str:
    return "🆘 " + t("I need help now")


def _menu_label(t: Translate) -> str:
    return "📋 " + t("All topics")


def _person_label(t: Translate) -> str:
    return "👤 " + t("Talk to a person")


PLAIN_WORDS = {
    "sos": ("sos", "🆘", "ຊ່ວຍແດ່", "ຊ່ວຍດ້ວຍ", "ช่วยด้วย", "ช่วยแด่", "suay dae", "chuay duay", "help me"),
    "hide": (
        "hide", "ເຊື່ອງ", "ເຊື່ອງແຊັດ", "ລຶບແຊັດ", "ລຶບແຊັດນີ້", "ລົບແຊັດ", "ซ่อน", "ซ่อนแชต", "ซ่อนแชท", "ลบแชต", "ลบแชท",
        "ลบแชทนี้", "delete chat", "delete this chat", "hide chat",
    ),
    "forget": (
        "forget me", "delete my data", "ລຶບຂໍ້ມູນຂອງຂ້ອຍ", "ລຶບຂໍ້ມູນຂ້ອຍ", "ลบข้อมูลของฉัน", "ลบข้อมูลฉัน", "ลบข้อมูลผม", "ลบข้อมูลหนู",
    ),
    "menu": ("menu", "ເມນູ", "เมนู"),
}  # fmt: skip
"""What people write instead of tapping. It works with the model away: only whole messages that mean one thing."""

_MEANINGS = {word: data for data, words in PLAIN_WORDS.items() for word in words}


def keyboard_meaning(text: str) -> str | None:
    """The button data that a label of the keyboard or a plain word stands for, in any language; None for other text."""
    stripped = text.strip()
    for language in LANGUAGES:
        t = translator(language)
        for label, data in ((_sos_label(t), "sos"), (_menu_label(t), "menu"), (_person_label(t), "person")):
            if stripped in (label, label[2:].strip()):
                return data
    return _MEANINGS.get(stripped.strip(" .!?").lower())
