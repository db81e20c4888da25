"""`dctx sync`: compile the index again."""

from __future__ import annotations

import os

import click

from ..files import store
from ..shells import upkeep
from .shared import context


@click.command(name="sync")
def sync() -> None:
    """Refresh what prompts, switches and Tab know of your profiles and of the official CLI.

    This also happens by itself when config.json changes. dctx doctor says when it is needed.

    \b
    Example:
      dctx sync    after a backup of ~/.dokploy was restored

    See also: dctx doctor
    """
    store.sync(context.folder(), full=True)
    written = upkeep.recorded(os.environ)
    if written is not None:
        from ..official import tab_files

        tab_files.refresh(written[2], os.environ.get("PATH", os.defpath))
