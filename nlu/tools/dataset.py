"""The questions as the tools know them; how they are read stands in nlu/questions.py, which the bot shares."""

from nlu.questions import (
    DATA,
    EVAL,
    FORMS,
    ROOT,
    Row,
    held_out_rows,
    read_held_out,
    read_training_file,
    training_rows,
)

__all__ = [
    "DATA",
    "EVAL",
    "FORMS",
    "ROOT",
    "Row",
    "held_out_rows",
    "read_held_out",
    "read_training_file",
    "training_rows",
]
