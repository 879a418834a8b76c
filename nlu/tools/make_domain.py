"""Writes domain.yml from content/topics.yml: one intent for each topic.

python -m nlu.tools.make_domain [--check]
"""

from __future__ import annotations

import argparse
import sys

import yaml

from nlu.tools.dataset import ROOT

TOPICS = ROOT / "content" / "topics.yml"
DOMAIN = ROOT / "domain.yml"
HEAD = '# Made from content/topics.yml by: python -m nlu.tools.make_domain. Do not edit.\nversion: "3.1"\nintents:\n'
# Replies are the bot's business (bot/dialogue); Rasa only reads.
TAIL = "session_config:\n  session_expiration_time: 60\n  carry_over_slots_to_new_session: false\n"


def topic_ids() -> list[str]:
    groups = yaml.safe_load(TOPICS.read_text(encoding="utf-8"))["groups"]
    return [topic for topics in groups.values() for topic in topics]


def topic_groups() -> dict[str, str]:
    groups = yaml.safe_load(TOPICS.read_text(encoding="utf-8"))["groups"]
    return {topic: group for group, topics in groups.items() for topic in topics}


def domain_text() -> str:
    return HEAD + "".join(f"- {topic}\n" for topic in topic_ids()) + TAIL


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether domain.yml is up to date")
    wanted = domain_text()
    if parser.parse_args(argv).check:
        if DOMAIN.exists() and DOMAIN.read_text(encoding="utf-8") == wanted:
            return 0
        print("domain.yml is older than content/topics.yml: run python -m nlu.tools.make_domain", file=sys.stderr)
        return 1
    DOMAIN.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
