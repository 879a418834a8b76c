"""`bot env-example`: every setting with its explanation, as `.env.example`."""

from __future__ import annotations

import textwrap

import typer
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from bot.settings import ROOT, Settings

WIDTH = 110


def env_example() -> None:
    """Print .env.example, made from the settings."""
    typer.echo(render(), nl=False)


def render() -> str:
    """The text of .env.example."""
    lines = ["# Made by `bot env-example`. Copy to .env and set what you need; everything has a default.", ""]
    for name, field in Settings.model_fields.items():
        lines += [*textwrap.wrap(field.description or name, WIDTH, initial_indent="# ", subsequent_indent="# ")]
        lines += [f"# {name.upper()}={_default(field)}", ""]
    return "\n".join(lines)


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is None or isinstance(value, SecretStr):
        return ""
    return str(value).replace(str(ROOT), ".")
