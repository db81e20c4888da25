"""`dctx sync`: the index, compiled anew."""

from __future__ import annotations

import os

import click

from ..files import store
from ..shells import upkeep
from .shared import context


@click.command(name="sync")
def sync() -> None:
    """Refresh what prompts, switches and Tab read of config.json, and what Tab knows of
    the official CLI.

    They do that by themselves when the file changes; this does it anew in any case.

    \b
    Example:
      dctx sync
    """
    store.sync(context.folder(), full=True)
    written = upkeep.recorded(os.environ)
    if written is not None:
        from ..official import tab_files

        tab_files.refresh(written[2], os.environ.get("PATH", os.defpath))
