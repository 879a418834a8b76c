"""Fuzzing: mutated updates through the real bot process."""
