"""Check an agency: is this name on the list that we know? A name that is not there proves nothing, and we say so."""

from __future__ import annotations

from html import escape

from bot.dialogue import answers, buttons
from bot.dialogue.context import Context
from bot.dialogue.types import Action, Button, Decision, Reply, State
from bot.i18n import translator
from bot.knowledge.agencies import SURE, Match, find
from bot.knowledge.render import day
from bot.nlu.parse import Parse

TOPIC = "check_agency"
LONGEST_NAME = 120


class AgencyFlow:
    """Asks for a name, looks it up in any writing, and tells how to ask the ministry."""

    name = "agency"

    def start(self, state: State, args: str, context: Context) -> Decision:
        """Ask for the name, or look it up at once when it came with the command."""
        if args.strip():
            return self._look(state, args, context)
        t = translator(context.language(state))
        text = t("Write the name of the agency or company, as it stands on its paper or page.")
        rows = ((Button(t("Something else"), "none"),), (buttons.sos(t),))
        return Decision(state.but(flow={"name": self.name}), (Reply(text, rows),), action=Action.FLOW, topic=TOPIC)

    def tap(self, state: State, rest: str, context: Context) -> Decision:
        """The only button begins anew."""
        return self.start(state, "", context)

    def words(self, state: State, text: str, parse: Parse, context: Context) -> Decision | None:
        """A name; a long text is a question and none."""
        if len(text) > LONGEST_NAME or text.rstrip().endswith("?"):
            return None
        return self._look(state, text, context)

    def _look(self, state: State, name: str, context: Context) -> Decision:
        code = context.language(state)
        t = translator(code)
        matches = find(list(context.published.agencies), name)
        if matches and matches[0].likeness >= SURE:
            lead = t("This name is on a list that we know:")
        elif matches:
            lead = t("This very name is not on our list, but these are called similarly:")
            matches = matches[:3]
        else:
            lead = t("This name is not on our list. That does not prove that it has no licence: our list is short.")
        lines = [lead, *(_line(match, code) for match in matches)]
        lines.append(t("A name can be borrowed. Ask the labour division before you pay anything or hand over papers."))
        rows = (
            (Button("🔎 " + t("Check another name"), f"f:{self.name}"),),
            (buttons.topic(context.published, TOPIC, code),),
            (buttons.person(t), buttons.menu(t)),
        )
        reply = Reply("\n\n".join(lines), rows)
        official = answers.answer(context.published, TOPIC, code, context.moment.now.date())
        return Decision(
            state.but(flow=None, topic=TOPIC), (reply, Reply(official.text)), action=Action.ANSWER, topic=TOPIC
        )


def _line(match: Match, language: str) -> str:
    agency = match.agency
    t = translator(language)
    names = escape(" / ".join(agency.names), quote=False)
    licence = t("licence {number}", number=escape(agency.licence)) if agency.licence else t("licence number not given")
    source = escape(agency.source_title, quote=False)
    return f"• <b>{names}</b>, {licence} ({source}, {escape(agency.source_date)}; {day(agency.checked_on, language)})"
