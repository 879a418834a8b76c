"""What Telegram shows of the bot outside of a chat: commands, description, short description, per language."""

from __future__ import annotations

from telegram import BotCommand, BotCommandScopeAllGroupChats

from bot.i18n import N_, translator
from bot.settings import LANGUAGES
from bot.telegram.api import TelegramApi

COMMANDS = {
    "start": N_("Start"),
    "sos": N_("Help now"),
    "help": N_("What I can do"),
    "menu": N_("All topics"),
    "path": N_("Which legal way fits me"),
    "plan": N_("My plan"),
    "offer": N_("Check a job offer"),
    "agency": N_("Check an agency"),
    "fee": N_("Is this fee right"),
    "money": N_("What will be left"),
    "person": N_("Talk to a person"),
    "language": N_("Change the language"),
    "alerts": N_("News that I ask for"),
    "quiet": N_("Write to me without sound"),
    "hide": N_("Delete this chat from the phone"),
    "privacy": N_("What is kept, who reads it"),
    "forget": N_("Delete everything kept about me"),
}
IN_GROUPS = ("sos", "help")
"""All that is offered in groups: the rest is between a person and the bot."""
DESCRIPTION = N_(
    "Tells you how to go and work abroad legally and safely, how to see through a bad recruiter, what your rights are "
    "and who helps. Free of charge. In danger? Send /sos."
)
SHORT = N_("Work abroad safely: legal ways, costs, rights, help. Free of charge.")


async def set_up(api: TelegramApi) -> list[str]:
    """Set everything in each language, and in Lao for all others; returns the languages set. Raises TelegramError."""
    done = []
    for language in LANGUAGES:
        t = translator(language)
        commands = [BotCommand(name, t(text)) for name, text in COMMANDS.items()]
        short = [command for command in commands if command.command in IN_GROUPS]
        codes = [language, None] if language == "lo" else [language]
        for code in codes:
            await api.bot.set_my_commands(commands, language_code=code)
            await api.bot.set_my_commands(short, scope=BotCommandScopeAllGroupChats(), language_code=code)
            await api.bot.set_my_description(t(DESCRIPTION), language_code=code)
            await api.bot.set_my_short_description(t(SHORT), language_code=code)
        done.append(language)
    return done
