"""`dctx _pick`: the picker for `dctx` alone. The hooks run it, and switch to what it prints."""

from __future__ import annotations

import sys

import click

from .shared import context, picker


@click.command(name="_pick", hidden=True)
@click.argument("previous", default="")
def pick(previous: str) -> None:
    """Print the name that is chosen with fzf; nothing where there is nothing to choose from."""
    config = context.load()
    if config.profiles:
        sys.stdout.write(picker.choose(config, first=previous) + "\n")
