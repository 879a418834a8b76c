"""The dashboard and the alert rules name figures that the bot really gives."""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml
from prometheus_client import REGISTRY

from bot.services import metrics
from bot.settings import ROOT

FOLDER = ROOT / "deploy" / "monitoring"
OUTSIDE = {"up", "time"}
"""Prometheus' own."""


def _given() -> set[str]:
    assert metrics.LAG  # importing registers them
    names = {sample.name for family in REGISTRY.collect() for sample in family.samples}
    families = {family.name for family in REGISTRY.collect()}
    counters = {f"{name}_total" for name in families}
    buckets = {f"{name}_bucket" for name in families}
    return names | families | counters | buckets | OUTSIDE


def _named(expression: str) -> set[str]:
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|by \([^)]*\)", "", expression)
    words = set(re.findall(r"[a-z_]{2,}", bare))
    return words - {"rate", "sum", "increase", "histogram_quantile", "and", "or", "by", "le"}


def _rules() -> list[dict[str, str]]:
    document = yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))
    return [rule for group in document["groups"] for rule in group["rules"]]


def test_alerts_name_figures_that_exist_and_say_what_to_do() -> None:
    rules = _rules()
    assert len(rules) >= 8
    for rule in rules:
        assert _named(rule["expr"]) <= _given(), rule["alert"]
        assert set(dict(rule["annotations"])) == {"summary", "action"}, rule["alert"]  # type: ignore[call-overload]


def test_dashboard_names_figures_that_exist() -> None:
    board = json.loads(Path(FOLDER / "grafana.json").read_text(encoding="utf-8"))
    expressions = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    assert len(expressions) >= 12
    for expression in expressions:
        assert _named(expression) <= _given(), expression
