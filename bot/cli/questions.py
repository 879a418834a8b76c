"""`bot questions ...`: accepted training questions into the files that come with the program."""

from __future__ import annotations

import typer

from bot.services import questions
from bot.services.content import ContentStore
from bot.settings import settings
from bot.storage.db import Database
from bot.storage.migrate import upgrade

app = typer.Typer(no_args_is_help=True)


@app.command("pull")
def pull() -> None:
    """Write accepted questions into nlu/data/<form>/<group>.desk.yml; what is there stays."""
    chosen = settings()
    upgrade(chosen.database_url)
    database = Database(chosen.database_url)
    store = ContentStore(chosen.content_dir, database)
    groups = {name: topic.group for name, topic in store.published().topics.items()}
    store.close()
    with database.read() as session:
        new = questions.pull(questions.accepted(session), chosen.questions_dir, groups)
    typer.echo(f"{new} new questions. Look at them (git diff), run `make validate`, commit.")
