"""Prometheus metrics, one place."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

UPDATES_IN = Counter("bot_updates_in_total", "Updates stored in the inbox", ["door"])
UPDATES_DONE = Counter("bot_updates_done_total", "Updates processed", ["result"])
LAG = Histogram(
    "bot_update_lag_seconds",
    "From storing an update to its answer in the outbox",
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 60),
)
NLU_SECONDS = Histogram(
    "bot_nlu_seconds", "Time of an NLU call", ["source"], buckets=(0.002, 0.005, 0.01, 0.03, 0.1, 0.3, 1, 3)
)
SENDS = Counter("bot_sends_total", "Calls to the channel", ["result"])
INBOX_DEPTH = Gauge("bot_inbox_depth", "Updates that wait")
OUTBOX_DEPTH = Gauge("bot_outbox_depth", "Calls that wait to be sent")
URGENT_OPEN = Gauge("bot_urgent_open", "Urgent cases that nobody has claimed")
LAST_POLL = Gauge("bot_last_poll_timestamp_seconds", "When getUpdates last succeeded")
NLU_READY = Gauge("bot_nlu_ready", "1 while the model answers")
