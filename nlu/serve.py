"""Serve one trained model over HTTP: Rasa's own server with its API, bound to loopback, its token from the environment.

`rasa run --enable-api` does the same, but takes the token on the command line, where every user of the machine can read
it, and imports what an NLU-only server never needs. `PUT /model` (with the token) loads another
model. Run: `NLU_TOKEN=... python -m nlu.serve --model FILE --port N`.
"""

from __future__ import annotations

import argparse
import logging
import os
import resource
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
MAX_BODY_BYTES = 64 * 1024


def main() -> None:
    """Parse the arguments and serve until stopped."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold what people wrote
    parser = argparse.ArgumentParser(description="Serve a trained NLU model on loopback.")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--port", type=int, default=5005)
    parser.add_argument("--host", default=HOST)
    parser.add_argument("--beside", action="store_true", help="end when whoever started us is gone, even by SIGKILL")
    arguments = parser.parse_args()
    if arguments.beside:
        threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    serve(arguments.model, arguments.host, arguments.port, os.environ.get("NLU_TOKEN") or None)


def _end_with_parent(parent: int) -> None:
    """An orphan would hold the port, and a bot that starts again could not serve."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


def serve(model: Path, host: str, port: int, token: str | None) -> None:
    """Load the model and answer until stopped; a model that cannot be loaded stops the start with its error."""
    from rasa import server
    from rasa.core.agent import Agent
    from rasa.utils.log_utils import configure_structlog

    # At DEBUG Rasa logs every message in full, and structlog's own default is DEBUG. Never here.
    logging.getLogger("rasa").setLevel(logging.ERROR)
    configure_structlog(logging.ERROR)
    app = server.create_app(cors_origins=[], auth_token=token, response_timeout=10)
    app.config.REQUEST_MAX_SIZE = MAX_BODY_BYTES
    app.config.ACCESS_LOG = False

    async def load(path: str, application: Any, _loop: Any) -> None:
        agent = Agent.load(path)
        if not agent.is_ready():
            raise RuntimeError(f"The model {path} could not be loaded")
        application.ctx.agent = agent

    app.register_listener(partial(load, str(model)), "before_server_start")
    app.run(host=host, port=port, workers=1, access_log=False, motd=False)


if __name__ == "__main__":
    main()
