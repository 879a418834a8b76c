"""Start, language, menu."""

from __future__ import annotations

from bot.dialogue import buttons, privacy
from bot.dialogue.types import Button, Moment, Reply
from bot.i18n import N_, translator
from bot.knowledge.model import Published

GROUP_TITLES = {
    "legal_channels": N_("🛂 Going abroad legally"),
    "recruiters": N_("🕵️ Recruiters and job offers"),
    "staying_legal": N_("📄 Papers in Thailand"),
    "work_rights": N_("⚖️ Rights at work"),
    "money": N_("💰 Money and debt"),
    "help": N_("🤝 Who helps"),
}


def welcome(language: str, moment: Moment, *, language_chosen: bool) -> tuple[Reply, ...]:
    """What a new person reads first; what is kept is said beside the question for the language, in all languages."""
    t = translator(language)
    lines = [
        t("Hello. I tell you how to go and work abroad legally and safely. It is free of charge."),
        t("Write your question in your own words."),
    ]
    if moment.organisation:
        lines.append(t("I am run by {organisation}.", organisation=moment.organisation))
    lines.append(
        t(
            "Telegram chats with a bot are not end-to-end encrypted. Do not write names or passport numbers. "
            "If somebody else looks at your phone, send /hide and I delete the chat."
        )
    )
    kept = privacy.short(language, moment) if language_chosen else privacy.short_in_all(moment)
    return (
        Reply(text="\n\n".join(lines), keyboard=buttons.keyboard(language)),
        Reply(text=f"{choose_language_text()}\n\n{kept}", buttons=(buttons.languages(),)),
    )


def choose_language_text() -> str:
    """The question for the language, in all three."""
    return "ທ່ານຢາກໃຊ້ພາສາໃດ?\nคุณต้องการใช้ภาษาอะไร\nWhich language do you want?"


def choose_language() -> Reply:
    """Language buttons."""
    return Reply(text=choose_language_text(), buttons=(buttons.languages(),))


def language_set(language: str) -> Reply:
    """Said after a language was chosen, in that language."""
    t = translator(language)
    return Reply(text=t("Good, I answer in English."), keyboard=buttons.keyboard(language))


def main_menu(language: str) -> Reply:
    """The groups of topics."""
    t = translator(language)
    rows: list[tuple[Button, ...]] = [(buttons.path(t),), (buttons.fee(t), buttons.money(t))]
    rows += [(Button(t(title), f"g:{group}"),) for group, title in GROUP_TITLES.items()]
    rows += [(buttons.alerts(t),), (buttons.sos(t), buttons.person(t))]
    return Reply(text=t("What do you want to know?"), buttons=tuple(rows))


def group_menu(published: Published, group: str, language: str) -> Reply:
    """The topics of one group, two a row."""
    t = translator(language)
    topics = [topic.id for topic in published.topics.values() if topic.group == group and topic.id in published.answers]
    rows = buttons.rows(*(buttons.topic(published, topic, language) for topic in topics), wide=2)
    return Reply(text=t(GROUP_TITLES[group]), buttons=(*rows, (buttons.menu(t),)))


def help_text(language: str) -> Reply:
    """What /help says."""
    t = translator(language)
    return Reply(
        text=t(
            "Write your question in Lao, Thai or English, or tap a topic.\n"
            "/menu – all topics\n/path – which legal way fits me\n/plan – my plan\n/offer – check a job offer\n"
            "/sos – help now\n/person – talk to a person\n/language – change the language\n"
            "/hide – delete this chat from the phone\n/forget – delete everything that I keep about you"
        )
        + "\n"
        + t("/agency – check an agency\n/fee – is this fee right\n/money – what will be left of my wage")
        + "\n"
        + t("/alerts – news that you ask for, and how to end it")
        + "\n"
        + t("/quiet – no sound, nothing that stands out")
        + "\n"
        + t("/privacy – what I keep, who reads it, how long"),
        buttons=((buttons.menu(t), buttons.sos(t)),),
        keyboard=None,
    )
