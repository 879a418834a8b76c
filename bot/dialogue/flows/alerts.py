"""News by consent: tap what to hear about, for which country, and whether the phone may show it; one tap ends it.

`state.flows["alerts"]` holds {"kinds": [...], "where": [...], "discreet": true}; the effect KeepAlerts writes what
follows from it to the table that broadcasts read. Nothing is on before somebody taps it. The flow waits for no words,
so it takes nothing from questions. A piece of news carries its own way out (`alert`).
"""

from __future__ import annotations

import contextlib
from datetime import date
from typing import Any

from bot.dialogue import buttons
from bot.dialogue.context import Context
from bot.dialogue.types import TAPPED, Action, Button, Decision, KeepAlerts, Reply, State
from bot.i18n import Translate, translator
from bot.knowledge.alerts import ANY, News, country, news_text
from bot.knowledge.model import Alerts, Published, pick
from bot.knowledge.render import UnknownReferenceError
from bot.nlu.parse import Parse

NAME = "alerts"


class AlertsFlow:
    """See the module."""

    name: str = NAME

    def start(self, state: State, args: str, context: Context) -> Decision:
        """Say what comes, how seldom, who may see it, and let choose."""
        return _screen(state, context, replaces=None)

    def tap(self, state: State, rest: str, context: Context) -> Decision:
        """A choice, the end of all, or news that waited behind neutral words."""
        offered = context.published.alerts
        head, _, name = rest.partition(":")
        if head == "r":
            return _opened(state, context)
        if head == "stop":
            return _stopped(state, context)
        if offered is None:
            return _screen(state, context, replaces=None)
        mine = _mine(state, offered)
        if head == "k" and name in offered.kinds:
            mine["kinds"] = _toggled(mine["kinds"], name)
        elif head == "d" and (name == ANY or name in offered.destinations):
            mine["where"] = [] if name == ANY else _toggled(mine["where"], name)
        elif head == "q":
            mine["discreet"] = not mine["discreet"]
        else:
            return _screen(state, context, replaces=None)
        return _screen(_kept(state, mine), context, KeepAlerts(wanted(mine)), replaces=TAPPED)

    def words(self, state: State, text: str, parse: Parse, context: Context) -> Decision | None:
        """The flow never waits for words."""
        return None


def alert(published: Published, news: News, language: str, today: date, *, discreet: bool) -> Reply:
    """A piece of news as a message, or the neutral words that stand for it. Raises UnknownReferenceError."""
    t = translator(language)
    if discreet:
        text = t("ℹ️ There is something new. Open it when it is safe.")
        opening = Button(t("Open"), f"f:{NAME}:r:{news.number}")
        return Reply(text, ((opening,), (_stop(t),)), silent=True)
    return Reply(news_text(published, news, language, today), _ways_out(t))


def wants_neutral_words(state: State) -> bool:
    """The person chose that the phone shows nothing of the news."""
    return bool((state.flows.get(NAME) or {}).get("discreet"))


