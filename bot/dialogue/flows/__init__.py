"""Guided flows: each is one module with one class, registered in `registry.py`.

A flow keeps what it needs in `state.flow = {"name": <its name>, ...}` (JSON) and what it leaves behind in
`state.flows[<name>]`, so a restart, or three days, in the middle change nothing. Its buttons carry `f:<name>:<rest>`;
urgent help interrupts every flow and does not end it.
"""
