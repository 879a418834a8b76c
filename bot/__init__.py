"""The safe-migration assistant: tells people in Lao PDR how to work abroad legally and safely."""

__version__ = "0.1.0"
