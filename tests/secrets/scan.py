"""S7: no secret in files, history or logs; no medium finding of bandit.

`python -m tests.secrets.scan [--history]`: detect-secrets (Telegram tokens, private keys, keys of services, passwords
in addresses) over all tracked files and, if asked, every line that was ever added; bandit over our code, but for
ALLOWED; and a bot at DEBUG whose token and data key must stand nowhere in its logs.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
from pathlib import Path

from detect_secrets.core.scan import scan_line
from detect_secrets.settings import transient_settings

from bot.settings import ROOT
from tests.chaos.harness import Checks, world
from tests.support.processes import TOKEN

PLUGINS = (
    "TelegramBotTokenDetector", "PrivateKeyDetector", "AWSKeyDetector", "GitHubTokenDetector", "GitLabTokenDetector",
    "SlackDetector", "StripeDetector", "JwtTokenDetector", "BasicAuthDetector", "NpmDetector", "PypiTokenDetector",
)  # fmt: skip
LOOKS_LIKE = (
    ":AA",
    "PRIVATE KEY",
    "AKIA",
    "ghp_",
    "glpat",
    "xox",
    "_live_",
    "eyJ",
    "://",
    "_authToken",
    "pypi-",
    ":TEST",
    ":A",
)
"""A line without one of these holds nothing that the plugins find; the others are not worth the time."""
HARMLESS = ("password", "pass", "secret", "123456", "{", "<", "$", "...")
"""Values of documentation and tests."""
TELEGRAM = re.compile(r"(?<!\d)\d{8,10}:[A-Za-z0-9_-]{33,36}(?![A-Za-z0-9_-])")
"""detect-secrets knows a token only where it is the whole value."""
BINARY = (".png", ".jpg", ".ttf", ".woff", ".woff2", ".pdf", ".gz", ".mo", ".lock", ".po", ".pot")
ALLOWED = {
    "B608 bot/storage/": "names of our own tables in SQL; every value is a parameter",
    "B608 bot/services/": "names of our own tables and columns in SQL; every value is a parameter",
    "B704 bot/console/telegram_html.py": "what went through the allowlist of tags there",
    "B704 bot/console/views/sign_in.py": "the drawing of the code, by segno",
    "B506 bot/knowledge/bodies.py": "the C twin of SafeLoader",
    "B506 bot/nlu/lexicon.py": "the C twin of SafeLoader",
}
"""Findings of bandit that are no danger, and why."""


def main() -> int:
    """Run and judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--history", action="store_true")
    history = parser.parse_args().history
    checks = Checks("secrets-scan")
    with transient_settings({"plugins_used": [{"name": name} for name in PLUGINS]}):
        planted = _secret("TELEGRAM_TOKEN=" + "110201543" + ":AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw")
        checks.check("a planted token is found", planted)
        found, files = _files()
        checks.check(f"{files} files: {len(found)} secrets {found[:5]}", not found)
        if history:
            added = _history()
            checks.check(f"history: {len(added)} secrets {added[:5]}", not added)
    _bandit(checks)
    _logs(checks)
    return checks.finish()


def _secret(line: str) -> bool:
    if any(not found[0].startswith("123456") for found in TELEGRAM.finditer(line)):
        return True
    if not any(mark in line for mark in LOOKS_LIKE):
        return False
    values = (secret.secret_value or "" for secret in scan_line(line[:2000]))
    return any(not any(word in value for word in HARMLESS) for value in values)


def _files() -> tuple[list[str], int]:
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found, files = [], 0
    for name in names.split("\0"):
        if not name or name.endswith(BINARY) or not (ROOT / name).is_file() or name == "tests/secrets/scan.py":
            continue
        files += 1
        for number, line in enumerate((ROOT / name).read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if _secret(line):
                found.append(f"{name}:{number}")
    return found, files


def _history() -> list[str]:
    """Every line that any commit added; said by commit, never by what it is."""
    command = ["git", "log", "-p", "-U0", "--no-color", "--no-ext-diff", "--format=commit %h", "--", ".", ":!*.lock"]
    found, commit = [], ""
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, errors="replace") as log:
        for line in log.stdout or ():
            if line.startswith("commit "):
                commit = line[7:].strip()
            elif line.startswith("+") and _secret(line[1:].rstrip()):
                found.append(commit)
    return found


def _bandit(checks: Checks) -> None:
    command = [
        sys.executable,
        "-m",
        "bandit",
        "-q",
        "-r",
        "bot",
        "nlu/text",
        "nlu/components",
        "nlu/serve.py",
        "-ll",
        "-f",
        "json",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    results = json.loads(done.stdout)["results"]
    told = [
        f"{r['filename']}:{r['line_number']} {r['test_id']}"
        for r in results
        if not any(f"{r['test_id']} {r['filename']}".startswith(place) for place in ALLOWED)
    ]
    checks.check(f"bandit: {len(told)} findings of medium or more, {len(results) - len(told)} allowed {told}", not told)


def _logs(checks: Checks) -> None:
    """A bot that talks, at DEBUG, and one whose Telegram is away."""
    key = "C" * 43 + "="
    with world("sqlite", LOG_LEVEL="DEBUG", DATA_KEY=key) as here:
        bot, until = here.start_bot(wait=False), time.monotonic() + 90
        while here.health(page="readyz") != 200 and time.monotonic() < until:
            time.sleep(0.2)
        here.ask(3)
        time.sleep(3)
        bot.stop()
        lost = here.start_bot(wait=False, TELEGRAM_API_URL="http://127.0.0.1:9")
        time.sleep(3)
        lost.kill()
        texts = {file.name: file.read_text(errors="replace") for file in Path(here.folder).glob("*.log")}
    for secret, what in ((TOKEN, "token"), (TOKEN.split(":")[1], "the token's secret half"), (key, "data key")):
        count = sum(text.count(secret) for name, text in texts.items() if name != "emulator.log")
        checks.check(f"{what} in the logs at DEBUG: {count}", count == 0)
    checks.check("the logs are not empty", len(texts["bot.log"]) > 200)


if __name__ == "__main__":
    raise SystemExit(main())
