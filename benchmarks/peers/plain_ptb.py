"""A plain python-telegram-bot bot as commonly written: one handler that asks the Rasa server and answers.

Environment: TELEGRAM_TOKEN, TELEGRAM_API_URL, NLU_URL, NLU_TOKEN. It stores nothing.
"""

from __future__ import annotations

import os

import httpx
from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

_http = httpx.AsyncClient(timeout=10, trust_env=False)
_url = os.environ["NLU_URL"].rstrip("/") + "/model/parse"
_token = {"token": os.environ["NLU_TOKEN"]}


async def answer(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    """Parse and answer with a canned text of the intent."""
    if update.message is None:
        return
    parse = (await _http.post(_url, params=_token, json={"text": update.message.text})).json()
    await update.message.reply_text(f"Answer to {parse['intent']['name']}. " + "Some text as long as an answer. " * 16)


def main() -> None:
    """Poll until stopped."""
    base = os.environ["TELEGRAM_API_URL"].rstrip("/") + "/bot"
    builder = Application.builder().token(os.environ["TELEGRAM_TOKEN"]).base_url(base)
    app = builder.concurrent_updates(64).connection_pool_size(64).build()
    app.add_handler(MessageHandler(filters.TEXT, answer))
    app.run_polling(timeout=5)


if __name__ == "__main__":
    main()