def wanted(mine: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """The subscriptions that follow from the choice: each kind for each country, or for any."""
    return tuple((kind, where) for kind in mine["kinds"] for where in mine["where"] or [ANY])


# ------------------------------------------------------------------ inside


def _mine(state: State, offered: Alerts) -> dict[str, Any]:
    """The choice so far, without what is offered no more."""
    kept = state.flows.get(NAME) or {}
    return {
        "kinds": [kind for kind in kept.get("kinds", ()) if kind in offered.kinds],
        "where": [where for where in kept.get("where", ()) if where in offered.destinations],
        "discreet": bool(kept.get("discreet")),
    }


def _kept(state: State, mine: dict[str, Any]) -> State:
    return state.but(flows={**state.flows, NAME: mine})


def _toggled(chosen: list[str], name: str) -> list[str]:
    return [one for one in chosen if one != name] if name in chosen else [*chosen, name]


def _tick(label: str, *rest: str, on: bool) -> Button:
    return Button(("✅ " if on else "⬜ ") + label, ":".join(("f", NAME, *rest)))


def _stop(t: Translate) -> Button:
    return Button("🔕 " + t("No more of this"), f"f:{NAME}:stop")


def _ways_out(t: Translate) -> tuple[tuple[Button, ...], ...]:
    return ((_stop(t),), (Button("⚙️ " + t("Choose news"), f"f:{NAME}"), buttons.menu(t)), (buttons.sos(t),))


def _screen(state: State, context: Context, *effects: KeepAlerts, replaces: int | None) -> Decision:
    """The choice, and what it means."""
    offered, language = context.published.alerts, context.language(state)
    t = translator(language)
    if offered is None:
        reply = Reply(t("There is no news to choose from now."), ((buttons.menu(t),), (buttons.sos(t),)))
        return Decision(state, (reply,), action=Action.FLOW)
    mine = _mine(state, offered)
    reply = Reply(_explained(mine, offered, state, language), _choices(mine, offered, context, language))
    if replaces is not None:
        reply = Reply(reply.text, reply.buttons, replaces=replaces)
    return Decision(state, (reply,), effects, action=Action.FLOW)


def _explained(mine: dict[str, Any], offered: Alerts, state: State, language: str) -> str:
    t = translator(language)
    lines = ["🔔 <b>" + t("Which news do you want?") + "</b>"]
    lines.append(
        "\n".join(f"• {pick(k.title, language)[0]}: {pick(k.means, language)[0]}" for k in offered.kinds.values())
    )
    lines.append(
        t("It comes seldom, only when there is something new. You get nothing that you did not tick.")
        + "\n⚠️ "
        + t(
            "The phone may show it on its screen, and somebody else may read it. With “Neutral words only” it just "
            "says that there is something new."
        )
        + "\n"
        + t("One tap ends it. When you write nothing for a year, it ends by itself and I forget you.")
    )
    if state.quiet:
        lines.append(t("In quiet mode none of it comes."))
    if mine["kinds"]:
        lines.append("✅ <b>" + t("You are told of what is ticked.") + "</b>")
    return "\n\n".join(lines)


def _choices(mine: dict[str, Any], offered: Alerts, context: Context, language: str) -> tuple[tuple[Button, ...], ...]:
    t, published = translator(language), context.published
    kinds = [
        _tick(pick(k.title, language)[0], "k", name, on=name in mine["kinds"]) for name, k in offered.kinds.items()
    ]
    where = [_tick(country(published, d, language), "d", d, on=d in mine["where"]) for d in offered.destinations]
    anywhere = _tick(t("Any country"), "d", ANY, on=not mine["where"])
    neutral = _tick(t("Neutral words only"), "q", on=mine["discreet"])
    ending = ((_stop(t),),) if mine["kinds"] else ()
    return (
        *buttons.rows(*kinds),
        *buttons.rows(*where, wide=3),
        (anywhere,),
        (neutral,),
        *ending,
        (buttons.menu(t), buttons.sos(t)),
    )


def _stopped(state: State, context: Context) -> Decision:
    t = translator(context.language(state))
    kept = state.flows.get(NAME) or {}
    text = t("Good. No more news comes. With /alerts you can choose it again.")
    rows = ((Button("⚙️ " + t("Choose news"), f"f:{NAME}"), buttons.menu(t)), (buttons.sos(t),))
    ended = _kept(state, {"kinds": [], "where": list(kept.get("where", ())), "discreet": bool(kept.get("discreet"))})
    return Decision(ended, (Reply(text, rows),), (KeepAlerts(()),), action=Action.FLOW)


def _opened(state: State, context: Context) -> Decision:
    """News that was hidden behind neutral words; gone when it was taken back."""
    language = context.language(state)
    t = translator(language)
    reply = Reply(t("This news is not there any more."), _ways_out(t))
    if context.news is not None:
        today = context.moment.now.date()
        with contextlib.suppress(UnknownReferenceError):  # a number that it named was taken back since
            reply = alert(context.published, context.news, language, today, discreet=False)
    return Decision(state, (reply,), action=Action.FLOW)
