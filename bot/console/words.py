"""Names of states, roles and the like, as the pages show them."""

from __future__ import annotations

from bot.dialogue.types import Action
from bot.i18n import N_
from bot.services.casework import Outcome
from bot.services.numbers import Period
from bot.services.review import Pile
from bot.storage.models import CaseState, Direction, OutboxState, Role, Verdict

WORDS: dict[str, dict[str, str]] = {
    "role": {
        Role.REVIEWER: N_("Reviewer"),
        Role.COUNSELLOR: N_("Counsellor"),
        Role.EDITOR: N_("Editor"),
        Role.SUPERVISOR: N_("Supervisor"),
        Role.ADMIN: N_("Administrator"),
    },
    "case": {
        CaseState.OPEN: N_("waiting"),
        CaseState.CLAIMED: N_("in hand"),
        CaseState.CLOSED: N_("closed"),
    },
    "alarm": {
        "1": N_("nobody has answered yet"),
        "2": N_("waits too long"),
        "3": N_("waits far too long: answer now"),
    },
    "view": {
        "": N_("All"),
        "mine": N_("Mine"),
        "unclaimed": N_("Nobody has them"),
        "urgent": N_("Urgent"),
        "due": N_("Follow-ups due"),
    },
    "outcome": {
        Outcome.INFORMED: N_("got the information"),
        Outcome.REFERRED: N_("referred to another body"),
        Outcome.RESCUED: N_("brought to safety"),
        Outcome.RETURNED: N_("went home"),
        Outcome.SETTLED: N_("money or papers got back"),
        Outcome.LOST_CONTACT: N_("contact lost"),
        Outcome.DECLINED: N_("wants no help"),
        Outcome.NO_NEED: N_("no need, or by mistake"),
    },
    "tag": {
        "wages": N_("wages"),
        "documents": N_("documents"),
        "recruiter": N_("recruiter"),
        "debt": N_("debt"),
        "violence": N_("violence"),
        "trafficking": N_("trafficking"),
        "child": N_("child"),
        "health": N_("health"),
        "detained": N_("detained"),
        "missing": N_("missing person"),
        "return": N_("going home"),
        "family": N_("family"),
    },
    "delivery": {
        OutboxState.QUEUED: N_("waiting to be sent"),
        OutboxState.SENDING: N_("being sent"),
        OutboxState.DELIVERED: N_("delivered"),
        OutboxState.FAILED: N_("not delivered"),
        OutboxState.BLOCKED: N_("not delivered: the person blocked the bot"),
        OutboxState.CANCELLED: N_("cancelled"),
        OutboxState.UNKNOWN: N_("unknown whether delivered"),
    },
    "action": {
        Action.READING: N_("reads the picture"),
        Action.NOTED: N_("kept, not answered"),
        Action.TOO_FAST: N_("paused: too many at once"),
        Action.ANSWER: N_("answered"),
        Action.OFFER: N_("offered topics"),
        Action.HELP_CARD: N_("showed the help card"),
        Action.SMALL_TALK: N_("small talk"),
        Action.OUT_OF_SCOPE: N_("said that it is out of scope"),
        Action.NOT_UNDERSTOOD: N_("did not understand"),
        Action.FLOW: N_("went on with a form"),
        Action.TO_PERSON: N_("passed it to a person"),
        Action.LATER: N_("answers later"),
        Action.BUTTON: N_("button"),
    },
    "verdict": {
        Verdict.CONFIRMED: N_("confirmed"),
        Verdict.CORRECTED: N_("corrected"),
        Verdict.OUT_OF_SCOPE: N_("out of scope"),
    },
    "pile": {
        Pile.UNSURE: N_("Unsure"),
        Pile.NOT_UNDERSTOOD: N_("Not understood"),
        Pile.NEGATIVE: N_("Answer not useful"),
        Pile.URGENT: N_("Urgent"),
        Pile.SAMPLE: N_("Sample of 1 %"),
        Pile.ALL: N_("All"),
    },
    "audit": {
        "sign_in": N_("signed in"),
        "sign_out": N_("signed out"),
        "enrolled": N_("set up password and second factor"),
        "sign_in_failed": N_("wrong name or password"),
        "code_failed": N_("wrong code"),
        "refused": N_("was refused"),
        "read": N_("read"),
        "search": N_("searched"),
        "reveal": N_("looked at hidden numbers"),
        "claim": N_("claimed"),
        "release": N_("gave back"),
        "reply": N_("replied"),
        "close": N_("closed the case"),
        "reopen": N_("opened the case again"),
        "hand_over": N_("handed the case over"),
        "note": N_("wrote a note"),
        "tag": N_("changed the tags"),
        "result": N_("changed outcome, referral or follow-up"),
        "judge": N_("reviewed"),
        "settle": N_("settled a disagreement"),
        "export": N_("exported"),
        "account_added": N_("account made"),
        "account_reset": N_("account reset"),
        "account_closed": N_("account closed"),
    },
    "period": {Period.DAY: N_("By day"), Period.WEEK: N_("By week"), Period.MONTH: N_("By month")},
    "by": {Direction.IN: N_("Person"), Direction.OUT: N_("Bot"), Direction.STAFF: N_("Hotline")},
    "form": {
        "lao": N_("Lao letters"),
        "thai": N_("Thai letters"),
        "roman": N_("Lao in Latin letters"),
        "thaiscript": N_("Lao in Thai letters"),
        "karaoke": N_("Thai in Latin letters"),
        "english": N_("English"),
        "mixed": N_("mixed"),
    },
    "kind": {
        "edited": N_("changed message"),
        "button": N_("button"),
        "command": N_("command"),
        "location": N_("location"),
        "voice": N_("voice message"),
        "photo": N_("photo"),
        "video": N_("video"),
        "document": N_("file"),
        "sticker": N_("sticker"),
        "contact": N_("contact"),
    },
}


def word(kind: str, value: str) -> str:
    """The catalogue's sentence for a state; the state itself when we have none."""
    return WORDS[kind].get(value, value)
