"""Checks the questions: intents are topics, no markup, no contradictions, few near-duplicates; counts per form.

python -m nlu.tools.check_data [--list]      exits 1 on an error; near-duplicates within a topic only count

Two questions are near-duplicates when their sound skeletons (particles and numbers dropped) are the same: another
script, other blanks, tones or digits make no new question.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable

from nlu.questions import key_of
from nlu.tools.dataset import FORMS, Row, held_out_rows, training_rows
from nlu.tools.make_domain import topic_ids

_MARKUP = re.compile(r"[\[\]{}\t]")
ALLOWED_SHARE = 5.0  # per cent of near-duplicates within topics


def errors_of(rows: list[Row], topics: Iterable[str]) -> list[str]:
    known = set(topics)
    errors = []
    for row in rows:
        if row.form not in FORMS:
            errors.append(f"{row.where}: {row.form!r} is none of the forms {', '.join(FORMS)}")
        for intent in sorted(row.right - known):
            errors.append(f"{row.where}: {intent} is no topic of content/topics.yml")
        if _MARKUP.search(row.text):
            errors.append(f"{row.where}: brackets, braces or tabs in: {row.text}")
    return errors


def duplicates(rows: list[Row]) -> tuple[list[list[Row]], list[list[Row]]]:
    """Groups of near-duplicates within one topic, and groups that stand under several topics (contradictions)."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if key := key_of(row.text):
            groups[key].append(row)
    several = [group for group in groups.values() if len(group) > 1]
    return (
        [g for g in several if len({r.intent for r in g}) == 1],
        [g for g in several if len({r.intent for r in g}) > 1],
    )


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="list the near-duplicates within topics too")
    options = parser.parse_args(argv)
    training, held_out, topics = training_rows(), held_out_rows(), topic_ids()
    errors = errors_of([*training, *held_out], topics)
    per_topic = Counter(r.intent for r in training)
    errors += [f"{topic} has no training question" for topic in topics if not per_topic[topic]]
    within, across = duplicates(training)
    for group in across:
        errors.append("contradiction: " + " | ".join(f"{r.where} {r.intent}: {r.text}" for r in group))
    taught = {key_of(r.text): r for r in training}
    for row in held_out:
        if (twin := taught.get(key_of(row.text))) and len(key_of(row.text)) > 12:
            errors.append(f"held-out {row.where} is also a training question ({twin.where}): {row.text}")
    for error in errors:
        print(error, file=sys.stderr)
    if options.list:
        for group in within:
            print("near-duplicates: " + " | ".join(f"{r.where} {r.intent}: {r.text}" for r in group))
    _show(training, held_out, within)
    return 1 if errors else 0


def _show(training: list[Row], held_out: list[Row], within: list[list[Row]]) -> None:
    per_topic = Counter(r.intent for r in training)
    for name, rows in (("training", training), ("held out", held_out)):
        counts = Counter(r.form for r in rows)
        print(f"{name}: {len(rows)} questions; " + ", ".join(f"{form} {counts[form]}" for form in FORMS))
    fewest = ", ".join(f"{topic} {n}" for topic, n in per_topic.most_common()[:-6:-1])
    print(f"fewest: {fewest}")
    copies = sum(len(g) - 1 for g in within)
    share = 100 * copies / max(len(training), 1)
    print(f"near-duplicates within topics: {copies} ({share:.1f} %, allowed {ALLOWED_SHARE:.0f} %)")


if __name__ == "__main__":
    raise SystemExit(main())
