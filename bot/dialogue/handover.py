"""Talking to a human being: the queue, the opening hours, and the end of the talk."""

from __future__ import annotations

from bot.dialogue.types import Action, Button, CloseCase, Decision, Moment, OpenCase, Reply, State
from bot.i18n import Translate, translator


def ask(state: State, moment: Moment) -> Decision:
    """Queue the chat for the hotline and say honestly when somebody answers."""
    t = translator(state.language or "lo")
    lines = [t("I have asked a counsellor to write to you here. They see what you wrote in this chat.")]
    lines += when(moment, t)
    lines.append(t("Write what they should know. Until then I keep quiet, except when you need urgent help."))
    topic = state.topic
    rows = (
        (Button(t("End and go back to the bot"), "person:end"),),
        (Button("🆘 " + t("I need help now"), "sos"),),
    )
    return Decision(
        state.but(handed_over=True, asked_danger=None, flow=None),
        (Reply("\n\n".join(lines), rows),),
        (OpenCase(topic, urgent=(topic or "").startswith("urgent_")),),
        Action.TO_PERSON,
        "talk_to_person",
    )


def when(moment: Moment, t: Translate) -> list[str]:
    """When a counsellor answers, said honestly."""
    if moment.hotline_open:
        minutes = moment.waiting_minutes
        return [] if minutes is None else [t("Waiting time now: about {minutes} minutes.", minutes=max(1, minutes))]
    return [
        t("Counsellors answer Monday to Friday, {hours} (Vientiane time).", hours=moment.hotline_hours),
        t("If you are in danger, do not wait: tap 🆘 and call."),
    ]


def end(state: State) -> Decision:
    """The person goes back to the bot."""
    t = translator(state.language or "lo")
    reply = Reply(t("You are talking with the bot again. Write your question."))
    return Decision(state.but(handed_over=False), (reply,), (CloseCase(),))
