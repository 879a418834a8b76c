"""Who may do what: every route by its name. A route without an entry does not start (see guard.py)."""

from __future__ import annotations

from bot.storage.models import Role

Roles = frozenset[Role]

ANYBODY: Roles | None = None
"""No sign-in needed."""
EVERYBODY: Roles = frozenset(Role)
READS: Roles = frozenset({Role.REVIEWER, Role.COUNSELLOR, Role.SUPERVISOR})
ANSWERS: Roles = frozenset({Role.COUNSELLOR, Role.SUPERVISOR})
SUPERVISES: Roles = frozenset({Role.SUPERVISOR})
WATCHES: Roles = frozenset({Role.SUPERVISOR, Role.ADMIN})

EDITS: Roles = frozenset({Role.EDITOR, Role.SUPERVISOR})
PROPOSES: Roles = frozenset({Role.EDITOR, Role.SUPERVISOR, Role.REVIEWER})
WORDS_OF_PEOPLE: Roles = frozenset({Role.SUPERVISOR, Role.REVIEWER})

ROUTES: dict[str, Roles | None] = {
    "sign_in": ANYBODY,
    "code": ANYBODY,  # both ask for a session that has passed the password
    "enrol": ANYBODY,
    "language": ANYBODY,
    "sign_out": EVERYBODY,
    "home": EVERYBODY,
    "account": EVERYBODY,
    "account_password": EVERYBODY,
    "queue": ANSWERS,
    "queue_rows": ANSWERS,
    "queue_live": ANSWERS,
    "case": ANSWERS,
    "case_live": ANSWERS,
    "case_messages": ANSWERS,
    "case_claim": ANSWERS,
    "case_release": ANSWERS,
    "case_reply": ANSWERS,
    "case_typing": ANSWERS,
    "case_close": ANSWERS,
    "case_reopen": ANSWERS,
    "case_hand_over": ANSWERS,
    "case_note": ANSWERS,
    "case_tags": ANSWERS,
    "case_result": ANSWERS,
    "conversations": READS,
    "conversation": READS,
    "search": READS,
    "view_save": READS,
    "view_drop": READS,
    "numbers": EVERYBODY,
    "numbers_export": EVERYBODY,
    "export": SUPERVISES,
    "export_send": SUPERVISES,
    "review": READS,
    "review_one": READS,
    "review_judge": READS,
    "agreement": SUPERVISES,
    "settle": SUPERVISES,
    "reveal": ANSWERS,  # who may open what: bot/services/opening.py
    "note_reveal": ANSWERS,
    "editing": EDITS,
    "editing_text": EDITS,
    "editing_save": EDITS,
    "editing_autosave": EDITS,
    "editing_preview": EDITS,
    "editing_decide": EDITS,
    "editing_history": EDITS,
    "editing_restore": EDITS,
    "editing_language": EDITS,
    "editing_work": EDITS,
    "editing_recordings": EDITS,
    "editing_recording_add": EDITS,
    "editing_recording_drop": EDITS,
    "editing_recording_play": EDITS,
    "editing_new": PROPOSES,
    "editing_new_save": PROPOSES,
    "editing_new_entry": EDITS,
    "editing_try": EDITS,
    "editing_try_say": EDITS,
    "editing_gaps": WORDS_OF_PEOPLE,
    "editing_new_from_gap": WORDS_OF_PEOPLE,
    "conversation_test": WORDS_OF_PEOPLE,
    "alerts": EDITS,
    "alerts_rows": EDITS,
    "alert_new": EDITS,
    "alert_create": EDITS,
    "alert": EDITS,
    "alert_progress": EDITS,
    "alert_change": EDITS,
    "alert_move": SUPERVISES,
    "questions": EDITS,
    "question_add": EDITS,
    "question_decide": EDITS,
    "models": EDITS,
    "model": EDITS,
    "models_live": EDITS,
    "model_train": EDITS,
    "model_do": EDITS,
    "audit": WATCHES,
}


def may(role: Role, route: str) -> bool:
    """True when that role may use that route."""
    allowed = ROUTES[route]
    return allowed is None or role in allowed
