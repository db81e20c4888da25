"""`dctx sync`: the index, compiled anew."""

from __future__ import annotations

import click

from .. import common, store


@click.command(name="sync")
def sync() -> None:
    """Refresh what prompts, switches and Tab read of config.json.

    They do that by themselves when the file changes; this does it anew in any case.

    \b
    Example:
      dctx sync
    """
    store.sync(common.folder(), full=True)
