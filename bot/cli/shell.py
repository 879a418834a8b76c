"""Who works on the command line, and that they read: the audit names them as it names the console's members."""

from __future__ import annotations

import getpass
import os

from sqlalchemy.orm import Session

from bot.services import audit
from bot.services.conversations import utc_now


def somebody() -> str:
    """The account of the operating system; its number where it has no name (containers)."""
    try:
        return f"(shell) {getpass.getuser()}"
    except (KeyError, OSError):
        return f"(shell) {os.getuid()}"


def did(session: Session, action: str, place: str, staff: str = "") -> None:
    """Write down what somebody does on the command line; `staff` is the name that they gave."""
    audit.note(session, staff or somebody(), action, utc_now(), object=place)
