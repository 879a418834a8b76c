"""The report on an advertisement as a person reads it (Telegram's HTML), and where to go on from it."""

from __future__ import annotations

import html
from datetime import date

from bot.i18n import N_, Translate, translator
from bot.knowledge.model import OfferFlags, Published, pick
from bot.knowledge.offer import FoundFlag, OfferReport
from bot.knowledge.render import Filler, source_line

EXPLAINED = 5
"""So many flags are explained, the rest only named: one message, one reading."""
ADVISED = 3

VERDICTS = {
    "danger": N_("🔴 Danger. Do not agree and do not pay before somebody you trust has checked this offer."),
    "caution": N_("🟠 Be careful. Something in this offer is not as it should be."),
    "no_red_flag_found": N_("⚪ I found no warning sign. That does not mean that the offer is safe."),
}
MISSING = {
    "company_name": N_("the name of the company or employer"),
    "licence": N_("a licence number"),
    "contract": N_("a contract"),
    "place": N_("the place of work"),
    "wage": N_("the wage"),
    "working_hours": N_("working hours and days off"),
    "contact": N_("whom to ask"),
}


def report_text(report: OfferReport, published: Published, language: str, today: date) -> str:
    """Verdict, flags with reason and the words that raised them, what to do, what is missing, sources."""
    flags = published.offer_flags
    if flags is None:
        return ""
    t = translator(language)
    fill = Filler(published, language, today)
    parts = [f"<b>{t(VERDICTS[report.verdict])}</b>"]
    parts += [_explained(found, flags, fill, language) for found in report.flags[:EXPLAINED]]
    if rest := report.flags[EXPLAINED:]:
        parts.append("\n".join(_named(found, flags, language) for found in rest))
    if report.flags:
        advice = [fill(pick(flags.flags[found.id].advice, language)[0]) for found in report.flags[:ADVISED]]
        parts.append("👉 <b>" + t("What to do:") + "</b>\n" + "\n".join(f"• {line}" for line in advice))
    if report.missing:
        missing = "\n".join(f"• {t(MISSING[name])}" for name in report.missing)
        parts.append("❓ <b>" + t("It does not say:") + "</b>\n" + missing)
    parts.append(_limits(report, t))
    if source := source_line(fill.sources, fill.checked, t, language):
        parts.append(source)
    return "\n\n".join(parts)


def _explained(found: FoundFlag, flags: OfferFlags, fill: Filler, language: str) -> str:
    flag = flags.flags[found.id]
    return f"{_named(found, flags, language)}\n{fill(pick(flag.why, language)[0])}"


def _named(found: FoundFlag, flags: OfferFlags, language: str) -> str:
    flag = flags.flags[found.id]
    mark = "🚩" if flag.severity == "danger" else "⚠️"
    words = html.escape(" ".join(found.words.split()), quote=False)
    return f"{mark} <b>{pick(flag.title, language)[0]}</b>\n“<i>{words}</i>”"


def _limits(report: OfferReport, t: Translate) -> str:
    if report.flags:
        return t("A sign does not prove that they cheat, but stop and check first. I only read words.")
    return t("I only read words: I cannot know whether the company exists, has a licence or tells the truth.")


def related_topics(report: OfferReport, published: Published, most: int = 2) -> tuple[str, ...]:
    """Answers that go with what was found; how to check an agency comes always, in its own place."""
    if published.offer_flags is None:
        return ()
    topics = (topic for found in report.flags for topic in published.offer_flags.flags[found.id].related)
    kept = (t for t in topics if t in published.answers and t not in ("check_agency", "check_offer"))
    calm = (topic for topic in kept if not published.topics[topic].urgent)
    return tuple(dict.fromkeys(calm))[:most]
