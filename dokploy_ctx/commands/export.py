"""`dctx export [NAME ...]`: print profiles for others, without secrets."""

from __future__ import annotations

import json
import sys

import click

from ..errors import ConfigError
from ..model import share
from .shared import context


@click.command(name="export")
@click.argument("names", nargs=-1)
def export(names: tuple[str, ...]) -> None:
    """Print the profiles NAMES (default: all) as JSON, for others to import.

    The output has the URL, the organization and the protection of each profile. It has no keys, no
    commands, and nothing that other programs wrote.

    \b
    Examples:
      dctx export > team.json
      dctx export staging prod > team.json

    See also: dctx import
    """
    config = context.load()
    entries = {}
    for name in dict.fromkeys(names) if names else config.names:
        try:
            entries[name] = share.exported(config.get(name))
        except ConfigError as error:  # noqa: PERF203
            if names:
                raise
            context.warn(f"left out: {error}")
    sys.stdout.write(json.dumps({"profiles": entries}, indent=2) + "\n")
