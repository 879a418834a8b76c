"""Chaos commands: each prints `N passed, N failed` with seed and figures, and ends by itself (docs/reliability.md)."""
