"""A Telegram Bot API server for tests: in memory, with Telegram's own rules, faults on demand.

    async with Emulator() as emu:
        application = Application.builder().token(emu.token).base_url(emu.bot_base_url).build()
        ...
        emu.send_text(1001, "/start")
        await emu.wait_text(1001, "Welcome")

The rules are taken from the real server's source, tdlib/telegram-bot-api @01a3679; comments name the place.
"""

from .client import EmulatorClient
from .config import Clock, FloodLimits, Options
from .errors import ApiError, ControlError
from .faults import Fault
from .server import Emulator
from .views import Screen, Seen

__all__ = [
    "ApiError",
    "Clock",
    "ControlError",
    "Emulator",
    "EmulatorClient",
    "Fault",
    "FloodLimits",
    "Options",
    "Screen",
    "Seen",
]
